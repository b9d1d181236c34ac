import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AppError } from '#functions/shared/errors.ts';
import { readJson, requireSize } from '#functions/shared/http/json.ts';

const JSON_HEADERS = { 'content-type': 'application/json' };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const codeOf = (content: Uint8Array, headers: Readonly<Record<string, string>> = JSON_HEADERS): string => {
  try {
    readJson(headers, content);
    return 'read';
  } catch (error) {
    if (error instanceof AppError) return `${error.status} ${error.code}`;
    throw error;
  }
};

test('reads what JSON.stringify writes', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      const text = JSON.stringify(value);
      expect(readJson(JSON_HEADERS, bytes(text))).toEqual(JSON.parse(text));
    }),
  );
});

test.each([
  ['application/json', 'read'],
  ['application/json; charset=utf-8', 'read'],
  ['Application/JSON;charset="UTF-8"', 'read'],
  ['application/json; charset=gbk', '415 unsupported-media-type'],
  ['application/jsonp', '415 unsupported-media-type'],
  ['text/plain', '415 unsupported-media-type'],
  ['text/plain, application/json', '415 unsupported-media-type'],
  ['application/x-www-form-urlencoded', '415 unsupported-media-type'],
  ['', '415 unsupported-media-type'],
])('content type %j: %s', (type, expected) => {
  expect(codeOf(bytes('{}'), { 'content-type': type })).toBe(expected);
});

test('a compressed body is refused', () => {
  expect(codeOf(bytes('{}'), { ...JSON_HEADERS, 'content-encoding': 'gzip' })).toBe(
    '415 unsupported-media-type',
  );
});

test.each([
  ['nothing', '', '400 not-json'],
  ['a torn document', '{"a":', '400 not-json'],
  ['two documents', '{}{}', '400 not-json'],
  ['a comment', '{/**/}', '400 not-json'],
  ['NaN', 'NaN', '400 not-json'],
  ['a key twice', '{"a":1,"b":{"a":2},"a":3}', '400 duplicate-key'],
  ['a key twice in two spellings', '{"a":1,"\\u0061":3}', '400 duplicate-key'],
  ['a key twice, deeper', '[{"x":{"k":1 , "k" : 2}}]', '400 duplicate-key'],
  ['one key in two objects', '[{"k":1},{"k":2}]', 'read'],
  ['a value that looks like a key twice', '{"a":"\\"a\\":","b":["a","a"]}', 'read'],
  ['a key named like a prototype', '{"__proto__":{"a":1}}', 'read'],
  ['32 levels', `${'['.repeat(32)}${']'.repeat(32)}`, 'read'],
  ['33 levels', `${'['.repeat(33)}${']'.repeat(33)}`, '400 too-deep'],
  ['half a million levels', `${'['.repeat(500_000)}${']'.repeat(500_000)}`, '400 too-deep'],
  ['half a million open levels', '['.repeat(500_000), '400 not-json'],
  ['19,999 items', `[${'1,'.repeat(19_998)}1]`, 'read'],
  ['20,000 items and their list', `[${'1,'.repeat(19_999)}1]`, '400 too-many-values'],
  ['many empty objects', `[${'{},'.repeat(10_000)}{}]`, '400 too-many-values'],
  ['commas inside a string', `"${','.repeat(30_000)}"`, 'read'],
  ['brackets inside a string', `"${'[{'.repeat(100)}"`, 'read'],
  ['half of a surrogate pair in a value', '{"a":["b\\uD83Dc"]}', '400 not-json'],
  ['half of a surrogate pair in a key', '{"\\udc00":1}', '400 not-json'],
  ['a whole pair, and a backslash before u', '["\\ud83d\\ude00","\\\\ud800"]', 'read'],
  ['a string of a megabyte', `"${'\\"x'.repeat(340_000)}"`, 'read'],
])('%s: %3$s', (_, text, expected) => {
  expect(codeOf(bytes(text))).toBe(expected);
});

test('invalid UTF-8 is refused, not mended', () => {
  expect(codeOf(new Uint8Array([0x22, 0xff, 0xfe, 0x22]))).toBe('400 not-json');
  expect(codeOf(new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22]))).toBe('400 not-json');
});

test('as many bytes as a route takes, 1 MiB where it says nothing, and not one more', () => {
  const size = (length: number, most?: number) => () => requireSize(new Uint8Array(length), most);
  expect(size(1_048_576)).not.toThrow();
  expect(size(1_048_577)).toThrow(expect.objectContaining({ status: 413, code: 'too-large' }));
  expect(size(2048, 2048)).not.toThrow();
  expect(size(2049, 2048)).toThrow('提交的内容过大，最多 2 KiB。');
});

test('the message never quotes the content', () => {
  expect(() => readJson(JSON_HEADERS, bytes('{"idNumber": 340102199001011234x}'))).toThrow(
    '内容不是有效的 JSON，请检查后重新提交。',
  );
});

test('a prototype is never touched', () => {
  const value = readJson(JSON_HEADERS, bytes('{"__proto__":{"polluted":true}}'));
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
});
