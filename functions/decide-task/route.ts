import { taskDecisionSchema } from '#domain/filing/tasks.ts';
import type { CasePorts } from '#functions/shared/case-store.ts';
import { defineRoute } from '#functions/shared/http/route.ts';
import { taskParams } from '#functions/shared/params.ts';
import type { Ports } from '#functions/shared/ports.ts';
import { taskView } from '#functions/shared/task-view.ts';
import { decideTask } from './decide-task.ts';

export const decideTaskRoutes = [
  defineRoute({
    method: 'POST',
    path: '/v1/tasks/{taskId}/decision',
    access: 'jwt',
    operation: 'task.decide',
    status: 200,
    request: { params: taskParams, body: taskDecisionSchema },
    handle: async (ports: CasePorts & Pick<Ports, 'settings'>, { caller }, { params, body }) => ({
      body: taskView(await decideTask(ports, caller, params.taskId, body), caller, ports.clock.now()),
    }),
  }),
];
