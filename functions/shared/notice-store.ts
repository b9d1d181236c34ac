/** The repository of public notices and of the objections raised against them. */
import * as z from 'zod';
import { beijingDate } from '#domain/calendar/dates.ts';
import { noticeContentSchema } from '#domain/filing/notice.ts';
import { AppError } from './errors.ts';
import { keys } from './keys.ts';
import { readAll } from './pages.ts';
import type { Item, ItemOperation, ItemStore } from './ports.ts';

export const noticeSchema = z.strictObject({
  noticeId: z.string(),
  caseId: z.string(),
  /** The union that publishes. */
  organisation: z.string(),
  supervisionPhone: z.string(),
  publishedAt: z.string(),
  /** The instant after the last minute; null until a person has set it. */
  endsAt: z.string().nullable(),
  status: z.enum(['running', 'closed', 'withdrawn']),
  objections: z.number().int(),
  content: noticeContentSchema,
});
export type Notice = z.infer<typeof noticeSchema>;

export const objectionSchema = z.strictObject({
  objectionId: z.string(),
  noticeId: z.string(),
  text: z.string(),
  /** How to reach the one who objects: sealed; null where it was raised without a name. */
  contact: z.strictObject({ sealed: z.string(), masked: z.string() }).nullable(),
  raisedAt: z.string(),
});
export type Objection = z.infer<typeof objectionSchema>;

export const parseNotice = (item: Item): Notice => noticeSchema.parse(item.data);

/** Beijing date of the last day, inclusive: the end is the first instant after it. */
export const lastDayOf = (endsAt: string): string => beijingDate(Date.parse(endsAt) - 1);

export const putNotice = (notice: Notice, version: number): ItemOperation => ({
  type: 'put',
  item: {
    ...keys.notice(notice.noticeId),
    version: version + 1,
    schema: 1,
    data: notice,
    // Only what runs is on the public list.
    ...(notice.status === 'running'
      ? { index: { gsi1: { pk: keys.notices, sk: `${notice.publishedAt}#${notice.noticeId}` } } }
      : {}),
  },
  condition: version === 0 ? 'absent' : { version },
});

export const findNotice = async (
  items: ItemStore,
  noticeId: string,
): Promise<{ notice: Notice; version: number } | undefined> => {
  const item = await items.get(keys.notice(noticeId));
  return item === undefined ? undefined : { notice: parseNotice(item), version: item.version };
};

export const noticeNotFound = (): AppError => new AppError('notice-not-found', 404, '没有找到该公示。');

/** The notice of a case that must have one; its absence is a fault of ours. */
export const getNotice = async (
  items: ItemStore,
  noticeId: string,
): Promise<{ notice: Notice; version: number }> => {
  const found = await findNotice(items, noticeId);
  if (found === undefined) throw new Error(`notice ${noticeId} is gone`);
  return found;
};

export const readObjections = async (items: ItemStore, noticeId: string): Promise<readonly Objection[]> =>
  (await readAll(items, { pk: keys.notice(noticeId).pk, sk: { prefix: 'OBJECTION#' } })).map((item) =>
    objectionSchema.parse(item.data),
  );
