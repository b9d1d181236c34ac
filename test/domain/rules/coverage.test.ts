/** `docs/regulation.md` is what the repository says of itself, and every row of the digest is accounted for. */
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { clauseIds } from '#domain/rules/registry.ts';
import {
  COVERAGE_DOCUMENT,
  cites,
  coverage,
  coverageDocument,
  faultOf,
  groupsOf,
  OPEN,
} from '../../../scripts/coverage.ts';

const rows = await coverage();
const page = await readFile(COVERAGE_DOCUMENT, 'utf8');

describe('the coverage of the law', () => {
  test('is on the page as the repository stands (else: npm run -s coverage)', () => {
    expect(page).toBe(coverageDocument(rows));
  });

  test('has one row for every id of the digest', () => {
    expect((page.match(/^### .*$/gm) ?? []).sort()).toEqual(clauseIds.map((id) => `### ${id}`).sort());
    expect(Object.keys(OPEN).filter((id) => !clauseIds.includes(id))).toEqual([]);
  });

  test('leaves no row that is neither proved nor accounted for', () => {
    expect(rows.flatMap((row) => faultOf(row) ?? [])).toEqual([]);
  });

  test.each(rows.map((row) => [row.id, row] as const))(
    '%s names files and tests that cite it',
    async (id, row) => {
      for (const path of row.implemented) {
        expect(await readFile(new URL(`../../../${path}`, import.meta.url), 'utf8')).toContain(id);
      }
      for (const { file, groups } of row.proved) {
        const source = await readFile(new URL(`../../../${file}`, import.meta.url), 'utf8');
        for (const group of groups) expect(source).toContain(group);
      }
    },
  );
});

describe('a row', () => {
  const row = {
    id: 'A-1',
    citation: '',
    implemented: ['a.ts'],
    proved: [{ file: 'b', groups: ['c'] }],
    open: undefined,
  };

  test.each([
    ['carried out and proved', row, undefined],
    ['carried out nowhere', { ...row, implemented: [] }, 'A-1 is carried out nowhere, and nothing says why'],
    ['without a test', { ...row, proved: [] }, 'A-1 is proved by no test, and nothing says why'],
    ['without a test, for a reason', { ...row, proved: [], open: { uncited: 'so' } }, undefined],
    ['whose reason is gone', { ...row, open: { uncited: 'so' } }, 'A-1 is cited by tests now'],
  ])('%s', (_, given, fault) => {
    expect(faultOf(given)).toBe(fault);
  });
});

describe('a citation', () => {
  test.each([
    ['A-1', 'the paper A-1.', true],
    ['A-1', 'the paper A-13', false],
    ['B-13', 'article B-13.1', false],
    ['B-5.2', 'B-5.2a', false],
    ['B-7.1', '(B-7.1)', true],
    ['C-3', 'ABC-3', false],
  ])('%s in “%s”: %s', (id, text, expected) => {
    expect(cites(text, id)).toBe(expected);
  });

  test('in a comment of a test proves nothing; in a name or a table it does', () => {
    const source =
      "describe('one', () => {\n  // 'A-1'\n  test('A-2', () => {});\n});\ndescribe('two', () => {\n  /* 'A-3' */ f(['A-4']);\n});\n";
    expect(groupsOf(source)).toEqual([
      { name: 'one', strings: "'one'\n'A-2'" },
      { name: 'two', strings: "'two'\n'A-4'" },
    ]);
  });
});
