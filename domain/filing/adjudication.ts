/**
 * The adjudication of what the cross-check and the visit found (A-10, C-3, R-12, B-7.1…7.3): every flagged matter is
 * settled by a named reviewer, with a choice, a reason and a clause; the assessment then runs on the settled facts. The
 * declaration itself stays on record as it was.
 */
import * as z from 'zod';
import { type JsonObject, jsonObjectSchema } from '#domain/json.ts';
import { clause } from '#domain/rules/registry.ts';
import {
  choiceSchema,
  MATTER_VALUES,
  type MatterValue,
  matterValueSchema,
  type Settlement,
  type Source,
} from './matter-values.ts';
import { type Matter, wordsOf } from './matters.ts';

/** What the reviewer says of one matter; `value` with the choice `other` alone. `basis`: of the row that was on screen. */
export const settlementFormSchema = z
  .strictObject({
    id: z.string().min(1).max(200),
    basis: z.string(),
    choice: choiceSchema,
    value: matterValueSchema.nullable().default(null),
    reason: z.string().trim().min(1, '请写明认定理由。').max(1000, '认定理由过长。'),
    clause: z.string().refine((id) => clause(id) !== undefined, '没有这一条款，请写明依据的条款编号。'),
  })
  .refine(({ choice, value }) => (choice === 'other') === (value !== null), {
    path: ['value'],
    message: '选“其他”须写明认定的内容，选其他来源的不写。',
  });
export type SettlementForm = z.infer<typeof settlementFormSchema>;

/** The settlement that holds for a matter: of what the sources say now, and nothing older. */
export const settlementOf = (
  { id, basis }: Pick<Matter, 'id' | 'basis'>,
  settlements: readonly Settlement[],
): Settlement | undefined => settlements.find((one) => one.id === id && one.basis === basis);

/** The flagged matters that stand in the way of the assessment. */
export const unsettled = (
  matters: readonly Matter[],
  settlements: readonly Settlement[],
): readonly Matter[] =>
  matters.filter((matter) => matter.flag !== null && settlementOf(matter, settlements) === undefined);

type SettlementFault = { readonly pointer: string; readonly code: string; readonly message: string };

const evidenceOf = ({ evidence }: Matter, choice: Settlement['choice']): readonly string[] => {
  if (choice === 'declared') return [];
  if (choice === 'other') return [...evidence.registry, ...evidence.visit];
  return evidence[choice];
};

const chosenValue = (matter: Matter, form: SettlementForm): MatterValue | null =>
  form.choice === 'other' ? form.value : (matter.columns[form.choice]?.value ?? null);

/**
 * Judges what a reviewer says against the table: every unsettled matter must be settled at once, nothing else be, and
 * each with a value that its kind can have. `stale`: a row has changed since it was on the reviewer's screen.
 */
