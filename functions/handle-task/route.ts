import * as z from 'zod';
import type { CasePorts } from '#functions/shared/case-store.ts';
import { defineRoute } from '#functions/shared/http/route.ts';
import { taskParams } from '#functions/shared/params.ts';
import type { Ports } from '#functions/shared/ports.ts';
import { taskView, taskViewSchema } from '#functions/shared/task-view.ts';
import { assignTask, claimTask, commentTask, releaseTask } from './handle-task.ts';

type Needs = CasePorts & Pick<Ports, 'settings'>;

const CLAIM_REFUSALS = [
  'not-claimable',
  'claimed-by-other',
  'task-already-decided',
  'task-closed',
  'case-busy',
];

const text = (max: number) => z.string().trim().min(1, '请填写内容。').max(max, '内容过长。');

export const handleTaskRoutes = [
  defineRoute({
    method: 'POST',
    path: '/v1/tasks/{taskId}/claim',
    access: 'jwt',
    operation: 'task.claim',
    status: 200,
    about: {
      operationId: 'claimTask',
      tag: 'tasks',
      summary: '认领任务',
      description: '认领期间由认领人办理，到期自动失效。',
      answer: taskViewSchema,
      refusals: { 403: ['decided-before'], 404: ['task-not-found', 'case-not-found'], 409: CLAIM_REFUSALS },
    },
    request: { params: taskParams },
    handle: async (ports: Needs, { caller }, { params }) => ({
      body: taskView(await claimTask(ports, caller, params.taskId), caller, ports.clock.now()),
    }),
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/tasks/{taskId}/release',
    access: 'jwt',
    operation: 'task.claim',
    status: 200,
    about: {
      operationId: 'releaseTask',
      tag: 'tasks',
      summary: '释放任务',
      answer: taskViewSchema,
      refusals: { 404: ['task-not-found', 'case-not-found'], 409: CLAIM_REFUSALS },
    },
    request: { params: taskParams },
    handle: async (ports: Needs, { caller }, { params }) => ({
      body: taskView(await releaseTask(ports, caller, params.taskId), caller, ports.clock.now()),
    }),
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/tasks/{taskId}/assignment',
    access: 'jwt',
    operation: 'task.assign',
    status: 200,
    about: {
      operationId: 'assignTask',
      tag: 'tasks',
      summary: '转交任务',
      description: '转给同一工会的另一经办人；上级工会可以转交下级的任务。',
      answer: taskViewSchema,
      refusals: { 403: ['decided-before'], 404: ['task-not-found', 'case-not-found'], 409: CLAIM_REFUSALS },
      example: { to: { subject: 'officer-2', name: '李样例' }, reason: '出差' },
    },
    request: {
      params: taskParams,
      body: z.strictObject({
        to: z.strictObject({ subject: text(100), name: text(50) }),
        reason: text(1000),
      }),
    },
    handle: async (ports: Needs, { caller }, { params, body }) => ({
      body: taskView(await assignTask(ports, caller, params.taskId, body), caller, ports.clock.now()),
    }),
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/tasks/{taskId}/comments',
    access: 'jwt',
    operation: 'task.comment',
    status: 201,
    about: {
      operationId: 'commentTask',
      tag: 'tasks',
      summary: '记内部备注',
      description: '供经办人互相了解，申请人看不到。',
      answer: taskViewSchema,
      refusals: { 404: ['task-not-found', 'case-not-found'], 409: CLAIM_REFUSALS },
      example: { text: '已电话联系，周三上门。' },
    },
    request: { params: taskParams, body: z.strictObject({ text: text(2000) }) },
    handle: async (ports: Needs, { caller }, { params, body }) => ({
      body: taskView(await commentTask(ports, caller, params.taskId, body.text), caller, ports.clock.now()),
    }),
  }),
];
