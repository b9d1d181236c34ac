import * as z from 'zod';

const text = (max: number) => z.string().trim().min(1).max(max);

/** What is left out stays as it is. */
export const contactSchema = z
  .strictObject({
    /** It has changed since, or was entered wrongly. */
    because: z.enum(['changed', 'mistaken']),
    phone: text(30).optional(),
    address: text(200).optional(),
    bankCard: z.strictObject({ number: text(30), bank: text(100) }).optional(),
  })
  .refine(
    ({ phone, address, bankCard }) => [phone, address, bankCard].some((value) => value !== undefined),
    '请写明要更正的内容。',
  );
export type Contact = z.infer<typeof contactSchema>;