export const settle = (
  matters: readonly Matter[],
  former: readonly Settlement[],
  forms: readonly SettlementForm[],
  by: Settlement['by'],
  at: string,
  workerId: string,
):
  | { readonly settlements: readonly Settlement[] }
  | { readonly faults: readonly SettlementFault[] }
  | { readonly stale: readonly string[] } => {
  const open = unsettled(matters, former);
  const stale = forms.flatMap(({ id, basis }) => {
    const matter = matters.find((one) => one.id === id);
    return matter !== undefined && matter.basis !== basis ? [id] : [];
  });
  if (stale.length > 0) return { stale };
  const faults: SettlementFault[] = [];
  const settlements: Settlement[] = [];
  for (const [index, form] of forms.entries()) {
    const matter = matters.find(({ id }) => id === form.id);
    const fault = (field: string, code: string, message: string): number =>
      faults.push({ pointer: `/items/${index}/${field}`, code, message });
    if (matter === undefined || matter.flag === null) {
      fault('id', 'unknown-matter', '没有这一项待认定的内容。');
      continue;
    }
    if (forms.findIndex(({ id }) => id === form.id) !== index) {
      fault('id', 'repeated', '同一项只能认定一次。');
      continue;
    }
    const value = chosenValue(matter, form);
    if (value === null) {
      fault('choice', 'no-value', '该来源没有可以采用的内容，请选择其他来源或写明认定的内容。');
      continue;
    }
    const allowed: readonly string[] = MATTER_VALUES[matter.kind];
    if (!allowed.includes(value.kind)) {
      fault('value/kind', 'other-kind', '认定的内容与该项的种类不符。');
      continue;
    }
    if (matter.kind === 'member' && value.kind === 'none' && matter.memberId === workerId) {
      fault('value', 'worker', '职工本人不能从家庭成员中删去；请退回或不予通过。');
      continue;
    }
    settlements.push({
      id: matter.id,
      basis: matter.basis,
      title: matter.title,
      columns: matter.columns,
      choice: form.choice,
      value,
      words: wordsOf(value),
      reason: form.reason,
      clause: form.clause,
      evidence: [...evidenceOf(matter, form.choice)],
      by,
      at,
    });
  }
  const missing = open.filter(({ id }) => !forms.some((form) => form.id === id));
  for (const { title } of missing) {
    faults.push({ pointer: '/items', code: 'unsettled', message: `“${title}”尚未认定。` });
  }
  if (faults.length > 0) return { faults };
  const settled = new Set(settlements.map(({ id }) => id));
  return { settlements: [...former.filter(({ id }) => !settled.has(id)), ...settlements] };
};

// ---------------------------------------------------------------- the settled facts

/** Where a fact of the assessed declaration comes from. */
export type Provenance = {
  readonly id: string;
  readonly title: string;
  readonly source: Source | 'other';
  readonly words: string;
  readonly clause: string | null;
  readonly reason: string | null;
  readonly evidence: readonly string[];
};

type Settled = Provenance & { readonly matter: Matter; readonly value: MatterValue };

const factsOf = (matters: readonly Matter[], settlements: readonly Settlement[]): readonly Settled[] =>
  matters.map((matter) => {
    const settlement = settlementOf(matter, settlements);
    const value = settlement?.value ?? matter.columns.declared?.value;
    if (value === undefined || value === null) throw new Error(`matter ${matter.id} was never declared`);
    return {
      id: matter.id,
      title: matter.title,
      source: settlement?.choice ?? 'declared',
      words: wordsOf(value),
      clause: settlement?.clause ?? null,
      reason: settlement?.reason ?? null,
      evidence: settlement?.evidence ?? [],
      matter,
      value,
    };
  });

const evidenceField = (evidence: readonly string[]): JsonObject =>
  evidence.length === 0 ? {} : { evidence: [...evidence] };

const baseSchema = z.looseObject({
  members: z.array(
    z.looseObject({
      id: z.string(),
      incomes: z.array(z.looseObject({ kind: z.string() })).optional(),
    }),
  ),
  expenditures: z.array(z.looseObject({ memberId: z.string().optional() })).optional(),
  assets: z.looseObject({}).optional(),
});
type Base = z.output<typeof baseSchema>;
type BaseMember = Base['members'][number];

/** The incomes of a member after the settlements: a settled one takes the place of all that was declared of its kind. */
const incomesOf = (member: BaseMember, facts: readonly Settled[]): BaseMember['incomes'] => {
  const settled = facts.filter(
    ({ matter, source }) =>
      matter.memberId === member.id &&
      source !== 'declared' &&
      (matter.kind === 'income' || matter.kind === 'business'),
  );
  if (settled.length === 0) return member.incomes;
  const kindOf = ({ matter }: Settled): string =>
    matter.kind === 'business' ? 'business' : (matter.id.split('/').at(-1) ?? '');
  const replaced = new Set(settled.map(kindOf));
  // Of several registrations the declared income may stand for one while another was settled.
  if (
    facts.some(
      ({ matter, source, value }) =>
        matter.memberId === member.id &&
        matter.kind === 'business' &&
        source === 'declared' &&
        value.kind === 'business',
    )
  ) {
    replaced.delete('business');
  }
  return [
    ...(member.incomes ?? []).filter(({ kind }) => !replaced.has(kind)),
    ...settled.flatMap((fact) => {
      const { value, evidence } = fact;
      if (value.kind === 'amount') {
        return [{ kind: kindOf(fact), amount: value.amount, ...evidenceField(evidence) }];
      }
      return value.kind === 'business'
        ? [{ kind: 'business', amount: value.income, ...evidenceField(evidence) }]
        : [];
    }),
  ];
};

