/**
 * Home visits (A-7, A-13, B-8.2, B-8.3, C-2, C-5): who went, when, where, what was found. What a visit settles of the
 * declaration it settles for good: that a member lives with the household, or doesn't and is struck; that named
 * people of the county union or above have been to a migrant worker's who can't be cross-checked (C-2).
 */
import * as z from 'zod';
import { type JsonObject, jsonObjectSchema } from '#domain/json.ts';
import { incomeKind, visitedAssetsSchema } from './matter-values.ts';
import type { Organisation } from './organisations.ts';

const text = (max: number) => z.string().trim().min(1, '请填写内容。').max(max, '内容过长。');
const note = text(2000).nullable().default(null);

/** What was found, as the visitors write it down. Amounts are yuan a year. */
export const visitFindingsSchema = z.strictObject({
  /** Of the members that are not on the household register. */
  members: z
    .array(
      z.strictObject({
        memberId: z.string().min(1),
        livesTogether: z.boolean(),
        note,
      }),
    )
    .max(30)
    .default([]),
  housing: note,
  vehicles: note,
  business: note,
  /** The same as figures, to be held against the declaration and the registers (`matters.ts`). */
  assets: visitedAssetsSchema.nullable().default(null),
  /** C-5: income that can't be fixed is assessed; the reviewer weighs it when settling the facts. */
  incomes: z
    .array(
      z.strictObject({
        memberId: z.string().min(1),
        /** A wage is assessed after tax and contributions. */
        kind: incomeKind.default('wage'),
        assessed: z
          .string()
          .regex(/^(0|[1-9][0-9]{0,14})(\.[0-9]{1,2})?$/, '金额应为不带符号的十进制数字，最多两位小数。'),
        note,
      }),
    )
    .max(30)
    .default([]),
  /** C-5: what neighbours said. */
  neighbours: note,
  text: text(4000),
});

/** Not an address: that stands sealed in the case. */
export const visitPlaceSchema = z.enum(['home', 'workplace', 'hospital', 'other']);

export const PLACE_NAMES: Readonly<Record<z.infer<typeof visitPlaceSchema>, string>> = {
  home: '家中',
  workplace: '工作单位',
  hospital: '医院',
  other: '其他地点',
};

/** The householder signs the record; who cannot or will not has a reason, which is kept. */
export const visitSignatureSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('signed'), document: z.string().min(1) }),
  z.strictObject({ kind: z.literal('unsigned'), reason: text(500) }),
]);

const settledSchema = z.strictObject({
  fact: z.enum(['memberConfirmed', 'memberStruck', 'onSiteVisit']),
  memberId: z.string().nullable(),
  /** The name of who was struck, as the household has no such member any more. */
  name: z.string().nullable(),
  clause: z.string(),
});
export type SettledFact = z.infer<typeof settledSchema>;

export const visitSchema = z.strictObject({
  visitId: z.string(),
  /** Beijing date. */
  visitedOn: z.string(),
  place: visitPlaceSchema,
  visitors: z.array(z.string()).min(1),
  organisation: z.string(),
  findings: visitFindingsSchema,
  photos: z.array(z.string()),
  signature: visitSignatureSchema,
  /** What the declaration has from this visit. */
  settled: z.array(settledSchema),
  recordedBy: z.string(),
  recordedAt: z.string(),
});
export type Visit = z.infer<typeof visitSchema>;

/** C-2: the county union or above, and its like under the province. */
export const isCountyOrAbove = ({ kind }: Organisation): boolean => kind !== 'grassroots';

const declaredSchema = z.looseObject({
  onSiteVisit: z.boolean().optional(),
  members: z.array(z.looseObject({ id: z.string(), visitConfirmed: z.boolean().optional() })),
  expenditures: z.array(z.looseObject({ memberId: z.string().optional() })).optional(),
});

type Visited = readonly Pick<Visit, 'settled'>[];

const settledFacts = (visits: Visited): readonly SettledFact[] => visits.flatMap(({ settled }) => settled);

const confirmedBy = (visits: Visited): ReadonlySet<string | null> =>
  new Set(
    settledFacts(visits).flatMap(({ fact, memberId }) => (fact === 'memberConfirmed' ? [memberId] : [])),
  );

const madeOnSite = (visits: Visited): boolean =>
  settledFacts(visits).some(({ fact }) => fact === 'onSiteVisit');

/** JSON Pointers of what a declaration claims of visits that no visit has settled. */
export const unvisitedClaims = (declaration: JsonObject, visits: Visited): readonly string[] => {
  const { members, onSiteVisit } = declaredSchema.parse(declaration);
  const confirmed = confirmedBy(visits);
  return [
    ...members.flatMap(({ id, visitConfirmed }, index) =>
      visitConfirmed === true && !confirmed.has(id) ? [`/members/${index}/visitConfirmed`] : [],
    ),
    ...(onSiteVisit === true && !madeOnSite(visits) ? ['/onSiteVisit'] : []),
  ];
};

/** The declaration with everything that the visits have settled, whatever it said of that itself. */
export const withVisitedFacts = (declaration: JsonObject, visits: Visited): JsonObject => {
  const declared = declaredSchema.parse(declaration);
  const facts = settledFacts(visits);
  const confirmed = confirmedBy(visits);
  const struck = new Set(
    facts.flatMap(({ fact, memberId }) => (fact === 'memberStruck' && memberId !== null ? [memberId] : [])),
  );
  return jsonObjectSchema.parse({
    ...declared,
    ...(madeOnSite(visits) ? { onSiteVisit: true } : {}),
    members: declared.members
      .filter(({ id }) => !struck.has(id))
      .map((member) => (confirmed.has(member.id) ? { ...member, visitConfirmed: true } : member)),
    ...(declared.expenditures === undefined
      ? {}
      : {
          expenditures: declared.expenditures.filter(
            ({ memberId }) => memberId === undefined || !struck.has(memberId),
          ),
        }),
  });
};
