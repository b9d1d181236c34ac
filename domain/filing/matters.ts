/**
 * What the household declared, what the registers hold (A-10) and what a visit found, side by side: one row a matter, a
 * home, a vehicle, a registration, an income. A row in which they differ so that it may decide something is flagged with
 * the clause it touches; a person settles it (`adjudication.ts`). Nothing here decides.
 */
import * as z from 'zod';
import type { JsonObject } from '#domain/json.ts';
import { VEHICLE_NAMES } from '#domain/rules/exclusions.ts';
import { hundredths, twoDecimals } from '#domain/rules/money.ts';
import { INCOME_KINDS } from '#domain/rules/vocabulary.ts';
import { canonicalJson, sha256 } from './audit.ts';
import { type Answer, type CrossCheckCategory, type ResultOf, resultOf } from './cross-check.ts';
import {
  amount,
  incomeKind,
  type MatterKind,
  type MatterValue,
  type Source,
  vehicleKind,
  type visitedAssetsSchema,
} from './matter-values.ts';
import type { Visit } from './visits.ts';

/** What one source says of a matter; `value` null: in words alone, for a person to read. */
type Column = { readonly value: MatterValue | null; readonly words: string };

export type Matter = {
  /** Stays the same as long as the thing does: made of the registry's own id where it has one. */
  readonly id: string;
  readonly kind: MatterKind;
  readonly title: string;
  /** The member concerned, where it is one's own matter. */
  readonly memberId: string | null;
  /** Null: the source says nothing of it. */
  readonly columns: { readonly [source in Source]: Column | null };
  /** Ids of papers and registry results behind what isn't declared. */
  readonly evidence: { readonly registry: readonly string[]; readonly visit: readonly string[] };
  /** Why a person must settle it; null: nothing to settle. */
  readonly flag: { readonly clause: string; readonly detail: string } | null;
  /** The column that stands unless the reviewer says otherwise; null: the reviewer has to say. */
  readonly suggested: Source | null;
  /** SHA-256 over what the sources say: a settlement holds for just this. */
  readonly basis: string;
};

/** The part of a declaration that is held against the registers; the contract's schema has judged it before. */
const declaredSchema = z.looseObject({
  members: z.array(
    z.looseObject({
      id: z.string(),
      incomes: z
        .array(
          z.looseObject({
            kind: incomeKind,
            amount: amount.nullable(),
            incomeTax: amount.nullable().default('0'),
            socialInsurance: amount.nullable().default('0'),
          }),
        )
        .default([]),
    }),
  ),
  assets: z
    .looseObject({
      homes: z.array(z.looseObject({ area: amount.nullable() })).default([]),
      vehicles: z
        .array(
          z.looseObject({
            kind: vehicleKind,
            purchasePrice: amount.nullable(),
            usedAsEmployee: z.boolean(),
          }),
        )
        .default([]),
      businessPremises: z.boolean().default(false),
      employsOthers: z.boolean().default(false),
      savings: amount.nullable().default('0'),
    })
    .prefault({}),
});
type Declared = z.output<typeof declaredSchema>;

/** What visits found, with the papers that record it; null: not looked at. Wages after tax and contributions. */
export type VisitFacts = z.infer<typeof visitedAssetsSchema> & {
  readonly incomes: readonly {
    readonly memberId: string;
    readonly kind: z.infer<typeof incomeKind>;
    readonly amount: string;
  }[];
  readonly evidence: readonly string[];
};

/** What all visits found together: of each matter the latest that looked at it counts. Null where none did. */
export const visitFactsOf = (visits: readonly Visit[]): VisitFacts | null => {
  const latest = visits
    .toReversed()
    .filter(({ findings }) => findings.assets !== null || findings.incomes.length > 0);
  if (latest.length === 0) return null;
  const assets = latest.flatMap(({ findings }) => findings.assets ?? []);
  const incomes = latest.flatMap(({ findings }) => findings.incomes);
  return {
    homes: assets.find(({ homes: seen }) => seen !== null)?.homes ?? null,
    vehicles: assets.find(({ vehicles: seen }) => seen !== null)?.vehicles ?? null,
    businessPremises:
      assets.find(({ businessPremises }) => businessPremises !== null)?.businessPremises ?? null,
    employsOthers: assets.find(({ employsOthers }) => employsOthers !== null)?.employsOthers ?? null,
    incomes: oneEach(incomes.toReversed(), ({ memberId, kind }) => `${kind}/${memberId}`).map(
      ({ memberId, kind, assessed }) => ({ memberId, kind, amount: assessed }),
    ),
    evidence: latest.flatMap(({ signature, photos }) => [
      ...(signature.kind === 'signed' ? [signature.document] : []),
      ...photos,
    ]),
  };
};

