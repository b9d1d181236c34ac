/**
 * The same decision by two general rule engines: steps 6 to 8 of the reckoning (tier, study, exclusions with their
 * exceptions) with the clause and a reason, on figures that are worked out for them beforehand. Each is used as its
 * documentation shows: rules made once, a decision table with the hit policies `first` and `collect`, chained facts.
 */
import { ZenEngine } from '@gorules/zen-engine';
import { Engine, type RuleProperties } from 'json-rules-engine';
import * as z from 'zod';
import type { Decision } from '#domain/rules/decide.ts';

/** What is compared, case by case: by which clause a tier (or study) holds, and what article 7 says. */
export type Verdict = { readonly clause: string | null; readonly exclusions: readonly string[] };

/** What this engine decided, in the form that is compared. */
export const verdictOf = ({ merits, judged }: Decision): Verdict => ({
  clause: merits?.met?.clause.id ?? (merits?.study === true ? 'C-6' : null),
  exclusions: judged.map(({ exclusion, fate }) => `${exclusion.clause.id} ${fate}`),
});

/**
 * The figures of a case: differences in hundredths of fen to each limit (not above 0: within it), sums in fen. They
 * are exact as doubles up to some 90 billion yuan. Undefined where the annual income or D is not known.
 */
export type Facts = Readonly<Record<string, number | boolean>>;

export const factsOf = (decision: Decision): Facts | undefined => {
  const { merits, declaration, household, expenses, multiple, standards } = decision;
  if (merits === undefined || multiple === undefined) return undefined;
  const { annual, rigid, suddenCost, yearlyStandard } = merits.of.figures;
  const { assets, worker, members } = declaration;
  const over = (yearly: bigint, times: bigint): number => Number(yearly * 100n - times * yearlyStandard);
  const net = annual - rigid;
  const held = (assets.investments ?? 0n) + (assets.savings ?? 0n);
  const area = assets.homes.reduce((sum, home) => sum + (home.area ?? 0n), 0n);
  const limit = standards.peek('housingAreaPerHead')?.value ?? 0n;
  const used = assets.vehicles.filter((vehicle) => !vehicle.usedAsEmployee);
  const [first] = used;
  return {
    allowance: declaration.subsistenceAllowance,
    months: declaration.monthsBelowStandard,
    raw1: over(annual, 100n),
    raw15: over(annual, 150n),
    raw3: over(annual, 300n),
    net1: over(net, 100n),
    net15: over(net, 150n),
    netM: over(net, multiple.value),
    netMost: over(net, multiple.value > 150n ? multiple.value : 150n),
    wide1: over(annual + held - suddenCost, 100n),
    rigid: Number(rigid),
    sudden: Number(suddenCost),
    extraordinary: expenses.extraordinary,
    exceptional: expenses.exceptional,
    homes: assets.homes.length,
    areaOver: Number(area - limit * household.n),
    premises: assets.businessPremises,
    employs: assets.employsOthers,
    vehicles: used.length,
    motor: first?.kind === 'motorVehicle',
    price: Number(first?.purchasePrice ?? 0n),
    school: members.some((each) => each.relation === 'child' && each.highFeePrivateSchool),
    abroad: members.some((each) => each.relation === 'child' && each.selfFundedAbroad),
    refusals: Math.max(
      0,
      ...household.counted.map((each) => (each.status === 'unemployed' ? each.jobRefusals : 0)),
    ),
    underCommunity: worker.standing === 'retiredUnderCommunity',
    unitRefused:
      worker.standing === 'retiredUnderUnit' && standards.peekFlag('unitRetireesAdmitted') === false,
    union: declaration.otherExclusion !== undefined,
  };
};

/** A clause of steps 6 and 7, the first of which decides: tests of facts, all of which must hold. */
type Row = {
  readonly clause: string;
  readonly reason: string;
  readonly tests: Readonly<Record<string, string>>;
};

const CAUSES = [{ rigid: '> 0' }, { allowance: 'true' }, { raw15: '<= 0' }] as const;

const MERITS: readonly Row[] = [
  { clause: 'B-5.1', reason: '享受低保', tests: { allowance: 'true', raw1: '<= 0' } },
  { clause: 'B-5.2a', reason: '连续6个月以上低于低保标准', tests: { allowance: 'false', months: '>= 6' } },
  { clause: 'B-5.2b', reason: '低保边缘', tests: { raw15: '<= 0', rigid: '> 0', net1: '<= 0' } },
  { clause: 'B-5.3', reason: '意外致困', tests: { sudden: '> 0', raw3: '<= 0', net1: '<= 0' } },
  { clause: 'B-5.4', reason: '重大意外灾害', tests: { extraordinary: 'true', raw3: '> 0', wide1: '<= 0' } },
  ...CAUSES.map((cause) => ({
    clause: 'B-5.6',
    reason: '低保标准1.5倍以内',
    tests: { raw3: '<= 0', net15: '<= 0', ...cause },
  })),
  ...CAUSES.map((cause) => ({
    clause: 'B-5.7',
    reason: '当地市总级标准以内',
    tests: { raw3: '<= 0', netM: '<= 0', ...cause },
  })),
  { clause: 'C-6', reason: '一事一议', tests: { raw3: '> 0', netMost: '<= 0' } },
];

