/**
 * A JSON text as a document. `JSON.parse` silently keeps the last of two equal keys; of a declaration that states
 * two amounts for one thing nobody can say which is meant, so that a repeated key is a fault.
 */
import { distinct, type Fault, fault } from './faults.ts';

/**
 * Objects nested deeper than this are not looked into: no schema here goes deeper, so that such an object is an
 * unknown key's in any case, and a hostile text cannot make the look expensive.
 */
const DEPTH = 16;

type Frame = { readonly keys: Set<string> | undefined; step: string | number };

/** Of the characters that JSON's structure is made of. */
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** The position behind the string that starts at `start` in a valid JSON text. */
const behindString = (text: string, start: number): number => {
  let end = start + 1;
  for (let code = text.charCodeAt(end); code !== QUOTE; code = text.charCodeAt(end)) {
    end += code === BACKSLASH ? 2 : 1;
  }
  return end + 1;
};

/** The paths of repeated keys in a text that is valid JSON. */
const repeatedKeys = (text: string): (string | number)[][] => {
  const repeated: (string | number)[][] = [];
  const frames: Frame[] = [];
  let frame: Frame | undefined;
  let depth = 0;
  let keyExpected = false;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        const end = behindString(text, at);
        if (frame?.keys !== undefined && keyExpected) {
          frame.step = String(JSON.parse(text.slice(at, end)));
          if (frame.keys.has(frame.step)) repeated.push(frames.map(({ step }) => step));
          frame.keys.add(frame.step);
        }
        at = end - 1;
        break;
      }
      case OPEN_OBJECT:
      case OPEN_LIST:
        depth += 1;
        keyExpected = text.charCodeAt(at) === OPEN_OBJECT;
        frame = depth <= DEPTH ? { keys: keyExpected ? new Set() : undefined, step: 0 } : undefined;
        if (frame !== undefined) frames.push(frame);
        break;
      case CLOSE_OBJECT:
      case CLOSE_LIST:
        if (depth <= DEPTH) frames.pop();
        depth -= 1;
        frame = depth <= DEPTH ? frames.at(-1) : undefined;
        break;
      case COMMA:
        keyExpected = frame?.keys !== undefined;
        if (frame !== undefined && typeof frame.step === 'number') frame.step += 1;
        break;
      case COLON:
        keyExpected = false;
        break;
    }
  }
  return repeated;
};

/** Parses a text by a document's parser; all faults at once, of the text as of the document. */
export const parseText = <Parsed extends object>(
  text: string,
  parse: (json: unknown) => Parsed | { readonly faults: readonly Fault[] },
): Parsed | { readonly faults: readonly Fault[] } => {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { faults: [fault([], 'not-json')] };
  }
  const repeated = repeatedKeys(text).map((path) => fault(path, 'duplicate-key'));
  const parsed = parse(json);
  if (repeated.length === 0) return parsed;
  return { faults: distinct([...repeated, ...('faults' in parsed ? parsed.faults : [])]) };
};

/** The same for the bytes of a text, which must be UTF-8. */
export const parseBytes = <Parsed extends object>(
  bytes: Uint8Array,
  parse: (json: unknown) => Parsed | { readonly faults: readonly Fault[] },
): Parsed | { readonly faults: readonly Fault[] } => {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return { faults: [fault([], 'not-utf8')] };
  }
  return parseText(text, parse);
};
