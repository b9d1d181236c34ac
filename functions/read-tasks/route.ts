import * as z from 'zod';
import { EVENT_NAMES, eventTypeSchema } from '#domain/filing/events.ts';
import { taskKindSchema } from '#domain/filing/task-kinds.ts';
import { taskLevelSchema } from '#domain/filing/tasks.ts';
import { defineRoute } from '#functions/shared/http/route.ts';
import { pageQuery, taskParams } from '#functions/shared/params.ts';
import type { Ports } from '#functions/shared/ports.ts';
import { taskView } from '#functions/shared/task-view.ts';
import { ageing, contentOf, historyOf, listTasks, readTask } from './read-tasks.ts';

type Needs = Pick<Ports, 'items' | 'clock' | 'settings'>;

const union = z.string().min(1).max(40).optional();

export const readTasksRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v1/tasks',
    access: 'jwt',
    operation: 'task.list',
    status: 200,
    request: {
      query: pageQuery.extend({
        inbox: z.enum(['own', 'escalated', 'below']).default('own'),
        kind: taskKindSchema.optional(),
        level: taskLevelSchema.optional(),
        overdue: z
          .enum(['true', 'false'])
          .transform((word) => word === 'true')
          .optional(),
        claimed: z.enum(['me', 'none', 'others']).optional(),
        union,
      }),
    },
    handle: async (ports: Needs, { caller }, { query }) => {
      const { tasks, cursor } = await listTasks(ports, caller, query);
      const now = ports.clock.now();
      return {
        body: { tasks: tasks.map((task) => taskView(task, caller, now)), cursor: cursor ?? null },
      };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/ageing',
    access: 'jwt',
    operation: 'task.watch',
    status: 200,
    request: { query: z.strictObject({ union }) },
    handle: async (ports: Needs, { caller }, { query }) => ({
      body: await ageing(ports, caller, query.union),
    }),
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/tasks/{taskId}',
    access: 'jwt',
    operation: 'task.read',
    status: 200,
    request: { params: taskParams },
    handle: async (ports: Needs, { caller }, { params }) => {
      const task = await readTask(ports, caller, params.taskId);
      return { body: { ...taskView(task, caller, ports.clock.now()), ...(await contentOf(ports, task)) } };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/tasks/{taskId}/history',
    access: 'jwt',
    operation: 'task.read',
    status: 200,
    request: { params: taskParams },
    handle: async (ports: Needs, { caller }, { params }) => {
      const events = await historyOf(ports, caller, await readTask(ports, caller, params.taskId));
      return {
        body: {
          events: events.map(({ at, type, actor, data }) => ({
            at,
            type,
            name: EVENT_NAMES[eventTypeSchema.parse(type)],
            actor,
            data,
          })),
        },
      };
    },
  }),
];
