/**
 * How a set of parameters came to be: each change with who drew it up, who else approved it, why, by which document,
 * and whom it moves between the tiers (`npm run -s whatif`). Kept beside the set, oldest first, and only added to.
 */
import * as z from 'zod';
import { isDate } from './dates.ts';

const nonEmpty = z.string('这里应填文字').min(1, '这里不能为空');
const hash = z.string('这里应填参数的 SHA-256').regex(/^[0-9a-f]{64}$/, '这里应填参数的 SHA-256');
const amount = z.int('这里应填整数').min(0, '这里不能小于0');
const person = z.strictObject({ id: nonEmpty, name: nonEmpty });

/** Whom a change moves: how many of the declarations that it was tried on go from one result to another. */
const effectSchema = z.strictObject({
  declarations: amount,
  faulty: amount,
  moves: z.array(z.strictObject({ from: nonEmpty, to: nonEmpty, count: amount })),
});
export type Effect = z.infer<typeof effectSchema>;

const changeSchema = z
  .strictObject({
    /** Hash of the set before; null: there was none. */
    from: hash.nullable(),
    to: hash,
    /** The Beijing date of the approval. */
    date: z.string('这里应填日期').refine(isDate, '这里应填日期'),
    author: person,
    approver: person,
    reason: nonEmpty,
    /** The document that sets the values, with its number where it has one. */
    document: nonEmpty,
    /** Null for the first set alone: nobody moves where there was nothing before. */
    effect: effectSchema.nullable(),
  })
  .refine(({ author, approver }) => author.id !== approver.id, {
    path: ['approver'],
    error: '复核人不能是起草人本人',
  })
  .refine(({ from, effect }) => (from === null) === (effect === null), {
    path: ['effect'],
    error: '改动已有的参数须附上影响测算（npm run -s whatif），首次设定的不附',
  });

const changesSchema = z.array(changeSchema, '这里应是改动记录的列表').min(1, '没有改动记录');

/** What is wrong with the recorded changes of a set with this hash, in Chinese; nothing where they lead to it. */
export const changeFaults = (json: unknown, setHash: string): string[] => {
  const parsed = changesSchema.safeParse(json);
  if (!parsed.success) {
    return parsed.error.issues.map(({ path, message }) => `/${path.map(String).join('/')} ${message}`);
  }
  const faults: string[] = [];
  let before: string | null = null;
  for (const [index, { from, to }] of parsed.data.entries()) {
    if (from !== before) {
      faults.push(`/${index}/from 应为${before === null ? 'null（首次设定）' : `上一次改动的结果${before}`}`);
    }
    before = to;
  }
  if (before !== setHash)
    faults.push(`参数（${setHash}）不是所记录改动的结果（${before}），改动未经记录和复核`);
  return faults;
};
