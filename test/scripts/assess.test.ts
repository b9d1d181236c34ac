import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { declaration, example, parameters } from '#test/domain/rules/household.ts';

const script = fileURLToPath(new URL('../../scripts/assess.ts', import.meta.url));
const exampleFile = fileURLToPath(new URL('../domain/rules/examples/example-1.json', import.meta.url));

const start = (...options: string[]): ChildProcessWithoutNullStreams =>
  spawn(process.execPath, [script, ...options]);

const run = async (options: string[], input = '') => {
  const child = start(...options);
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { output, errors, code };
};

const lines = (output: string): unknown[] => {
  expect(output.endsWith('\n') || output === '').toBe(true);
  return output
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
};

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assess-'));
});
afterAll(() => rm(folder, { recursive: true }));

const file = async (name: string, content: string | Uint8Array): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
};

const notJson = { faults: [expect.objectContaining({ pointer: '', code: 'not-json' })] };

describe('one document', () => {
  test('a file is assessed under the shipped parameters, with its explanation', async () => {
    const { output, errors, code } = await run([exampleFile]);
    expect(lines(output)).toEqual([
      expect.objectContaining({ ...Object(example('example-1.expected')), explanation: expect.any(Array) }),
    ]);
    expect({ errors, code }).toEqual({ errors: '', code: 0 });
  });

  test('standard input is assessed under given parameters, without explanation', async () => {
    const given = await file('parameters.json', JSON.stringify(parameters({ subsistenceAllowance: '700' })));
    const options = ['-', '--figures-only', '--parameters', given];
    const { output, code } = await run(options, JSON.stringify(declaration()));
    const [assessment] = lines(output);
    expect(assessment).toMatchObject({ outcome: 'eligible', standard: '700' });
    expect(assessment).not.toHaveProperty('explanation');
    expect(code).toBe(0);
  });

  test('a document that does not fit is answered with its faults and exit code 2', async () => {
    const { output, code } = await run(['-'], JSON.stringify(declaration({ region: null, x: 1 })));
    expect(lines(output)).toEqual([
      {
        faults: [
          expect.objectContaining({ pointer: '/region', code: 'not-region' }),
          expect.objectContaining({ pointer: '/x', code: 'unknown-key' }),
        ],
      },
    ]);
    expect(code).toBe(2);
  });

  test.each(['', '{"a":', 'null null'])('%j is no JSON: a fault at the root', async (input) => {
    const { output, code } = await run(['-'], input);
    expect(lines(output)).toEqual([notJson]);
    expect(code).toBe(2);
  });

  test('parameters that do not fit are answered with their faults and exit code 2', async () => {
    const given = await file('faulty.json', '{"version":"v"}');
    const { output, code } = await run([exampleFile, '--parameters', given]);
    expect(lines(output)).toEqual([
      { faults: [expect.objectContaining({ pointer: '/places', code: 'missing' })] },
    ]);
    expect(code).toBe(2);
  });

  test.each([[[]], [['a', 'b']], [['-', '--unknown']], [['-', '--parameters']]])(
    'the usage is told for %j',
    async (options) => {
      const { output, errors, code } = await run(options);
      expect({ output, code }).toEqual({ output: '', code: 1 });
      expect(errors).toMatch(/^用法/);
    },
  );

  test('a file that is not there is told, without a stack trace', async () => {
    const path = join(folder, 'none.json');
    expect(await run([path])).toMatchObject({
      output: '',
      errors: `无法读写文件“${path}”：没有这个文件或文件夹（ENOENT）\n`,
      code: 1,
    });
    expect(await run([folder])).toMatchObject({
      output: '',
      errors: expect.stringContaining('这是文件夹'),
      code: 1,
    });
  });
});

describe('a batch', () => {
  const one = JSON.stringify(declaration());
  const other = JSON.stringify(declaration({ crossCheckAuthorised: false }));

  test('gives one line a line, in order, faulty and empty ones too', async () => {
    const input = `${one}\n\n${other}\r\n{"a":1,"a":2\n${one.replace('{', '{"x":"\u2028",')}\n${one}`;
    const { output, errors, code } = await run(['-', '--batch', '--figures-only'], input);
    expect(lines(output)).toEqual([
      expect.objectContaining({ outcome: 'eligible' }),
      notJson,
      expect.objectContaining({ outcome: 'ineligible' }),
      notJson,
      { faults: [expect.objectContaining({ pointer: '/x', code: 'unknown-key' })] },
      expect.objectContaining({ outcome: 'eligible' }),
    ]);
    // How often it is told on the way hangs on the time that it takes.
    expect(errors).toMatch(/^(已评估\d行，其中\d行有误。\n)*已评估6行，其中3行有误。\n$/);
    expect(code).toBe(2);
  });

  test('without a faulty line ends with 0; without any line too', async () => {
    expect(await run(['-', '--batch', '--figures-only'], `${one}\n${other}\n`)).toMatchObject({ code: 0 });
    expect(await run(['-', '--batch'], '')).toMatchObject({ output: '', code: 0 });
  });

  test('a line that spans many chunks is one line', async () => {
    const long = JSON.stringify(declaration({ note: '长'.repeat(300_000) }));
    const path = await file('long.jsonl', `${one}\n${long}\n${one}\n`);
    const { output, code } = await run([path, '--batch', '--figures-only']);
    expect(lines(output).map((line) => Object.keys(Object(line))[0])).toEqual([
      'outcome',
      'faults',
      'outcome',
    ]);
    expect(code).toBe(2);
  });

  test('a line is answered while the input is still open', async () => {
    const child = start('-', '--batch', '--figures-only');
    const answered = once(child.stdout, 'data');
    child.stdin.write(`${one}\n`);
    expect(lines(String((await answered)[0]))).toHaveLength(1);
    child.stdin.end();
    expect((await once(child, 'close'))[0]).toBe(0);
  });

  test('an interruption leaves whole lines', async () => {
    const child = start('-', '--batch');
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      if (output === '') child.kill('SIGINT');
      output += chunk;
    });
    child.stdin.on('error', () => undefined);
    child.stdin.write(`${one}\n`.repeat(3000));
    const [code] = await once(child, 'close');
    expect(code).toBe(130);
    expect(lines(output).length).toBeGreaterThan(0);
  });

  test('a reader that goes away ends the batch quietly', async () => {
    const child = start('-', '--batch');
    const errors = text(child.stderr);
    child.stdin.on('error', () => undefined);
    child.stdin.write(`${one}\n`.repeat(3000));
    child.stdout.once('data', () => child.stdout.destroy());
    expect((await once(child, 'close'))[0]).toBe(141);
    expect(await errors).not.toContain('Error');
  });
});
