import * as z from 'zod';
import type { CasePorts } from '#functions/shared/case-store.ts';
import { defineRoute, NO_BODY } from '#functions/shared/http/route.ts';
import { handoverParams, pageQuery } from '#functions/shared/params.ts';
import type { Ports } from '#functions/shared/ports.ts';
import { acceptHandover, handoverText, listHandovers, openHandover, readHandover } from './hand-over.ts';
import { handoverFormSchema, handoverSchema, lineSchema } from './schema.ts';

/** A handover with its list. */
const listed = handoverSchema.extend({ lines: z.array(lineSchema) });

type Needs = CasePorts & Pick<Ports, 'organisations'>;

export const handOverRoutes = [
  defineRoute({
    method: 'POST',
    path: '/v1/handovers',
    access: 'jwt',
    operation: 'handover.sign',
    status: 201,
    about: {
      operationId: 'openHandover',
      tag: 'custody',
      summary: '离岗交接',
      description: '列出未办事项和保管的档案，离岗人签字（第十五条）。',
      answer: listed,
      example: { reason: '调离岗位', objects: ['档案柜钥匙一把'] },
      refusals: { 403: ['same-person', 'not-the-one', 'post-missing'] },
    },
    request: { body: handoverFormSchema },
    handle: async (ports: Needs, { caller }, { body }) => {
      const { handover, lines } = await openHandover(ports, caller, body);
      return {
        body: { ...handover, lines: [...lines] },
        headers: { location: `/v1/handovers/${handover.handoverId}` },
      };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/handovers',
    access: 'jwt',
    operation: 'handover.read',
    status: 200,
    about: {
      operationId: 'listHandovers',
      tag: 'custody',
      summary: '交接单列表',
      answer: z.strictObject({ handovers: z.array(handoverSchema), cursor: z.string().nullable() }),
      refusals: { 400: ['invalid-cursor'] },
    },
    request: { query: pageQuery },
    handle: async (ports: Needs, { caller }, { query }) => {
      const { handovers, cursor } = await listHandovers(ports, caller, query);
      return { body: { handovers: [...handovers], cursor } };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/handovers/{handoverId}',
    access: 'jwt',
    operation: 'handover.read',
    status: 200,
    about: {
      operationId: 'readHandover',
      tag: 'custody',
      summary: '查看交接单',
      answer: listed,
      refusals: { 404: ['handover-not-found'] },
    },
    request: { params: handoverParams },
    handle: async (ports: Needs, { caller }, { params }) => {
      const { handover, lines } = await readHandover(ports, caller, params.handoverId);
      return { body: { ...handover, lines: [...lines] } };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/handovers/{handoverId}/text',
    access: 'jwt',
    operation: 'handover.read',
    status: 200,
    about: {
      operationId: 'printHandover',
      tag: 'custody',
      summary: '打印交接单',
      answer: NO_BODY,
      file: ['text/plain'],
      refusals: { 404: ['handover-not-found'] },
    },
    request: { params: handoverParams },
    handle: async (ports: Needs, { caller }, { params }) => ({
      file: {
        contentType: 'text/plain; charset=utf-8',
        name: `handover-${params.handoverId}.txt`,
        bytes: Buffer.from(handoverText(await readHandover(ports, caller, params.handoverId))),
      },
    }),
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/handovers/{handoverId}/acceptance',
    access: 'jwt',
    operation: 'handover.sign',
    status: 200,
    about: {
      operationId: 'acceptHandover',
      tag: 'custody',
      summary: '接收人签收交接单',
      answer: handoverSchema,
      refusals: {
        403: ['same-person', 'not-the-one', 'post-missing'],
        404: ['handover-not-found'],
        409: ['already-accepted'],
      },
    },
    request: { params: handoverParams },
    handle: async (ports: Needs, { caller }, { params }) => ({
      body: await acceptHandover(ports, caller, params.handoverId),
    }),
  }),
];
