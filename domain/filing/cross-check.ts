/**
 * The cross-check with the civil-affairs information centre (A-10, C-2): what is sent and what comes back, and
 * the pure judgement of it. `docs/cross-check.md` describes the exchange. The strict schemas stand at both ends
 * of the wire: anything that isn't named here is refused, so that nothing unasked is stored.
 */
import { Decimal } from 'decimal.js';
import * as z from 'zod';

/** 三必查 (C-2): without these three there is no cross-check. */
export const MUST_CATEGORIES = ['housing', 'vehicles', 'businessRegistration'] as const;
type MustCategory = (typeof MUST_CATEGORIES)[number];

/** What the centre may be asked for besides; its answers are read by a person. */
const OPTIONAL_CATEGORIES = [
  'deposits',
  'socialInsurance',
  'housingFund',
  'tax',
  'death',
  'marriage',
] as const;

export const CROSS_CHECK_CATEGORIES = [...MUST_CATEGORIES, ...OPTIONAL_CATEGORIES] as const;
export type CrossCheckCategory = (typeof CROSS_CHECK_CATEGORIES)[number];

// ---------------------------------------------------------------- the wire

/** Ids travel in paths and logs: unreserved characters only. */
const id = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);
const text = (max: number) => z.string().trim().min(1).max(max);
const amount = z.string().regex(/^(0|[1-9][0-9]{0,14})(\.[0-9]{1,2})?$/);
const date = z.iso.date();

/** Our system → the centre. `POST {centre}/requests`. */
export const crossCheckRequestSchema = z.strictObject({
  /** Opaque; the address of the results is made of it. */
  requestId: id,
  /** SHA-256 of the authorisation (A-2), lower-case hex; null for a migrant worker without one. */
  authorisationDigest: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
  /** Beijing date on which the request is made, case time. */
  caseDate: date,
  categories: z
    .array(z.enum(CROSS_CHECK_CATEGORIES))
    .min(1)
    .refine((categories) => new Set(categories).size === categories.length),
  persons: z
    .array(
      z.strictObject({
        personId: id,
        name: text(50),
        /** The number on the ID card, sent because the centre knows people by nothing else. */
        idNumber: z.string().regex(/^[0-9]{17}[0-9X]$/),
        /** To the worker; legal supporters outside the household stand as `supporter`. */
        relation: z.enum([
          'self',
          'spouse',
          'child',
          'parent',
          'sibling',
          'grandparent',
          'grandchild',
          'other',
          'supporter',
        ]),
      }),
    )
    .min(1)
    .refine((persons) => new Set(persons.map(({ personId }) => personId)).size === persons.length),
  /** Where the results are to be posted. */
  callback: z.url({ protocol: /^https?$/ }),
  /** Case time; an answer after it finds the task closed. */
  expiresAt: z.iso.datetime({ offset: true }),
});
export type CrossCheckRequestBody = z.infer<typeof crossCheckRequestSchema>;

/** The centre's answer to a request: 202. */
export const crossCheckReceiptSchema = z.strictObject({ requestId: id, received: z.literal(true) });

const homeSchema = z.strictObject({
  personId: id,
  /** The centre's opaque id of the property: joint owners each have an entry, and it is still one home. */
  propertyId: id,
  /** `businessPremises`: shop, workshop (B-7.2); `other`: a parking space and the like, no dwelling. */
  kind: z.enum(['home', 'businessPremises', 'other']),
  /** Titled floor area, m²; null where the register holds none. */
  area: amount.nullable(),
  /** Never the full address: at least one part is masked with `*`. */
  addressMasked: text(100).includes('*'),
});

const vehicleSchema = z.strictObject({
  personId: id,
  kind: z.enum(['motorVehicle', 'ship', 'constructionMachine', 'farmMachine']),
  registeredOn: date,
  /** Yuan; null where the register holds none. */
  purchasePrice: amount.nullable(),
});

const businessRegistrationSchema = z.strictObject({
  personId: id,
  kind: z.enum(['company', 'individualBusiness', 'cooperative', 'other']),
  /** Unified social credit code, by its form (GB 32100). */
  creditCode: z.string().regex(/^[0-9A-HJ-NPQRTUWXY]{18}$/),
  name: text(100),
  role: z.enum(['legalRepresentative', 'operator', 'shareholder', 'officer']),
  registeredOn: date,
  /** 存续, 吊销 (still a legal person, with its debts), 注销 (gone). */
  status: z.enum(['active', 'revoked', 'deregistered']),
});

/** What the optional registers hold, in words, for the reviewer. */
const statementSchema = z.strictObject({ personId: id, kind: text(50), detail: text(500) });

