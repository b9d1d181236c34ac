/** The list of sealed fields is whole: who adds one to a schema must add it to the list, or it would not survive a move. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { auditEventSchema } from '#domain/filing/audit.ts';
import { caseSchema } from '#domain/filing/case.ts';
import { crossCheckResultSchema } from '#domain/filing/cross-check.ts';
import { checkSchema } from '#functions/shared/check-store.ts';
import { documentSchema } from '#functions/shared/document-store.ts';
import { noticeSchema, objectionSchema } from '#functions/shared/notice-store.ts';
import { outboxRowSchema } from '#functions/shared/outbox.ts';
import { sealedFieldsOfCase, sealedFieldsOfObjection } from '#functions/shared/personal-data.ts';
import { taskSchema } from '#functions/shared/task-store.ts';

const isSchema = (value: unknown): value is z.core.$ZodType => value instanceof z.core.$ZodType;

/** Where a schema lets `{ sealed, masked }` stand: pointers, `*` for any place in a list or a record. */
function sealedIn(schema: z.core.$ZodType, pointer = ''): string[] {
  if (schema instanceof z.ZodObject) {
    const { shape } = schema;
    if ('sealed' in shape && 'masked' in shape) return [pointer];
    return Object.entries(shape).flatMap(([name, part]) => sealedIn(part, `${pointer}/${name}`));
  }
  if (schema instanceof z.ZodArray)
    return isSchema(schema.element) ? sealedIn(schema.element, `${pointer}/*`) : [];
  if (schema instanceof z.ZodRecord)
    return isSchema(schema.valueType) ? sealedIn(schema.valueType, `${pointer}/*`) : [];
  if (schema instanceof z.ZodUnion)
    return schema.options.flatMap((option) => (isSchema(option) ? sealedIn(option, pointer) : []));
  if (schema instanceof z.ZodNullable || schema instanceof z.ZodOptional) {
    const inner = schema.unwrap();
    return isSchema(inner) ? sealedIn(inner, pointer) : [];
  }
  return [];
}

const person = (memberId: string) => ({
  memberId,
  name: '某',
  relationToHouseholder: '本人',
  idNumber: { sealed: 's', masked: 'm' },
  idIndex: 'i',
});
const anywhere = (pointer: string): string => pointer.replace(/\/\d+/g, '/*');

test('申请的每个密封字段都在清单中，且各有其绑定位置', () => {
  const household = { caseId: 'c1', persons: [person('a'), person('b')], supporters: [person('c')] };
  const listed = sealedFieldsOfCase(household);
  expect([...new Set(listed.map(({ pointer }) => anywhere(pointer)))].sort()).toEqual(
    sealedIn(caseSchema).sort(),
  );
  expect(listed.map(({ pointer, context }) => [pointer, context])).toEqual([
    ['/persons/0/idNumber', 'case/c1/persons/a/idNumber'],
    ['/persons/1/idNumber', 'case/c1/persons/b/idNumber'],
    ['/supporters/0/idNumber', 'case/c1/persons/c/idNumber'],
    ['/phone', 'case/c1/phone'],
    ['/address', 'case/c1/address'],
    ['/bankCard/number', 'case/c1/bankCard'],
  ]);
});

test('异议的每个密封字段都在清单中', () => {
  const contact = { sealed: 's', masked: 'm' };
  const listed = sealedFieldsOfObjection({ objectionId: 'o1', contact });
  expect(listed.map(({ pointer }) => pointer)).toEqual(sealedIn(objectionSchema));
  expect(listed).toEqual([{ pointer: '/contact', context: 'objection/o1/contact' }]);
  expect(sealedFieldsOfObjection({ objectionId: 'o1', contact: null })).toEqual([]);
});

test('其余记录没有密封字段', () => {
  const others = {
    auditEventSchema,
    checkSchema,
    crossCheckResultSchema,
    documentSchema,
    noticeSchema,
    outboxRowSchema,
    taskSchema,
  };
  for (const [name, schema] of Object.entries(others)) expect([name, sealedIn(schema)]).toEqual([name, []]);
});

test('查找密封字段的办法本身有效', () => {
  const sealed = z.strictObject({ sealed: z.string(), masked: z.string() });
  const deep = z.object({
    list: z.array(z.object({ a: sealed.nullable() })),
    either: z.union([z.string(), z.object({ b: sealed.optional() })]),
    record: z.record(z.string(), sealed),
  });
  expect(sealedIn(deep)).toEqual(['/list/*/a', '/either/b', '/record/*']);
});
