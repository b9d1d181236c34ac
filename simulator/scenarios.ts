/** What the simulated centre answers, and how it behaves about it: a pure function of the request. */
import * as z from 'zod';
import type {
  CategoryResult,
  CrossCheckCategory,
  CrossCheckRequestBody,
  CrossCheckResult,
} from '#domain/filing/cross-check.ts';

const SCENARIOS = [
  'clean',
  'secondHome',
  'vehicle',
  'businessRegistration',
  'partial',
  'late',
  'twice',
  'silent',
  'forged',
] as const;
type Scenario = (typeof SCENARIOS)[number];

/** Names of people who don't exist; one in the household is enough for the scenario. */
const NAMES: ReadonlyMap<string, Scenario> = new Map([
  ['程双房', 'secondHome'],
  ['车有财', 'vehicle'],
  ['尚开店', 'businessRegistration'],
  ['温分批', 'partial'],
  ['池来信', 'late'],
  ['双回音', 'twice'],
  ['莫无声', 'silent'],
  ['贾签名', 'forged'],
]);

/** A rule fits where all that it names fits, name and id on the same person. `requestId` is a pattern. */
const ruleSchema = z
  .strictObject({
    personId: z.string().optional(),
    name: z.string().optional(),
    requestId: z
      .string()
      .transform((pattern, context) => {
        try {
          return new RegExp(pattern, 'u');
        } catch {
          context.addIssue({ code: 'custom', message: 'not a regular expression' });
          return z.NEVER;
        }
      })
      .optional(),
    scenario: z.enum(SCENARIOS),
  })
  .refine(({ personId, name, requestId }) => (personId ?? name ?? requestId) !== undefined, {
    message: 'a rule needs personId, name or requestId',
  });

/** Of these the first that fits counts, before the built-in names. */
export type ScenarioRules = readonly z.infer<typeof ruleSchema>[];

/** Reads a scenario file: a JSON list of rules. Throws one line that says where it isn't one. */
export function parseScenarioRules(text: string): ScenarioRules {
  const parsed = z.array(ruleSchema).safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues.map(({ path, message }) => `/${path.join('/')}: ${message}`);
  throw new Error(`not a list of scenario rules: ${places.join('; ')}`);
}

type Person = CrossCheckRequestBody['persons'][number];

/** The scenario of a request, and the person whom the registers know something of. */
const choose = (
  request: CrossCheckRequestBody,
  rules: ScenarioRules,
): { scenario: Scenario; person: Person } => {
  for (const rule of rules) {
    const person = request.persons.find(
      ({ personId, name }) =>
        (rule.personId ?? personId) === personId &&
        (rule.name ?? name) === name &&
        (rule.requestId?.test(request.requestId) ?? true),
    );
    if (person !== undefined) return { scenario: rule.scenario, person };
  }
  for (const person of request.persons) {
    const scenario = NAMES.get(person.name);
    if (scenario !== undefined) return { scenario, person };
  }
  const [first] = request.persons;
  if (first === undefined) throw new RangeError('a request names at least one person');
  return { scenario: 'clean', person: first };
};

export type Plan = {
  readonly scenario: Scenario;
  /** In order; each is sent `copies` times, after a poke where it `waits`. */
  readonly results: readonly CrossCheckResult[];
  readonly copies: 1 | 2;
  readonly waits: boolean;
  /** Send the first result with a broken signature first. */
  readonly forgesFirst: boolean;
};

/**
 * What will be sent. The same request gives the same plan, so that a simulator that was started again repeats
 * itself to the byte.
 */
export function planOf(request: CrossCheckRequestBody, rules: ScenarioRules): Plan {
  const { scenario, person } = choose(request, rules);
  const entries = request.categories.map((category) => entryOf(category, scenario, person, request.caseDate));
  const batches = scenario === 'silent' ? [] : scenario === 'partial' ? halves(entries) : [entries];
  return {
    scenario,
    results: batches.map((categories, index) => ({
      requestId: request.requestId,
      resultId: `result-${index + 1}`,
      sequence: index + 1,
      final: index === batches.length - 1,
      categories,
    })),
    copies: scenario === 'twice' ? 2 : 1,
    waits: scenario === 'late',
    forgesFirst: scenario === 'forged',
  };
}

/** Two batches of about the same size; one where there is only one entry. */
const halves = <Entry>(entries: readonly Entry[]): Entry[][] => {
  const middle = Math.ceil(entries.length / 2);
  return [entries.slice(0, middle), entries.slice(middle)].filter((batch) => batch.length > 0);
};

const SOURCE = '省民政信息中心（模拟）';

const entryOf = (
  category: CrossCheckCategory,
  scenario: Scenario,
  { personId }: Person,
  asOf: string,
): CategoryResult => {
  const common = { source: SOURCE, asOf };
  if (category === 'housing' && scenario === 'secondHome') {
    const home = { personId, kind: 'home' } as const;
    return {
      ...common,
      category,
      status: 'hit',
      items: [
        { ...home, propertyId: 'property-1', area: '68.50', addressMasked: '合肥市蜀山区样例路**号***室' },
        { ...home, propertyId: 'property-2', area: '52.00', addressMasked: '合肥市包河区样例里**栋***室' },
      ],
    };
  }
  if (category === 'vehicles' && scenario === 'vehicle') {
    return {
      ...common,
      category,
      status: 'hit',
      items: [{ personId, kind: 'motorVehicle', registeredOn: '2019-08-01', purchasePrice: '86000' }],
    };
  }
  if (category === 'businessRegistration' && scenario === 'businessRegistration') {
    return {
      ...common,
      category,
      status: 'hit',
      items: [
        {
          personId,
          kind: 'individualBusiness',
          creditCode: '92340104MA2ABCDE1X',
          name: '蜀山区样例小吃店',
          role: 'operator',
          registeredOn: '2018-03-02',
          status: 'active',
        },
      ],
    };
  }
  return { ...common, category, status: 'clean', items: [] };
};
