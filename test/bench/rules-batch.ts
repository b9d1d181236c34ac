/**
 * `--batch` as a whole, by the command line, from file to file: reading, parsing, validating, deciding, writing. When it
 * is over, the bytes that came out are compared, all of them, with what the single path says of the same declarations.
 * Memory and CPU are the kernel's own figures, which Linux alone gives; on a machine that does other work too, the CPU
 * says what the clock can't.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, readFileSync } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assess, assessFigures } from '#domain/rules/assess.ts';
import { parseDeclaration } from '#domain/rules/declaration.ts';
import { parseText } from '#domain/rules/json.ts';
import type { ParameterSet } from '#domain/rules/parameters.ts';
import type { BenchRow } from './row.ts';
import { households } from './rules-households.ts';

const ROOT = join(import.meta.dirname, '../..');
/** The nation's files at their peak. */
const NATION = 5_500_000;
/** So many different declarations, given again and again. */
const POOL = 10_000;

type Run = { readonly seconds: number; readonly cpuSeconds: number; readonly peakMb: number };

const TICKS_A_SECOND = 100;

/** The CPU time of all processes that this one has started and that have ended, in seconds. */
const childrensCpu = (): number => {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ') ?? [];
  // cutime and cstime, the 16th and 17th field; the first two are cut off.
  return (Number(fields[13]) + Number(fields[14])) / TICKS_A_SECOND;
};

/** The most memory that a process has had resident so far, in MB. */
const peakOf = (pid: number): number => {
  const found = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(found?.[1] ?? 0) / 1024;
};

/** Writes the pool again and again until the file has so many lines. */
const writeInput = async (file: string, pool: Buffer, lines: number): Promise<void> => {
  const handle = await open(file, 'w');
  try {
    for (let round = 0; round < lines / POOL; round += 1) await handle.write(pool);
  } finally {
    await handle.close();
  }
};

const MEMORY_LOOK_MS = 250;

/** Throws where a file is anything but this content, so many times. */
const requireRepeated = async (file: string, expected: Buffer, times: number): Promise<void> => {
  let total = 0;
  for await (const chunk of createReadStream(file)) {
    const bytes: Buffer = chunk;
    for (let start = 0; start < bytes.length; ) {
      const at = total % expected.length;
      const length = Math.min(bytes.length - start, expected.length - at);
      if (bytes.compare(expected, at, at + length, start, start + length) !== 0) {
        throw new Error(`the batch went wrong: within ${length} bytes of byte ${total}`);
      }
      start += length;
      total += length;
    }
  }
  if (total !== times * expected.length) throw new Error(`the batch went wrong: ${total} bytes`);
};

const runBatch = async (lines: number, file: string, expected: Buffer, options: string[]): Promise<Run> => {
  const answers = `${file}.answers`;
  // A file of its own takes what comes out: a reader would take its time from what is measured.
  const output = await open(answers, 'w');
  const cpu = childrensCpu();
  const began = performance.now();
  const child = spawn(process.execPath, [join(ROOT, 'scripts/assess.ts'), file, '--batch', ...options], {
    stdio: ['ignore', output.fd, 'ignore'],
  });
  let peakMb = 0;
  const look = setInterval(() => {
    if (child.pid !== undefined && child.exitCode === null) peakMb = Math.max(peakMb, peakOf(child.pid));
  }, MEMORY_LOOK_MS);
  const [code] = await once(child, 'close');
  clearInterval(look);
  const run = { seconds: (performance.now() - began) / 1000, cpuSeconds: childrensCpu() - cpu, peakMb };
  await output.close();
  if (code !== 0) throw new Error(`the batch went wrong: exit ${code}`);
  await requireRepeated(answers, expected, lines / POOL);
  return run;
};

const linesOf = (values: readonly unknown[]): Buffer =>
  Buffer.from(values.map((value) => `${JSON.stringify(value)}\n`).join(''));

/**
 * Lines a second as the input grows: `plain` without explanation, `explained` with it, so many lines each. Errors:
 * throws where a single byte comes out otherwise.
 */
export const benchBatch = async (
  parameters: ParameterSet,
  plain: readonly number[],
  explained: readonly number[],
): Promise<readonly BenchRow[]> => {
  const documents = households(POOL);
  const declarations = documents.map((document) => {
    const parsed = parseText(JSON.stringify(document), parseDeclaration);
    if ('faults' in parsed) throw new Error(`a household that doesn't fit: ${JSON.stringify(parsed.faults)}`);
    return parsed.declaration;
  });
  const input = linesOf(documents);
  const folder = await mkdtemp(join(tmpdir(), 'batch-'));
  const file = join(folder, 'declarations.jsonl');
  const rows: BenchRow[] = [];
  const measure = async (lines: number, expected: Buffer, options: string[], what: string, aim: string) => {
    await writeInput(file, input, lines);
    const { seconds, cpuSeconds, peakMb } = await runBatch(lines, file, expected, options);
    const measure = `batch, ${what}, ${lines.toLocaleString('en')} lines`;
    rows.push(
      { measure, value: lines / seconds, unit: 'lines/s', aim },
      { measure: '… time', value: seconds, unit: 's', aim: lines === NATION ? '< 60' : '' },
      { measure: '… CPU a line', value: (cpuSeconds * 1e6) / lines, unit: 'µs', aim: aim && '< 21.8' },
      { measure: '… peak memory', value: peakMb, unit: 'MB', aim: '< 500' },
    );
  };
  try {
    const figures = linesOf(declarations.map((each) => assessFigures(each, parameters)));
    for (const lines of plain) {
      await measure(lines, figures, ['--figures-only'], 'figures only', lines >= 1_000_000 ? '≥ 91,667' : '');
    }
    const worded = linesOf(declarations.map((each) => assess(each, parameters)));
    for (const lines of explained) await measure(lines, worded, [], 'explained', '');
  } finally {
    await rm(folder, { recursive: true });
  }
  return rows;
};
