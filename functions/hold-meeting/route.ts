import * as z from 'zod';
import type { CasePorts } from '#functions/shared/case-store.ts';
import { createOnce } from '#functions/shared/http/idempotency.ts';
import { defineRoute } from '#functions/shared/http/route.ts';
import type { Ports } from '#functions/shared/ports.ts';
import { heldMeeting, holdMeeting } from './hold-meeting.ts';
import { meetingSchema } from './schema.ts';

export const holdMeetingRoutes = [
  defineRoute({
    method: 'POST',
    path: '/v1/meetings',
    access: 'jwt',
    operation: 'meeting.hold',
    status: 201,
    maxBodyBytes: 256 * 1024,
    idempotent: true,
    about: {
      operationId: 'holdMeeting',
      tag: 'tasks',
      summary: '登记会议研究结果',
      description: '一次会议研究一份或多份档案的帮扶措施和资金，要么全部登记，要么都不登记。',
      answer: z.strictObject({ meetingId: z.string(), workers: z.array(z.string()) }),
      refusals: {
        403: ['decided-before'],
        409: ['task-already-decided', 'task-closed', 'claimed-by-other', 'case-busy'],
      },
      example: {
        heldOn: '2019-03-05',
        attendees: ['甲主任', '乙主任'],
        minutes: '会议逐户研究。',
        agenda: [
          {
            caseId: '01kx0000000000000000000000',
            aids: [{ kind: 'living', amount: '3000', fund: 'unionFunds' }],
            resolution: '同意给予生活救助。',
          },
        ],
      },
    },
    request: { body: meetingSchema },
    handle: (
      ports: CasePorts & Pick<Ports, 'organisations' | 'settings'>,
      { caller, requestKey },
      { body },
    ) =>
      createOnce(ports, requestKey, {
        create: async (all, meetingId) => ({ body: await holdMeeting(all, caller, body, meetingId) }),
        recall: async (meetingId) => ({ body: await heldMeeting(ports, meetingId, body) }),
      }),
  }),
];
