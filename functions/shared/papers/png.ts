/** PNG: its size in points, and the same picture without texts, times and Exif. Chunks as in the PNG specification. */
import { crc32 } from 'node:zlib';
import { PAPER_LIMITS, Unacceptable } from './limits.ts';

const HEAD = 8;
/** Length, type and checksum of a chunk. */
const FRAME = 12;

/** What is needed to show the picture in its colours; everything else that may be left out is. */
const NEEDED: ReadonlySet<string> = new Set([
  'tRNS',
  'cHRM',
  'gAMA',
  'iCCP',
  'sBIT',
  'sRGB',
  'cICP',
  'bKGD',
  'pHYs',
]);

/** Critical chunks have a capital first letter. */
const isKept = (type: string): boolean => /^[A-Z]/.test(type) || NEEDED.has(type);

const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** The picture without metadata, or `null` where it has none. Throws `Unacceptable`. */
export const cleanPng = (content: Buffer): { readonly pixels: number; readonly cleaned: Buffer | null } => {
  const kept: Buffer[] = [content.subarray(0, HEAD)];
  let dropped = false;
  let pixels = 0;
  let packed = 0;
  let most = 0;
  let ended = false;
  let at = HEAD;
  while (!ended) {
    if (at + FRAME > content.length) throw new Unacceptable('damaged');
    const length = content.readUInt32BE(at);
    const end = at + FRAME + length;
    if (end > content.length) throw new Unacceptable('damaged');
    const type = content.toString('latin1', at + 4, at + 8);
    const body = content.subarray(at + 8, end - 4);
    if (crc32(content.subarray(at + 4, end - 4)) !== content.readUInt32BE(end - 4))
      throw new Unacceptable('damaged');
    if ((type === 'IHDR') !== (at === HEAD)) throw new Unacceptable('damaged');
    if (type === 'IHDR') {
      if (length !== 13) throw new Unacceptable('damaged');
      const [width, height] = [body.readUInt32BE(0), body.readUInt32BE(4)];
      const channels = CHANNELS[body[9] ?? -1];
      if (channels === undefined || width === 0 || height === 0) throw new Unacceptable('damaged');
      pixels = width * height;
      most = pixels * channels * ((body[8] ?? 0) / 8) + height;
    }
    if (type === 'IDAT') packed += length;
    ended = type === 'IEND';
    if (isKept(type)) kept.push(content.subarray(at, end));
    else dropped = true;
    at = end;
  }
  dropped ||= at < content.length;
  if (packed === 0) throw new Unacceptable('damaged');
  // Deflate makes at most 1032 bytes of one: more points than that were never in there.
  if (pixels > PAPER_LIMITS.pixels) throw new Unacceptable('too-much-content');
  if (most > packed * 1032 + 1032) throw new Unacceptable('damaged');
  return { pixels, cleaned: dropped ? Buffer.concat(kept) : null };
};
