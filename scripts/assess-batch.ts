/**
 * A batch: JSON Lines in, JSON Lines out, in order, assessed by workers. Holds a few blocks of lines at a time,
 * however long the input is.
 */
import { availableParallelism } from 'node:os';
import type { Readable } from 'node:stream';
import { Worker } from 'node:worker_threads';
import * as z from 'zod';
import type { Answers } from './assess-lines.ts';

/** More than two were of no use to the one thread that reads and writes for them. */
const MOST_WORKERS = 2;
/** Blocks under way or waiting to be written, for each worker: one at work, two ready. */
const BLOCKS_A_WORKER = 3;
/** Larger than Node's default (16 MB), so that what a line leaves behind dies young; with more the 500 MB would go. */
const YOUNG_MB = 64;

const answersSchema = z.object({
  output: z.instanceof(Uint8Array),
  lines: z.int(),
  faulty: z.int(),
}) satisfies z.ZodType<Omit<Answers, 'output'>>;

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

  assess(block: Uint8Array<ArrayBuffer>): Promise<Received> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(block, [block.buffer]);
    });
  }

  async dismiss(): Promise<void> {
    await this.#worker.terminate();
  }
}

const LINE_FEED = 0x0a;

/** One block of its own memory, so that it can be handed over. */
const joined = (parts: readonly Uint8Array[], ending: readonly number[] = []): Uint8Array<ArrayBuffer> => {
  const block = new Uint8Array(parts.reduce((sum, part) => sum + part.length, ending.length));
  let at = 0;
  for (const part of [...parts, ending]) {
    block.set(part, at);
    at += part.length;
  }
  return block;
};

/**
 * The lines of a stream, in blocks of as many as a chunk completes, each line with its line feed. What follows the
 * last line feed is a line only if it is not empty. Holds no more than a chunk and the line that it leaves open.
 */
export async function* blocksOf(input: Readable): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let open: Uint8Array[] = [];
  for await (const chunk of input) {
    const bytes: Buffer = chunk;
    const end = bytes.lastIndexOf(LINE_FEED) + 1;
    if (end > 0) {
      yield joined([...open, bytes.subarray(0, end)]);
      open = [];
    }
    if (end < bytes.length) open.push(bytes.subarray(end));
  }
  if (open.length > 0) yield joined(open, [LINE_FEED]);
}

export type BatchOptions = {
  readonly input: Readable;
  /** The parameters as a JSON value that has been found to fit. */
  readonly parameters: unknown;
  readonly figuresOnly: boolean;
  /** Takes the next lines; resolves when it can take more. */
  readonly write: (output: Uint8Array) => Promise<void>;
  /** Called after each block with what is done so far. */
  readonly tell: (done: number, faulty: number) => void;
};

/**
 * Assesses line by line until the input ends, or is destroyed without an error: what was read by then is still
 * written, in whole lines. Returns how many lines there were. Errors: those of the input and of `write`.
 */
export const assessBatch = async (
  options: BatchOptions,
): Promise<{ readonly done: number; readonly faulty: number }> => {
  const { input, parameters, figuresOnly, write, tell } = options;
  const hands = Array.from(
    { length: Math.min(MOST_WORKERS, availableParallelism()) },
    () => new Hand({ parameters, figuresOnly }),
  );
  const least = (): Hand => hands.reduce((one, other) => (other.busy < one.busy ? other : one));
  let done = 0;
  let faulty = 0;
  const put = async (before: Promise<void>, answers: Promise<Received>): Promise<void> => {
    const [, { output, ...counts }] = await Promise.all([before, answers]);
    await write(output);
    done += counts.lines;
    faulty += counts.faulty;
    tell(done, faulty);
  };

  let written = Promise.resolve();
  const underWay: Promise<void>[] = [];
  try {
    for await (const block of blocksOf(input)) {
      written = put(written, least().assess(block));
      // A failure ends the input, and so this loop, with the same error.
      written.catch((error: unknown) =>
        input.destroy(error instanceof Error ? error : new Error(String(error))),
      );
      underWay.push(written);
      if (underWay.length >= hands.length * BLOCKS_A_WORKER) await underWay.shift();
    }
    await written;
  } catch (error) {
    // Whoever destroys the input without an error wants what was read to be written, and no more.
    if (!(input.destroyed && input.errored === null)) throw error;
    await written;
  } finally {
    await Promise.all(hands.map((hand) => hand.dismiss()));
  }
  return { done, faulty };
};
