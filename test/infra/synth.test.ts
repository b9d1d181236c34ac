import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import * as z from 'zod';

const root = join(import.meta.dirname, '..', '..');
const bin = join(root, 'node_modules', '.bin');

// The command line takes half a minute where four programs share two cores, and twice that where eight do.
vi.setConfig({ testTimeout: 240_000 });

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'infra-synth-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Everything that the command line's surroundings tell it: where programs are. No account, no region, no home. */
const synth = (environment: string, out: string, house = root) =>
  promisify(execFile)('cdk', ['synth', '-q', '-c', `environment=${environment}`, '-o', out], {
    cwd: house,
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

/** Everything of the house that a synthesis reads, in another folder; packages are the same ones. */
const moved = (): string => {
  const house = join(folder, 'elsewhere', 'another-house');
  mkdirSync(house, { recursive: true });
  const parts = ['adapters', 'domain', 'functions', 'infra', 'parameters', 'statemachines'];
  for (const part of [...parts, 'package.json', 'tsconfig.json', 'cdk.json'])
    cpSync(join(root, part), join(house, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(house, 'node_modules'));
  return house;
};

/** The templates by their files, and the hashes of all assets. */
const made = (out: string): ReadonlyMap<string, string> =>
  new Map(
    readdirSync(out)
      .filter((file) => /\.template\.json$|\.assets\.json$/.test(file))
      .map((file) => [file, readFileSync(join(out, file), 'utf8')]),
  );

it('makes the same templates and assets wherever it runs: a deployment of what has not changed changes nothing', async () => {
  const [here, there] = [join(folder, 'dev'), join(folder, 'elsewhere', 'out')];
  await synth('dev', there, moved());
  const first = made(here);
  expect(first.size).toBe(12);
  expect([...made(there).entries()].sort()).toEqual([...first.entries()].sort());
});
