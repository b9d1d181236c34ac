/**
 * Lines in blocks of whole ones, from a file or a stream. Buffers are the caller's, to be used again and again: new
 * ones for each block keep the collector busy, and take 60 MB more.
 */
import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { type Bytes, withRoom } from './shared/bytes.ts';

/** Where bytes come from. */
export type Source = {
  /** Reads what there is, at most as much as fits; returns how much. 0: the end. */
  read(into: Uint8Array): Promise<number>;
  /** Gives up what is open; a read under way may then fail. */
  close(): Promise<void>;
};

export const fileSource = (file: FileHandle): Source => ({
  read: async (into) => (await file.read(into)).bytesRead,
  close: () => file.close(),
});

export const streamSource = (stream: Readable): Source => {
  const chunks = stream[Symbol.asyncIterator]();
  let chunk: Uint8Array = new Uint8Array();
  return {
    read: async (into) => {
      while (chunk.length === 0) {
        const next = await chunks.next();
        if (next.done === true) return 0;
        chunk = next.value;
      }
      const length = Math.min(chunk.length, into.length);
      into.set(chunk.subarray(0, length));
      chunk = chunk.subarray(length);
      return length;
    },
    close: async () => {
      stream.destroy();
    },
  };
};

/** Whole lines at the beginning of a buffer, each with its line feed. */
export type Block = { readonly buffer: Bytes; readonly length: number };

const LINE_FEED = 0x0a;
export const BLOCK_BYTES = 256 * 1024;

export class LineBlocks {
  readonly #source: Source;
  /** What was read of a line that is still open. */
  #open: Bytes = new Uint8Array();
  #stopped = false;

  constructor(source: Source) {
    this.#source = source;
  }

  /**
   * The next lines: as many as one reading completes. In the buffer given, or in a larger one where a line needs it.
   * What follows the last line feed is a line only if it is not empty. Undefined: there are no more. Errors: those of
   * the source.
   */
  async next(given: Bytes): Promise<Block | undefined> {
    let buffer = given;
    let length = this.#open.length;
    if (length > 0) {
      buffer = withRoom(buffer, 0, length);
      buffer.set(this.#open);
    }
    for (;;) {
      buffer = withRoom(buffer, length, length + 1);
      const read = await this.#read(buffer.subarray(length));
      if (this.#stopped) return undefined;
      if (read === 0) {
        this.#open = new Uint8Array();
        if (length === 0) return undefined;
        buffer[length] = LINE_FEED;
        return { buffer, length: length + 1 };
      }
      const last = buffer.subarray(length, length + read).lastIndexOf(LINE_FEED);
      const end = length + last + 1;
      length += read;
      if (last >= 0) {
        this.#open = buffer.slice(end, length);
        return { buffer, length: end };
      }
    }
  }

  async #read(into: Uint8Array): Promise<number> {
    try {
      return await this.#source.read(into);
    } catch (error) {
      if (this.#stopped) return 0;
      throw error;
    }
  }

  /** Lets `next` find no more, whatever is still there. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#source.close();
  }
}

/** The blocks of a source one after the other; each holds only until the next is asked for. */
export async function* blocksOf(source: Source): AsyncGenerator<Uint8Array> {
  const blocks = new LineBlocks(source);
  let buffer: Bytes = new Uint8Array(BLOCK_BYTES);
  try {
    for (;;) {
      const block = await blocks.next(buffer);
      if (block === undefined) return;
      yield block.buffer.subarray(0, block.length);
      buffer = block.buffer;
    }
  } finally {
    await blocks.stop();
  }
}
