/** The command `npm run asl` as its users see it: arguments in, one JSON document and an exit code out. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { simulate } from '#embedded/engine/simulation.ts';
import { awaitToken, definition, invoke, pass, placeholder, START } from './engine-harness.ts';

const folder = mkdtempSync(join(tmpdir(), 'asl-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, content: string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

const asl = (...args: string[]): { code: number | null; document: unknown } => {
  const child = spawnSync(process.execPath, ['scripts/asl.ts', ...args], { encoding: 'utf8' });
  expect(child.stderr).toBe('');
  return { code: child.status, document: JSON.parse(child.stdout) };
};

const result = z.strictObject({
  status: z.string(),
  output: z.json(),
  error: z.string().nullable(),
  cause: z.string().nullable(),
  history: z.array(z.looseObject({ id: z.number(), type: z.string() })),
});
const refusal = z.strictObject({
  faults: z.array(z.strictObject({ pointer: z.string(), code: z.string(), message: z.string() })).min(1),
});

const call = definition({
  Call: invoke({
    Resource: `arn:${placeholder('Partition')}:states:::lambda:invoke`,
    Output: '{% $states.result.Payload %}',
  }),
});

describe('the command', () => {
  const input = file('input.json', '{"n": 1}');

  test('prints one document and exits with 0, whatever the status', () => {
    const path = file('call.json', call);
    const good = asl(
      path,
      '--input',
      input,
      '--mocks',
      file('good.json', '{"Call": [{"return": {"Payload": 7}}]}'),
    );
    expect(good.code).toBe(0);
    expect(result.parse(good.document)).toMatchObject({
      status: 'SUCCEEDED',
      output: 7,
      error: null,
      cause: null,
    });
    const bad = asl(
      path,
      '--input',
      input,
      '--mocks',
      file('bad.json', '{"Call": [{"throw": {"error": "X", "cause": "c"}}]}'),
    );
    expect(bad.code).toBe(0);
    expect(result.parse(bad.document)).toMatchObject({
      status: 'FAILED',
      output: null,
      error: 'X',
      cause: 'c',
    });
  });

  test('needs no mocks where there are no tasks', () => {
    const { code, document } = asl(file('pass.json', definition({ P: pass() })), '--input', input);
    expect(code).toBe(0);
    expect(result.parse(document)).toMatchObject({ status: 'SUCCEEDED', output: { n: 1 } });
  });

  test.each([
    ['a definition that is refused', '{"StartAt": "X"}', '{}', undefined],
    ['an input that is no JSON', call, '{', undefined],
    ['mocks that are no JSON', call, '{}', '{'],
    ['a task without a mock', call, '{}', undefined],
  ])('exits with 2 and names the faults of %s', (_, text, given, mocks) => {
    const args = [file('d.json', text), '--input', file('i.json', given)];
    const { code, document } = asl(
      ...args,
      ...(mocks === undefined ? [] : ['--mocks', file('m.json', mocks)]),
    );
    expect(code).toBe(2);
    refusal.parse(document);
  });

  test('exits with 2 where it is called wrongly or a file is missing', () => {
    for (const args of [[], ['x.json'], ['x.json', '--input', input], ['x.json', '--output', 'y']]) {
      const { code, document } = asl(...args);
      expect(code).toBe(2);
      refusal.parse(document);
    }
  });
});

describe('mocks', () => {
  const dry = (mocks: unknown, states = { Ask: awaitToken({ TimeoutSeconds: 60 }) }, input: unknown = {}) =>
    simulate({ definition: definition(states), input, mocks, start: START });

  test.each([
    { Ask: [] },
    { Ask: {} },
    { Ask: [{}] },
    { Ask: [{ return: 1, throw: { error: 'X' } }] },
    { Ask: [{ throw: 'X' }] },
    { Ask: [{ timeout: false }] },
    { Ask: [{ return: 1, after: -1 }] },
    { Other: [{ return: 1 }] },
    [],
  ])('%j are refused', async (mocks) => {
    await expect(dry(mocks)).rejects.toMatchObject({ name: 'DefinitionRefused' });
  });

  test('take one entry an attempt, over all visits of the state, the last one repeating', async () => {
    const counting = {
      Call: invoke({
        Retry: [{ ErrorEquals: ['X'] }],
        Assign: { seen: '{% $append($seen, $states.result) %}' },
        Next: 'More',
      }),
      More: {
        Type: 'Choice',
        Choices: [{ Condition: '{% $count($seen) < 4 %}', Next: 'Call' }],
        Default: 'End',
      },
      End: pass({ Output: '{% $seen %}' }),
    };
    const mocks = { Call: [{ return: 'a' }, { throw: { error: 'X' } }, { return: 'b' }, { return: 'c' }] };
    const { output } = await simulate({ definition: definition(counting), input: {}, mocks, start: START });
    expect(output).toEqual(['a', 'b', 'c', 'c']);
  });

  test('of a state that is not reached need not be there', async () => {
    const states = {
      Choose: {
        Type: 'Choice',
        Choices: [{ Condition: '{% $states.input.ask %}', Next: 'Ask' }],
        Default: 'End',
      },
      Ask: awaitToken({ Next: 'End' }),
      End: pass(),
    };
    const run = (input: unknown) =>
      simulate({ definition: definition(states), input, mocks: {}, start: START });
    expect((await run({ ask: false })).status).toBe('SUCCEEDED');
    await expect(run({ ask: true })).rejects.toMatchObject({
      faults: [{ pointer: '/mocks/Ask', code: 'missing-mock' }],
    });
  });

  test('the input may be any JSON', async () => {
    for (const input of [null, 1, 'text', [1, 2]]) {
      const { output } = await simulate({
        definition: definition({ P: pass() }),
        input,
        mocks: {},
        start: START,
      });
      expect(output).toEqual(input);
    }
  });
});
