import { inflateSync } from 'node:zlib';
import jpeg from 'jpeg-js';
import { describe, expect, it } from 'vitest';
import { applicationPaper, authorisationPaper, makePaper, type Paper } from '../../../scripts/demo/papers.ts';

/** The content of a PDF's streams, inflated. */
function streamsOf(pdf: Uint8Array): string[] {
  const bytes = Buffer.from(pdf);
  const streams: string[] = [];
  const opening = '\nstream\n';
  for (let at = bytes.indexOf(opening); at >= 0; at = bytes.indexOf(opening, at + 1)) {
    const content = bytes.subarray(at + opening.length, bytes.indexOf('\nendstream', at));
    streams.push(inflateSync(content).toString('latin1'));
  }
  return streams;
}

/** The characters that a PDF says its glyphs stand for: its fonts' ToUnicode maps. */
function charactersOf(pdf: Uint8Array): Set<string> {
  const maps = streamsOf(pdf).filter((text) => text.includes('beginbfrange'));
  const codes = maps.flatMap((text) => [...text.matchAll(/<([0-9a-f]{4})>(?= |\])/g)]);
  return new Set(codes.map(([, code]) => String.fromCharCode(Number.parseInt(code ?? '', 16))));
}

/** How many pages carry the mark: four characters of 84 points, which nothing else has. */
const marksOf = (pdf: Uint8Array): number => streamsOf(pdf).filter((text) => text.includes(' 84 Tf')).length;

const pagesOf = (pdf: Uint8Array): number =>
  (
    Buffer.from(pdf)
      .toString('latin1')
      .match(/\/Type \/Page\n/g) ?? []
  ).length;

const application = {
  union: '安徽省样例机械厂工会',
  name: '欧阳馨',
  householdSize: 3,
  cause: '本人患病、子女就学',
  date: '2026-03-02',
};

const authorisation = (people: number): Parameters<typeof authorisationPaper>[0] => ({
  worker: '欧阳馨',
  unit: '安徽省样例机械厂工会',
  phone: '13800000000',
  date: '2026-03-02',
  members: Array.from({ length: people }, (_, n) => ({
    name: `样例${n}`,
    relation: '子女',
    idNumber: '340199200001010000',
  })),
});

describe('the papers of the demo', () => {
  it('the application is a PDF of one page with the words of the form and of the case, marked as a sample', async () => {
    const pdf = await applicationPaper(application);
    expect(Buffer.from(pdf).subarray(0, 5).toString()).toBe('%PDF-');
    expect(Buffer.from(pdf).subarray(-6).toString().trim()).toBe('%%EOF');
    expect(pagesOf(pdf)).toBe(1);
    const characters = charactersOf(pdf);
    const words =
      '个人申请书工会本人家庭口因导致家庭生活困难特申请工会帮扶救助申请人签字年月日欧阳馨患病子女就学合成样例';
    expect([...words].filter((character) => !characters.has(character))).toEqual([]);
  });

  it('the authorisation has five rows a sheet, goes on on further sheets, and each is marked', async () => {
    for (const [people, pages] of [
      [1, 1],
      [5, 1],
      [6, 2],
      [11, 3],
    ] as const) {
      const pdf = await authorisationPaper(authorisation(people));
      expect([pagesOf(pdf), marksOf(pdf)], `${people}`).toEqual([pages, pages]);
    }
    const characters = charactersOf(await authorisationPaper(authorisation(1)));
    const words =
      '家庭经济状况查询授权书特此授权与户主关系身份证号码指模授权家庭职工本人签字授权单位盖章联系电话赡抚扶养';
    expect([...words].filter((character) => !characters.has(character))).toEqual([]);
  });

  const plain: Paper = {
    kind: 'income',
    title: '收入证明',
    lines: ['上一年度工资收入 62,320.00 元。'],
    format: 'pdf',
  };

  it('a plain paper comes as PDF, and on more pages where the lines need them', async () => {
    expect(pagesOf(await makePaper(plain))).toBe(1);
    // Some 25 lines fit on a sheet.
    expect(pagesOf(await makePaper({ ...plain, lines: Array.from({ length: 60 }, () => '一行') }))).toBe(3);
  });

  it('and as JPEG with a picture in it; the words are in the comment', async () => {
    const photo = await makePaper({ ...plain, format: 'jpeg' });
    const { width, height, data, comments } = jpeg.decode(photo, { useTArray: true });
    expect([width, height]).toEqual([600, 800]);
    const comment = Buffer.from(comments?.[0] ?? '', 'latin1').toString();
    for (const words of ['合成样例', '收入证明', '62,320.00']) expect(comment).toContain(words);
    const pixel = (x: number, y: number): number[] => [
      ...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 3),
    ];
    const [desk, paper, ink] = [pixel(5, 5), pixel(100, 400), pixel(85, 155)].map(([red = 0]) => red);
    expect(paper).toBeGreaterThan(200);
    expect(desk).toBeLessThan(150);
    expect(ink).toBeLessThan(100);
    expect(photo.length).toBeLessThan(60_000);
  });

  it('the same paper has the same bytes, another one has others', async () => {
    for (const format of ['pdf', 'jpeg'] as const) {
      const one = await makePaper({ ...plain, format });
      expect(await makePaper({ ...plain, format })).toEqual(one);
      expect(await makePaper({ ...plain, format, lines: ['另一行'] })).not.toEqual(one);
    }
  });
});
