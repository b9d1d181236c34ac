import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readSheet, writeSheet } from '#functions/shared/sheet.ts';

const text = (content: string): Uint8Array => Buffer.from(content);
const refused = (bytes: Uint8Array) =>
  expect(readSheet(bytes)).rejects.toMatchObject({ code: 'unreadable-sheet', status: 422 });

/** 编码,名称 / a,工会 in GB18030, as Excel in China saves CSV. */
const GB18030 = Uint8Array.from([
  0xb1, 0xe0, 0xc2, 0xeb, 0x2c, 0xc3, 0xfb, 0xb3, 0xc6, 0x0d, 0x0a, 0x61, 0x2c, 0xb9, 0xa4, 0xbb, 0xe1, 0x0d,
  0x0a,
]);

describe('CSV', () => {
  test.each<[string, Uint8Array]>([
    ['UTF-8', text('编码,名称\na,工会\n')],
    ['UTF-8 with BOM', text('\uFEFF编码,名称\r\na,工会\r\n')],
    ['GB18030', GB18030],
    ['tabs', text('编码\t名称\na\t工会\n')],
    ['quotes', text('"编码","名称"\n"a","工会"')],
  ])('%s', async (_, bytes) => {
    expect(await readSheet(bytes)).toEqual([
      ['编码', '名称'],
      ['a', '工会'],
    ]);
  });

  test('rows may be of different lengths, and cells hold commas, quotes and line ends', async () => {
    expect(await readSheet(text('a,b,c\n"x,""y""\nz"\n'))).toEqual([['a', 'b', 'c'], ['x,"y"\nz']]);
  });

  test.each<[string, Uint8Array]>([
    ['bytes of no encoding', Uint8Array.from([0x61, 0xff, 0xff, 0x0a])],
    ['an old XLS', Uint8Array.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, 0x00, 0x00])],
    ['zero bytes', text('a\0b')],
    ['an open quote', text('a,"b\nc')],
    ['too many rows', text('x\n'.repeat(20_002))],
  ])('refuses %s', async (_, bytes) => refused(bytes));

  test('takes as many rows as it says', async () => {
    expect(await readSheet(text('x\n'.repeat(20_001)))).toHaveLength(20_001);
  });
});

describe('both ways', () => {
  const rows = [
    ['编码', '名称', '电话'],
    ['0012', '〇〇一二工会，“引号”"q"', '0551-62345678'],
    ['', '𠮷工会', "it's"],
  ];
  const dangerous = [['=1+1', '+1', '-1', '@x', '\tx', '\rx', '＝1', '＋1', '－1', '＠x', "'=1", "'x"]];

  test.each(['csv', 'xlsx'] as const)('%s gives back what was written', async (format) => {
    expect(await readSheet(await writeSheet('表', rows, format))).toEqual(rows);
  });

  test.each(['csv', 'xlsx'] as const)('%s holds nothing that begins like a formula', async (format) => {
    const bytes = await writeSheet('表', dangerous, format);
    const [cells = []] = await readSheet(bytes);
    // A name that begins with an apostrophe and a formula is read as the formula's text: never as a formula.
    expect(cells).toEqual(dangerous[0]?.map((cell) => (cell === "'=1" ? '=1' : cell)));
    if (format === 'csv') {
      expect(Buffer.from(bytes).toString()).not.toMatch(/(^|[,"\n])[=+\-@\t＝＋－＠]/mu);
    }
  });
});

// ---------------------------------------------------------------- archives that are none of ours

type Entry = { readonly name: string; readonly content: Uint8Array; readonly says?: number };

/** A zip by hand; `says` is the length that its directory tells. */
const zip = (entries: readonly Entry[]): Uint8Array => {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, says = content.length } of entries) {
    const packed = deflateRawSync(content);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(8, 8);
    local.writeUInt32LE(packed.length, 18);
    local.writeUInt32LE(says, 22);
    local.writeUInt16LE(name.length, 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(8, 10);
    central.writeUInt32LE(packed.length, 20);
    central.writeUInt32LE(says, 24);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt32LE(offset, 42);
    parts.push(local, Buffer.from(name), packed);
    directory.push(central, Buffer.from(name));
    offset += 30 + name.length + packed.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, listed, end]);
};

const ZEROS = new Uint8Array(65 * 1024 * 1024);

describe('an archive', () => {
  test.each<[string, () => Uint8Array]>([
    ['that is no XLSX', () => zip([{ name: 'a.txt', content: text('hello') }])],
    ['that unpacks to too much', () => zip([{ name: 'xl/workbook.xml', content: ZEROS }])],
    [
      'that unpacks to more than it says',
      () => zip([{ name: '[Content_Types].xml', content: ZEROS, says: 10 }]),
    ],
    [
      'that does not say how long it is',
      () => zip([{ name: '[Content_Types].xml', content: ZEROS, says: 0 }]),
    ],
    [
      'of many files that are too much together',
      () =>
        zip(
          Array.from({ length: 3 }, (_, index) => ({ name: `${index}`, content: ZEROS.subarray(0, 22e6) })),
        ),
    ],
    ['of ZIP64', () => zip([{ name: 'a', content: text('x'), says: 0xffffffff }])],
    ['without a directory', () => text('PK\u0003\u0004')],
    [
      'with a directory that leads nowhere',
      () => Buffer.concat([text('PK'), Buffer.alloc(60, 0xff), zip([]).subarray(0, 22)]),
    ],
  ])('%s is refused', async (_, make) => refused(make()));

  test('half a character, as Excel may spell one, is refused with its row', async () => {
    const bytes = await writeSheet('工会', [['名称'], ['坏_xD83D_字']], 'xlsx');
    await expect(readSheet(bytes)).rejects.toMatchObject({
      code: 'unreadable-sheet',
      message: '第 2 行含有不完整的字符，请改正后重试。',
    });
  });

  test('cut short anywhere is refused, and never crashes', async () => {
    const whole = await writeSheet('表', [['a', 'b']], 'xlsx');
    for (let length = 2; length < whole.length; length += 97) await refused(whole.subarray(0, length));
  });
});
