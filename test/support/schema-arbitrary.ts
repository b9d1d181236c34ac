/** Values for a JSON Schema: fitting ones, and ones that something hostile has been put into. */
import fc from 'fast-check';
import * as z from 'zod';

const schemaForm = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.json()).optional(),
  const: z.json().optional(),
  pattern: z.string().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
  required: z.array(z.string()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  items: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
});

const DEEP = JSON.parse(`${'['.repeat(40)}${']'.repeat(40)}`);

/** What nobody should send. A key `__proto__` of its own can only be had from a text. */
export const hostile: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    '',
    ' ',
    -1,
    0.1,
    1e308,
    -0,
    Number.MAX_SAFE_INTEGER + 1,
    '__proto__',
    'constructor',
    'toString',
    '../../etc/passwd',
    '..%2f..%2fetc%2fpasswd',
    "' OR '1'='1",
    "'; DROP TABLE items; --",
    '{{7*7}}<%= 7*7 %>#{7*7}',
    '<script>alert(1)</script>',
    '\u0000',
    '\ud800',
    '\u202e\u2066',
    '１２３',
    'a'.repeat(20_000),
    '困'.repeat(5_000),
    'CASE#x',
    'EVENT#000001',
    '1e1000',
    'NaN',
    DEEP,
    JSON.parse('{"__proto__":{"polluted":true}}'),
    JSON.parse('{"constructor":{"prototype":{"polluted":true}}}'),
    Array.from({ length: 500 }, () => ({})),
  ),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.jsonValue({ maxDepth: 3 }),
);

const texts = ({ pattern, minLength = 0, maxLength = minLength + 40 }: z.infer<typeof schemaForm>) =>
  pattern === undefined
    ? fc.string({ minLength, maxLength: Math.min(maxLength, minLength + 40), unit: 'grapheme' })
    : fc.stringMatching(new RegExp(pattern));

/** Values that fit, as far as the schema says it all. */
const fitting = (schema: unknown): fc.Arbitrary<unknown> => {
  const form = schemaForm.parse(schema === false ? {} : schema);
  const alternatives = form.anyOf ?? form.oneOf;
  if (form.const !== undefined) return fc.constant(form.const);
  if (form.enum !== undefined) return fc.constantFrom<unknown>(...form.enum);
  if (alternatives !== undefined) return fc.oneof(...alternatives.map(fitting));
  const [type] = [form.type].flat();
  switch (type) {
    case 'string':
      return texts(form);
    case 'integer':
    case 'number':
      return fc.integer({ min: Math.max(form.minimum ?? 0, -1e6), max: Math.min(form.maximum ?? 1e6, 1e6) });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array': {
      const minLength = form.minItems ?? 0;
      if (form.items === false || form.items === undefined) return fc.constant([]);
      return fc.array(fitting(form.items), {
        minLength,
        maxLength: Math.min(form.maxItems ?? 3, minLength + 2),
      });
    }
    case 'object':
      return fc.record(
        Object.fromEntries(Object.entries(form.properties ?? {}).map(([key, part]) => [key, fitting(part)])),
        { requiredKeys: form.required ?? [] },
      );
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
};

/** A copy in which the value at one place, chosen by `at` from 0 to 1, is another. */
const replaced = (value: unknown, at: number, by: unknown): unknown => {
  const entries: readonly (readonly [string, unknown])[] =
    typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const place = at * (entries.length + 1);
  const chosen = entries[Math.floor(place)];
  if (chosen === undefined) return by;
  const [key, part] = chosen;
  const inner = replaced(part, place - Math.floor(place), by);
  return Array.isArray(value)
    ? value.with(Number(key), inner)
    : Object.fromEntries(entries.map(([name, old]) => [name, name === key ? inner : old]));
};

/** A fitting value, or an example, with something hostile in one or two places, or a key that isn't known. */
export const mutated = (schema: unknown, example: unknown): fc.Arbitrary<unknown> => {
  const base = fc.oneof(
    { weight: 3, arbitrary: fc.constant(example) },
    { weight: 1, arbitrary: fitting(schema) },
  );
  const place = fc.double({ min: 0, max: 0.999_999, noNaN: true });
  return fc.oneof(
    {
      weight: 3,
      arbitrary: fc.tuple(base, place, hostile).map(([value, at, by]) => replaced(value, at, by)),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(base, place, hostile, place, hostile)
        .map(([value, at, by, then, other]) => replaced(replaced(value, at, by), then, other)),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(base, fc.string(), hostile)
        .map(([value, key, by]) => ({ ...Object(value), [key]: by })),
    },
    { weight: 4, arbitrary: base },
    { weight: 1, arbitrary: hostile },
  );
};
