/** What the bundles of functions weigh. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The bytes that a cold start reads of a bundle's folder: `index.mjs` and what it, and that, imports at once. */
export const bytesAtStart = (folder: string): number => {
  const read = new Map<string, number>();
  const follow = (file: string): void => {
    if (read.has(file)) return;
    const text = readFileSync(join(folder, file), 'utf8');
    read.set(file, Buffer.byteLength(text));
    for (const [, imported = ''] of text.matchAll(/(?:from|import)\s*"\.\/([\w.-]+)"/g)) follow(imported);
  };
  follow('index.mjs');
  return [...read.values()].reduce((sum, bytes) => sum + bytes, 0);
};
