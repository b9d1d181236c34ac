/**
 * `npm run -s whatif -- --parameters NEW [--old OLD] [--summary] DECLARATIONS...`: who would move between outcomes and
 * tiers under new parameters, before they are adopted. DECLARATIONS are files with one declaration, or JSON Lines:
 * a file named `.jsonl`, or `-` for standard input. OLD is the shipped example where it is left out.
 *
 * Prints a line for each household that moves, and how many make each move; with `--summary` the counts alone, as the
 * JSON that belongs into the record of the change. Holds one block of lines at a time. Exit: 0; 1 wrong usage or
 * a file that can't be read; 2 some declaration or a set of parameters doesn't fit.
 */
import { open, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { RULE_BOOK } from '#domain/rules/book.ts';
import { type Declaration, parseDeclaration } from '#domain/rules/declaration.ts';
import type { Fault } from '#domain/rules/faults.ts';
import { parseBytes } from '#domain/rules/json.ts';
import { TIER_NAMES } from '#domain/rules/national.ts';
import type { Effect } from '#domain/rules/parameter-changes.ts';
import { type ParameterSet, parseParameters } from '#domain/rules/parameters.ts';
import { declarationsIn } from './assess-lines.ts';
import { blocksOf, fileSource, streamSource } from './line-blocks.ts';
import { fileFault } from './shared/file-fault.ts';

const USAGE =
  '用法：npm run -s whatif -- --parameters 新参数 [--old 现行参数] [--summary] 申报文件...\n申报文件为一份申报；以 .jsonl 结尾的，或“-”（标准输入），每行一份。';

const SHIPPED = fileURLToPath(new URL('../parameters/example-2018.json', import.meta.url));

const EXIT = { done: 0, failed: 1, faulty: 2 } as const;

const OUTCOME_NAMES = {
  ineligible: '不予建档',
  incomplete: '暂不能作出',
  study: '一事一议',
} as const;

/** The outcome, or the tier where there is one. */
const resultOf = (declaration: Declaration, parameters: ParameterSet): string => {
  const { outcome, tier } = RULE_BOOK.assessFigures(declaration, parameters);
  if (outcome !== 'eligible') return OUTCOME_NAMES[outcome];
  if (tier === null) throw new Error('eligible without a tier');
  return TIER_NAMES[tier];
};

type Found = { readonly place: string } & (
  | { readonly declaration: Declaration }
  | { readonly faults: readonly Fault[] }
);

async function* declarationsOf(file: string): AsyncGenerator<Found> {
  if (file !== '-' && !file.endsWith('.jsonl')) {
    yield { place: file, ...parseBytes(await readFile(file), parseDeclaration) };
    return;
  }
  let line = 0;
  for await (const block of blocksOf(
    file === '-' ? streamSource(process.stdin) : fileSource(await open(file)),
  )) {
    for (const parsed of declarationsIn(block)) {
      line += 1;
      yield { place: `${file}第${line}行`, ...parsed };
    }
  }
}

const readArguments = (args: readonly string[]) => {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        parameters: { type: 'string' },
        old: { type: 'string', default: SHIPPED },
        summary: { type: 'boolean', default: false },
      },
    });
    const { parameters, old, summary } = values;
    if (parameters === undefined || positionals.length === 0) return undefined;
    return { parameters, old, summary, files: positionals };
  } catch (error) {
    // parseArgs throws for an unknown option or a missing value: the usage says it all.
    if (!(error instanceof TypeError)) throw error;
    return undefined;
  }
};

type Say = (line: string) => void;

const readParameters = async (file: string, err: Say): Promise<ParameterSet | undefined> => {
  const parsed = parseBytes(await readFile(file), parseParameters);
  if ('parameters' in parsed) return parsed.parameters;
  for (const { pointer, message } of parsed.faults) err(`${file} ${pointer} ${message}`);
  return undefined;
};

const compare = async (
  files: readonly string[],
  before: ParameterSet,
  after: ParameterSet,
  sayMove: Say,
  err: Say,
): Promise<Effect> => {
  const counts = new Map<string, { from: string; to: string; count: number }>();
  let declarations = 0;
  let faulty = 0;
  for (const file of files) {
    for await (const found of declarationsOf(file)) {
      declarations += 1;
      if ('faults' in found) {
        faulty += 1;
        err(`${found.place}：不符合格式，未计入（${found.faults.length}处）`);
        continue;
      }
      const [from, to] = [resultOf(found.declaration, before), resultOf(found.declaration, after)];
      if (from === to) continue;
      const key = `${from}→${to}`;
      const move = counts.get(key) ?? { from, to, count: 0 };
      move.count += 1;
      counts.set(key, move);
      sayMove(`${found.place}：${key}`);
    }
  }
  const moves = [...counts.values()].sort((one, other) => other.count - one.count);
  return { declarations, faulty, moves };
};

/** The whole program: prints by `out` and `err`, returns the exit code. */
export const run = async (args: readonly string[], out: Say, err: Say): Promise<number> => {
  const given = readArguments(args);
  if (given === undefined) {
    err(USAGE);
    return EXIT.failed;
  }
  try {
    const before = await readParameters(given.old, err);
    const after = await readParameters(given.parameters, err);
    if (before === undefined || after === undefined) return EXIT.faulty;
    const effect = await compare(given.files, before, after, given.summary ? () => undefined : out, err);
    if (given.summary) out(JSON.stringify({ from: before.hash, to: after.hash, effect }));
    else {
      const moved = effect.moves.reduce((sum, { count }) => sum + count, 0);
      out(`共${effect.declarations}份申报，其中${effect.faulty}份不符合格式；结果有变化的${moved}份：`);
      for (const { from, to, count } of effect.moves) out(`${from}→${to}：${count}份`);
      out(`现行参数：${before.version}（SHA-256 ${before.hash}）`);
      out(`新参数：${after.version}（SHA-256 ${after.hash}）`);
    }
    return effect.faulty > 0 ? EXIT.faulty : EXIT.done;
  } catch (error) {
    const fault = fileFault(error);
    if (fault === undefined) throw error;
    err(fault);
    return EXIT.failed;
  }
};

if (import.meta.main) process.exitCode = await run(process.argv.slice(2), console.log, console.error);
