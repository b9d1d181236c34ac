/** A minified bundle renames classes, and `Retry` and `Catch` of the definition go by the names of errors. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');

test('every error says its name itself', () => {
  const sources = globSync('{functions,domain,adapters}/**/*.ts', { cwd: ROOT });
  const classes = sources.flatMap((file) =>
    readFileSync(join(ROOT, file), 'utf8')
      .split(/^(?=(?:export )?class )/m)
      .filter((part) => /^(?:export )?class \w+ extends (?:\w*Error|SignatureRefused)\b/.test(part)),
  );
  expect(classes.length).toBeGreaterThan(15);
  const silent = classes.filter((part) => !/^ {2}override readonly name\b/m.test(part.split(/^}/m)[0] ?? ''));
  expect(silent.map((part) => /class \w+/.exec(part)?.[0])).toEqual([]);
});
