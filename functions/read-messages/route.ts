import * as z from 'zod';
import { defineRoute } from '#functions/shared/http/route.ts';
import { recipientSchema } from '#functions/shared/message-store.ts';
import { cursorSchema, pageQuery } from '#functions/shared/params.ts';
import { CHANNELS, type Ports } from '#functions/shared/ports.ts';
import { listDead, listMessages } from './read-messages.ts';

type Needs = Pick<Ports, 'items'>;

export const readMessagesRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v1/messages',
    access: 'jwt',
    operation: 'message.list',
    status: 200,
    about: {
      operationId: 'listMessages',
      tag: 'messages',
      summary: '站内消息',
      description: '本人的消息，或（box=union）所在工会的消息，新的在前。',
      answer: z.strictObject({
        messages: z.array(
          z.strictObject({
            messageId: z.string(),
            caseId: z.string(),
            title: z.string(),
            text: z.string(),
            at: z.string(),
            read: z.boolean(),
          }),
        ),
        cursor: cursorSchema,
      }),
      refusals: { 400: ['invalid-cursor'] },
    },
    request: {
      query: pageQuery.extend({
        box: z.enum(['own', 'union']).default('own'),
        unread: z
          .enum(['true', 'false'])
          .default('false')
          .transform((word) => word === 'true'),
      }),
    },
    handle: async (ports: Needs, { caller }, { query }) => {
      const { messages, cursor } = await listMessages(ports, caller, query);
      return { body: { messages: [...messages], cursor: cursor ?? null } };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/messages/dead',
    access: 'jwt',
    operation: 'message.revive',
    status: 200,
    about: {
      operationId: 'listDeadMessages',
      tag: 'messages',
      summary: '未能送出的消息',
      answer: z.strictObject({
        messages: z.array(
          z.strictObject({
            messageId: z.string(),
            caseId: z.string(),
            title: z.string(),
            to: recipientSchema,
            channel: z.enum(CHANNELS).meta({ description: '未能送出的渠道：文件、网关、消息主题、电子邮件' }),
            attempts: z.int(),
            error: z.string(),
            since: z.string(),
          }),
        ),
        cursor: cursorSchema,
      }),
      refusals: { 400: ['invalid-cursor'] },
    },
    request: { query: pageQuery },
    handle: async (ports: Needs, _, { query }) => {
      const { messages, cursor } = await listDead(ports, query);
      return { body: { messages: [...messages], cursor: cursor ?? null } };
    },
  }),
];
