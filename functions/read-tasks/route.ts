import * as z from 'zod';
import { defineRoute } from '#functions/shared/http/route.ts';
import { cursorSchema, pageQuery, taskParams } from '#functions/shared/params.ts';
import type { Ports } from '#functions/shared/ports.ts';
import { taskView, taskViewSchema } from '#functions/shared/task-view.ts';
import { listTasks, objectionsOf, readTask } from './read-tasks.ts';

export const readTasksRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v1/tasks',
    about: {
      operationId: 'listTasks',
      tag: 'tasks',
      summary: '待办任务',
      description: '按期限排列。inbox=escalated 列出下级逾期上报的任务。',
      answer: z.strictObject({ tasks: z.array(taskViewSchema), cursor: cursorSchema }),
      refusals: { 400: ['invalid-cursor'] },
    },
    access: 'jwt',
    operation: 'task.list',
    status: 200,
    request: { query: pageQuery.extend({ inbox: z.enum(['own', 'escalated']).default('own') }) },
    handle: async (ports: Pick<Ports, 'items'>, { caller }, { query }) => {
      const { tasks, cursor } = await listTasks(ports, caller, {
        limit: query.limit,
        cursor: query.cursor,
        escalated: query.inbox === 'escalated',
      });
      return { body: { tasks: tasks.map(taskView), cursor: cursor ?? null } };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/tasks/{taskId}',
    about: {
      operationId: 'readTask',
      tag: 'tasks',
      summary: '查看任务',
      description: '异议调查的任务附有各条异议。',
      answer: z.strictObject({
        ...taskViewSchema.shape,
        objections: z.array(
          z.strictObject({
            objectionId: z.string(),
            text: z.string(),
            raisedAt: z.string(),
            contact: z.string().nullable(),
          }),
        ),
      }),
      refusals: { 404: ['task-not-found', 'case-not-found'] },
    },
    access: 'jwt',
    operation: 'task.read',
    status: 200,
    request: { params: taskParams },
    handle: async (ports: Pick<Ports, 'items'>, { caller }, { params }) => {
      const task = await readTask(ports, caller, params.taskId);
      return { body: { ...taskView(task), objections: await objectionsOf(ports, task) } };
    },
  }),
];