const categoryResult = <Category extends CrossCheckCategory, Entry extends z.ZodType>(
  category: Category,
  entry: Entry,
) => {
  const common = { category: z.literal(category), source: text(100), asOf: date };
  return z.discriminatedUnion('status', [
    z.strictObject({ ...common, status: z.literal('clean'), items: z.tuple([]) }),
    z.strictObject({ ...common, status: z.literal('hit'), items: z.array(entry).min(1) }),
    z.strictObject({ ...common, status: z.literal('unavailable'), items: z.tuple([]) }),
  ]);
};

const categoryResultSchema = z.discriminatedUnion('category', [
  categoryResult('housing', homeSchema),
  categoryResult('vehicles', vehicleSchema),
  categoryResult('businessRegistration', businessRegistrationSchema),
  categoryResult('deposits', statementSchema),
  categoryResult('socialInsurance', statementSchema),
  categoryResult('housingFund', statementSchema),
  categoryResult('tax', statementSchema),
  categoryResult('death', statementSchema),
  categoryResult('marriage', statementSchema),
]);
/** `clean`: the register holds nothing; `hit`: it holds these items; `unavailable`: it couldn't be asked. */
export type CategoryResult = z.infer<typeof categoryResultSchema>;

/** The centre → us. `POST {callback}`, one or several for a request. */
export const crossCheckResultSchema = z.strictObject({
  requestId: id,
  /** The same result sent again has the same id and content. */
  resultId: id,
  /** Counts the results of a request from 1: of two about the same category the later one counts. */
  sequence: z.int().min(1).max(9999),
  /** The centre sends no more for this request of its own accord. */
  final: z.boolean(),
  categories: z
    .array(categoryResultSchema)
    .min(1)
    .refine((results) => new Set(results.map(({ category }) => category)).size === results.length),
});
export type CrossCheckResult = z.infer<typeof crossCheckResultSchema>;

// ---------------------------------------------------------------- judgement

/**
 * Merges results, in whatever order they came: of each category the result of the highest sequence counts. The
 * record itself keeps them all. At most one a category, in the order of `CROSS_CHECK_CATEGORIES`.
 */
export function latestResults(results: readonly CrossCheckResult[]): readonly CategoryResult[] {
  const inOrder = [...results].sort(
    // A centre that numbers two results alike is at fault; the outcome is at least always the same.
    (a, b) => a.sequence - b.sequence || (a.resultId < b.resultId ? -1 : 1),
  );
  const latest = new Map(
    inOrder.flatMap(({ categories }) => categories).map((result) => [result.category, result]),
  );
  return CROSS_CHECK_CATEGORIES.flatMap((category) => latest.get(category) ?? []);
}

type ResultOf<Category extends CrossCheckCategory> = Extract<CategoryResult, { category: Category }>;

const resultOf = <Category extends CrossCheckCategory>(
  latest: readonly CategoryResult[],
  category: Category,
): ResultOf<Category> | undefined =>
  latest.find((result): result is ResultOf<Category> => result.category === category);

export type CrossCheckStatus = {
  /**
   * Every must has been answered, clean or hit, and nothing more is to come: all categories that were asked
   * have some answer, or a result said it was the last.
   */
  readonly complete: boolean;
  /** C-2: the musts that stand without an answer. What couldn't be looked up isn't answered. */
  readonly missing: readonly MustCategory[];
  readonly hits: readonly CrossCheckCategory[];
};

/** Where a cross-check stands. */
export function crossCheckStatus(
  asked: readonly CrossCheckCategory[],
  results: readonly CrossCheckResult[],
): CrossCheckStatus {
  const latest = latestResults(results);
  const missing = MUST_CATEGORIES.filter((category) => {
    const status = resultOf(latest, category)?.status;
    return status === undefined || status === 'unavailable';
  });
  const closed =
    results.some(({ final }) => final) || asked.every((category) => resultOf(latest, category) !== undefined);
  return {
    complete: missing.length === 0 && closed,
    missing,
    hits: CROSS_CHECK_CATEGORIES.filter((category) => resultOf(latest, category)?.status === 'hit'),
  };
}

/** What the household declared of the same matters (the `assets` of the declaration, and its incomes). */
export type DeclaredAssets = {
  /** Titled floor area, m². */
  readonly homes: readonly { readonly area: string | null }[];
  readonly businessPremises: boolean;
  readonly vehicles: readonly {
    readonly kind: z.infer<typeof vehicleSchema>['kind'];
    readonly purchasePrice: string | null;
  }[];
  readonly businessIncome: boolean;
};

/** Something that a person must settle before the case goes on. `detail` names nobody. */
export type CrossCheckFinding = { readonly clause: string; readonly detail: string };

