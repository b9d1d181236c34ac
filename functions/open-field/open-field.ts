/** Opens one sealed field of a case (B-16): the plain value, once, after its record stands. */
import * as z from 'zod';
import { FIELD_NAMES, sealedFieldNameSchema } from '#domain/filing/accesses.ts';
import type { Case, SealedField } from '#domain/filing/case.ts';
import type { Caller } from '#functions/shared/access/policy.ts';
import { AppError } from '#functions/shared/errors.ts';
import { readObjections } from '#functions/shared/notice-store.ts';
import { caseToOpen, type OpeningPorts, reasonShape, recordOpening } from '#functions/shared/openings.ts';
import { contactContext, fieldContext, idNumberContext } from '#functions/shared/personal-data.ts';
import type { Ports } from '#functions/shared/ports.ts';

/** `idNumber` is of a member or supporter, `objectorContact` of an objection; the rest is the case's own. */
export const openFieldSchema = z.discriminatedUnion('field', [
  z.strictObject({ field: z.literal('idNumber'), memberId: z.string().min(1).max(40), ...reasonShape }),
  z.strictObject({ field: sealedFieldNameSchema.extract(['phone', 'address', 'bankCard']), ...reasonShape }),
  z.strictObject({
    field: z.literal('objectorContact'),
    objectionId: z.string().regex(/^[0-9a-z]{26}$/, '编号格式有误。'),
    ...reasonShape,
  }),
]);
export type FieldForm = z.infer<typeof openFieldSchema>;

const noSuchField = (): AppError => new AppError('field-not-found', 404, '该申请没有这一项内容。');

type Found = { readonly sealed: SealedField; readonly context: string };

const find = async ({ items }: Pick<Ports, 'items'>, record: Case, form: FieldForm): Promise<Found> => {
  const { caseId } = record;
  switch (form.field) {
    case 'idNumber': {
      const person = [...record.persons, ...record.supporters].find(
        ({ memberId }) => memberId === form.memberId,
      );
      if (person === undefined) throw noSuchField();
      return { sealed: person.idNumber, context: idNumberContext(caseId, form.memberId) };
    }
    case 'objectorContact': {
      const objections = record.notice === null ? [] : await readObjections(items, record.notice.noticeId);
      const contact = objections.find(({ objectionId }) => objectionId === form.objectionId)?.contact;
      if (!contact) throw noSuchField();
      return { sealed: contact, context: contactContext(form.objectionId) };
    }
    case 'bankCard':
      return { sealed: record.bankCard.number, context: fieldContext(caseId, form.field) };
    default:
      return { sealed: record[form.field], context: fieldContext(caseId, form.field) };
  }
};

/** Which of its kind, for the record. */
const whichOf = (form: FieldForm): { readonly memberId?: string; readonly objectionId?: string } => {
  if (form.field === 'idNumber') return { memberId: form.memberId };
  return form.field === 'objectorContact' ? { objectionId: form.objectionId } : {};
};

/** Throws 403 `not-allowed`, `purpose-not-allowed`; 404; 409; 429 `too-many-openings`. */
export const openField = async (
  ports: OpeningPorts & Pick<Ports, 'vault'>,
  caller: Caller,
  caseId: string,
  form: FieldForm,
): Promise<string> => {
  const opening = { operation: 'field.open', opened: { field: form.field }, reason: form } as const;
  const record = await caseToOpen(ports, caller, caseId, opening);
  const { sealed, context } = await find(ports, record, form);
  const person = [...record.persons, ...record.supporters].find(
    (one) => form.field === 'idNumber' && one.memberId === form.memberId,
  );
  await recordOpening(ports, caller, caseId, {
    ...opening,
    event: 'fieldOpened',
    what: {
      name: person === undefined ? FIELD_NAMES[form.field] : `${FIELD_NAMES[form.field]}（${person.name}）`,
      data: { field: form.field, ...whichOf(form) },
    },
  });
  return ports.vault.open(sealed.sealed, context);
};
