import type { CasePorts } from '#functions/shared/case-store.ts';
import { defineRoute } from '#functions/shared/http/route.ts';
import type { Ports } from '#functions/shared/ports.ts';
import { holdMeeting } from './hold-meeting.ts';
import { meetingSchema } from './schema.ts';

export const holdMeetingRoutes = [
  defineRoute({
    method: 'POST',
    path: '/v1/meetings',
    access: 'jwt',
    operation: 'meeting.hold',
    status: 201,
    request: { body: meetingSchema },
    handle: async (ports: CasePorts & Pick<Ports, 'settings'>, { caller }, { body }) => ({
      body: await holdMeeting(ports, caller, body),
    }),
  }),
];