export type Known = {
  readonly declaration: JsonObject;
  /** Of each category the answer that counts. */
  readonly answers: readonly Answer[];
  /** The members of the household by the ids under which they were asked about. Others' possessions aren't the household's. */
  readonly members: ReadonlyMap<string, string>;
  readonly names: ReadonlyMap<string, string>;
  readonly visited: VisitFacts | null;
};

type Scene = Omit<Known, 'declaration'> & { readonly declared: Declared };
type Draft = Omit<Matter, 'basis' | 'evidence'> & { readonly category?: CrossCheckCategory };

const NONE: MatterValue = { kind: 'none' };
const said = (value: MatterValue): Column => ({ value, words: wordsOf(value) });
const inWords = (words: string): Column => ({ value: null, words });

const shown = (value: string): string => twoDecimals(hundredths(value));
const yuan = (value: string | null): string => (value === null ? '不详' : `${shown(value)}元`);

/** A value as it is shown to people. */
export const wordsOf = (value: MatterValue): string => {
  switch (value.kind) {
    case 'none':
      return '无';
    case 'home':
      return value.area === null ? '面积不详' : `${shown(value.area)}平方米`;
    case 'vehicle':
      return `${VEHICLE_NAMES[value.vehicle]}，购置价格${yuan(value.purchasePrice)}${value.usedAsEmployee ? '，受雇使用' : ''}`;
    case 'premises':
    case 'employees':
    case 'member':
      return '有';
    case 'business':
      return `经营用房${value.premises ? '有' : '无'}，雇佣他人${value.employsOthers ? '有' : '无'}，年经营收入${yuan(value.income)}`;
    case 'amount':
      return yuan(value.amount);
  }
};

const same = (one: string | null, other: string | null): boolean =>
  one === null || other === null ? one === other : hundredths(one) === hundredths(other);

/** The answer of a register; undefined: it hasn't spoken. */
const answerOf = <Category extends CrossCheckCategory>(
  { answers }: Scene,
  category: Category,
): ResultOf<Category> | undefined => {
  const latest = answers.map(({ result }) => result);
  return latest.some((one) => one.category === category && one.status !== 'unavailable')
    ? resultOf(latest, category)
    : undefined;
};

/** The items about members of the household. */
const oursOf = <Item extends { readonly personId: string }>(
  { members }: Scene,
  items: readonly Item[] = [],
): readonly Item[] => items.filter(({ personId }) => members.has(personId));

/**
 * Pairs what two lists name, the best likeness first: by `keys` in turn, each one tried over all that is left. What
 * finds no partner stands alone.
 */
const paired = <A, B>(
  left: readonly A[],
  right: readonly B[],
  ...keys: readonly ((one: A, other: B) => boolean)[]
): readonly { readonly left?: A; readonly right?: B }[] => {
  const partner = new Map<number, number>();
  const taken = new Set<number>();
  for (const alike of keys) {
    for (const [index, one] of left.entries()) {
      if (partner.has(index)) continue;
      const found = right.findIndex((other, position) => !taken.has(position) && alike(one, other));
      if (found < 0) continue;
      partner.set(index, found);
      taken.add(found);
    }
  }
  const rest = right.filter((_, position) => !taken.has(position));
  return [
    ...left.map((one, index) => {
      const position = partner.get(index);
      const other = position === undefined ? undefined : right[position];
      return other === undefined ? { left: one } : { left: one, right: other };
    }),
    ...rest.map((other) => ({ right: other })),
  ];
};

const always = (): boolean => true;

type Three<D, R, V> = { readonly declared?: D; readonly registry?: R; readonly visit?: V };

