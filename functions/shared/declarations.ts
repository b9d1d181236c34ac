/**
 * The declaration of a case, on its way between the household's form and the reckoning. It is kept as the JSON of
 * the assessment contract; `parseDeclaration` has judged it before it was stored.
 */
import * as z from 'zod';
import type { Case } from '#domain/filing/case.ts';
import type { PaperFacts } from '#domain/filing/papers.ts';
import { expenditureKindSchema } from '#domain/filing/terms.ts';
import { jsonObjectSchema } from '#domain/json.ts';
import type { CaseDocument } from './document-store.ts';
import type { JsonObject } from './ports.ts';

/** The keys that the filing itself looks at; the contract's schema has checked them and all others. */
const filedDeclarationSchema = z.looseObject({
  applicationDate: z.string(),
  region: z.string(),
  crossCheckAuthorised: z.boolean(),
  onSiteVisit: z.boolean().optional(),
  worker: z.looseObject({ kind: z.enum(['urban', 'migrant']) }),
  members: z.array(
    z.looseObject({
      id: z.string(),
      relation: z.string(),
      onRegister: z.boolean(),
      status: z.string(),
      incomes: z
        .array(z.looseObject({ kind: z.string(), evidence: z.array(z.string()).optional() }))
        .optional(),
    }),
  ),
  expenditures: z
    .array(
      z.looseObject({
        kind: z.union([expenditureKindSchema, z.literal('living')]),
        amount: z.string().nullable(),
        evidence: z.array(z.string()).optional(),
      }),
    )
    .optional(),
});
export type FiledDeclaration = z.infer<typeof filedDeclarationSchema>;

export const filedDeclaration = (record: Pick<Case, 'declaration'>): FiledDeclaration =>
  filedDeclarationSchema.parse(record.declaration);

const standingSchema = z.object({ worker: z.object({ standing: z.string() }) });

/** The worker's standing as a declaration says it that nobody has judged yet. */
export const standingOf = (declaration: JsonObject): string | undefined =>
  standingSchema.safeParse(declaration).data?.worker.standing;

/** What decides about the papers of a case. */
export const paperFactsOf = (record: Case): PaperFacts => {
  const declaration = filedDeclaration(record);
  const names = new Map(record.persons.map((person) => [person.memberId, person.name]));
  return {
    migrant: declaration.worker.kind === 'migrant',
    authorised: declaration.crossCheckAuthorised,
    members: declaration.members.map((member) => ({
      id: member.id,
      name: names.get(member.id) ?? member.id,
      hasIncome: (member.incomes ?? []).length > 0,
    })),
    expenditures: (declaration.expenditures ?? []).flatMap(({ kind }) => (kind === 'living' ? [] : [kind])),
  };
};

/**
 * The declaration as it is reckoned: by the standards of the day of the assessment, every income and
 * expenditure with the papers that prove it.
 */
export const declarationToAssess = (
  record: Case,
  documents: readonly CaseDocument[],
  today: string,
): JsonObject => {
  const declaration = filedDeclaration(record);
  const evidence = (fits: (document: CaseDocument) => boolean): string[] =>
    documents.filter(fits).map(({ documentId }) => documentId);
  return jsonObjectSchema.parse({
    ...declaration,
    standardsDate: today,
    members: declaration.members.map((member) => ({
      ...member,
      ...(member.incomes === undefined
        ? {}
        : {
            incomes: member.incomes.map((income) => ({
              ...income,
              evidence: evidence(({ paper, memberId }) => paper === 'incomeProof' && memberId === member.id),
            })),
          }),
    })),
    ...(declaration.expenditures === undefined
      ? {}
      : {
          expenditures: declaration.expenditures.map((expenditure) => ({
            ...expenditure,
            evidence: evidence(
              (document) =>
                document.paper === 'expenditureProof' && document.expenditure === expenditure.kind,
            ),
          })),
        }),
  });
};
