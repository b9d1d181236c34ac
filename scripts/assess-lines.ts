/** Assesses blocks of JSON Lines: what a worker of a batch does, and `assess-worker.ts` is one. */
import type { Assessment } from '#domain/rules/assess.ts';
import { RULE_BOOK } from '#domain/rules/book.ts';
import { type Declaration, parseDeclaration } from '#domain/rules/declaration.ts';
import { readDeclaration } from '#domain/rules/fast-declaration.ts';
import { parseBytes } from '#domain/rules/json.ts';
import type { ParameterSet } from '#domain/rules/parameters.ts';

const LINE_FEED = 0x0a;

/** The answers to a block: JSON Lines as UTF-8, a line for each of the block's, and how many of them are faults. */
export type Answers = {
  readonly output: Uint8Array<ArrayBuffer>;
  readonly lines: number;
  readonly faulty: number;
};

/** The block as text; undefined where it is not UTF-8. A byte order mark is left for the line that it stands in. */
const decoded = (block: Uint8Array): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(block);
  } catch {
    // TypeError is all that it throws: some line is not UTF-8, and which one is found line by line.
    return undefined;
  }
};

type Parsed = ReturnType<typeof parseDeclaration>;

const inFull = (line: Uint8Array): Parsed => parseBytes(line, parseDeclaration);

/** The declaration on each line of a block of whole lines, or its faults. Read the quick way where that accepts it. */
export function* declarationsIn(block: Uint8Array): Generator<Parsed> {
  const text = decoded(block);
  if (text === undefined) {
    for (let start = 0; start < block.length; ) {
      const end = block.indexOf(LINE_FEED, start);
      yield inFull(block.subarray(start, end));
      start = end + 1;
    }
    return;
  }
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf('\n', start);
    const declaration = readDeclaration(text, start);
    yield declaration === undefined
      ? inFull(new TextEncoder().encode(text.slice(start, end)))
      : { declaration };
    start = end + 1;
  }
}

/** UTF-8 takes at most three bytes for a UTF-16 unit. */
const MOST_BYTES = 3;

/** Lines as UTF-8, one after the other: a string of all of them would be copied twice before it is bytes. */
class Lines {
  #bytes = Buffer.allocUnsafeSlow(1 << 20);
  #length = 0;

  add(line: string): void {
    const needed = this.#length + line.length * MOST_BYTES + 1;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(2 * needed);
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#length += this.#bytes.write(line, this.#length);
    this.#bytes[this.#length] = LINE_FEED;
    this.#length += 1;
  }

  /** What was added, in memory of its own. */
  whole(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#bytes.subarray(0, this.#length));
  }
}

const answerTo = (declaration: Declaration, parameters: ParameterSet, figuresOnly: boolean): Assessment =>
  figuresOnly ? RULE_BOOK.assessFigures(declaration, parameters) : RULE_BOOK.assess(declaration, parameters);

/** Assesses a block of whole lines, each ended by a line feed; each answer as to a document of its own. */
export const assessLines = (block: Uint8Array, parameters: ParameterSet, figuresOnly: boolean): Answers => {
  let lines = 0;
  let faulty = 0;
  const output = new Lines();
  for (const parsed of declarationsIn(block)) {
    lines += 1;
    if ('faults' in parsed) faulty += 1;
    output.add(
      JSON.stringify('faults' in parsed ? parsed : answerTo(parsed.declaration, parameters, figuresOnly)),
    );
  }
  return { output: output.whole(), lines, faulty };
};