/** The same things in three lists, as good as they can be told. */
const matched = <D extends object, R extends object, V extends object>(
  declared: readonly D[],
  registry: readonly R[],
  visited: readonly V[],
  ...keys: readonly ((one: D | R, other: R | V) => boolean)[]
): readonly Three<D, R, V>[] => {
  const two = paired(declared, registry, ...keys);
  return paired(
    two,
    visited,
    ...keys.map(
      (alike) =>
        ({ left, right }: { readonly left?: D; readonly right?: R }, other: V): boolean =>
          (left !== undefined && alike(left, other)) || (right !== undefined && alike(right, other)),
    ),
  ).map(({ left, right }) => ({
    ...(left?.left === undefined ? {} : { declared: left.left }),
    ...(left?.right === undefined ? {} : { registry: left.right }),
    ...(right === undefined ? {} : { visit: right }),
  }));
};

const oneEach = <T>(items: readonly T[], key: (item: T) => string): readonly T[] => [
  ...new Map(items.map((item) => [key(item), item])).values(),
];

function* homes(scene: Scene): Generator<Draft> {
  const answer = answerOf(scene, 'housing');
  const found = oneEach(
    oursOf(scene, answer?.items).filter(({ kind }) => kind === 'home'),
    ({ propertyId }) => propertyId,
  );
  const { declared, visited } = scene;
  const stated = declared.assets.homes;
  const sameArea = (one: { area: string | null }, other: { area: string | null }): boolean =>
    same(one.area, other.area);
  const rows = matched(stated, found, visited?.homes ?? [], sameArea, always);
  const several = Math.max(found.length, stated.length, visited?.homes?.length ?? 0) >= 2;
  for (const [index, row] of rows.entries()) {
    const known = row.registry ?? row.visit;
    const more = row.declared === undefined && known !== undefined;
    const source = row.registry === undefined ? '走访' : '比对';
    const otherArea =
      several &&
      row.declared !== undefined &&
      [row.registry, row.visit].some((one) => one !== undefined && !sameArea(one, row.declared ?? one));
    // Three declared and two found: the exception of C-3 hangs on which of them is so.
    const fewer =
      found.length === 2 && stated.length > 2 && row.registry === undefined && row.declared !== undefined;
    yield {
      id: `home/${row.registry?.propertyId ?? `${row.declared === undefined ? 'visited' : 'declared'}-${index + 1}`}`,
      kind: 'home',
      category: 'housing',
      title:
        row.registry === undefined ? `住房${index + 1}` : `住房${index + 1}（${row.registry.addressMasked}）`,
      memberId: null,
      columns: {
        declared: said(row.declared === undefined ? NONE : { kind: 'home', area: row.declared.area }),
        registry:
          answer === undefined
            ? null
            : said(row.registry === undefined ? NONE : { kind: 'home', area: row.registry.area }),
        visit:
          visited?.homes == null
            ? null
            : said(row.visit === undefined ? NONE : { kind: 'home', area: row.visit.area }),
      },
      flag: more
        ? several
          ? {
              clause: 'B-7.1',
              detail: `${source}查得一套未申报的住房；拥有2套（含）以上住房的，除另有规定外不予建立全总级、省级档案。`,
            }
          : { clause: 'B-8.1', detail: `${source}查得一套未申报的住房，申报与查得不一致。` }
        : otherArea
          ? {
              clause: 'C-3',
              detail: '住房产权面积与申报不一致；人均面积是否不超过最低住房保障标准取决于此。',
            }
          : fewer
            ? { clause: 'C-3', detail: '申报的住房多于比对查得的两套，请核实套数。' }
            : null,
      suggested: row.registry === undefined ? (row.visit === undefined ? 'declared' : 'visit') : 'registry',
    };
  }
}

