import { inflateSync } from 'node:zlib';
import { PDFArray, PDFDocument, PDFRawStream } from 'pdf-lib';
import { describe, expect, test } from 'vitest';
import glyphs from '#functions/open-external/glyphs.json' with { type: 'json' };
import { stampPaper } from '#functions/open-external/stamp.ts';
import { STAMP_SIGNS, stampLines } from '#functions/open-external/stamp-text.ts';

const STAMP = { access: '01m86vyvqxvv9awv57vqb9td5k', bodyCode: '91350100M000100Y43', date: '2026-11-24' };
/** 8 signs of the phrase twice, 4 of each label, 26 of the number, 18 of the code, 10 of the date. */
const OUTLINES = 2 * 8 + 3 * 4 + 26 + 18 + 10;

const pages = async (bytes: Uint8Array | null): Promise<PDFDocument> => {
  if (bytes === null) throw new Error('the paper was not stamped');
  return PDFDocument.load(bytes);
};

/** How many shapes a page fills, by its content streams. */
const filled = (document: PDFDocument, index: number): number => {
  const contents = document.getPage(index).node.Contents();
  if (!(contents instanceof PDFArray)) throw new Error('a stamped page has more than one content');
  const text = contents
    .asArray()
    .map((reference) => {
      const stream = document.context.lookup(reference);
      if (!(stream instanceof PDFRawStream)) throw new Error('a content that is no stream');
      const content = stream.getContents();
      const plain = String(stream.dict).includes('FlateDecode') ? inflateSync(content) : Buffer.from(content);
      return plain.toString('latin1');
    })
    .join('\n');
  return text.match(/^f$/gm)?.length ?? 0;
};

const blank = async (...sizes: readonly [number, number][]): Promise<Uint8Array> => {
  const document = await PDFDocument.create();
  for (const size of sizes) document.addPage(size);
  return document.save();
};

/** 2 × 1 pixels. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAADElEQVR4nGP4//8/AAX+Av4N70a4AAAAAElFTkSuQmCC',
  'base64',
);

describe('外单位查阅的副本（B-16）', () => {
  test('每一页都盖有标记，原有的页一页不少', async () => {
    const stamped = await pages(
      await stampPaper(await blank([595, 842], [842, 595], [200, 100]), 'application/pdf', STAMP),
    );
    expect(stamped.getPages().map((page) => [page.getWidth(), page.getHeight()])).toEqual([
      [595, 842],
      [842, 595],
      [200, 100],
    ]);
    for (const index of [0, 1, 2]) expect(filled(stamped, index)).toBe(OUTLINES);
  });

  test('图片成为一页 PDF，按比例放大到一页', async () => {
    const stamped = await pages(await stampPaper(PNG, 'image/png', STAMP));
    expect(stamped.getPageCount()).toBe(1);
    expect(stamped.getPage(0).getSize()).toEqual({ width: 842, height: 421 });
    expect(filled(stamped, 0)).toBe(OUTLINES);
  });

  test.each([
    ['application/pdf', Buffer.from('%PDF-1.4 nothing')],
    ['image/png', Buffer.from('nothing')],
    ['image/jpeg', PNG],
  ] as const)('读不懂的 %s 不给副本', async (type, content) => {
    expect(await stampPaper(content, type, STAMP)).toBeNull();
  });

  test('标记写明查阅编号、单位代码和日期', () => {
    expect(stampLines(STAMP)).toEqual([
      '仅供查阅 不得外传',
      '查阅编号 01M86VYVQXVV9AWV57VQB9TD5K  单位代码 91350100M000100Y43  查阅日期 2026-11-24',
    ]);
    expect(() => stampLines({ ...STAMP, bodyCode: '某某局' })).toThrow();
  });

  test('用到的每个字都有字形，空格之外都有笔画', () => {
    for (const sign of STAMP_SIGNS) {
      const glyph = new Map(Object.entries(glyphs.glyphs)).get(sign);
      expect(glyph?.width).toBeGreaterThan(0);
      expect((glyph?.path ?? '').length > 20).toBe(sign !== ' ');
    }
  });
});
