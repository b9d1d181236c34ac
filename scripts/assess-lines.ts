/** Assesses blocks of JSON Lines: what a worker of a batch does, and `assess-worker.ts` is one. */
import { isUtf8 } from 'node:buffer';
import { RULE_BOOK } from '#domain/rules/book.ts';
import { parseDeclaration } from '#domain/rules/declaration.ts';
import { readDeclaration } from '#domain/rules/fast-declaration.ts';
import { parseBytes } from '#domain/rules/json.ts';
import type { ParameterSet } from '#domain/rules/parameters.ts';
import { putFigures } from './figures-line.ts';
import { JsonBytes, piece } from './json-bytes.ts';
import type { Bytes } from './shared/bytes.ts';

const LINE_FEED = 0x0a;

/** The answers to a block: JSON Lines as UTF-8, a line for each of the block's, and how many of them are faults. */
export type Answers = {
  /** The answers are its first `written` bytes. */
  readonly output: Bytes;
  readonly written: number;
  readonly lines: number;
  readonly faulty: number;
};

type Parsed = ReturnType<typeof parseDeclaration>;

/** The declaration on each line of a block of whole lines, or its faults. Read the quick way where that accepts it. */
export function* declarationsIn(block: Uint8Array): Generator<Parsed> {
  const bytes = Buffer.from(block.buffer, block.byteOffset, block.byteLength);
  // Where some line is not UTF-8, each is looked at by itself.
  const quick = isUtf8(bytes);
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(LINE_FEED, start);
    const declaration = quick ? readDeclaration(bytes, start, end) : undefined;
    yield declaration === undefined
      ? parseBytes(bytes.subarray(start, end), parseDeclaration)
      : { declaration };
    start = end + 1;
  }
}

/**
 * Assesses a block of whole lines, each ended by a line feed; each answer as to a document of its own. Answers in the
 * buffer given, or in a larger one where they need it.
 */
export const assessLines = (
  block: Uint8Array,
  output: Bytes,
  parameters: ParameterSet,
  figuresOnly: boolean,
): Answers => {
  const answers = new JsonBytes(output);
  let lines = 0;
  let faulty = 0;
  for (const parsed of declarationsIn(block)) {
    lines += 1;
    if ('faults' in parsed) {
      faulty += 1;
      answers.put(piece(JSON.stringify(parsed)));
    } else if (figuresOnly) putFigures(answers, RULE_BOOK.assessFigures(parsed.declaration, parameters));
    else answers.put(piece(JSON.stringify(RULE_BOOK.assess(parsed.declaration, parameters))));
    answers.endLine();
  }
  return { output: answers.bytes, written: answers.length, lines, faulty };
};