function* premises(scene: Scene): Generator<Draft> {
  const answer = answerOf(scene, 'housing');
  const found = oneEach(
    oursOf(scene, answer?.items).filter(({ kind }) => kind === 'businessPremises'),
    ({ propertyId }) => propertyId,
  );
  const stated = scene.declared.assets.businessPremises;
  const visited = scene.visited?.businessPremises ?? null;
  const held = (yes: boolean): Column => said(yes ? { kind: 'premises' } : NONE);
  const detail = '未申报；拥有商业店铺、厂房等生产经营房产的，不予建立全总级、省级档案。';
  for (const { propertyId, addressMasked } of found) {
    yield {
      id: `premises/${propertyId}`,
      kind: 'premises',
      category: 'housing',
      title: `生产经营用房（${addressMasked}）`,
      memberId: null,
      columns: {
        declared: held(stated),
        registry: held(true),
        visit: visited === null ? null : held(visited),
      },
      flag: stated ? null : { clause: 'B-7.2', detail: `比对查得生产经营用房，${detail}` },
      suggested: 'registry',
    };
  }
  if (found.length > 0 || !(stated || visited === true)) return;
  yield {
    id: 'premises/declared',
    kind: 'premises',
    title: '生产经营用房',
    memberId: null,
    columns: {
      declared: held(stated),
      registry: answer === undefined ? null : held(false),
      visit: visited === null ? null : held(visited),
    },
    flag: !stated ? { clause: 'B-7.2', detail: `走访发现生产经营用房，${detail}` } : null,
    suggested: stated ? 'declared' : 'visit',
  };
}

function* employees({ declared, visited }: Scene): Generator<Draft> {
  const stated = declared.assets.employsOthers;
  const seen = visited?.employsOthers ?? null;
  if (!stated && seen !== true) return;
  const held = (yes: boolean): Column => said(yes ? { kind: 'employees' } : NONE);
  yield {
    id: 'employees',
    kind: 'employees',
    title: '雇佣他人从事经营活动',
    memberId: null,
    columns: { declared: held(stated), registry: null, visit: seen === null ? null : held(seen) },
    flag: stated ? null : { clause: 'B-7.2', detail: '走访发现雇佣他人从事经营活动，未申报。' },
    suggested: stated ? 'declared' : 'visit',
  };
}

function* vehicles(scene: Scene): Generator<Draft> {
  const answer = answerOf(scene, 'vehicles');
  const items = oursOf(scene, answer?.items);
  const { declared, visited } = scene;
  type Named = { readonly kind: string; readonly purchasePrice: string | null };
  const sameKind = (one: Named, other: Named): boolean => one.kind === other.kind;
  const sameThing = (one: Named, other: Named): boolean =>
    sameKind(one, other) && same(one.purchasePrice, other.purchasePrice);
  const rows = matched(declared.assets.vehicles, items, visited?.vehicles ?? [], sameThing, sameKind);
  for (const [index, row] of rows.entries()) {
    const kind = row.registry?.kind ?? row.visit?.kind ?? row.declared?.kind;
    if (kind === undefined) continue;
    const more = row.declared === undefined;
    const otherPrice =
      kind === 'motorVehicle' &&
      row.declared !== undefined &&
      [row.registry, row.visit].some(
        (one) => one?.purchasePrice != null && !same(one.purchasePrice, row.declared?.purchasePrice ?? null),
      );
    const value = (one: Named, usedAsEmployee: boolean): Column =>
      said({ kind: 'vehicle', vehicle: kind, purchasePrice: one.purchasePrice, usedAsEmployee });
    yield {
      id: `vehicle/${kind}-${index + 1}`,
      kind: 'vehicle',
      category: 'vehicles',
      title: `${VEHICLE_NAMES[kind]}${index + 1}`,
      memberId: null,
      columns: {
        declared: row.declared === undefined ? said(NONE) : value(row.declared, row.declared.usedAsEmployee),
        registry:
          answer === undefined
            ? null
            : row.registry === undefined
              ? said(NONE)
              : // A register knows the owner; who drives it for whom, only the household and a visit do.
                value(row.registry, row.declared?.usedAsEmployee ?? false),
        visit:
          visited?.vehicles == null
            ? null
            : row.visit === undefined
              ? said(NONE)
              : value(row.visit, row.visit.usedAsEmployee),
      },
      flag: more
        ? {
            clause: 'B-7.3',
            detail: `查得未申报的${VEHICLE_NAMES[kind]}；非受雇佣经常使用的，除另有规定外不予建立全总级、省级档案。`,
          }
        : otherPrice
          ? { clause: 'C-3', detail: '登记的购置价格与申报不一致；是否在10万元（含）以下取决于此。' }
          : null,
      suggested: row.registry === undefined ? (row.visit === undefined ? 'declared' : 'visit') : 'registry',
    };
  }
}

