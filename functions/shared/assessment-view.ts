/** An assessment as the API shows it: the form of the contract that the command line answers in as well. */
import * as z from 'zod';
import { aidKindSchema, categorySchema, fundSchema, tierSchema } from '#domain/filing/terms.ts';

const marks = z.array(z.strictObject({ clause: z.string(), detail: z.string() }));
/** Yuan, two decimals; null where it isn't known. */
const figure = z.string().nullable();

export const assessmentSchema = z
  .strictObject({
    outcome: z.enum(['eligible', 'ineligible', 'incomplete', 'study']),
    tier: tierSchema.nullable(),
    category: categorySchema.nullable(),
    proposedAid: aidKindSchema.nullable(),
    allowedFunds: z.array(fundSchema),
    clauses: z.array(z.string()),
    members: z.number().int(),
    annualIncome: figure,
    rigidExpenditure: z.string(),
    raw: figure.meta({ description: '扣除刚性支出前的人均月收入（元）' }),
    net: figure.meta({ description: '扣除刚性支出后的人均月收入（元）' }),
    standard: z.string().nullable().meta({ description: '当地低保标准（元／人·月）' }),
    standardSource: z.string().nullable(),
    standardFrom: z.string().nullable(),
    exclusions: marks,
    exceptions: marks,
    findings: marks,
    missing: marks,
    imputations: z.array(z.strictObject({ memberId: z.string(), clause: z.string(), amount: z.string() })),
    explanation: z.array(
      z.strictObject({
        clause: z.string(),
        text: z.string(),
        values: z.record(z.string(), z.string()),
        evidence: z.array(z.string()),
      }),
    ),
    margins: z.strictObject({ national: figure, provincial: figure, municipal: figure }),
    rules: z.strictObject({ version: z.string(), parameters: z.string() }),
  })
  .meta({ id: 'Assessment' });
