import { expect, test } from 'vitest';
import { Leaks } from './leaks.ts';

const NUMBER = '34010419600101001X';
const ADDRESS = '合肥市瑶海区样例路8号303室';
const leaks = new Leaks([NUMBER, ADDRESS]);
const utf16be = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();

const written: readonly [string, (text: string) => Uint8Array | string][] = [
  ['UTF-8', (text) => `"${text}"`],
  ['UTF-16, little end first', (text) => Buffer.from(`x${text}x`, 'utf16le')],
  ['UTF-16, big end first', (text) => utf16be(`x${text}x`)],
  ['base 64', (text) => Buffer.from(text).toString('base64')],
  ['base 64 of a longer text', (text) => Buffer.from(`{"a":"${text}"}`).toString('base64')],
  ['base 64 of one a byte longer', (text) => Buffer.from(`{"ab":"${text}"}`).toString('base64')],
  ['base 64 for addresses', (text) => Buffer.from(`{"abc":"${text}"}`).toString('base64url')],
  ['base 64 of UTF-16', (text) => Buffer.from(`a${text}`, 'utf16le').toString('base64')],
  ['percent-encoded', (text) => encodeURIComponent(text)],
  ['every byte percent-encoded', (text) => Buffer.from(text).toString('hex').replaceAll(/../g, '%$&')],
  ['JSON escapes', (text) => utf16be(text).toString('hex').replaceAll(/..../g, '\\u$&')],
  ['hex digits', (text) => Buffer.from(text).toString('hex')],
  ['in groups', (text) => text.replaceAll(/.{4}/gu, '$& ')],
  ['in groups by dashes', (text) => text.replaceAll(/.{3}/gu, '$&-')],
  ['in groups by no-break blanks', (text) => text.replaceAll(/.{6}/gu, '$&\u{a0}')],
];

test.each(written)('finds what is written as %s, wherever it stands', (_form, write) => {
  for (const [text, other] of [
    [NUMBER, ADDRESS],
    [ADDRESS, NUMBER],
  ] as const) {
    const content = Buffer.concat([
      Buffer.alloc(1001, 0x41),
      Buffer.from(write(text)),
      Buffer.alloc(99, 0x42),
    ]);
    const found = leaks.search(content);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(text);
    expect(found[0]).not.toContain(other);
  }
});

test('finds nothing in what is masked or cut', () => {
  expect(
    leaks.search(`340104********001X ${NUMBER.slice(1)} ${NUMBER.slice(0, -1)} 合肥市瑶海区***`),
  ).toEqual([]);
});
