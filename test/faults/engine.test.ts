import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { Database } from '#adapters/embedded/database.ts';
import { Store } from '#embedded/engine/store.ts';
import { type Effect, readEffects } from './engine-chain.ts';

const root = mkdtempSync(join(tmpdir(), 'engine-faults-'));
afterAll(() => rmSync(root, { recursive: true }));

const CHILD = fileURLToPath(new URL('./engine-child.ts', import.meta.url));
const EXECUTIONS = 3;
const NAMES = Array.from({ length: EXECUTIONS }, (_, index) => `case-${index}`);
const STATES = ['Begin', 'First', 'Wait', 'Ask', 'Last', 'End'];

type Site = { readonly database: string; readonly log: string };
const site = (name: string): Site => ({
  database: join(root, `${name}.db`),
  log: join(root, `${name}.log`),
});

/** Runs the child to its end or its crash; answers the signal that ended it. */
function child({ database, log }: Site, crash = ''): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const args = [CHILD, database, log, String(EXECUTIONS), crash];
    const process_ = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    process_.on('error', reject);
    process_.on('exit', (code, signal) => {
      if (code === 0 || signal === 'SIGKILL') resolve(signal);
      else reject(new Error(`the child ended with ${code ?? signal}`));
    });
  });
}

const effectsOf = ({ log }: Site): Effect[] =>
  existsSync(log) ? readEffects(readFileSync(log, 'utf8')) : [];

function inspect<T>({ database }: Site, look: (store: Store) => T): T {
  const opened = new Database(database);
  try {
    return look(new Store(opened));
  } finally {
    opened.close();
  }
}

/** `execution/state` of every state that is on record as left. */
const completed = (where: Site): Set<string> =>
  inspect(where, (store) => {
    const left = NAMES.flatMap((name) =>
      store
        .history(name)
        .filter(({ type }) => type.endsWith('StateExited'))
        .map(({ state }) => `${name}/${state}`),
    );
    return new Set(left);
  });

/** Every execution has gone through every state once, in order, and has carried its data along. */
function expectAllDone(where: Site): void {
  inspect(where, (store) => {
    for (const name of NAMES) {
      expect(store.describe(name)).toMatchObject({ status: 'SUCCEEDED', output: [name, name, name, 'Last'] });
      const history = store.history(name);
      expect(history.map(({ id }) => id)).toEqual(history.map((_, index) => index + 1));
      const entered = history.filter(({ type }) => type.endsWith('StateEntered'));
      expect(entered.map(({ state }) => state)).toEqual(STATES);
      expect(history.filter(({ type }) => type === 'TaskScheduled')).toHaveLength(3);
    }
    expect(store.counts()).toMatchObject({ SUCCEEDED: EXECUTIONS, RUNNING: 0 });
  });
  const performed = new Set(effectsOf(where).map(({ execution, state }) => `${execution}/${state}`));
  expect(performed.size).toBe(EXECUTIONS * 3);
}

describe('kill -9', () => {
  // Seven writes and three effects an execution, taken turn by turn.
  const crashes = [
    ...['before-write', 'after-write'].flatMap((point) =>
      [1, 4, 8, 11, 14, 17, 20].map((n) => `${point}:${n}`),
    ),
    ...['before-effect', 'after-effect'].flatMap((point) => [1, 4, 8].map((n) => `${point}:${n}`)),
  ];

  test.each(crashes)('at %s loses nothing, and no completed state runs again', async (crash) => {
    const where = site(crash.replace(':', '-'));
    expect(await child(where, crash)).toBe('SIGKILL');
    const done = completed(where);
    const before = effectsOf(where).length;
    expect(await child(where)).toBeNull();
    expectAllDone(where);
    for (const { execution, state } of effectsOf(where).slice(before)) {
      expect(done).not.toContain(`${execution}/${state}`);
    }
  });

  test.each(['after-write:4', 'before-effect:4'])(
    'again and again at %s still comes to the end',
    async (crash) => {
      const where = site(`again-${crash.replace(':', '-')}`);
      let crashes = 0;
      while ((await child(where, crash)) !== null) {
        crashes++;
        expect(crashes).toBeLessThan(40);
      }
      expect(crashes).toBeGreaterThan(1);
      expectAllDone(where);
    },
  );
});