const listOf = (base: Base, key: 'homes' | 'vehicles'): readonly JsonObject[] =>
  z.array(jsonObjectSchema).parse(base.assets?.[key] ?? []);

const assetsOf = (base: Base, facts: readonly Settled[]): JsonObject => {
  // What was declared keeps its own papers: the rows of declared things come in the order of the declaration.
  const papers = { home: [...listOf(base, 'homes')], vehicle: [...listOf(base, 'vehicles')] };
  const homes: JsonObject[] = [];
  const vehicles: JsonObject[] = [];
  for (const { matter, value, source, evidence } of facts) {
    const { kind } = matter;
    if (kind !== 'home' && kind !== 'vehicle') continue;
    const declared = matter.columns.declared?.value?.kind === kind ? papers[kind].shift() : undefined;
    const kept: JsonObject =
      source === 'declared'
        ? declared?.evidence === undefined
          ? {}
          : { evidence: declared.evidence }
        : evidenceField(evidence);
    if (value.kind === 'home') homes.push({ area: value.area, ...kept });
    if (value.kind === 'vehicle') {
      const { vehicle, purchasePrice, usedAsEmployee } = value;
      vehicles.push({ kind: vehicle, purchasePrice, usedAsEmployee, ...kept });
    }
  }
  const saved = facts.find(({ matter }) => matter.kind === 'savings')?.value;
  return jsonObjectSchema.parse({
    ...base.assets,
    homes,
    vehicles,
    businessPremises: facts.some(
      ({ value }) => value.kind === 'premises' || (value.kind === 'business' && value.premises),
    ),
    employsOthers: facts.some(
      ({ value }) => value.kind === 'employees' || (value.kind === 'business' && value.employsOthers),
    ),
    ...(saved?.kind === 'amount' ? { savings: saved.amount } : {}),
  });
};

/**
 * The declaration with every settlement carried out, in the form of the contract, and where each of its facts comes
 * from. A matter without a settlement stands as declared. Whoever no longer belongs to the household goes with the
 * expenditures made for them, as the contract has it for those who aren't counted.
 */
export const settledFacts = (
  declaration: JsonObject,
  matters: readonly Matter[],
  settlements: readonly Settlement[],
): { readonly declaration: JsonObject; readonly provenance: readonly Provenance[] } => {
  const facts = factsOf(matters, settlements);
  const provenance = facts.map(({ matter: _, value: __, ...fact }) => fact);
  if (facts.every(({ source }) => source === 'declared')) return { declaration, provenance };
  const base = baseSchema.parse(declaration);
  const gone = new Set(
    facts.flatMap(({ matter, value }) =>
      matter.kind === 'member' && value.kind === 'none' && matter.memberId !== null ? [matter.memberId] : [],
    ),
  );
  return {
    declaration: jsonObjectSchema.parse({
      ...base,
      members: base.members
        .filter(({ id }) => !gone.has(id))
        .map((member) => {
          const incomes = incomesOf(member, facts);
          return incomes === undefined ? member : { ...member, incomes };
        }),
      ...(base.expenditures === undefined
        ? {}
        : {
            expenditures: base.expenditures.filter(
              ({ memberId }) => memberId === undefined || !gone.has(memberId),
            ),
          }),
      assets: assetsOf(base, facts),
    }),
    provenance,
  };
};
