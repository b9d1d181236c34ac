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

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

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
  let depth = 0;
  let keyExpected = false;
  for (let at = 0; at < text.length; at += 1) {
    const frame = depth <= DEPTH ? frames.at(-1) : undefined;
    switch (text[at]) {
      case '"': {
        const end = behindString(text, at);
        if (frame?.keys !== undefined && keyExpected) {
          const key: unknown = JSON.parse(text.slice(at, end));
          frame.step = String(key);
          if (frame.keys.has(frame.step)) repeated.push(frames.map(({ step }) => step));
          frame.keys.add(frame.step);
        }
        at = end - 1;
        break;
      }
      case '{':
      case '[': {
        depth += 1;
        const isObject = text[at] === '{';
        if (depth <= DEPTH) frames.push({ keys: isObject ? new Set() : undefined, step: 0 });
        keyExpected = isObject;
        break;
      }
      case '}':
      case ']':
        if (depth <= DEPTH) frames.pop();
        depth -= 1;
        break;
      case ',':
        keyExpected = frame?.keys !== undefined;
        if (frame !== undefined && typeof frame.step === 'number') frame.step += 1;
        break;
      case ':':
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
