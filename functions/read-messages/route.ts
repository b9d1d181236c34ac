import * as z from 'zod';
import { defineRoute } from '#functions/shared/http/route.ts';
import { pageQuery } from '#functions/shared/params.ts';
import type { Ports } from '#functions/shared/ports.ts';
import { listDead, listMessages } from './read-messages.ts';

type Needs = Pick<Ports, 'items'>;

export const readMessagesRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v1/messages',
    access: 'jwt',
    operation: 'message.list',
    status: 200,
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
    request: { query: pageQuery },
    handle: async (ports: Needs, _, { query }) => {
      const { messages, cursor } = await listDead(ports, query);
      return { body: { messages: [...messages], cursor: cursor ?? null } };
    },
  }),
];
