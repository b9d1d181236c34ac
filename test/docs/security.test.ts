import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const TEXT = readFileSync(join(ROOT, 'docs/security.md'), 'utf8');

test('docs/security.md names proofs that exist, and is short enough to be read', () => {
  const named = new Set([...TEXT.matchAll(/`(test\/[\w./-]+\.test\.ts)`/g)].map(([, path = '']) => path));
  expect(named.size).toBeGreaterThan(30);
  expect([...named].filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  expect(TEXT.split('\n').length).toBeLessThan(200);
});

test('every row of the table by boundary names its proof', () => {
  const table = TEXT.slice(TEXT.indexOf('| boundary |'), TEXT.indexOf('Consent before anything'));
  const rows = table.trim().split('\n').slice(2);
  expect(rows.length).toBeGreaterThan(20);
  expect(rows.filter((row) => !/`test\/.*` \|$/.test(row))).toEqual([]);
});
