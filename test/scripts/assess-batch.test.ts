import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { assess, assessFigures } from '#domain/rules/assess.ts';
import { parseDeclaration } from '#domain/rules/declaration.ts';
import { parseBytes } from '#domain/rules/json.ts';
import { parseParameters } from '#domain/rules/parameters.ts';
import { households } from '#test/bench/rules-households.ts';
import { parameters as standards } from '#test/domain/rules/household.ts';
import { assessBatch } from '../../scripts/assess-batch.ts';
import { streamSource } from '../../scripts/line-blocks.ts';

const parsed = parseParameters(standards());
if ('faults' in parsed) throw new Error('the standards do not fit');
const { parameters } = parsed;

/** A document of its own, as without `--batch`. */
const single = (line: Uint8Array, figuresOnly: boolean): string => {
  const read = parseBytes(line, parseDeclaration);
  const result =
    'faults' in read ? read : (figuresOnly ? assessFigures : assess)(read.declaration, parameters);
  return `${JSON.stringify(result)}\n`;
};

const LINES = households(1500).map((each) => JSON.stringify(each));
const [one = ''] = LINES;

/** Lines that the quick reader leaves to the full one, fitting and faulty. */
const LEFT: readonly Uint8Array[] = [
  ...[
    '',
    ' ',
    '{',
    'null',
    `\ufeff${one}`,
    `${one}\r`,
    one.replace('"m0"', '"\\u006d0"'),
    one.replace('"m0"', '"成员０"'),
    one.replace('{', '{"x":1,'),
    one.replace('{', '{"region":"340100",'),
  ].map((text) => Buffer.from(text)),
  Buffer.concat([Buffer.from(one.slice(0, -1)), Buffer.from([0xff]), Buffer.from('}')]),
  Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from([0xff])]),
];

const batch = async (chunks: readonly Uint8Array[], figuresOnly: boolean) => {
  const written: Uint8Array[] = [];
  const told: string[] = [];
  const counts = await assessBatch({
    input: streamSource(Readable.from(chunks)),
    parameters: standards(),
    figuresOnly,
    write: async (output) => {
      written.push(Buffer.from(output));
    },
    tell: (done, faulty) => told.push(`${done} ${faulty}`),
  });
  return { output: Buffer.concat(written).toString(), counts, told };
};

/** The bytes in pieces of the lengths given, over and over. */
const cut = (bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] => {
  const pieces: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; ) {
    const length = lengths[pieces.length % lengths.length] ?? bytes.length;
    pieces.push(bytes.subarray(start, start + length));
    start += length;
  }
  return pieces;
};

describe('a batch', () => {
  test.each([true, false])(
    'gives the bytes of the single path, in the order of the input (figures only: %s)',
    async (figuresOnly) => {
      const lines = LINES.flatMap((line, index) => {
        const left = LEFT[Math.floor(index / 7) % LEFT.length];
        return index % 7 === 0 && left !== undefined ? [Buffer.from(line), left] : [Buffer.from(line)];
      });
      const bytes = Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]));
      const expected = lines.map((line) => single(line, figuresOnly));
      const faulty = expected.filter((line) => line.startsWith('{"faults"')).length;
      const { output, counts, told } = await batch(cut(bytes, [20_000, 1, 900, 65_536]), figuresOnly);
      expect(output).toBe(expected.join(''));
      expect(counts).toEqual({ done: lines.length, faulty });
      expect(told.at(-1)).toBe(`${lines.length} ${faulty}`);
      expect(faulty).toBeGreaterThan(50);
    },
  );

  test('a last line without its line feed is a line; nothing is none', async () => {
    const bytes = Buffer.from(`${one}\n${one}`);
    expect((await batch(cut(bytes, [7]), true)).output).toBe(single(Buffer.from(one), true).repeat(2));
    expect(await batch([], true)).toEqual({ output: '', counts: { done: 0, faulty: 0 }, told: [] });
  });

  test('reads no further than its workers and its reader follow', async () => {
    const block = Buffer.from(`${one}\n`);
    let read = 0;
    const release = Promise.withResolvers<void>();
    const full = Promise.withResolvers<void>();
    const input = Readable.from(
      (function* () {
        for (; read < 200; read += 1) yield block;
      })(),
      { highWaterMark: 1 },
    );
    let lines = 0;
    const done = assessBatch({
      input: streamSource(input),
      parameters: standards(),
      figuresOnly: true,
      write: async () => {
        full.resolve();
        await release.promise;
        lines += 1;
      },
      tell: () => undefined,
    });
    await full.promise;
    // The first block waits to be written: at most six are under way, and the stream holds a few more.
    expect(read).toBeLessThan(20);
    release.resolve();
    expect(await done).toEqual({ done: 200, faulty: 0 });
    expect(lines).toBe(200);
  });

  test('ends with the error of its reader, or of its input', async () => {
    const options = { parameters: standards(), figuresOnly: true, tell: () => undefined };
    const gone = new Error('gone');
    const failing = assessBatch({
      ...options,
      input: streamSource(Readable.from(cut(Buffer.from(`${one}\n`.repeat(300)), [4000]))),
      write: () => Promise.reject(gone),
    });
    await expect(failing).rejects.toBe(gone);
    const broken = new Error('broken');
    const input = Readable.from(
      (function* () {
        yield Buffer.from(`${one}\n`);
        throw broken;
      })(),
    );
    await expect(
      assessBatch({ ...options, input: streamSource(input), write: async () => undefined }),
    ).rejects.toBe(broken);
  });
});