/** An item of article 7: one of the tests holds; where an exception has tests, all of these lift it. */
type Item = {
  readonly clause: string;
  readonly reason: string;
  readonly any: readonly (readonly [fact: string, test: string])[];
  readonly lifted?: Readonly<Record<string, string>>;
};

const ARTICLE_7: readonly Item[] = [
  {
    clause: 'B-7.1',
    reason: '两套以上住房',
    any: [['homes', '>= 2']],
    lifted: { homes: '== 2', areaOver: '<= 0' },
  },
  {
    clause: 'B-7.2',
    reason: '生产经营',
    any: [
      ['premises', 'true'],
      ['employs', 'true'],
    ],
  },
  {
    clause: 'B-7.3',
    reason: '机动车等',
    any: [['vehicles', '>= 1']],
    lifted: { vehicles: '== 1', motor: 'true', price: '<= 10000000' },
  },
  {
    clause: 'B-7.4',
    reason: '高收费学校或自费留学',
    any: [
      ['school', 'true'],
      ['abroad', 'true'],
    ],
  },
  { clause: 'B-7.5', reason: '拒绝就业', any: [['refusals', '>= 3']] },
  {
    clause: 'B-7.6',
    reason: '退休人员',
    any: [
      ['underCommunity', 'true'],
      ['unitRefused', 'true'],
    ],
  },
  { clause: 'B-7.7', reason: '工会认定', any: [['union', 'true']] },
];

// ---------------------------------------------------------------- zen-engine

/** A test of a fact as an expression: `x`, `not x`, `x <= 0`. */
const expression = (fact: string, test: string): string => {
  if (test === 'true') return fact;
  return test === 'false' ? `not ${fact}` : `${fact} ${test}`;
};

const zenModel = () => {
  const facts = [...new Set(MERITS.flatMap(({ tests }) => Object.keys(tests)))];
  const outputs = ['clause', 'fate', 'reason'] as const;
  const columns = (names: readonly string[]) => names.map((name) => ({ id: `c-${name}`, name, field: name }));
  const text = (value: string) => JSON.stringify(value);
  return {
    contentType: 'application/vnd.gorules.decision',
    nodes: [
      { id: 'in', type: 'inputNode', name: 'facts', content: {} },
      {
        id: 'merits',
        type: 'decisionTableNode',
        name: 'article 5',
        content: {
          hitPolicy: 'first',
          outputPath: 'met',
          inputs: columns(facts),
          outputs: columns(['clause', 'reason']),
          rules: [
            ...MERITS.map(({ clause, reason, tests }, index) => ({
              _id: `m${index}`,
              ...Object.fromEntries(facts.map((fact) => [`c-${fact}`, tests[fact] ?? ''])),
              'c-clause': text(clause),
              'c-reason': text(reason),
            })),
          ],
        },
      },
      {
        id: 'exclusions',
        type: 'decisionTableNode',
        name: 'article 7',
        content: {
          hitPolicy: 'collect',
          outputPath: 'exclusions',
          // A column without a field holds whole conditions.
          inputs: [{ id: 'c-when', name: 'when' }],
          outputs: columns(outputs),
          rules: ARTICLE_7.map(({ clause, reason, any, lifted }, index) => ({
            _id: `x${index}`,
            'c-when': any.map(([fact, test]) => expression(fact, test)).join(' or '),
            'c-clause': text(clause),
            'c-fate':
              lifted === undefined
                ? '"stands"'
                : `exceptional and met != null and met.clause != "C-6" and ${Object.entries(lifted)
                    .map(([fact, test]) => expression(fact, test))
                    .join(' and ')} ? "lifted" : "stands"`,
            'c-reason': text(reason),
          })),
        },
      },
      { id: 'out', type: 'outputNode', name: 'decision', content: {} },
    ],
    edges: [
      { id: 'e1', type: 'edge', sourceId: 'in', targetId: 'merits' },
      { id: 'e2', type: 'edge', sourceId: 'in', targetId: 'exclusions' },
      { id: 'e3', type: 'edge', sourceId: 'merits', targetId: 'exclusions' },
      { id: 'e4', type: 'edge', sourceId: 'merits', targetId: 'out' },
      { id: 'e5', type: 'edge', sourceId: 'exclusions', targetId: 'out' },
    ],
  };
};

