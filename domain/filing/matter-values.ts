/**
 * The words of the adjudication as records keep them: what a matter can be, what a visit saw, what was settled. Beside
 * the rules, so that whoever only reads a case needs none of them.
 */
import * as z from 'zod';
import { DECIMAL } from '#domain/rules/money.ts';
import { INCOME_KINDS, VEHICLE_KINDS } from '#domain/rules/vocabulary.ts';

/** Yuan, or m², as the contract writes them. */
export const amount = z.string().regex(DECIMAL, '应为不带符号的十进制数字，最多两位小数。');
export const vehicleKind = z.enum(VEHICLE_KINDS);
export const incomeKind = z.enum(INCOME_KINDS);

/** What can be so of a matter. Amounts in yuan a year, areas in m²; null: not known, which is never zero. */
export const matterValueSchema = z.discriminatedUnion('kind', [
  /** There is nothing of the sort, or the person no longer belongs to the household. */
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('home'), area: amount.nullable() }),
  z.strictObject({
    kind: z.literal('vehicle'),
    vehicle: vehicleKind,
    purchasePrice: amount.nullable(),
    usedAsEmployee: z.boolean(),
  }),
  z.strictObject({ kind: z.literal('premises') }),
  z.strictObject({ kind: z.literal('employees') }),
  /** what a registration stands for; the income is the person's from it. */
  z.strictObject({
    kind: z.literal('business'),
    premises: z.boolean(),
    employsOthers: z.boolean(),
    income: amount.nullable(),
  }),
  /** An income (a wage: after tax and contributions), or savings. */
  z.strictObject({ kind: z.literal('amount'), amount: amount.nullable() }),
  z.strictObject({ kind: z.literal('member') }),
]);
export type MatterValue = z.infer<typeof matterValueSchema>;

/** What each kind of matter may be settled as. */
export const MATTER_VALUES = {
  home: ['none', 'home'],
  vehicle: ['none', 'vehicle'],
  premises: ['none', 'premises'],
  employees: ['none', 'employees'],
  business: ['none', 'business'],
  income: ['amount'],
  savings: ['amount'],
  member: ['none', 'member'],
} as const satisfies Record<string, readonly MatterValue['kind'][]>;
export type MatterKind = keyof typeof MATTER_VALUES;
export const MATTER_KINDS = Object.keys(MATTER_VALUES) as MatterKind[];

/** Where a value may come from. */
export const SOURCES = ['declared', 'registry', 'visit'] as const;
export type Source = (typeof SOURCES)[number];

/** What a visit saw of what the household owns; null: not looked at. */
export const visitedAssetsSchema = z.strictObject({
  homes: z
    .array(z.strictObject({ area: amount.nullable() }))
    .max(50)
    .nullable(),
  vehicles: z
    .array(
      z.strictObject({
        kind: vehicleKind,
        purchasePrice: amount.nullable(),
        usedAsEmployee: z.boolean(),
      }),
    )
    .max(50)
    .nullable(),
  businessPremises: z.boolean().nullable(),
  employsOthers: z.boolean().nullable(),
});

export const choiceSchema = z.enum([...SOURCES, 'other']);

const columnSchema = z.strictObject({ value: matterValueSchema.nullable(), words: z.string() }).nullable();

/** A settled matter, as the case keeps it: with all that was on the table. */
export const settlementSchema = z.strictObject({
  id: z.string(),
  basis: z.string(),
  title: z.string(),
  columns: z.strictObject({ declared: columnSchema, registry: columnSchema, visit: columnSchema }),
  choice: choiceSchema,
  value: matterValueSchema,
  words: z.string(),
  reason: z.string(),
  clause: z.string(),
  evidence: z.array(z.string()),
  by: z.strictObject({ subject: z.string(), name: z.string(), organisation: z.string().nullable() }),
  at: z.string(),
});
export type Settlement = z.infer<typeof settlementSchema>;
