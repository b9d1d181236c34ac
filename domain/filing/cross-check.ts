/**
 * The cross-check with the civil-affairs information centre (A-10, C-2): what is sent and what comes back, and
 * the pure judgement of it. `docs/cross-check.md` describes the exchange. The strict schemas stand at both ends
 * of the wire: anything that isn't named here is refused, so that nothing unasked is stored.
 */
import * as z from 'zod';

/** 三必查 (C-2): without these three there is no cross-check. */
export const MUST_CATEGORIES = ['housing', 'vehicles', 'businessRegistration'] as const;
export type MustCategory = (typeof MUST_CATEGORIES)[number];

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

export const CATEGORY_NAMES: Readonly<Record<CrossCheckCategory, string>> = {
  housing: '房产',
  vehicles: '车辆',
  businessRegistration: '工商登记',
  deposits: '存款',
  socialInsurance: '社会保险',
  housingFund: '住房公积金',
  tax: '纳税',
  death: '死亡登记',
  marriage: '婚姻登记',
};

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
  /** SHA-256 of the authorisation, lower-case hex; null for a migrant worker without one. */
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

export const categoryResultSchema = z.discriminatedUnion('category', [
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
export type Vehicle = z.infer<typeof vehicleSchema>;
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

// ---------------------------------------------------------------- what is asked, and what if there is no answer

/** `wait`: for the answer, to the deadline, then by hand; `manual`: by hand as soon as the centre can't answer. */
const mustPolicy = z.enum(['wait', 'manual']);
/** `finding`: the case goes on, with a finding for the reviewer; `notAsked`: this unit doesn't ask for it. */
const optionalPolicy = z.enum(['notAsked', 'finding', 'wait', 'manual']);

/** What each category that has no answer means for the case: the unit's own rule. C-2 leaves no choice for the musts. */
export const crossCheckPolicySchema = z.strictObject({
  housing: mustPolicy,
  vehicles: mustPolicy,
  businessRegistration: mustPolicy,
  deposits: optionalPolicy,
  socialInsurance: optionalPolicy,
  housingFund: optionalPolicy,
  tax: optionalPolicy,
  death: optionalPolicy,
  marriage: optionalPolicy,
});
export type CrossCheckPolicy = z.infer<typeof crossCheckPolicySchema>;

/** The three musts alone are asked for, and waited for. */
export const DEFAULT_CROSS_CHECK_POLICY: CrossCheckPolicy = {
  housing: 'wait',
  vehicles: 'wait',
  businessRegistration: 'wait',
  deposits: 'notAsked',
  socialInsurance: 'notAsked',
  housingFund: 'notAsked',
  tax: 'notAsked',
  death: 'notAsked',
  marriage: 'notAsked',
};

export const categoriesAsked = (policy: CrossCheckPolicy): CrossCheckCategory[] =>
  CROSS_CHECK_CATEGORIES.filter((category) => policy[category] !== 'notAsked');

// ---------------------------------------------------------------- judgement

/** What counts of a category, and the id under which it is evidence. */
export type Answer = { readonly result: CategoryResult; readonly evidence: string };

/**
 * Merges results, in whatever order they came: of each category the result of the highest sequence counts. The
 * record itself keeps them all. At most one a category, in the order of `CROSS_CHECK_CATEGORIES`.
 */
export function latestAnswers(results: readonly CrossCheckResult[]): readonly Answer[] {
  const inOrder = [...results].sort(
    // A centre that numbers two results alike is at fault; the outcome is at least always the same.
    (a, b) => a.sequence - b.sequence || (a.resultId < b.resultId ? -1 : 1),
  );
  const latest = new Map(
    inOrder.flatMap(({ requestId, resultId, categories }) =>
      categories.map((result): [CrossCheckCategory, Answer] => [
        result.category,
        { result, evidence: `crossCheck/${requestId}/${resultId}` },
      ]),
    ),
  );
  return CROSS_CHECK_CATEGORIES.flatMap((category) => latest.get(category) ?? []);
}

/** The results of `latestAnswers`. */
export const latestResults = (results: readonly CrossCheckResult[]): readonly CategoryResult[] =>
  latestAnswers(results).map(({ result }) => result);

/** Categories of which two answers say different things: the record keeps both, a person is told. */
export function contradicted(results: readonly CrossCheckResult[]): readonly CrossCheckCategory[] {
  const said = (category: CrossCheckCategory): ReadonlySet<string> =>
    new Set(
      results
        .flatMap(({ categories }) => categories)
        .filter((one) => one.category === category && one.status !== 'unavailable')
        .map(({ items }) => JSON.stringify(items.map((item) => JSON.stringify(item)).toSorted())),
    );
  return CROSS_CHECK_CATEGORIES.filter((category) => said(category).size > 1);
}

export type ResultOf<Category extends CrossCheckCategory> = Extract<CategoryResult, { category: Category }>;

export const resultOf = <Category extends CrossCheckCategory>(
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

/** What has no answer and won't get one, by what the unit wants done about it. */
export type CrossCheckFailures = {
  /** To be checked by hand now, rather than waited for. */
  readonly byHand: readonly CrossCheckCategory[];
  /** Left open: the reviewer is told. */
  readonly findings: readonly CrossCheckCategory[];
};

const isClosed = (
  asked: readonly CrossCheckCategory[],
  results: readonly CrossCheckResult[],
  latest: readonly CategoryResult[],
): boolean =>
  results.some(({ final }) => final) || asked.every((category) => resultOf(latest, category) !== undefined);

/** What of the asked has no answer once the centre has said all that it will. */
export function crossCheckFailures(
  asked: readonly CrossCheckCategory[],
  results: readonly CrossCheckResult[],
  policy: CrossCheckPolicy,
): CrossCheckFailures {
  const latest = latestResults(results);
  if (!isClosed(asked, results, latest)) return { byHand: [], findings: [] };
  const open = asked.filter((category) => {
    const status = resultOf(latest, category)?.status;
    return status === undefined || status === 'unavailable';
  });
  return {
    byHand: open.filter((category) => policy[category] === 'manual'),
    findings: open.filter((category) => ['finding', 'notAsked'].includes(policy[category])),
  };
}

/** Where a cross-check stands. */
export function crossCheckStatus(
  asked: readonly CrossCheckCategory[],
  results: readonly CrossCheckResult[],
  policy: CrossCheckPolicy = DEFAULT_CROSS_CHECK_POLICY,
): CrossCheckStatus {
  const latest = latestResults(results);
  const missing = MUST_CATEGORIES.filter((category) => {
    const status = resultOf(latest, category)?.status;
    return status === undefined || status === 'unavailable';
  });
  const awaited = asked.some((category) => {
    const status = resultOf(latest, category)?.status;
    return (
      ['wait', 'manual'].includes(policy[category]) && (status === undefined || status === 'unavailable')
    );
  });
  return {
    complete: missing.length === 0 && !awaited && isClosed(asked, results, latest),
    missing,
    hits: CROSS_CHECK_CATEGORIES.filter((category) => resultOf(latest, category)?.status === 'hit'),
  };
}
