/**
 * A batch: JSON Lines in, JSON Lines out, in order, assessed by workers. Holds a few blocks of lines at a time,
 * however long the input is.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import * as z from 'zod';
import type { Answers } from './assess-lines.ts';
import { BLOCK_BYTES, LineBlocks, type Source } from './line-blocks.ts';
import { type Bytes, bytesSchema } from './shared/bytes.ts';

/** More than two were of no use to the one thread that reads and writes for them. */
const MOST_WORKERS = 2;
/** Blocks under way or waiting to be written, for each worker: one at work, two ready. */
const BLOCKS_A_WORKER = 3;
/** Larger than Node's default (16 MB), so that what a line leaves behind dies young: 3 to 5 % less CPU. */
const YOUNG_MB = 64;
/** Buffers that a long line has made larger than this are not used again. */
const MOST_KEPT_BYTES = 8 * 1024 * 1024;

/** The buffers of a block and of its answers. They go to a worker and come back with the answers. */
type Buffers = { readonly block: Bytes; readonly output: Bytes };

const fresh = (): Buffers => ({
  block: new Uint8Array(BLOCK_BYTES),
  output: new Uint8Array(2 * BLOCK_BYTES),
});

const isKept = ({ block, output }: Buffers): boolean =>
  block.length <= MOST_KEPT_BYTES && output.length <= MOST_KEPT_BYTES;

const answersSchema = z.object({
  block: bytesSchema,
  output: bytesSchema,
  written: z.int(),
  lines: z.int(),
  faulty: z.int(),
}) satisfies z.ZodType<Answers & Buffers>;

type Received = z.output<typeof answersSchema>;
type Waiting = { readonly resolve: (answers: Received) => void; readonly reject: (error: unknown) => void };

/** One worker, which answers in the order in which it is asked. */
class Hand {
  readonly #worker: Worker;
  readonly #waiting: Waiting[] = [];
  #failure: unknown;

  constructor(workerData: { readonly parameters: unknown; readonly figuresOnly: boolean }) {
    this.#worker = new Worker(new URL('./assess-worker.ts', import.meta.url), {
      workerData,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
    this.#worker.on('message', (message) => this.#waiting.shift()?.resolve(answersSchema.parse(message)));
    this.#worker.on('error', (error) => {
      this.#failure = error;
      for (const { reject } of this.#waiting.splice(0)) reject(error);
    });
  }

  get busy(): number {
    return this.#waiting.length;
  }

  /** Assesses the lines in so many bytes of the block. The buffers are the worker's until it has answered. */
  assess({ block, output }: Buffers, length: number): Promise<Received> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage({ block, length, output }, [block.buffer, output.buffer]);
    });
  }

  async dismiss(): Promise<void> {
    await this.#worker.terminate();
  }
}

export type BatchOptions = {
  readonly input: Source;
  /** The parameters as a JSON value that has been found to fit. */
  readonly parameters: unknown;
  readonly figuresOnly: boolean;
  /** Takes the next lines; resolves when it is done with the bytes and can take more. */
  readonly write: (output: Uint8Array) => Promise<void>;
  /** Called after each block with what is done so far. */
  readonly tell: (done: number, faulty: number) => void;
  /** Ends the batch early: what was read by then is still written, in whole lines. */
  readonly signal?: AbortSignal;
};

/**
 * Assesses line by line until the input ends, or the signal says so. Returns how many lines there were. Errors: those
 * of the input and of `write`.
 */
export const assessBatch = async (
  options: BatchOptions,
): Promise<{ readonly done: number; readonly faulty: number }> => {
  const { input, parameters, figuresOnly, write, tell, signal } = options;
  const hands = Array.from(
    { length: Math.min(MOST_WORKERS, availableParallelism()) },
    () => new Hand({ parameters, figuresOnly }),
  );
  const least = (): Hand => hands.reduce((one, other) => (other.busy < one.busy ? other : one));
  const blocks = new LineBlocks(input);
  const stop = (): Promise<void> => blocks.stop();
  signal?.addEventListener('abort', stop);
  const spare: Buffers[] = [];
  let done = 0;
  let faulty = 0;
  const put = async (before: Promise<void>, answers: Promise<Received>): Promise<void> => {
    const [, { written, lines, faulty: wrong, ...buffers }] = await Promise.all([before, answers]);
    await write(buffers.output.subarray(0, written));
    if (isKept(buffers)) spare.push(buffers);
    done += lines;
    faulty += wrong;
    tell(done, faulty);
  };

  let written = Promise.resolve();
  const underWay: Promise<void>[] = [];
  try {
    for (;;) {
      const { block: buffer, output } = spare.pop() ?? fresh();
      const block = await blocks.next(buffer);
      if (block === undefined) break;
      written = put(written, least().assess({ block: block.buffer, output }, block.length));
      // A failure ends the input, and so this loop.
      written.catch(stop);
      underWay.push(written);
      if (underWay.length >= hands.length * BLOCKS_A_WORKER) await underWay.shift();
    }
    await written;
  } finally {
    signal?.removeEventListener('abort', stop);
    await Promise.all([stop(), ...hands.map((hand) => hand.dismiss())]);
  }
  return { done, faulty };
};