type DeclaredIncome = Declared['members'][number]['incomes'][number];

/** What a member has of one kind, wages after their deductions; null where any part is unknown. */
const netOf = (incomes: readonly DeclaredIncome[]): string | null => {
  let sum = 0n;
  for (const { amount: gross, incomeTax, socialInsurance } of incomes) {
    if (gross === null || incomeTax === null || socialInsurance === null) return null;
    sum += hundredths(gross) - hundredths(incomeTax) - hundredths(socialInsurance);
  }
  return twoDecimals(sum);
};

const incomesOf = ({ declared }: Scene, memberId: string, kind: string): readonly DeclaredIncome[] =>
  declared.members.find(({ id }) => id === memberId)?.incomes.filter((income) => income.kind === kind) ?? [];

const STATUS_NAMES = { active: '存续', revoked: '吊销' } as const;
const BUSINESS_KINDS = {
  company: '企业',
  individualBusiness: '个体工商户',
  cooperative: '合作社',
  other: '其他登记',
} as const;
const ROLES = {
  legalRepresentative: '法定代表人',
  operator: '经营者',
  shareholder: '股东',
  officer: '任职',
} as const;

/** Registrations that still stand (R-12). */
const registrations = (scene: Scene) =>
  oneEach(
    oursOf(scene, answerOf(scene, 'businessRegistration')?.items),
    ({ creditCode }) => creditCode,
  ).flatMap((item) => {
    const memberId = scene.members.get(item.personId);
    return item.status === 'deregistered' || memberId === undefined
      ? []
      : [{ ...item, status: item.status, memberId }];
  });

function* businesses(scene: Scene): Generator<Draft> {
  const { declared, visited } = scene;
  for (const { creditCode, kind, name, role, status, memberId } of registrations(scene)) {
    const income = incomesOf(scene, memberId, 'business');
    const seen = visited?.incomes.find((one) => one.memberId === memberId && one.kind === 'business');
    const looked = visited?.businessPremises != null && visited.employsOthers !== null;
    yield {
      id: `business/${creditCode}`,
      kind: 'business',
      category: 'businessRegistration',
      title: `工商登记（${name}）`,
      memberId,
      columns: {
        declared: said(
          income.length === 0
            ? NONE
            : {
                kind: 'business',
                premises: declared.assets.businessPremises,
                employsOthers: declared.assets.employsOthers,
                income: netOf(income),
              },
        ),
        registry: inWords(`${BUSINESS_KINDS[kind]}“${name}”，${ROLES[role]}，${STATUS_NAMES[status]}`),
        visit:
          visited?.businessPremises != null && visited.employsOthers !== null
            ? said({
                kind: 'business',
                premises: visited.businessPremises,
                employsOthers: visited.employsOthers,
                income: seen === undefined ? netOf(income) : seen.amount,
              })
            : null,
      },
      flag: {
        clause: 'R-12',
        detail: `比对查得工商登记一户（${STATUS_NAMES[status]}），${income.length > 0 ? '已' : '未'}申报经营收入；有经营用房或雇佣他人的不予建档，没有的须核实并如实申报经营收入。`,
      },
      suggested: looked ? 'visit' : income.length > 0 ? 'declared' : null,
    };
  }
}

const INCOME_NAMES = {
  wage: '工资性收入',
  business: '经营净收入',
  property: '财产净收入',
  transfer: '转移净收入',
};

/** Registers that tell of a wage, in words. */
const WAGE_REGISTERS = ['socialInsurance', 'housingFund', 'tax'] as const;

type Statement = { readonly category: CrossCheckCategory; readonly words: string };

/** What optional registers say of a member, in words. */
const statementsOf = (
  scene: Scene,
  memberId: string,
  categories: readonly Exclude<CrossCheckCategory, 'housing' | 'vehicles' | 'businessRegistration'>[],
): readonly Statement[] =>
  categories.flatMap((category) =>
    oursOf(scene, answerOf(scene, category)?.items).flatMap(({ personId, kind, detail }) =>
      scene.members.get(personId) === memberId ? [{ category, words: `${kind}：${detail}` }] : [],
    ),
  );

