import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { FUNCTION_NAMES } from '#functions/manifest.ts';
import { entryOf } from '#infra/bundle.ts';

const root = join(import.meta.dirname, '..', '..');
const bin = join(root, 'node_modules', '.bin');

/** The application itself; while it lacks a part, the same stacks around stand-ins. */
const parts = [join(root, 'statemachines', 'filing.asl.json'), ...FUNCTION_NAMES.map(entryOf)];
const application = parts.every(existsSync) ? 'infra/app.ts' : 'test/infra/fixtures/app.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'infra-synth-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Everything that the command line's surroundings tell it: where programs are. No account, no region, no home. */
function synth(environment: string, out: string) {
  const app = `node --disable-warning=ExperimentalWarning ${application}`;
  return promisify(execFile)(
    'cdk',
    ['synth', '-q', '-a', app, '-c', `environment=${environment}`, '-o', out],
    {
      cwd: root,
      env: { PATH: `${bin}${delimiter}${process.env.PATH}`, HOME: folder },
    },
  );
}

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
