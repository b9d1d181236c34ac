/** The list of sealed fields is whole: who adds one to a schema must add it to the list, or it would not survive a move. */
import { expect, test } from 'vitest';
import * as z from 'zod';
import { auditEventSchema } from '#domain/filing/audit.ts';
import { caseSchema } from '#domain/filing/case.ts';
import { crossCheckResultSchema } from '#domain/filing/cross-check.ts';
import { disposalSchema, tombstoneSchema } from '#domain/filing/disposal.ts';
import { sanctionSchema } from '#domain/filing/sanctions.ts';
import { personSchema } from '#domain/people/person.ts';
import { credentialSchema, sealedFieldsOfCredential } from '#embedded/identity/accounts.ts';
import { checkSchema } from '#functions/shared/check-store.ts';
import { documentSchema } from '#functions/shared/document-store.ts';
import { noticeSchema, objectionSchema } from '#functions/shared/notice-store.ts';
import { outboxRowSchema } from '#functions/shared/outbox.ts';
import {
  sealedFieldsOfCase,
  sealedFieldsOfObjection,
  sealedFieldsOfPerson,
  sealedFieldsOfSanction,
} from '#functions/shared/personal-data.ts';
import { taskSchema } from '#functions/shared/task-store.ts';

const isSchema = (value: unknown): value is z.core.$ZodType => value instanceof z.core.$ZodType;

/** Where a schema lets a sealed text stand, by its name: pointers, `*` for any place in a list or a record. */
function sealedIn(schema: z.core.$ZodType, pointer = ''): string[] {
  if (schema instanceof z.ZodObject) {
    return Object.entries(schema.shape).flatMap(([name, part]) => {
      const at = `${pointer}/${name}`;
      return /^sealed([A-Z]|$)/.test(name) && part instanceof z.ZodString ? [at] : sealedIn(part, at);
    });
  }
  if (schema instanceof z.ZodArray)
    return isSchema(schema.element) ? sealedIn(schema.element, `${pointer}/*`) : [];
  if (schema instanceof z.ZodRecord)
    return isSchema(schema.valueType) ? sealedIn(schema.valueType, `${pointer}/*`) : [];
  if (schema instanceof z.ZodUnion)
    return schema.options.flatMap((option) => (isSchema(option) ? sealedIn(option, pointer) : []));
  if (
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  ) {
    const inner = schema.unwrap();
    return isSchema(inner) ? sealedIn(inner, pointer) : [];
  }
  return [];
}

const sealed = { sealed: 's', masked: 'm' };
const person = (memberId: string) => ({
  memberId,
  name: '某',
  relationToHouseholder: '本人',
  idNumber: sealed,
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
    ['/persons/0/idNumber/sealed', 'case/c1/persons/a/idNumber'],
    ['/persons/1/idNumber/sealed', 'case/c1/persons/b/idNumber'],
    ['/supporters/0/idNumber/sealed', 'case/c1/persons/c/idNumber'],
    ['/phone/sealed', 'case/c1/phone'],
    ['/address/sealed', 'case/c1/address'],
    ['/bankCard/number/sealed', 'case/c1/bankCard'],
  ]);
});

test('异议的每个密封字段都在清单中', () => {
  const listed = sealedFieldsOfObjection({ objectionId: 'o1', contact: sealed });
  expect(listed.map(({ pointer }) => pointer)).toEqual(sealedIn(objectionSchema));
  expect(listed).toEqual([{ pointer: '/contact/sealed', context: 'objection/o1/contact' }]);
  expect(sealedFieldsOfObjection({ objectionId: 'o1', contact: null })).toEqual([]);
});

test('人员的每个密封字段都在清单中', () => {
  const listed = sealedFieldsOfPerson({ subject: 's1', idNumber: sealed, phone: sealed, email: sealed });
  expect(listed.map(({ pointer }) => pointer).sort()).toEqual(sealedIn(personSchema).sort());
  expect(listed).toEqual([
    { pointer: '/idNumber/sealed', context: 'person/s1/idNumber', index: '/idIndex' },
    { pointer: '/phone/sealed', context: 'person/s1/phone' },
    { pointer: '/email/sealed', context: 'person/s1/email' },
  ]);
  expect(sealedFieldsOfPerson({ subject: 's1', idNumber: null, phone: null, email: null })).toEqual([]);
});

test('登录账号的每个密封字段都在清单中', () => {
  const secondFactor = { sealedKey: 's', lastStep: 1, recovery: [] };
  const listed = sealedFieldsOfCredential('s1', { secondFactor });
  expect(listed.map(({ pointer }) => pointer).sort()).toEqual(sealedIn(credentialSchema).sort());
  expect(listed).toEqual([
    { pointer: '/sealedName', context: 'account/s1/name', index: '/account' },
    { pointer: '/secondFactor/sealedKey', context: 'account/s1/secondFactor' },
  ]);
  expect(sealedFieldsOfCredential('s1', { secondFactor: null })).toHaveLength(1);
});

test('弄虚作假处理决定的每个密封字段都在清单中', () => {
  const listed = sealedFieldsOfSanction({
    caseId: 'c1',
    persons: [{ memberId: 'a', idIndex: 'i', idNumber: sealed }],
  });
  expect(listed.map(({ pointer }) => anywhere(pointer))).toEqual(sealedIn(sanctionSchema));
  expect(listed).toEqual([
    {
      pointer: '/persons/0/idNumber/sealed',
      context: 'case/c1/persons/a/idNumber',
      index: '/persons/0/idIndex',
    },
  ]);
});

test('其余记录没有密封字段', () => {
  const others = {
    auditEventSchema,
    checkSchema,
    crossCheckResultSchema,
    disposalSchema,
    documentSchema,
    noticeSchema,
    outboxRowSchema,
    taskSchema,
    tombstoneSchema,
  };
  for (const [name, schema] of Object.entries(others)) expect([name, sealedIn(schema)]).toEqual([name, []]);
});

test('查找密封字段的办法本身有效', () => {
  const field = z.strictObject({ sealed: z.string(), masked: z.string() });
  const deep = z.object({
    list: z.array(z.object({ a: field.nullable() })),
    either: z.union([z.string(), z.object({ b: field.optional() })]),
    record: z.record(z.string(), field),
    byDefault: field.nullable().default(null),
    sealedKey: z.string(),
    sealedAt: z.int(),
  });
  expect(sealedIn(deep)).toEqual([
    '/list/*/a/sealed',
    '/either/b/sealed',
    '/record/*/sealed',
    '/byDefault/sealed',
    '/sealedKey',
  ]);
});
