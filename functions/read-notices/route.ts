/** Public notices, for everyone to read: what runs now, and each by its id. */

import * as z from 'zod';
import type { OrganisationTree } from '#domain/filing/organisations.ts';
import { AppError } from '#functions/shared/errors.ts';
import { defineRoute } from '#functions/shared/http/route.ts';
import { keys } from '#functions/shared/keys.ts';
import {
  findNotice,
  lastDayOf,
  type Notice,
  noticeNotFound,
  noticeSchema,
  parseNotice,
} from '#functions/shared/notice-store.ts';
import { cursorSchema, noticeParams, pageQuery } from '#functions/shared/params.ts';
import type { JsonObject, Ports } from '#functions/shared/ports.ts';

const noticeViewSchema = noticeSchema
  .pick({
    noticeId: true,
    organisation: true,
    supervisionPhone: true,
    publishedAt: true,
    status: true,
    content: true,
  })
  .extend({ organisationName: z.string(), lastDay: z.string().nullable() })
  .meta({ id: 'Notice' });

/** The case's id and the number of objections are nobody's business out there. */
const noticeView = (tree: OrganisationTree, notice: Notice): JsonObject => ({
  noticeId: notice.noticeId,
  organisation: notice.organisation,
  organisationName: tree.get(notice.organisation).name,
  supervisionPhone: notice.supervisionPhone,
  publishedAt: notice.publishedAt,
  lastDay: notice.endsAt === null ? null : lastDayOf(notice.endsAt),
  status: notice.status,
  content: notice.content,
});

export const readNoticesRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v1/notices',
    about: {
      operationId: 'listNotices',
      tag: 'notices',
      summary: '正在公示的申请',
      answer: z.strictObject({ notices: z.array(noticeViewSchema), cursor: cursorSchema }),
      refusals: { 400: ['invalid-cursor'] },
    },
    access: 'public',
    operation: 'notice.read',
    status: 200,
    request: { query: pageQuery },
    handle: async (ports: Pick<Ports, 'items' | 'organisations'>, _context, { query }) => {
      const page = await ports.items.query({
        index: 'gsi1',
        pk: keys.notices,
        direction: 'descending',
        ...(query.limit === undefined ? {} : { limit: query.limit }),
        ...(query.cursor === undefined ? {} : { cursor: query.cursor }),
      });
      const tree = await ports.organisations.tree();
      const notices = page.items.map(parseNotice).map((notice) => noticeView(tree, notice));
      return {
        body: { notices, cursor: page.cursor ?? null },
      };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/notices/{noticeId}',
    about: {
      operationId: 'readNotice',
      tag: 'notices',
      summary: '查看一份公示',
      description: '公示期满即撤下。',
      answer: noticeViewSchema,
      refusals: { 404: ['notice-not-found'], 410: ['notice-over'] },
    },
    access: 'public',
    operation: 'notice.read',
    status: 200,
    request: { params: noticeParams },
    handle: async (ports: Pick<Ports, 'items' | 'organisations'>, _context, { params }) => {
      const found = await findNotice(ports.items, params.noticeId);
      if (found === undefined) throw noticeNotFound();
      // After its time a notice is taken down: what was public for five days isn't public for ever.
      if (found.notice.status !== 'running') {
        throw new AppError('notice-over', 410, '公示已经结束。');
      }
      return { body: noticeView(await ports.organisations.tree(), found.notice) };
    },
  }),
];
