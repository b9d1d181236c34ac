/** JSON straight into bytes: what `JSON.stringify` would give, without the string in between. */
import { type Bytes, withRoom } from './shared/bytes.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const LINE_FEED = 0x0a;
/** An escape takes six bytes for a UTF-16 unit; UTF-8 takes at most three. */
const MOST_BYTES = 6;

const encoder = new TextEncoder();

/** UTF-8 of a piece of JSON. */
export const piece = (json: string): Uint8Array => encoder.encode(json);

/** What stands before a value of a small vocabulary, with the value: one piece, made once. */
export class Words {
  readonly #before: string;
  readonly #pieces = new Map<string | number | null, Uint8Array>();

  constructor(before: string) {
    this.#before = before;
  }

  piece(word: string | number | null): Uint8Array {
    const known = this.#pieces.get(word);
    if (known !== undefined) return known;
    const made = piece(this.#before + JSON.stringify(word));
    this.#pieces.set(word, made);
    return made;
  }
}

/** Bytes of JSON in a buffer, or in a larger one once it is full. */
export class JsonBytes {
  #bytes: Bytes;
  #length = 0;

  constructor(buffer: Bytes) {
    this.#bytes = buffer;
  }

  /** Where they stand, with what else the buffer holds. */
  get bytes(): Bytes {
    return this.#bytes;
  }

  get length(): number {
    return this.#length;
  }

  #needRoom(more: number): void {
    this.#bytes = withRoom(this.#bytes, this.#length, this.#length + more);
  }

  put(bytes: Uint8Array): void {
    this.#needRoom(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Any string. */
  putString(text: string): void {
    this.#needRoom(text.length * MOST_BYTES + 2);
    const bytes = this.#bytes;
    let at = this.#length;
    bytes[at] = QUOTE;
    at += 1;
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      if (code < 0x80) {
        if (code < SPACE || code === QUOTE || code === BACKSLASH) {
          this.#putEscaped(text);
          return;
        }
        bytes[at] = code;
        at += 1;
      } else if (code >= 0x800 && (code < 0xd800 || code > 0xdfff)) {
        bytes[at] = 0xe0 | (code >> 12);
        bytes[at + 1] = 0x80 | ((code >> 6) & 0x3f);
        bytes[at + 2] = 0x80 | (code & 0x3f);
        at += 3;
      } else {
        this.#putEscaped(text);
        return;
      }
    }
    bytes[at] = QUOTE;
    this.#length = at + 1;
  }

  /** What is seldom: escapes, two-byte characters, and surrogates, which may stand alone. */
  #putEscaped(text: string): void {
    this.put(piece(JSON.stringify(text)));
  }

  /** Ends a line of JSON Lines. */
  endLine(): void {
    this.#needRoom(1);
    this.#bytes[this.#length] = LINE_FEED;
    this.#length += 1;
  }
}
