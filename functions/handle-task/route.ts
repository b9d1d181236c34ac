import * as z from 'zod';
import type { CasePorts } from '#functions/shared/case-store.ts';
import { defineRoute } from '#functions/shared/http/route.ts';
import { taskParams } from '#functions/shared/params.ts';
import type { Ports } from '#functions/shared/ports.ts';
import { taskView } from '#functions/shared/task-view.ts';
import { assignTask, claimTask, commentTask, releaseTask } from './handle-task.ts';

type Needs = CasePorts & Pick<Ports, 'settings'>;

const text = (max: number) => z.string().trim().min(1, '请填写内容。').max(max, '内容过长。');

export const handleTaskRoutes = [
  defineRoute({
    method: 'POST',
    path: '/v1/tasks/{taskId}/claim',
    access: 'jwt',
    operation: 'task.claim',
    status: 200,
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
    request: { params: taskParams, body: z.strictObject({ text: text(2000) }) },
    handle: async (ports: Needs, { caller }, { params, body }) => ({
      body: taskView(await commentTask(ports, caller, params.taskId, body.text), caller, ports.clock.now()),
    }),
  }),
];
