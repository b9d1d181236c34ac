/** What the simulated centre answers, and how it behaves about it: a pure function of the request. */
import * as z from 'zod';
import {
  type CategoryResult,
  type CrossCheckCategory,
  type CrossCheckRequestBody,
  type CrossCheckResult,
  categoryResultSchema,
} from '#domain/filing/cross-check.ts';

const SCENARIOS = [
  'clean',
  'secondHome',
  'vehicle',
  'businessRegistration',
  'smallHomesAndBusiness',
  'deceased',
  'stranger',
  'corrected',
  'unavailable',
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
  ['双样店', 'smallHomesAndBusiness'],
  ['卓更正', 'corrected'],
  ['查不到', 'unavailable'],
  ['梅问过', 'stranger'],
  ['亡登记', 'deceased'],
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
  const batches = batchesOf(scenario, entries, (category) =>
    entryOf(category, 'clean', person, request.caseDate),
  );
  return {
    scenario,
    results: batches.map((categories, index) => ({
      requestId: request.requestId,
      resultId: `result-${index + 1}`,
      sequence: index + 1,
      final: index === batches.length - 1,
      categories: [...categories],
    })),
    copies: scenario === 'twice' ? 2 : 1,
    waits: scenario === 'late',
    forgesFirst: scenario === 'forged',
  };
}

/** What goes out together, in order. */
const batchesOf = (
  scenario: Scenario,
  entries: readonly CategoryResult[],
  clean: (category: CrossCheckCategory) => CategoryResult,
): readonly (readonly CategoryResult[])[] => {
  switch (scenario) {
    case 'silent':
      return [];
    case 'partial':
      return halves(entries);
    case 'corrected':
      return [entries, entries.map(({ category }) => clean(category))];
    default:
      return [entries];
  }
};

/** Two batches of about the same size; one where there is only one entry. */
const halves = <Entry>(entries: readonly Entry[]): Entry[][] => {
  const middle = Math.ceil(entries.length / 2);
  return [entries.slice(0, middle), entries.slice(middle)].filter((batch) => batch.length > 0);
};

const SOURCE = '省民政信息中心（模拟）';

/** What the registers hold of the scenario's person, by category; the rest is clean. */
const HELD: { readonly [scenario in Scenario]?: (personId: string) => Held } = {
  secondHome: (personId) => ({
    housing: [
      home(personId, 'property-1', '68.50', '合肥市蜀山区样例路**号***室'),
      home(personId, 'property-2', '52.00', '合肥市包河区样例里**栋***室'),
    ],
  }),
  vehicle: (personId) => ({
    vehicles: [{ personId, kind: 'motorVehicle', registeredOn: '2019-08-01', purchasePrice: '86000' }],
  }),
  businessRegistration: (personId) => ({ businessRegistration: [shop(personId)] }),
  smallHomesAndBusiness: (personId) => ({
    housing: [
      home(personId, 'property-1', '38.00', '合肥市蜀山区样例路**号***室'),
      home(personId, 'property-2', '24.50', '合肥市包河区样例里**栋***室'),
    ],
    businessRegistration: [shop(personId)],
  }),
  deceased: (personId) => ({
    death: [{ personId, kind: '死亡登记', detail: '已登记死亡' }],
  }),
  // Somebody who wasn't asked about: the system must not take it in.
  stranger: () => ({ housing: [home('p99', 'property-9', '70.00', '合肥市样例区样例巷**号')] }),
  // The first answer, which the second puts right.
  corrected: (personId) => ({ housing: [home(personId, 'property-1', '120.00', '合肥市样例区样例路**号')] }),
};

type Items<Category extends CrossCheckCategory> = Extract<
  CategoryResult,
  { category: Category; status: 'hit' }
>['items'];
type Held = { readonly [category in CrossCheckCategory]?: Items<category> };

const home = (personId: string, propertyId: string, area: string, addressMasked: string) =>
  ({ personId, kind: 'home', propertyId, area, addressMasked }) as const;

const shop = (personId: string) =>
  ({
    personId,
    kind: 'individualBusiness',
    creditCode: '92340104MA2ABCDE1X',
    name: '蜀山区样例小吃店',
    role: 'operator',
    registeredOn: '2018-03-02',
    status: 'active',
  }) as const;

const entryOf = (
  category: CrossCheckCategory,
  scenario: Scenario,
  { personId }: Person,
  asOf: string,
): CategoryResult => {
  const common = { category, source: SOURCE, asOf };
  if (scenario === 'unavailable' && category === 'housing') {
    return categoryResultSchema.parse({ ...common, status: 'unavailable', items: [] });
  }
  const items = HELD[scenario]?.(personId)[category];
  return categoryResultSchema.parse({
    ...common,
    status: items === undefined ? 'clean' : 'hit',
    items: items ?? [],
  });
};
