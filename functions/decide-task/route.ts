import { taskDecisionSchema } from '#domain/filing/tasks.ts';
import type { CasePorts } from '#functions/shared/case-store.ts';
import { defineRoute } from '#functions/shared/http/route.ts';
import { taskParams } from '#functions/shared/params.ts';
import type { Ports } from '#functions/shared/ports.ts';
import { taskView, taskViewSchema } from '#functions/shared/task-view.ts';
import { decideTask } from './decide-task.ts';

export const decideTaskRoutes = [
  defineRoute({
    method: 'POST',
    path: '/v1/tasks/{taskId}/decision',
    access: 'jwt',
    operation: 'task.decide',
    status: 200,
    maxBodyBytes: 64 * 1024,
    about: {
      operationId: 'decideTask',
      tag: 'tasks',
      summary: '办理任务，签署意见',
      description:
        '须写明任务的种类，以免签到别的任务上。同一申请不能由同一人在两级工会办理，也不能办理本人家庭的申请。',
      answer: taskViewSchema,
      refusals: {
        403: ['decided-before'],
        404: ['task-not-found', 'case-not-found'],
        409: [
          'task-already-decided',
          'task-closed',
          'task-kind-mismatch',
          'not-eligible',
          'papers-missing',
          'claimed-by-other',
          'case-changed',
          'unsettled-differences',
          'differences-changed',
          'synthetic-case',
          'case-busy',
        ],
      },
      example: { kind: 'grassrootsReview', decision: 'pass', opinion: '走访属实，同意。' },
    },
    request: { params: taskParams, body: taskDecisionSchema },
    handle: async (
      ports: CasePorts & Pick<Ports, 'organisations' | 'settings'>,
      { caller },
      { params, body },
    ) => ({
      body: taskView(await decideTask(ports, caller, params.taskId, body), caller, ports.clock.now()),
    }),
  }),
];
