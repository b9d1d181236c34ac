import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const TEXT = readFileSync(join(ROOT, 'docs/security.md'), 'utf8');

/** Proofs that other pieces bring. Whoever brings one takes it out of this list: it must be missing to stand here. */
const AWAITED: readonly string[] = ['test/api/access.test.ts', 'test/functions/shared/opening-limit.test.ts'];

test('docs/security.md names proofs that exist, and is short enough to be read', () => {
  const named = new Set([...TEXT.matchAll(/`(test\/[\w./-]+\.test\.ts)`/g)].map(([, path = '']) => path));
  expect(named.size).toBeGreaterThan(30);
  const missing = [...named].filter((path) => !existsSync(join(ROOT, path)));
  expect(missing.toSorted()).toEqual(AWAITED.toSorted());
  expect(TEXT.split('\n').length).toBeLessThan(200);
});

test('every row of the table by boundary names its proof', () => {
  const table = TEXT.slice(TEXT.indexOf('| boundary |'), TEXT.indexOf('Consent before submission'));
  const rows = table.trim().split('\n').slice(2);
  expect(rows.length).toBeGreaterThan(20);
  expect(rows.filter((row) => !/`test\/.*` \|$/.test(row))).toEqual([]);
});
