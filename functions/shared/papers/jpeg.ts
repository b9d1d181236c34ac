/**
 * JPEG: its size in points, and the same picture without what the camera wrote about place, time and owner. The
 * compressed picture itself is copied byte for byte. Segments as in ITU-T T.81, Annex B.
 */
import { PAPER_LIMITS, Unacceptable } from './limits.ts';

const MARK = 0xff;
const START = 0xd8;
const END = 0xd9;
const SCAN = 0xda;
const APP0 = 0xe0;
const APP1 = 0xe1;
/** Colour profile; APP14 says how the colours are coded. Without either, colours may come out wrong. */
const APP2 = 0xe2;
const APP14 = 0xee;
const APP15 = 0xef;
const COMMENT = 0xfe;

const isRestart = (marker: number): boolean => marker >= 0xd0 && marker <= 0xd7;

/** Frame headers; C4, C8 and CC lie among their numbers and are none. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

/** JFIF, colour profiles (but no second pictures, which share APP2) and the colour coding; nothing else is needed. */
const isKept = (marker: number, segment: Buffer): boolean => {
  if (marker === APP0 || marker === APP14) return true;
  if (marker === APP2) return segment.subarray(4, 16).equals(Buffer.from('ICC_PROFILE\0', 'latin1'));
  return marker !== COMMENT && (marker < APP0 || marker > APP15);
};

const EXIF = Buffer.from('Exif\0\0', 'latin1');
const ORIENTATION = 0x0112;

/** Which side is up, 1 to 8; undefined where an Exif segment doesn't say it in a form that can be read. */
const orientationIn = (segment: Buffer): number | undefined => {
  const body = segment.subarray(4);
  if (!body.subarray(0, EXIF.length).equals(EXIF)) return undefined;
  const tiff = body.subarray(EXIF.length);
  if (tiff.length < 8) return undefined;
  const little = tiff.toString('latin1', 0, 2) === 'II';
  const at16 = (at: number) => (little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const first = little ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  if (first + 2 > tiff.length) return undefined;
  for (let index = 0, count = at16(first); index < count; index += 1) {
    const entry = first + 2 + index * 12;
    if (entry + 12 > tiff.length) return undefined;
    if (at16(entry) !== ORIENTATION) continue;
    const value = at16(entry + 8);
    return value >= 1 && value <= 8 ? value : undefined;
  }
  return undefined;
};

/** An Exif segment that says which side is up, and nothing else. */
const orientationOnly = (value: number): Buffer =>
  Buffer.concat([
    Buffer.from([MARK, APP1, 0, 34]),
    EXIF,
    Buffer.from('MM\0*\0\0\0\x08', 'latin1'),
    Buffer.from([0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, value, 0, 0, 0, 0, 0, 0]),
  ]);

/** Where the coded points that begin here end: at the next marker that is no restart. */
const endOfScan = (content: Buffer, from: number): number => {
  for (let at = content.indexOf(MARK, from); at !== -1; at = content.indexOf(MARK, at + 1)) {
    const next = content[at + 1];
    if (next !== undefined && next !== 0 && next !== MARK && !isRestart(next)) return at;
  }
  throw new Unacceptable('damaged');
};

/** The picture without metadata, or `null` where it has none. Throws `Unacceptable`. */
export const cleanJpeg = (content: Buffer): { readonly pixels: number; readonly cleaned: Buffer | null } => {
  const kept: Buffer[] = [content.subarray(0, 2)];
  let dropped = false;
  let pixels = 0;
  let at = 2;
  for (;;) {
    if (content[at] !== MARK) throw new Unacceptable('damaged');
    // Any number of fill bytes may stand before a marker.
    while (content[at + 1] === MARK) at += 1;
    const marker = content[at + 1];
    if (marker === END) {
      kept.push(content.subarray(at, at + 2));
      // A second picture, or a film, hangs behind the end of some.
      dropped ||= at + 2 < content.length;
      break;
    }
    if (marker === undefined || marker === START || at + 4 > content.length)
      throw new Unacceptable('damaged');
    const length = content.readUInt16BE(at + 2);
    const end = at + 2 + length;
    if (length < 2 || end > content.length) throw new Unacceptable('damaged');
    const segment = content.subarray(at, end);
    if (isFrame(marker)) {
      if (length < 8) throw new Unacceptable('damaged');
      pixels = Math.max(pixels, segment.readUInt16BE(5) * segment.readUInt16BE(7));
    }
    if (isKept(marker, segment)) kept.push(segment);
    else {
      const orientation = marker === APP1 ? orientationIn(segment) : undefined;
      const needed = orientation === undefined || orientation === 1 ? null : orientationOnly(orientation);
      if (needed !== null) kept.push(needed);
      dropped ||= needed === null || !needed.equals(segment);
    }
    at = end;
    if (marker === SCAN) {
      at = endOfScan(content, end);
      kept.push(content.subarray(end, at));
    }
  }
  if (pixels === 0) throw new Unacceptable('damaged');
  if (pixels > PAPER_LIMITS.pixels) throw new Unacceptable('too-much-content');
  return { pixels, cleaned: dropped ? Buffer.concat(kept) : null };
};