/** Holds what the registers say against the declaration; what was declared alike gives no finding. */
export function crossCheckFindings(
  latest: readonly CategoryResult[],
  declared: DeclaredAssets,
): readonly CrossCheckFinding[] {
  return [
    ...housingFindings(resultOf(latest, 'housing')?.items ?? [], declared),
    ...vehicleFindings(resultOf(latest, 'vehicles')?.items ?? [], declared),
    ...businessFindings(resultOf(latest, 'businessRegistration')?.items ?? [], declared),
  ];
}

type Items<Category extends MustCategory> = ResultOf<Category>['items'];

function* housingFindings(items: Items<'housing'>, declared: DeclaredAssets): Generator<CrossCheckFinding> {
  const properties = [...new Map(items.map((item) => [item.propertyId, item])).values()];
  const homes = properties.filter(({ kind }) => kind === 'home');
  const found = homes.length;
  const stated = declared.homes.length;
  if (found > stated) {
    const counts = `经比对查得住房${found}套，申报${stated}套`;
    yield found >= 2
      ? { clause: 'B-7.1', detail: `${counts}；拥有2套（含）以上住房的，不予建立全总级、省级档案，请核实。` }
      : { clause: 'B-8.1', detail: `${counts}；申报与比对结果不一致，请核实。` };
  }
  // With exactly two homes the exception hangs on their area, so a larger count or another area decides.
  const area = totalArea(homes);
  if (found === 2 && (stated !== 2 || !sameFigure(area, totalArea(declared.homes)))) {
    yield {
      clause: 'C-3',
      detail: `经比对查得的两套住房产权面积合计${area === null ? '不详' : `${area.toFixed(2)}平方米`}；人均面积是否不超过当地最低住房保障标准，请按此核实。`,
    };
  }
  const premises = properties.filter(({ kind }) => kind === 'businessPremises').length;
  if (premises > 0 && !declared.businessPremises) {
    yield {
      clause: 'B-7.2',
      detail: `经比对查得生产经营用房${premises}处，未申报；拥有商业店铺、厂房等生产经营房产的，不予建立全总级、省级档案，请核实。`,
    };
  }
}

const VEHICLE_NAMES = {
  motorVehicle: '机动车辆',
  ship: '船舶',
  constructionMachine: '工程机械',
  farmMachine: '大型农机具',
} as const;
const VEHICLE_KINDS = ['motorVehicle', 'ship', 'constructionMachine', 'farmMachine'] as const;

function* vehicleFindings(items: Items<'vehicles'>, declared: DeclaredAssets): Generator<CrossCheckFinding> {
  for (const kind of VEHICLE_KINDS) {
    const found = items.filter((item) => item.kind === kind).length;
    const stated = declared.vehicles.filter((vehicle) => vehicle.kind === kind).length;
    if (found > stated) {
      yield {
        clause: 'B-7.3',
        detail: `经比对查得${VEHICLE_NAMES[kind]}${found}，申报${stated}；非受雇佣经常使用的，不予建立全总级、省级档案，请核实。`,
      };
    }
  }
  // One vehicle alone may be excepted, by its price: to settle where it wasn't declared, or at another price.
  const [only] = items;
  const [stated, ...others] = declared.vehicles;
  if (items.length !== 1 || only?.kind !== 'motorVehicle' || others.length > 0) return;
  const price = decimal(only.purchasePrice);
  const differs =
    stated?.kind === 'motorVehicle' && price !== null && !sameFigure(price, decimal(stated.purchasePrice));
  if (stated === undefined || differs) {
    yield {
      clause: 'C-3',
      detail: `经比对查得机动车一辆，登记的购置价格${price === null ? '不详' : `${price.toFixed(2)}元`}；是否为原有且购置价格在10万元（含）以下，请核实。`,
    };
  }
}

const STATUS_NAMES = { active: '存续', revoked: '吊销' } as const;

function* businessFindings(
  items: Items<'businessRegistration'>,
  declared: DeclaredAssets,
): Generator<CrossCheckFinding> {
  // Two members in one company are one registration.
  for (const { status } of new Map(items.map((item) => [item.creditCode, item])).values()) {
    if (status === 'deregistered') continue;
    yield {
      clause: 'R-12',
      detail: `经比对查得工商登记一户（${STATUS_NAMES[status]}），${declared.businessIncome ? '已' : '未'}申报经营收入；请核实有无经营用房、是否雇佣他人，经营收入须如实申报。`,
    };
  }
}

const decimal = (value: string | null): Decimal | null => (value === null ? null : new Decimal(value));

/** Null as soon as one of them is unknown: unknown is not zero. */
const totalArea = (homes: readonly { readonly area: string | null }[]): Decimal | null =>
  homes.reduce<Decimal | null>(
    (sum, { area }) => (sum === null || area === null ? null : sum.plus(area)),
    new Decimal(0),
  );

const sameFigure = (a: Decimal | null, b: Decimal | null): boolean =>
  a === null || b === null ? a === b : a.equals(b);
