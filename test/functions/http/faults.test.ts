import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { zodFaults } from '#functions/shared/faults.ts';

const faults = (schema: z.ZodType, value: unknown) => {
  const parsed = schema.safeParse(value);
  return parsed.success ? [] : zodFaults(parsed.error, value);
};

const Animal = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('cat'), lives: z.int() }),
  z.strictObject({ kind: z.literal('dog') }),
]);
const Loose = z.union([z.string(), z.strictObject({ amount: z.string() })]);

test.each<[string, z.ZodType, unknown, string, string, string]>([
  ['缺少', z.strictObject({ a: z.string() }), {}, '/a', 'missing', '缺少此项，请填写。'],
  [
    '深处缺少',
    z.strictObject({ m: z.array(z.strictObject({ id: z.string() })) }),
    { m: [{ id: '1' }, {}] },
    '/m/1/id',
    'missing',
    '缺少此项，请填写。',
  ],
  ['缺少选项', z.strictObject({ a: z.enum(['x']) }), {}, '/a', 'missing', '缺少此项，请填写。'],
  ['缺少判别项', z.strictObject({ a: Animal }), { a: {} }, '/a/kind', 'missing', '缺少此项，请填写。'],
  [
    '缺少与原型同名的项',
    z.strictObject({ toString: z.string() }),
    {},
    '/toString',
    'missing',
    '缺少此项，请填写。',
  ],
  [
    '空值不是缺少',
    z.strictObject({ a: z.string() }),
    { a: null },
    '/a',
    'wrong-type',
    '类型不对，应为文字。',
  ],
  ['数字', z.strictObject({ a: z.number() }), { a: '1' }, '/a', 'wrong-type', '类型不对，应为数字。'],
  ['整数', z.strictObject({ a: z.int() }), { a: 1.5 }, '/a', 'wrong-type', '类型不对，应为整数。'],
  [
    '是否',
    z.strictObject({ a: z.boolean() }),
    { a: 'true' },
    '/a',
    'wrong-type',
    '类型不对，应为是或否（true 或 false）。',
  ],
  ['列表', z.strictObject({ a: z.array(z.string()) }), { a: {} }, '/a', 'wrong-type', '类型不对，应为列表。'],
  ['整篇', z.strictObject({}), [], '', 'wrong-type', '类型不对，应为对象。'],
  ['空文字', z.strictObject({ a: z.string().min(1) }), { a: '' }, '/a', 'too-small', '不能为空。'],
  ['太短', z.strictObject({ a: z.string().min(6) }), { a: '1' }, '/a', 'too-small', '至少 6 个字。'],
  ['太长', z.strictObject({ a: z.string().max(2) }), { a: 'abc' }, '/a', 'too-big', '最多 2 个字。'],
  ['定长', z.strictObject({ a: z.string().length(6) }), { a: '1' }, '/a', 'too-small', '应为 6 个字。'],
  ['太少', z.strictObject({ a: z.array(z.int()).min(1) }), { a: [] }, '/a', 'too-small', '至少 1 项。'],
  ['太多', z.strictObject({ a: z.array(z.int()).max(1) }), { a: [1, 2] }, '/a', 'too-big', '最多 1 项。'],
  ['太小', z.strictObject({ a: z.number().min(0) }), { a: -1 }, '/a', 'too-small', '不能小于 0。'],
  ['不大于', z.strictObject({ a: z.number().gt(0) }), { a: 0 }, '/a', 'too-small', '应大于 0。'],
  ['太大', z.strictObject({ a: z.number().max(9999) }), { a: 10000 }, '/a', 'too-big', '不能大于 9999。'],
  ['不小于', z.strictObject({ a: z.number().lt(3) }), { a: 3 }, '/a', 'too-big', '应小于 3。'],
  [
    '倍数',
    z.strictObject({ a: z.number().multipleOf(5) }),
    { a: 3 },
    '/a',
    'not-multiple',
    '应为 5 的倍数。',
  ],
  [
    '日期',
    z.strictObject({ a: z.iso.date() }),
    { a: '2020-02-31' },
    '/a',
    'wrong-format',
    '应为真实存在的日期，写作“年-月-日”，例如 2019-03-05。',
  ],
  [
    '格式',
    z.strictObject({ a: z.string().regex(/^\d{6}$/) }),
    { a: 'x' },
    '/a',
    'wrong-format',
    '格式不对。',
  ],
  [
    '格式有自己的说明',
    z.strictObject({ a: z.string().regex(/^\d{6}$/, '应为 6 位数字。') }),
    { a: 'x' },
    '/a',
    'wrong-format',
    '应为 6 位数字。',
  ],
  [
    '选项',
    z.strictObject({ a: z.enum(['x', 'y']) }),
    { a: 'z' },
    '/a',
    'not-an-option',
    '应为以下之一：x、y。',
  ],
  [
    '判别项',
    z.strictObject({ a: Animal }),
    { a: { kind: 'cow' } },
    '/a/kind',
    'not-an-option',
    '应为以下之一：cat、dog。',
  ],
  [
    '联合中写错的一种',
    z.strictObject({ a: Loose }),
    { a: { amount: 1 } },
    '/a/amount',
    'wrong-type',
    '类型不对，应为文字。',
  ],
  [
    '联合中哪种都不是',
    z.strictObject({ a: Loose }),
    { a: 1 },
    '/a',
    'not-an-option',
    '不符合任何一种允许的填法。',
  ],
  ['多余', z.strictObject({}), { b: 1 }, '/b', 'unknown-key', '不认识的项目，请删去。'],
  ['指针转义', z.strictObject({}), { 'a/b~c': 1 }, '/a~1b~0c', 'unknown-key', '不认识的项目，请删去。'],
  [
    '原型键',
    z.strictObject({}),
    JSON.parse('{"__proto__":1}'),
    '/__proto__',
    'unknown-key',
    '不认识的项目，请删去。',
  ],
  [
    '键',
    z.strictObject({ r: z.record(z.string().regex(/^a/), z.int()) }),
    { r: { b: 1 } },
    '/r/b',
    'wrong-key',
    '键的写法不对。',
  ],
  [
    '自己的规则',
    z.strictObject({ a: z.string().refine(() => false, '日期不能早于今天。') }),
    { a: 'x' },
    '/a',
    'not-valid',
    '日期不能早于今天。',
  ],
  [
    '自己的代码',
    z.string().check((context) => {
      context.issues.push({
        code: 'custom',
        input: context.value,
        message: '身份证号码的校验位不对。',
        params: { code: 'bad-check-digit' },
      });
    }),
    'x',
    '',
    'bad-check-digit',
    '身份证号码的校验位不对。',
  ],
  ['没有说明的规则', z.string().refine(() => false), 'x', '', 'not-valid', '内容不符合要求。'],
])('%s', (_, schema, value, pointer, code, message) => {
  expect(faults(schema, value)).toEqual([{ pointer, code, message }]);
});