const joined = (statements: readonly Statement[]): Column | null =>
  statements.length === 0 ? null : inWords(statements.map(({ words }) => words).join('；'));

function* incomes(scene: Scene): Generator<Draft> {
  const { declared, visited, names } = scene;
  const inBusiness = new Set(registrations(scene).map(({ memberId }) => memberId));
  for (const { id: memberId } of declared.members) {
    for (const kind of INCOME_KINDS) {
      // The registration's own row asks for that income.
      if (kind === 'business' && inBusiness.has(memberId)) continue;
      const stated = incomesOf(scene, memberId, kind);
      const seen = visited?.incomes.find((one) => one.memberId === memberId && one.kind === kind);
      const told = kind === 'wage' ? statementsOf(scene, memberId, WAGE_REGISTERS) : [];
      if (stated.length === 0 && seen === undefined && told.length === 0) continue;
      const net = stated.length === 0 ? '0' : netOf(stated);
      const seenOther = seen !== undefined && !same(seen.amount, net);
      const toldOther = told.some(({ category }) => category === 'tax' || stated.length === 0);
      const [first] = told;
      yield {
        id: `income/${memberId}/${kind}`,
        kind: 'income',
        ...(first === undefined ? {} : { category: first.category }),
        title: `${INCOME_NAMES[kind]}（${names.get(memberId) ?? memberId}）`,
        memberId,
        columns: {
          declared: said({ kind: 'amount', amount: net }),
          registry: joined(told),
          visit: seen === undefined ? null : said({ kind: 'amount', amount: seen.amount }),
        },
        flag: seenOther
          ? { clause: 'C-5', detail: '走访了解的收入与申报不一致。' }
          : toldOther
            ? { clause: 'B-6', detail: '比对查得收入或参保信息，请与申报的工资性收入核对。' }
            : null,
        suggested: seenOther ? 'visit' : stated.length > 0 ? 'declared' : null,
      };
    }
  }
}

function* savings(scene: Scene): Generator<Draft> {
  const { declared } = scene;
  const told = declared.members.flatMap(({ id }) => statementsOf(scene, id, ['deposits']));
  if (told.length === 0) return;
  yield {
    id: 'savings',
    kind: 'savings',
    category: 'deposits',
    title: '储蓄',
    memberId: null,
    columns: {
      declared: said({ kind: 'amount', amount: declared.assets.savings }),
      registry: joined(told),
      visit: null,
    },
    flag: { clause: 'B-5.4', detail: '比对查得存款，请与申报的储蓄核对。' },
    suggested: null,
  };
}

function* memberFacts(scene: Scene): Generator<Draft> {
  for (const { id } of scene.declared.members) {
    const told = statementsOf(scene, id, ['death', 'marriage']);
    const [first] = told;
    if (first === undefined) continue;
    yield {
      id: `member/${id}`,
      kind: 'member',
      category: first.category,
      title: `家庭成员（${scene.names.get(id) ?? id}）`,
      memberId: id,
      columns: { declared: said({ kind: 'member' }), registry: joined(told), visit: null },
      flag: { clause: 'A-7', detail: '比对查得死亡或婚姻登记信息，请核实家庭人口。' },
      suggested: null,
    };
  }
}

/** Every matter of a case, in the order in which a reviewer reads them. Pure. */
export function mattersOf(known: Known): readonly Matter[] {
  const scene: Scene = { ...known, declared: declaredSchema.parse(known.declaration) };
  const drafts = [
    ...homes(scene),
    ...premises(scene),
    ...vehicles(scene),
    ...businesses(scene),
    ...employees(scene),
    ...incomes(scene),
    ...savings(scene),
    ...memberFacts(scene),
  ];
  return drafts.map(({ category, ...draft }) => {
    const answer = known.answers.find(({ result }) => result.category === category);
    return {
      ...draft,
      evidence: {
        registry: answer === undefined || draft.columns.registry === null ? [] : [answer.evidence],
        visit: draft.columns.visit === null ? [] : [...(known.visited?.evidence ?? [])],
      },
      basis: sha256(canonicalJson({ id: draft.id, columns: draft.columns })),
    };
  });
}