const zenResult = z.object({
  met: z.object({ clause: z.string() }).optional(),
  exclusions: z.array(z.object({ clause: z.string(), fate: z.string() })).default([]),
});

/** `raw` is what is timed; `verdict` puts its answer into the form that is compared. */
export type Peer = {
  readonly raw: (facts: Facts) => Promise<unknown>;
  readonly verdict: (answer: unknown) => Verdict;
};

export const zenPeer = (trace: boolean): Peer => {
  const decision = new ZenEngine().createDecision(zenModel());
  return {
    raw: (facts) => decision.evaluate(facts, { trace }),
    verdict: (answer) => {
      const { met, exclusions } = zenResult.parse(z.object({ result: z.unknown() }).parse(answer).result);
      return {
        clause: met?.clause ?? null,
        exclusions: exclusions.map(({ clause, fate }) => `${clause} ${fate}`),
      };
    },
  };
};

// ---------------------------------------------------------------- json-rules-engine

const OPERATORS: Readonly<Record<string, string>> = {
  '<=': 'lessThanInclusive',
  '>': 'greaterThan',
  '>=': 'greaterThanInclusive',
  '==': 'equal',
};

const condition = (fact: string, test: string) => {
  const [sign = '', value] = test.split(' ');
  return value === undefined
    ? { fact, operator: 'equal', value: test === 'true' }
    : { fact, operator: OPERATORS[sign] ?? sign, value: Number(value) };
};

const conditions = (tests: Readonly<Record<string, string>>) =>
  Object.entries(tests).map(([fact, test]) => condition(fact, test));

const rulesOfArticle5: readonly RuleProperties[] = [
  ...MERITS.filter(({ clause }) => clause !== 'B-5.6' && clause !== 'B-5.7').map(
    ({ clause, reason, tests }) => ({
      conditions: { all: conditions(tests) },
      event: { type: 'merit', params: { clause, reason } },
    }),
  ),
  ...(['B-5.6', 'B-5.7'] as const).map((clause) => ({
    conditions: {
      all: [
        condition('raw3', '<= 0'),
        condition(clause === 'B-5.6' ? 'net15' : 'netM', '<= 0'),
        { any: CAUSES.flatMap(conditions) },
      ],
    },
    event: { type: 'merit', params: { clause, reason: '限额以内，有致困原因' } },
  })),
].map((rule) => ({
  ...rule,
  priority: 10,
  ...(rule.event.params.clause === 'C-6'
    ? {}
    : // Chaining: article 7 asks whether a tier is met.
      { onSuccess: (_: unknown, almanac) => almanac.addRuntimeFact('met', true) }),
})) satisfies RuleProperties[];

const rulesOfArticle7: readonly RuleProperties[] = ARTICLE_7.flatMap(
  ({ clause, reason, any, lifted }): RuleProperties[] => {
    const applies = { any: any.map(([fact, test]) => condition(fact, test)) };
    const event = (fate: string) => ({ type: 'exclusion', params: { clause, fate, reason } });
    if (lifted === undefined) return [{ conditions: applies, event: event('stands'), priority: 1 }];
    const lifting = {
      all: [condition('met', 'true'), condition('exceptional', 'true'), ...conditions(lifted)],
    };
    return [
      { conditions: { all: [applies, lifting] }, event: event('lifted'), priority: 1 },
      { conditions: { all: [applies, { not: lifting }] }, event: event('stands'), priority: 1 },
    ];
  },
);

const jsonResult = z.object({
  events: z.array(
    z.object({
      type: z.string(),
      params: z.object({ clause: z.string(), fate: z.string().optional() }),
    }),
  ),
});

const ORDER = [...new Set(MERITS.map(({ clause }) => clause))];

export const jsonRulesPeer = (): Peer => {
  const engine = new Engine([...rulesOfArticle5, ...rulesOfArticle7]);
  return {
    raw: (facts) => engine.run({ met: false, ...facts }),
    verdict: (answer) => {
      const { events } = jsonResult.parse(answer);
      const clauses = events.filter(({ type }) => type === 'merit').map(({ params }) => params.clause);
      return {
        clause: ORDER.find((clause) => clauses.includes(clause)) ?? null,
        exclusions: events
          .filter(({ type }) => type === 'exclusion')
          .map(({ params }) => `${params.clause} ${params.fate}`)
          .sort(),
      };
    },
  };
};
