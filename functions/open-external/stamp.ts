/**
 * A paper as an outsider gets it (B-16): a PDF with the stamp on every page, drawn as outlines, so that no viewer needs a
 * font. A picture becomes a page of its own size. Read when it is wanted alone: the library is larger than the rest of
 * the function.
 */
import { degrees, PDFDocument, type PDFPage, rgb } from 'pdf-lib';
import type { ContentType } from '#functions/shared/document-store.ts';
import document from './glyphs.json' with { type: 'json' };
import { type Stamp, stampLines } from './stamp-text.ts';

const GLYPHS: ReadonlyMap<string, { readonly width: number; readonly path: string }> = new Map(
  Object.entries(document.glyphs),
);
const RED = rgb(0.75, 0.1, 0.1);
/** Of an A4 page's longer side, in points: a picture's page is never larger. */
const LONG_SIDE = 842;

const glyphOf = (sign: string): { readonly width: number; readonly path: string } => {
  const glyph = GLYPHS.get(sign);
  if (glyph === undefined) throw new Error('a stamp holds a sign without an outline');
  return glyph;
};

const widthOf = (text: string): number =>
  [...text].reduce((sum, sign) => sum + glyphOf(sign).width, 0) / document.unitsPerEm;

type Line = {
  readonly text: string;
  /** Where the line begins, in points. */
  readonly x: number;
  readonly y: number;
  /** The height of a sign, in points. */
  readonly size: number;
  readonly angle: number;
  readonly opacity: number;
};

const drawLine = (page: PDFPage, { text, x, y, size, angle, opacity }: Line): void => {
  const scale = size / document.unitsPerEm;
  const radians = (angle * Math.PI) / 180;
  let along = 0;
  for (const sign of text) {
    const { width, path } = glyphOf(sign);
    if (path !== '') {
      page.drawSvgPath(path, {
        x: x + along * Math.cos(radians),
        y: y + along * Math.sin(radians),
        scale,
        rotate: degrees(angle),
        color: RED,
        opacity,
      });
    }
    along += width * scale;
  }
};

/** A large stamp across the page, a small one along its foot; both within what the page shows. */
const stampPage = (page: PDFPage, stamp: Stamp): void => {
  const [phrase, facts] = stampLines(stamp);
  const { x, y, width, height } = page.getCropBox();
  const angle = (Math.atan2(height, width) * 180) / Math.PI;
  const size = (Math.hypot(width, height) * 0.7) / widthOf(phrase);
  const half = (widthOf(phrase) * size) / 2;
  const radians = (angle * Math.PI) / 180;
  drawLine(page, {
    text: phrase,
    x: x + width / 2 - half * Math.cos(radians),
    y: y + height / 2 - half * Math.sin(radians),
    size,
    angle,
    opacity: 0.18,
  });
  const small = Math.min(10, (width * 0.94) / widthOf(facts));
  drawLine(page, {
    text: phrase,
    x: x + width * 0.03,
    y: y + small * 2.4,
    size: small,
    angle: 0,
    opacity: 0.9,
  });
  drawLine(page, { text: facts, x: x + width * 0.03, y: y + small, size: small, angle: 0, opacity: 0.9 });
};

const pagesOf = async (content: Uint8Array, contentType: ContentType): Promise<PDFDocument> => {
  if (contentType === 'application/pdf') return PDFDocument.load(content, { updateMetadata: false });
  const made = await PDFDocument.create();
  const picture = contentType === 'image/png' ? await made.embedPng(content) : await made.embedJpg(content);
  const { width, height } = picture.scaleToFit(LONG_SIDE, LONG_SIDE);
  made.addPage([width, height]).drawImage(picture, { x: 0, y: 0, width, height });
  return made;
};

/** The stamped paper; null for what cannot be read as what it says it is, or is locked. */
export const stampPaper = async (
  content: Uint8Array,
  contentType: ContentType,
  stamp: Stamp,
): Promise<Uint8Array | null> => {
  let paper: PDFDocument;
  let pages: readonly PDFPage[];
  try {
    paper = await pagesOf(content, contentType);
    pages = paper.getPages();
  } catch {
    // The library's messages quote the file.
    return null;
  }
  if (pages.length === 0) return null;
  for (const page of pages) stampPage(page, stamp);
  return paper.save();
};
