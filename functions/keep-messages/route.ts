import * as z from 'zod';
import type { CasePorts } from '#functions/shared/case-store.ts';
import { defineRoute } from '#functions/shared/http/route.ts';
import { messageParams } from '#functions/shared/params.ts';
import { markRead, resendMessage } from './keep-messages.ts';

export const keepMessagesRoutes = [
  defineRoute({
    method: 'POST',
    path: '/v1/messages/{messageId}/reading',
    access: 'jwt',
    operation: 'message.list',
    status: 200,
    about: {
      operationId: 'markMessageRead',
      tag: 'messages',
      summary: '标记消息已读',
      answer: z.strictObject({ messageId: z.string(), read: z.literal(true) }),
      refusals: { 404: ['message-not-found'] },
    },
    request: { params: messageParams },
    handle: async (ports: CasePorts, { caller }, { params: { messageId } }) => {
      await markRead(ports, caller, messageId);
      return { body: { messageId, read: true } };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/messages/{messageId}/resending',
    access: 'jwt',
    operation: 'message.revive',
    status: 202,
    about: {
      operationId: 'resendMessage',
      tag: 'messages',
      summary: '重新发送',
      answer: z.strictObject({ messageId: z.string() }),
      refusals: { 404: ['message-not-found'] },
    },
    request: { params: messageParams },
    handle: async (ports: CasePorts, _, { params: { messageId } }) => {
      await resendMessage(ports, messageId);
      return { body: { messageId } };
    },
  }),
];
