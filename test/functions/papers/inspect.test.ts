import { crc32, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import jpeg from 'jpeg-js';
import PDFDocument from 'pdfkit';
import { describe, expect, test } from 'vitest';
import { inspectPaper } from '#functions/shared/papers/inspect.ts';
import { PAPER_LIMITS } from '#functions/shared/papers/limits.ts';
import { pdfWith, photoOf } from '#test/support/papers.ts';

const PDF = 'application/pdf';
const JPEG = 'image/jpeg';
const PNG = 'image/png';

const faultOf = (content: Uint8Array, type: typeof PDF | typeof JPEG | typeof PNG) => {
  const found = inspectPaper(content, type);
  return 'fault' in found ? found.fault : null;
};

const cleanedOf = (content: Uint8Array, type: typeof JPEG | typeof PNG): Buffer | null => {
  const found = inspectPaper(content, type);
  if ('fault' in found) throw new Error(`refused: ${found.fault}`);
  return found.cleaned === null ? null : Buffer.from(found.cleaned);
};

/** A stream object. */
const stream = (number: number, dictionary: string, content: Buffer): string =>
  `${number} 0 obj <<${dictionary}/Length ${content.length}>> stream\n${content.toString('latin1')}\nendstream endobj`;

const flate = (content: Buffer | string): Buffer => deflateSync(content);

const byPdfkit = (pages: number): Promise<Buffer> =>
  new Promise((resolve) => {
    const document = new PDFDocument({ autoFirstPage: false });
    const parts: Buffer[] = [];
    document.on('data', (part: Buffer) => parts.push(part));
    document.on('end', () => resolve(Buffer.concat(parts)));
    for (let page = 0; page < pages; page += 1) document.addPage().text(`page ${page}`);
    document.end();
  });

const segment = (marker: number, body: Buffer): Buffer => {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([head, body]);
};

const PLACE = 'GPS 31.8206N 117.2272E';

/** Exif with an orientation and a place; `little` as Intel, else as Motorola writes it. */
const exif = (orientation: number, little: boolean): Buffer => {
  const tiff = Buffer.alloc(8 + 2 + 2 * 12 + 4);
  const at16 = (value: number, at: number) =>
    little ? tiff.writeUInt16LE(value, at) : tiff.writeUInt16BE(value, at);
  const at32 = (value: number, at: number) =>
    little ? tiff.writeUInt32LE(value, at) : tiff.writeUInt32BE(value, at);
  tiff.write(little ? 'II' : 'MM', 0, 'latin1');
  at16(42, 2);
  at32(8, 4);
  at16(2, 8);
  at16(0x8825, 10);
  at16(4, 12);
  at32(1, 14);
  at32(34, 18);
  at16(0x0112, 22);
  at16(3, 24);
  at32(1, 26);
  at16(orientation, 30);
  return segment(0xe1, Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff, Buffer.from(PLACE)]));
};

const withSegments = (photo: Buffer, ...segments: Buffer[]): Buffer =>
  Buffer.concat([photo.subarray(0, 2), ...segments, photo.subarray(2)]);

const chunk = (type: string, body: Buffer): Buffer => {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), body]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(body.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
};

const header = (width: number, height: number): Buffer => {
  const body = Buffer.alloc(13);
  body.writeUInt32BE(width, 0);
  body.writeUInt32BE(height, 4);
  body[8] = 8;
  return chunk('IHDR', body);
};

const png = (...between: Buffer[]): Buffer =>
  Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    header(4, 4),
    ...between,
    chunk('IDAT', flate(Buffer.alloc(20))),
    chunk('IEND', Buffer.alloc(0)),
  ]);

