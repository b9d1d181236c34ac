/**
 * `npm run -s coverage`: writes `docs/regulation.md`, the coverage of the law: each row of the digest, where it is
 * carried out, which tests prove it, and what is still open. A test builds it again and compares.
 *
 * Nothing is claimed by hand that can be looked up: a file carries out a row where it cites the row's id, a test
 * proves it where a name, a table or an expectation of the test cites it. Only what is open is written here.
 */
import { writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { clause, clauseIds } from '#domain/rules/registry.ts';

const ROOT = new URL('../', import.meta.url);
export const COVERAGE_DOCUMENT = new URL('docs/regulation.md', ROOT);

/** Where the law is carried out. */
const SOURCES = ['domain', 'functions', 'adapters', 'embedded', 'statemachines'] as const;
/** Files that only keep the law's words, or quote any of it. */
const WORDS_ALONE: ReadonlySet<string> = new Set(['domain/rules/law/filing.ts', 'domain/rules/registry.ts']);

/** Tests that cite ids without proving them. */
const NO_PROOF: ReadonlyMap<string, string> = new Map([
  ['test/domain/rules/law.test.ts', 'shows that each paragraph stands in the source, no more'],
  ['test/domain/rules/coverage.test.ts', 'is about this page itself'],
  ['test/functions/shared/lambda/handlers.test.ts', 'uses two ids as values of a query'],
]);

/** Which later piece of the product builds what is open. */
type Later = 'E: cross-check, personal data' | 'later: printed forms' | 'later: review and life after filing';

type Open =
  /** Not built, or not all of it. */
  | { readonly later: Later; readonly what: string }
  /** Built, but no test cites it yet, and why. */
  | { readonly uncited: string }
  /** No calculation and no step: nothing to build. */
  | { readonly nothing: string };

export const OPEN: Readonly<Record<string, Open>> = {
  'A-4': {
    later: 'later: printed forms',
    what: 'the printed form itself; its contents, the three opinions and, where the unit wants them, their sealed scans are kept with the case',
  },
  'B-8.4': {
    later: 'E: cross-check, personal data',
    what: 'sampling where a full check is not to be had; the city takes the centre’s place already',
  },
  'B-8.5': {
    later: 'later: review and life after filing',
    what: 'the province’s spot checks and the circular',
  },
  'B-13.1': { later: 'later: review and life after filing', what: 'the ways out of hardship' },
  'B-13.2': {
    later: 'later: review and life after filing',
    what: 'the time of 30 working days, the yearly review; the keeper is told of a correction and of the 15 working days',
  },
  'B-13.3': { later: 'later: review and life after filing', what: 'spot checks of new and updated files' },
  'B-14': {
    later: 'later: review and life after filing',
    what: 'withdrawal, from which the ten years count; archives are held for as long as the file lives, and no file is ever on a list of disposal',
  },
  'B-19': {
    later: 'later: review and life after filing',
    what: 'cancelling a file; a refusal with its reason reaches the household and the unions below, what is claimed back is noted on the case',
  },
  'B-20': { nothing: 'what cities set is dated data: domain/rules/parameters.ts, parameters/' },
  'B-n6': {
    later: 'later: printed forms',
    what: 'the in-file aid request; the papers of a first filing are asked for already',
  },
};

/** Ids by which tests cite a row beside the digest's own: the article by its number. */
const ALSO: Readonly<Record<string, string>> = { 'B-19': '第十九条' };

const files = async (folder: string, wanted: RegExp): Promise<string[]> =>
  (await readdir(new URL(`${folder}/`, ROOT), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && wanted.test(entry.name))
    .map((entry) =>
      `${entry.parentPath}/${entry.name}`.slice(fileURLToPath(ROOT).length).replaceAll('//', '/'),
    )
    .sort();

/** Whether a text cites an id, and not a longer one. */
export const cites = (text: string, id: string): boolean =>
  new RegExp(`(?<![\\w.-])${id.replaceAll('.', '\\.')}(?!\\w|\\.\\d)`).test(text);

const STRING = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g;
const COMMENT = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm;

/** A group of tests: its name, and every string in it and in what leads up to it, its tables. */
type Group = { readonly name: string; readonly strings: string };

const STARTS = /^(?:describe|test)(?:\.\w+)*\((['"`])(.*?)\1/m;

/** A test file, cut after each of its groups. */
export const groupsOf = (source: string): readonly Group[] => {
  const groups: Group[] = [];
  let before = '';
  for (const part of source.replace(COMMENT, '').split(/^\}\);$/m)) {
    before += part;
    const name = STARTS.exec(part)?.[2];
    if (name === undefined) continue;
    groups.push({ name, strings: (before.match(STRING) ?? []).join('\n') });
    before = '';
  }
  return groups;
};

/** A row of the digest as the repository stands. */
export type Row = {
  readonly id: string;
  readonly citation: string;
  /** Files that cite it. */
  readonly implemented: readonly string[];
  /** Groups of tests that cite it, by file. */
  readonly proved: readonly { readonly file: string; readonly groups: readonly string[] }[];
  readonly open: Open | undefined;
};

/** Reads the repository. */
export const coverage = async (): Promise<readonly Row[]> => {
  const read = async (path: string): Promise<readonly [string, string]> => [
    path,
    await readFile(new URL(path, ROOT), 'utf8'),
  ];
  const sourceFiles = (await Promise.all(SOURCES.map((folder) => files(folder, /\.(ts|asl\.json)$/))))
    .flat()
    .filter((path) => !WORDS_ALONE.has(path));
  const testFiles = (await files('test', /\.test\.ts$/)).filter((path) => !NO_PROOF.has(path));
  const sources = await Promise.all(sourceFiles.map(read));
  const tests = (await Promise.all(testFiles.map(read))).map(
    ([path, text]) => [path, groupsOf(text)] as const,
  );
  return clauseIds
    .map((id) => ({
      id,
      citation: clause(id)?.citation ?? '',
      implemented: sources.filter(([, text]) => cites(text, id)).map(([path]) => path),
      proved: tests.flatMap(([file, groups]) => {
        const also = ALSO[id];
        const citing = groups
          .filter(
            ({ name, strings }) =>
              cites(name, id) || cites(strings, id) || (also !== undefined && strings.includes(also)),
          )
          .map(({ name }) => name);
        return citing.length === 0 ? [] : [{ file, groups: [...new Set(citing)] }];
      }),
      open: OPEN[id],
    }))
    .sort(
      (one, other) =>
        rank(one.id) - rank(other.id) || one.id.localeCompare(other.id, 'en', { numeric: true }),
    );
};

const PARTS = [
  ['A', '建档材料: materials and forms'],
  ['B', '皖工发〔2017〕51号: the regulation'],
  ['C', '皖工办发〔2018〕75号: the clarification'],
  ['R', '本系统适用口径: readings'],
] as const;

const rank = (id: string): number => PARTS.findIndex(([part]) => id.startsWith(part));

const listed = (paths: readonly string[]): string => paths.map((path) => `\`${path}\``).join(', ');

const openInWords = (open: Open): string => {
  if ('later' in open) return `**Open** (${open.later}): ${open.what}`;
  return 'uncited' in open
    ? `**No test cites it**: ${open.uncited}`
    : `**Nothing to build**: ${open.nothing}`;
};

/** What is wrong with a row: nothing may be neither proved nor accounted for, and no account may outlive its reason. */
export const faultOf = ({ id, implemented, proved, open }: Row): string | undefined => {
  const whole = implemented.length > 0 && proved.length > 0;
  if (open === undefined && implemented.length === 0)
    return `${id} is carried out nowhere, and nothing says why`;
  if (open === undefined && !whole) return `${id} is proved by no test, and nothing says why`;
  if (open !== undefined && 'uncited' in open && proved.length > 0) return `${id} is cited by tests now`;
  return undefined;
};

/** The page. */
export const coverageDocument = (rows: readonly Row[]): string => {
  const whole = rows.filter(
    ({ implemented, proved, open }) => implemented.length > 0 && proved.length > 0 && !open,
  );
  const lines = [
    '# Coverage of the law',
    '',
    '_Made by `npm run -s coverage`; a test makes it again and compares. Do not edit._',
    '',
    'Every row of the digest: where it is carried out (the files that cite its id), which tests prove it (the groups',
    'of tests whose names, tables or expectations cite it), and what is still open, with the later piece that builds it.',
    'The words of each clause stand in `domain/rules/`, beside the code, and in `domain/rules/law/`.',
    '',
    `Of ${rows.length} rows, ${whole.length} are carried out and proved, nothing being open; ${rows.length - whole.length} have something open.`,
  ];
  for (const [part, title] of PARTS) {
    lines.push('', `## ${title}`);
    for (const { id, citation, implemented, proved, open } of rows) {
      if (!id.startsWith(part)) continue;
      lines.push('', `### ${id}`, '', citation, '');
      if (implemented.length > 0) lines.push(`- Carried out in ${listed(implemented)}`);
      for (const { file, groups } of proved) lines.push(`- Proved by \`${file}\`: ${groups.join('; ')}`);
      if (open !== undefined) lines.push(`- ${openInWords(open)}`);
    }
  }
  return `${lines.join('\n')}\n`;
};

if (import.meta.main) {
  const rows = await coverage();
  const faults = rows.flatMap((row) => faultOf(row) ?? []);
  for (const fault of faults) console.error(fault);
  const page = coverageDocument(rows);
  if (faults.length > 0) process.exitCode = 1;
  else writeFileSync(COVERAGE_DOCUMENT, page);
}
