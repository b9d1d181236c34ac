/** What people are told before their data are processed, for everyone to read, in every version. */
import * as z from 'zod';
import {
  currentNotice,
  noticeDigest,
  noticeVersionSchema,
  type PrivacyNotice,
  privacyNoticeSchema,
} from '#domain/privacy/notices.ts';
import { AppError } from '#functions/shared/errors.ts';
import { defineRoute, type Reply } from '#functions/shared/http/route.ts';
import type { PersonalDataSettings } from '#functions/shared/settings.ts';

type Needs = { readonly settings: Pick<PersonalDataSettings, 'privacyNotices'> };

const answer = privacyNoticeSchema
  .extend({ sha256: z.string(), current: z.boolean() })
  .meta({ id: 'PrivacyNotice' });

const reply = ({ settings: { privacyNotices } }: Needs, notice: PrivacyNotice): Reply => ({
  body: {
    ...notice,
    sha256: noticeDigest(notice),
    current: notice.version === currentNotice(privacyNotices).version,
  },
});

export const readPrivacyNoticesRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v1/privacy-notices/current',
    access: 'public',
    operation: 'privacyNotice.read',
    status: 200,
    about: {
      operationId: 'readCurrentPrivacyNotice',
      tag: 'privacy',
      summary: '现行的个人信息处理告知书',
      description:
        '建立申请时须注明所阅读的版本。sha256 是正文（RFC 8785 规范 JSON）的摘要，随同意一并保存。',
      answer,
      refusals: {},
    },
    request: {},
    handle: async (ports: Needs) => reply(ports, currentNotice(ports.settings.privacyNotices)),
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/privacy-notice',
    access: 'jwt',
    operation: 'privacyNotice.consult',
    status: 200,
    about: {
      operationId: 'consultPrivacyNotice',
      tag: 'privacy',
      summary: '登录后阅读现行的个人信息处理告知书',
      description: '与 /v1/privacy-notices/current 相同，供不提供免登录接口的部署使用。',
      answer,
      refusals: {},
    },
    request: {},
    handle: async (ports: Needs) => reply(ports, currentNotice(ports.settings.privacyNotices)),
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/privacy-notices/{version}',
    access: 'public',
    operation: 'privacyNotice.read',
    status: 200,
    about: {
      operationId: 'readPrivacyNotice',
      tag: 'privacy',
      summary: '某一版本的个人信息处理告知书',
      answer,
      refusals: { 404: ['privacy-notice-not-found'] },
    },
    request: { params: z.strictObject({ version: noticeVersionSchema }) },
    handle: async (ports: Needs, _context, { params }) => {
      const notice = ports.settings.privacyNotices.find(({ version }) => version === params.version);
      if (notice === undefined) {
        throw new AppError('privacy-notice-not-found', 404, '没有这个版本的告知书。');
      }
      return reply(ports, notice);
    },
  }),
];
