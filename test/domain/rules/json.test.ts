import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseBytes, parseText } from '#domain/rules/json.ts';

const accept = (json: unknown) => ({ json });
const faultsOf = (text: string): string[] => {
  const read = parseText(text, accept);
  return 'faults' in read ? read.faults.map(({ pointer, code }) => `${pointer} ${code}`) : [];
};

describe('the text of a document', () => {
  test.each(['', ' ', '{', '{"a":1,}', "{'a':1}", 'NaN', '{"a":01}', '[1] [2]', '\u0000'])(
    '%j is not JSON',
    (text) => {
      expect(faultsOf(text)).toEqual([' not-json']);
    },
  );

  test('bytes that are no UTF-8 are told', () => {
    const read = parseBytes(Uint8Array.of(0x22, 0xff, 0x22), accept);
    expect('faults' in read && read.faults.map(({ code }) => code)).toEqual(['not-utf8']);
  });

  test.each<[string, string[]]>([
    ['{"a":1,"b":2}', []],
    ['{"a":1,"a":1}', ['/a']],
    ['{"a":1,"\\u0061":1}', ['/a']],
    ['{"a":{"b":1,"b":2},"b":3}', ['/a/b']],
    ['[{"a":1},{"a":1,"b":[1,{"c":1,"c":1}]}]', ['/1/b/1/c']],
    ['{"x":["a","a"],"y":"a","a":"{\\"a\\":1,\\"a\\":1}"}', []],
    ['{"__proto__":1,"__proto__":2}', ['/__proto__']],
    ['{"a":[[],[1,2],{}],"b":{"c":[]},"a":0,"a":0}', ['/a']],
  ])('of %s the repeated keys are %j', (text, pointers) => {
    expect(faultsOf(text)).toEqual(pointers.map((pointer) => `${pointer} duplicate-key`));
  });

  test('without a repeated key it is the document that JSON.parse gives', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parseText(text, accept)).toEqual({ json: JSON.parse(text) });
      }),
    );
  });

  test('repeated keys are told together with the faults of the document', () => {
    const read = parseText('{"a":1,"a":2}', () => ({
      faults: [{ pointer: '/b', code: 'missing', message: '' }],
    }));
    expect('faults' in read && read.faults.map(({ pointer }) => pointer)).toEqual(['/a', '/b']);
  });

  test('a million levels are looked at in no time', () => {
    const deep = `${'{"a":'.repeat(1e6)}1${'}'.repeat(1e6)}`;
    expect(faultsOf(deep)).toEqual([]);
  });
});