test('所有的错误一次说全', () => {
  const schema = z.strictObject({
    a: z.string(),
    b: z.int(),
    c: z.array(z.strictObject({ d: z.boolean() })),
  });
  const value = { b: 'x', c: [{ d: 1, e: 2 }, { d: true }, {}], f: 3 };
  expect(faults(schema, value).map(({ pointer, code }) => `${pointer} ${code}`)).toEqual([
    '/a missing',
    '/b wrong-type',
    '/c/0/d wrong-type',
    '/c/0/e unknown-key',
    '/c/2/d missing',
    '/f unknown-key',
  ]);
});

test('任何 JSON 都得到中文的说明，指针都是 JSON 指针', () => {
  const schema = z.strictObject({
    a: z.string().min(2).max(3),
    b: z.int().min(1),
    c: z.array(Animal).min(1),
    d: Loose,
    e: z.record(z.string().max(1), z.iso.date()),
    f: z.tuple([z.literal(1), z.null()]),
  });
  const json = fc.record(
    {
      a: fc.jsonValue(),
      b: fc.jsonValue(),
      c: fc.array(fc.jsonValue()),
      d: fc.jsonValue(),
      e: fc.jsonValue(),
      f: fc.jsonValue(),
      g: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(json, fc.jsonValue()), (value) => {
      for (const fault of faults(schema, value)) {
        expect(fault.message).toMatch(/^[\p{Script=Han}，。：、“”（） \w.:-]+。$/u);
        expect(fault.pointer).toMatch(/^(\/(~0|~1|[^/~])*)*$/);
      }
    }),
  );
});
