/**
 * The command line of the assessment: `npm run -s assess -- FILE [--parameters FILE] [--batch] [--figures-only]`.
 * `-` is standard input. Exit code 0: assessed, whatever the outcome; 2: a document that doesn't fit (its faults are
 * the output); 1: wrong usage, or a file that cannot be read; 130: interrupted.
 */
import { createReadStream } from 'node:fs';
import { open as openFile, readFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Assessment } from '#domain/rules/assess.ts';
import { RULE_BOOK } from '#domain/rules/book.ts';
import { parseDeclaration } from '#domain/rules/declaration.ts';
import type { Fault } from '#domain/rules/faults.ts';
import { parseBytes } from '#domain/rules/json.ts';
import { type ParameterSet, parseParameters } from '#domain/rules/parameters.ts';
import { assessBatch } from './assess-batch.ts';
import { fileSource, streamSource } from './line-blocks.ts';
import { fileFault } from './shared/file-fault.ts';

const USAGE =
  '用法：npm run -s assess -- 文件 [--parameters 文件] [--batch] [--figures-only]\n文件写“-”时读标准输入。\n';

const DEFAULT_PARAMETERS = fileURLToPath(new URL('../parameters/example-2018.json', import.meta.url));

const EXIT = { done: 0, failed: 1, faulty: 2, interrupted: 130, readerGone: 141 } as const;

type Options = {
  readonly file: string;
  readonly parameters: string;
  readonly batch: boolean;
  readonly figuresOnly: boolean;
};

type Faults = { readonly faults: readonly Fault[] };

const readOptions = (): Options | undefined => {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        parameters: { type: 'string', default: DEFAULT_PARAMETERS },
        batch: { type: 'boolean', default: false },
        'figures-only': { type: 'boolean', default: false },
      },
    });
    const [file, ...more] = positionals;
    if (file === undefined || more.length > 0) return undefined;
    const { parameters, batch, 'figures-only': figuresOnly } = values;
    return { file, parameters, batch, figuresOnly };
  } catch {
    // parseArgs throws for an unknown option or a missing value: the usage says it all.
    return undefined;
  }
};

/** The parameters, and the document that they stand in. */
type Given = { readonly set: ParameterSet; readonly document: unknown };

const open = (file: string): Readable => (file === '-' ? process.stdin : createReadStream(file));

const assessBytes = (
  bytes: Uint8Array,
  parameters: ParameterSet,
  figuresOnly: boolean,
): Assessment | Faults => {
  const parsed = parseBytes(bytes, parseDeclaration);
  if ('faults' in parsed) return parsed;
  return figuresOnly
    ? RULE_BOOK.assessFigures(parsed.declaration, parameters)
    : RULE_BOOK.assess(parsed.declaration, parameters);
};

/** Writes to standard output, and waits while its reader is slow. */
const write = (text: string | Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });

/** Tells on standard error how far a batch is: once a second, and at its end. */
const progressOf = (): ((done: number, faulty: number, last: boolean) => void) => {
  let told = Date.now();
  return (done, faulty, last) => {
    if (!last && Date.now() - told < 1000) return;
    told = Date.now();
    process.stderr.write(`已评估${done}行，其中${faulty}行有误。\n`);
  };
};

/** JSON Lines in, JSON Lines out, in order. An interruption lets the lines at hand be written whole. */
const runBatch = async ({ file, figuresOnly }: Options, parameters: Given): Promise<number> => {
  const input = file === '-' ? streamSource(process.stdin) : fileSource(await openFile(file));
  const interruption = new AbortController();
  process.once('SIGINT', () => interruption.abort());
  const tell = progressOf();
  const { done, faulty } = await assessBatch({
    input,
    parameters: parameters.document,
    figuresOnly,
    write,
    tell: (lines, wrong) => tell(lines, wrong, false),
    signal: interruption.signal,
  });
  tell(done, faulty, true);
  if (interruption.signal.aborted) return EXIT.interrupted;
  return faulty > 0 ? EXIT.faulty : EXIT.done;
};

const runOne = async ({ file, figuresOnly }: Options, { set }: Given): Promise<number> => {
  const result = assessBytes(await buffer(open(file)), set, figuresOnly);
  await write(`${JSON.stringify(result)}\n`);
  return 'faults' in result ? EXIT.faulty : EXIT.done;
};

const run = async (): Promise<number> => {
  const options = readOptions();
  if (options === undefined) {
    process.stderr.write(USAGE);
    return EXIT.failed;
  }
  const read = parseBytes(await readFile(options.parameters), (document) => {
    const parsed = parseParameters(document);
    return 'faults' in parsed ? parsed : { set: parsed.parameters, document };
  });
  if ('faults' in read) {
    await write(`${JSON.stringify(read)}\n`);
    return EXIT.faulty;
  }
  return (options.batch ? runBatch : runOne)(options, read);
};

// Without a listener a reader that has gone (`| head`) would end the process with a stack trace; `write` tells.
process.stdout.on('error', () => undefined);
try {
  process.exitCode = await run();
} catch (error) {
  const fault = fileFault(error);
  if (fault === undefined) throw error;
  if (error instanceof Error && 'code' in error && error.code === 'EPIPE') process.exitCode = EXIT.readerGone;
  else {
    process.stderr.write(`${fault}\n`);
    process.exitCode = EXIT.failed;
  }
}
