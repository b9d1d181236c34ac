import * as z from 'zod';
import { defineRoute } from '#functions/shared/http/route.ts';
import { pageQuery, taskParams } from '#functions/shared/params.ts';
import type { Ports } from '#functions/shared/ports.ts';
import { taskView } from '#functions/shared/task-view.ts';
import { listTasks, objectionsOf, readTask } from './read-tasks.ts';

export const readTasksRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v1/tasks',
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
