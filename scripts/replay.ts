/**
 * `npm run -s replay -- ARCHIVE... [--key FILE]...`: reckons every archived decision again, from what the archive
 * holds (declaration, parameters), and compares it byte for byte with the assessment that was archived. ARCHIVE is a
 * folder; whether it is intact is checked first, as `verify` does.
 *
 * Exit: 0 every assessment is the same; 1 something differs, each difference named, or an archive is not intact;
 * 2 wrong usage, or something can't be read.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { canonicalJson } from '#domain/filing/audit.ts';
import { type Json, type JsonObject, jsonObjectSchema } from '#domain/json.ts';
import { RULE_BOOK, type RuleBook } from '#domain/rules/book.ts';
import { parseDeclaration } from '#domain/rules/declaration.ts';
import { type ParameterSet, parseParameters } from '#domain/rules/parameters.ts';
import { run as verify } from './verify.ts';

const USAGE = '用法：npm run -s replay -- 档案文件夹... [--key 公钥文件]...';

/** What the archive keeps of the reckoning; see `functions/archive-file`. */
const decisionSchema = z.looseObject({
  /** Every set that one of the assessments was made by. */
  parameters: z.array(jsonObjectSchema),
  assessments: z.array(
    z.looseObject({
      number: z.int(),
      declaration: jsonObjectSchema,
      assessment: jsonObjectSchema,
    }),
  ),
});

const rulesSchema = z.object({ version: z.string(), parameters: z.string() });

/** Something that stands in the way of a replay; the message is for the person at the terminal. */
class Unusable extends Error {}

/** So many differences of one assessment are named. */
const NAMED = 20;

/** The archive's texts may hold anything: control and formatting characters must not reach the terminal. */
const printable = (text: string): string => text.replace(/\p{C}/gu, '\u{fffd}');

const shown = (value: Json | undefined): string => (value === undefined ? '（无）' : JSON.stringify(value));

const isBranch = (value: Json | undefined): value is JsonObject | readonly Json[] =>
  typeof value === 'object' && value !== null;

/** Every place at which two JSON values differ, as a JSON Pointer with both values. */
function* differences(archived: Json | undefined, now: Json | undefined, pointer = ''): Generator<string> {
  if (isBranch(archived) && isBranch(now) && Array.isArray(archived) === Array.isArray(now)) {
    const [before, after] = [new Map(Object.entries(archived)), new Map(Object.entries(now))];
    for (const key of new Set([...before.keys(), ...after.keys()])) {
      yield* differences(before.get(key), after.get(key), `${pointer}/${key}`);
    }
  } else if (shown(archived) !== shown(now)) {
    yield `${pointer}：档案为${shown(archived)}，重算为${shown(now)}`;
  }
}

type Verdict = { readonly same: boolean; readonly lines: readonly string[] };

const differs = (...lines: readonly string[]): Verdict => ({ same: false, lines });

const replayOne = (
  { declaration, assessment }: z.output<typeof decisionSchema>['assessments'][number],
  sets: ReadonlyMap<string, ParameterSet>,
  book: RuleBook,
): Verdict => {
  const rules = rulesSchema.safeParse(assessment.rules).data;
  if (rules === undefined) return differs('档案中的评估没有载明规则版本和参数。');
  const set = book.of(rules.version);
  if (set === undefined) {
    return differs(
      `按规则版本${rules.version}作出，本程序所载的规则版本为${book.versions.join('、')}，不能据此核对；请用规则版本${rules.version}的程序重算。`,
    );
  }
  const parameters = sets.get(rules.parameters);
  if (parameters === undefined) {
    return differs(`档案没有附上所用的参数（SHA-256 ${rules.parameters}），不能据此重算。`);
  }
  const parsed = parseDeclaration(declaration);
  if ('faults' in parsed) {
    return differs(
      '档案中的申报内容不符合格式：',
      ...parsed.faults.map(({ pointer, message }) => `  - ${pointer} ${message}`),
    );
  }
  const now = jsonObjectSchema.parse(set.assess(parsed.declaration, parameters));
  if (canonicalJson(now) === canonicalJson(assessment)) return { same: true, lines: [] };
  const all = [...differences(assessment, now)];
  return differs(
    `有${all.length}处不同：`,
    ...all.slice(0, NAMED).map((each) => `  - ${each}`),
    ...(all.length > NAMED ? ['  - ……'] : []),
  );
};

const readDecision = async (root: string): Promise<z.output<typeof decisionSchema>> => {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(join(root, 'decision.json'), 'utf8'));
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : '不是 JSON';
    throw new Unusable(`决定无法读取：${join(root, 'decision.json')}（${why}）`);
  }
  const read = decisionSchema.safeParse(json);
  if (!read.success) throw new Unusable(`决定的格式不符：${join(root, 'decision.json')}`);
  return read.data;
};

/** Whether all that the archive holds is the same. Error: `Unusable` where it can't be read. */
const replay = async (
  root: string,
  keyFiles: readonly string[],
  out: (line: string) => void,
  book: RuleBook,
): Promise<boolean> => {
  out(`档案：${root}`);
  const report: string[] = [];
  const say = (line: string): void => {
    report.push(line);
  };
  const intact = await verify([root, ...keyFiles.flatMap((file) => ['--key', file])], say, say);
  if (intact === 2) throw new Unusable(report.join('\n'));
  if (intact === 1) {
    out('档案不完整或已被改动，不予重算：');
    for (const line of report) out(line);
    return false;
  }
  const decision = await readDecision(root);
  const sets = new Map(
    decision.parameters.map((document) => {
      const given = parseParameters(document);
      if ('faults' in given) throw new Unusable(`档案所附的参数不符合格式：${root}`);
      return [given.parameters.hash, given.parameters];
    }),
  );
  if (decision.assessments.length === 0) {
    out('档案中没有可以重算的评估。');
    return false;
  }
  const verdicts = decision.assessments.map((each) => ({
    number: each.number,
    ...replayOne(each, sets, book),
  }));
  for (const { number, same, lines } of verdicts) {
    out(`第${number}次评估：${same ? '重算结果与档案逐字节相同。' : '与档案不同。'}`);
    for (const line of lines) out(line);
  }
  return verdicts.every(({ same }) => same);
};

const readArguments = (args: readonly string[]) => {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { key: { type: 'string', multiple: true } },
      allowPositionals: true,
    });
    return positionals.length > 0 ? { roots: positionals, keyFiles: values.key ?? [] } : undefined;
  } catch (error) {
    // parseArgs throws for an unknown option or a missing value: the usage says it all.
    if (!(error instanceof TypeError)) throw error;
    return undefined;
  }
};

/** The whole program: prints by `out` and `err`, returns the exit code. */
export const run = async (
  args: readonly string[],
  out: (line: string) => void,
  err: (line: string) => void,
  book: RuleBook = RULE_BOOK,
): Promise<0 | 1 | 2> => {
  const given = readArguments(args);
  if (given === undefined) {
    err(USAGE);
    return 2;
  }
  let worst: 0 | 1 | 2 = 0;
  for (const root of given.roots) {
    try {
      const same = await replay(root, given.keyFiles, (line) => out(printable(line)), book);
      if (!same && worst === 0) worst = 1;
    } catch (error) {
      if (!(error instanceof Unusable)) throw error;
      for (const line of error.message.split('\n')) err(printable(line));
      worst = 2;
    }
  }
  return worst;
};

if (import.meta.main) {
  process.exitCode = await run(process.argv.slice(2), console.log, console.error);
}
