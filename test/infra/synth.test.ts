import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';

const root = join(import.meta.dirname, '..', '..');
const bin = join(root, 'node_modules', '.bin');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'infra-synth-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Everything that the command line's surroundings tell it: where programs are. No account, no region, no home. */
const synth = (environment: string, out: string) =>
  promisify(execFile)('cdk', ['synth', '-q', '-c', `environment=${environment}`, '-o', out], {
    cwd: root,
    env: { PATH: `${bin}${delimiter}${process.env.PATH}`, HOME: folder },
  });

const Manifest = z.object({
  artifacts: z.record(z.string(), z.object({ type: z.string(), environment: z.string().optional() })),
});

it.each([
  ['dev', 'aws://unknown-account/ap-southeast-1'],
  ['china', 'aws://unknown-account/cn-north-1'],
])('synthesizes %s without an account', async (environment, place) => {
  const out = join(folder, environment);
  await synth(environment, out);
  const { artifacts } = Manifest.parse(JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')));
  const stacks = Object.entries(artifacts).filter(([, { type }]) => type === 'aws:cloudformation:stack');
  expect(stacks.map(([name]) => name).sort()).toEqual(
    ['api', 'data', 'events', 'functions', 'monitoring', 'workflow'].map(
      (part) => `hardship-filing-${environment}-${part}`,
    ),
  );
  for (const [, stack] of stacks) expect(stack.environment).toBe(place);
});