describe('PDF', () => {
  test('of any pages up to the limit comes in as it is', async () => {
    expect(inspectPaper(await byPdfkit(1), PDF)).toEqual({ cleaned: null });
    expect(faultOf(await byPdfkit(PAPER_LIMITS.pages), PDF)).toBeNull();
  });

  test('of more pages is refused', async () => {
    expect(faultOf(await byPdfkit(PAPER_LIMITS.pages + 1), PDF)).toBe('too-many-pages');
  });

  test('whose pages lie in an object stream is counted by them', () => {
    const pages = (count: number) =>
      Buffer.from(
        `%PDF-1.5\n${stream(1, '/Type/ObjStm/N 1/First 4/Filter/FlateDecode', flate('<</Type /Page>> '.repeat(count)))}\n%%EOF`,
        'latin1',
      );
    expect(faultOf(pages(1), PDF)).toBeNull();
    expect(faultOf(pages(PAPER_LIMITS.pages + 1), PDF)).toBe('too-many-pages');
  });

  test.each([
    ['is no PDF at all', Buffer.from('GIF89a'), 'wrong-type'],
    ['has no end', pdfWith('cut').subarray(0, 120), 'damaged'],
    ['has no page', Buffer.from('%PDF-1.4\n1 0 obj <</Type/Catalog>> endobj\n%%EOF'), 'damaged'],
    ['has a stream without end', pdfWith('s', '4 0 obj <</Length 9>> stream\nabc'), 'damaged'],
    ['is locked by a password', pdfWith('p', '/Encrypt 9 0 R'), 'encrypted'],
    [
      'runs a program',
      pdfWith('j', '4 0 obj <</S/JavaScript/JS(app.alert\\(1\\))>> endobj'),
      'active-content',
    ],
    ['writes its names by numbers', pdfWith('n', '4 0 obj <</S/J#61vaScript>> endobj'), 'active-content'],
    ['starts another program', pdfWith('l', '4 0 obj <</S/Launch/F(cmd.exe)>> endobj'), 'active-content'],
    ['holds another file', pdfWith('f', '4 0 obj <</Type/EmbeddedFile>> endobj'), 'active-content'],
    [
      'hides a program in an object stream',
      pdfWith('o', stream(4, '/Type/ObjStm/Filter/FlateDecode', flate('<</S/JavaScript>>'))),
      'active-content',
    ],
    [
      'hides its objects under another filter',
      pdfWith('x', stream(4, '/Type/ObjStm/Filter[/ASCII85Decode/FlateDecode]', Buffer.from('~>'))),
      'damaged',
    ],
    [
      'unfolds without end',
      pdfWith('b', stream(4, '/Filter/FlateDecode', flate(Buffer.alloc(PAPER_LIMITS.unfolded.part + 1)))),
      'too-much-content',
    ],
    [
      'is folded twice over',
      pdfWith('t', stream(4, '/Filter[/FlateDecode/FlateDecode]', flate(flate('a')))),
      'too-much-content',
    ],
    [
      'shows a picture that fills a memory',
      pdfWith('i', stream(4, '/Subtype/Image/Width 60000/Height 60000', Buffer.from('x'))),
      'too-much-content',
    ],
  ])('that %s is refused', (_, content, fault) => expect(faultOf(content, PDF)).toBe(fault));

  test('with other compressed parts than objects is taken as it is', () => {
    const more = stream(4, '/Filter[/ASCII85Decode /FlateDecode]', Buffer.from('9jqo^~>'));
    expect(faultOf(pdfWith('a', more), PDF)).toBeNull();
  });

  test('of a million streams is judged in time that grows with its size only', () => {
    const many = Buffer.from(`%PDF-1.4\n${'stream\nendstream '.repeat(1_000_000)}%%EOF`);
    expect(faultOf(many, PDF)).toBe('damaged');
  }, 20_000);
});

