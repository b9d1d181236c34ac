import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { clause, clauseIds } from '#domain/rules/registry.ts';

const source = readFileSync(new URL('../../../domain/rules/law/source.txt', import.meta.url), 'utf8');
const lines = new Set(source.split('\n').map((line) => line.trim()));

const numbered = (prefix: string, last: number) =>
  Array.from({ length: last }, (_, index) => `${prefix}-${index + 1}`);

/** The rows of the digest. */
const DIGEST = [
  ...numbered('A', 13),
  ...['B-4', 'B-5.1', 'B-5.2a', 'B-5.2b', 'B-5.3', 'B-5.4', 'B-5.5', 'B-5.6', 'B-5.7', 'B-6'],
  ...['B-7.1', 'B-7.2', 'B-7.3', 'B-7.4', 'B-7.5', 'B-7.6', 'B-7.7'],
  ...['B-8.1', 'B-8.2', 'B-8.3', 'B-8.4', 'B-8.5', 'B-9', 'B-10', 'B-12', 'B-13.1', 'B-13.2', 'B-13.3'],
  ...['B-14', 'B-15', 'B-16', 'B-18', 'B-19', 'B-20', 'B-n3', 'B-n4', 'B-n6'],
  ...numbered('C', 6),
  ...numbered('R', 18),
];

describe('the registry of clauses', () => {
  test('holds every row of the digest once, and nothing else', () => {
    expect([...clauseIds].sort()).toEqual([...DIGEST].sort());
  });

  test.each(DIGEST)('%s quotes paragraphs that stand in the source, and says where', (id) => {
    const found = clause(id);
    expect(found?.paragraphs.length).toBeGreaterThan(0);
    expect(found?.citation).toMatch(/皖工|建档材料/);
    for (const paragraph of found?.paragraphs ?? []) {
      if (found?.kind === 'law') expect(source).toContain(paragraph);
      else expect(paragraph.length).toBeGreaterThan(10);
    }
  });

  test('a clause that is a whole paragraph of the source is quoted to its end', () => {
    const paragraphs = ['B-5.1', 'B-5.3', 'B-5.4', 'B-5.6', 'B-5.7', 'B-7.1', 'B-18', 'C-4', 'B-n3'].flatMap(
      (id) => clause(id)?.paragraphs ?? [],
    );
    for (const paragraph of paragraphs) expect(lines).toContain(paragraph);
  });

  test.each([
    ['B-7.1', '皖工发〔2017〕51号第七条第（一）项'],
    ['B-5.2b', '皖工发〔2017〕51号第五条第（一）项第2目'],
    ['C-3', '皖工办发〔2018〕75号第三条'],
    ['R-9', '本系统适用口径R-9（皖工办发〔2018〕75号第三条）'],
  ])('%s is cited as %s', (id, citation) => {
    expect(clause(id)?.citation).toBe(citation);
  });

  test.each([
    ['C-1', '2018-12-18'],
    ['B-6', '2017'],
    ['A-6', null],
    ['R-10', '2018-12-18'],
  ])('%s holds from %s', (id, from) => {
    expect(clause(id)?.from).toBe(from);
  });

  test('an id that no clause has gives nothing', () => {
    expect(clause('B-99')).toBeUndefined();
    expect(clause('__proto__')).toBeUndefined();
  });
});
