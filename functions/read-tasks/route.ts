import * as z from 'zod';
import { auditEventSchema } from '#domain/filing/audit.ts';
import { EVENT_NAMES, eventTypeSchema } from '#domain/filing/events.ts';
import { seenSchema } from '#domain/filing/opinions.ts';
import { taskKindSchema } from '#domain/filing/task-kinds.ts';
import { taskLevelSchema } from '#domain/filing/tasks.ts';
import { actingAs } from '#domain/people/person.ts';
import { ROLE_NAMES } from '#domain/people/roles.ts';
import { defineRoute } from '#functions/shared/http/route.ts';
import { cursorSchema, pageQuery, taskParams } from '#functions/shared/params.ts';
import type { Ports } from '#functions/shared/ports.ts';
import { taskView, taskViewSchema } from '#functions/shared/task-view.ts';
import { ageing, contentOf, historyOf, listAssignees, listTasks, readTask } from './read-tasks.ts';

type Needs = Pick<Ports, 'items' | 'clock' | 'organisations' | 'settings'>;

/** How much waits, how much of it for too long, and since when. */
const waiting = {
  open: z.int(),
  overdue: z.int(),
  withoutDueDay: z.int(),
  oldestSince: z.string().nullable(),
};

const union = z.string().min(1).max(40).optional();

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
    about: {
      operationId: 'readAgeing',
      tag: 'tasks',
      summary: '积压情况',
      description: '本工会及下属工会各级有多少任务未办、逾期，最久的从何时起。',
      answer: z.strictObject({
        organisation: z.string(),
        levels: z.array(z.strictObject({ level: taskLevelSchema, ...waiting })),
        unions: z.array(z.strictObject({ organisation: z.string(), name: z.string(), ...waiting })),
        oldest: z.array(
          taskViewSchema.pick({
            taskId: true,
            kind: true,
            name: true,
            level: true,
            organisation: true,
            openedAt: true,
            dueOn: true,
            overdue: true,
          }),
        ),
      }),
      refusals: {},
    },
    request: { query: z.strictObject({ union }) },
    handle: async (ports: Needs, { caller }, { query }) => ({
      body: await ageing(ports, caller, query.union),
    }),
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
        seen: seenSchema,
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
    about: {
      operationId: 'readTaskHistory',
      tag: 'tasks',
      summary: '任务经过',
      answer: z.strictObject({
        events: z.array(
          auditEventSchema
            .pick({ at: true, type: true, actor: true, data: true })
            .extend({ name: z.string() }),
        ),
      }),
      refusals: { 404: ['task-not-found'] },
    },
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
  defineRoute({
    method: 'GET',
    path: '/v1/tasks/{taskId}/assignees',
    access: 'jwt',
    operation: 'task.assign',
    status: 200,
    about: {
      operationId: 'listAssignees',
      tag: 'tasks',
      summary: '可以接手此任务的同事',
      description: '岗位由统一身份认证系统管理的，assignees 为 null，转交时直接填写。',
      answer: z.strictObject({
        assignees: z
          .array(z.strictObject({ subject: z.string(), name: z.string(), roleNames: z.array(z.string()) }))
          .nullable(),
      }),
      refusals: {
        404: ['task-not-found', 'case-not-found'],
        409: ['not-claimable', 'task-already-decided', 'task-closed'],
      },
    },
    request: { params: taskParams },
    handle: async (ports: Needs, { caller }, { params }) => {
      const people = await listAssignees(ports, caller, params.taskId);
      if (people === null) return { body: { assignees: null } };
      return {
        body: {
          assignees: people.map((person) => ({
            subject: person.subject,
            name: person.name,
            roleNames: actingAs(person).roles.map((role) => ROLE_NAMES[role]),
          })),
        },
      };
    },
  }),
];