describe('JPEG', () => {
  const photo = photoOf(7);

  test('without metadata comes in as it is', () => expect(cleanedOf(photo, JPEG)).toBeNull());

  test.each([
    ['Exif with a place', exif(1, true)],
    ['XMP', segment(0xe1, Buffer.from(`http://ns.adobe.com/xap/1.0/\0${PLACE}`))],
    ['IPTC', segment(0xed, Buffer.from(PLACE))],
    ['a comment', segment(0xfe, Buffer.from(PLACE))],
    ['an index of second pictures', segment(0xe2, Buffer.from(`MPF\0${PLACE}`))],
  ])('loses %s, and not a point of the picture', (_, more) => {
    const cleaned = cleanedOf(withSegments(photo, more), JPEG);
    expect(cleaned).toEqual(photo);
  });

  test('loses what hangs behind its end', () => {
    expect(cleanedOf(Buffer.concat([photo, Buffer.from(PLACE)]), JPEG)).toEqual(photo);
  });

  test.each([true, false])(
    'that lies on its side stays so, by nothing but that (Intel order: %s)',
    (little) => {
      const cleaned = cleanedOf(withSegments(photo, exif(6, little)), JPEG);
      if (cleaned === null) throw new Error('not cleaned');
      expect(cleaned.includes(PLACE)).toBe(false);
      expect(cleaned.includes(Buffer.from([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6]))).toBe(true);
      // Cleaned once, there is nothing left to clean.
      expect(cleanedOf(cleaned, JPEG)).toBeNull();
      expect(jpeg.decode(cleaned).width).toBe(8);
    },
  );

  test('keeps its colour profile', () => {
    const profile = segment(0xe2, Buffer.from('ICC_PROFILE\0\x01\x01profile', 'latin1'));
    expect(cleanedOf(withSegments(photo, profile), JPEG)).toBeNull();
  });

  test('with broken Exif loses it all the same', () => {
    for (const body of ['Exif\0\0', 'Exif\0\0II*\0\xff\xff\xff\x7f', 'Exif\0\0MM\0*\0\0\0\x08\0\x09']) {
      expect(cleanedOf(withSegments(photo, segment(0xe1, Buffer.from(body, 'latin1'))), JPEG)).toEqual(photo);
    }
  });

  test('cut off anywhere is refused, and never more than refused', () => {
    for (let length = 3; length < photo.length; length += 1) {
      expect(faultOf(photo.subarray(0, length), JPEG)).toBe('damaged');
    }
  });

  test('of more points than a viewer can hold is refused', () => {
    const huge = Buffer.from(photo);
    const frame = huge.indexOf(Buffer.from([0xff, 0xc0]));
    huge.writeUInt16BE(65_000, frame + 5);
    huge.writeUInt16BE(65_000, frame + 7);
    expect(faultOf(huge, JPEG)).toBe('too-much-content');
  });
});

describe('PNG', () => {
  test('without metadata comes in as it is', () => expect(cleanedOf(png(), PNG)).toBeNull());

  test.each(['tEXt', 'zTXt', 'iTXt', 'eXIf', 'tIME'])('loses its %s', (type) => {
    expect(cleanedOf(png(chunk(type, Buffer.from(PLACE))), PNG)).toEqual(png());
  });

  test('keeps what its colours need', () => {
    expect(cleanedOf(png(chunk('gAMA', Buffer.from([0, 0, 0xb1, 0x8f]))), PNG)).toBeNull();
  });

  test('loses what hangs behind its end', () => {
    expect(cleanedOf(Buffer.concat([png(), Buffer.from(PLACE)]), PNG)).toEqual(png());
  });

  test('that says it is huge and holds nothing is refused', () => {
    const huge = (width: number, height: number) =>
      Buffer.concat([png().subarray(0, 8), header(width, height), png().subarray(8 + 25)]);
    expect(faultOf(huge(100_000, 100_000), PNG)).toBe('too-much-content');
    expect(faultOf(huge(10_000, 10_000), PNG)).toBe('damaged');
  });

  test('with a wrong checksum, or cut off, is refused', () => {
    const broken = Buffer.from(png());
    broken[20] = (broken[20] ?? 0) ^ 1;
    expect(faultOf(broken, PNG)).toBe('damaged');
    for (let length = 8; length < png().length; length += 1) {
      expect(faultOf(png().subarray(0, length), PNG)).toBe('damaged');
    }
  });
});

describe('whatever comes', () => {
  test('is answered, not thrown at', () => {
    const start = fc.constantFrom(pdfWith('f'), photoOf(9), png());
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 40 }), fc.nat(), (good, noise, seed) => {
        const content = Buffer.concat([good]);
        noise.forEach((byte, index) => {
          content[(seed + index * 7919) % content.length] = byte;
        });
        for (const type of [PDF, JPEG, PNG] as const) inspectPaper(content, type);
      }),
      { numRuns: 2000, seed: 51 },
    );
  });
});
