/** What stands with a case, as the API shows it: its papers, letters, events. */
import * as z from 'zod';
import { type AuditEvent, auditEventSchema } from '#domain/filing/audit.ts';
import { EVENT_NAMES, eventTypeSchema } from '#domain/filing/events.ts';
import { type CaseDocument, documentSchema } from './document-store.ts';

export const documentViewSchema = documentSchema
  .pick({
    documentId: true,
    paper: true,
    memberId: true,
    expenditure: true,
    contentType: true,
    bytes: true,
    state: true,
  })
  .meta({ id: 'Document' });

export const documentView = ({
  documentId,
  paper,
  memberId,
  expenditure,
  contentType,
  bytes,
  state,
}: CaseDocument): z.infer<typeof documentViewSchema> => ({
  documentId,
  paper,
  memberId,
  expenditure,
  contentType,
  bytes,
  state,
});

export const letterViewSchema = z
  .strictObject({
    caseId: z.string(),
    number: z.number().int(),
    to: z.union([z.strictObject({ subject: z.string() }), z.strictObject({ organisation: z.string() })]),
    title: z.string(),
    text: z.string(),
    at: z.string(),
  })
  .meta({ id: 'Letter' });

export const eventViewSchema = auditEventSchema.extend({ name: z.string() }).meta({ id: 'Event' });

export const eventView = (event: AuditEvent): z.infer<typeof eventViewSchema> => ({
  ...event,
  name: EVENT_NAMES[eventTypeSchema.parse(event.type)],
});
