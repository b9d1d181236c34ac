import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blocksOf, fileSource, LineBlocks, type Source, streamSource } from '../../scripts/line-blocks.ts';
import type { Bytes } from '../../scripts/shared/bytes.ts';

/** All blocks, read into one buffer that is used again and again. */
const readAll = async (source: Source, room: number): Promise<string[]> => {
  const blocks = new LineBlocks(source);
  const read: string[] = [];
  let buffer: Bytes = new Uint8Array(room);
  for (let block = await blocks.next(buffer); block !== undefined; block = await blocks.next(buffer)) {
    read.push(Buffer.from(block.buffer.subarray(0, block.length)).toString('latin1'));
    buffer = block.buffer;
  }
  await blocks.stop();
  return read;
};

const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n'), maxLength: 60 });

/** What is read of a text: its lines, the last one ended too. */
const ended = (whole: string): string => (whole === '' || whole.endsWith('\n') ? whole : `${whole}\n`);

const requireBlocks = (blocks: readonly string[], whole: string): void => {
  expect(blocks.join('')).toBe(ended(whole));
  for (const block of blocks) expect(block).toMatch(/\n$/);
};

describe('the lines of a source', () => {
  test('come whole and in order, however a stream is cut, and however small the buffer', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(text), fc.integer({ min: 1, max: 40 }), async (chunks, room) => {
        const stream = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
        requireBlocks(await readAll(streamSource(stream), room), chunks.join(''));
      }),
    );
  });

  test('come so from a file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lines-'));
    const path = join(folder, 'lines');
    try {
      await fc.assert(
        fc.asyncProperty(text, fc.integer({ min: 1, max: 40 }), async (whole, room) => {
          await writeFile(path, whole);
          requireBlocks(await readAll(fileSource(await open(path)), room), whole);
        }),
        { numRuns: 50 },
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('are given as soon as they are there, and the source is given up when nobody asks for more', async () => {
    const stream = new PassThrough();
    stream.write('one\ntw');
    const blocks = blocksOf(streamSource(stream));
    expect(Buffer.from((await blocks.next()).value ?? []).toString()).toBe('one\n');
    await blocks.return(undefined);
    expect(stream.destroyed).toBe(true);
  });

  test('end when they are stopped while a reading waits; a line that has begun is none', async () => {
    const stream = new PassThrough();
    const blocks = new LineBlocks(streamSource(stream));
    stream.write('one\ntw');
    expect((await blocks.next(new Uint8Array(9)))?.length).toBe(4);
    const next = blocks.next(new Uint8Array(9));
    await blocks.stop();
    expect(await next).toBeUndefined();
  });

  test('end with the error of their source', async () => {
    const broken = new Error('broken');
    const stream = new PassThrough();
    const next = new LineBlocks(streamSource(stream)).next(new Uint8Array(9));
    stream.destroy(broken);
    await expect(next).rejects.toBe(broken);
  });
});
