/** A meeting of the centre on several established files: agenda, attendees, minutes, aid for each. */
import * as z from 'zod';
import { aidSchema } from '#domain/filing/case.ts';

const text = (max: number) => z.string().trim().min(1).max(max);

/** So many cases fit into one transaction of the table with everything that belongs to them. */
const MAX_AGENDA = 10;

export const meetingSchema = z.strictObject({
  heldOn: z.iso.date('日期应为 YYYY-MM-DD。'),
  attendees: z.array(text(50)).min(2, '会议研究须有两名以上参会人。').max(50),
  minutes: text(10_000),
  agenda: z
    .array(
      z.strictObject({
        caseId: z.string().regex(/^[0-9a-z]{26}$/, '编号格式有误。'),
        /** No aid is a possible decision: it leaves the file standing. */
        aids: z.array(aidSchema).max(3),
        resolution: text(4000),
      }),
    )
    .min(1, '请列出会议研究的档案。')
    .max(MAX_AGENDA, `一次会议最多列${MAX_AGENDA}份档案，请分次提交。`),
});
export type MeetingForm = z.infer<typeof meetingSchema>;
