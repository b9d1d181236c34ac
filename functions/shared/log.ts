/**
 * The log: one JSON object a line. Its fields are a closed list, so that nothing personal gets in by the way: what
 * is not on the list is left out, and only its key is told.
 */
const FIELDS = [
  'correlationId',
  'caseId',
  'taskId',
  'execution',
  'function',
  'state',
  'method',
  'route',
  'status',
  'code',
  'error',
  'faults',
  'frames',
  'operations',
  'attempt',
  'count',
  'durationMs',
  'url',
  'version',
] as const;

export type LogFields = { readonly [field in (typeof FIELDS)[number]]?: string | number | boolean };
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Messages are fixed English sentences; what varies goes into the fields. */
export type Logger = { readonly [level in LogLevel]: (message: string, fields?: LogFields) => void };

export type LoggerOptions = {
  /** Takes one line, without its end. */
  readonly sink: (line: string) => void;
  /** Wall time in milliseconds. */
  readonly wall: () => number;
  /** Below this nothing is written; `info` where left out. */
  readonly level?: LogLevel;
};

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];
const KNOWN: ReadonlySet<string> = new Set(FIELDS);

/** The fields of the closed list; of others only that they were there. */
export const knownFields = (fields: LogFields): Record<string, string | number | boolean | string[]> => {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  const refused = entries.filter(([key]) => !KNOWN.has(key)).map(([key]) => key);
  return {
    ...Object.fromEntries(entries.filter(([key]) => KNOWN.has(key))),
    ...(refused.length > 0 && { refused }),
  };
};

export const createLogger = ({ sink, wall, level: lowest = 'info' }: LoggerOptions): Logger => {
  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}): void => {
      if (LEVELS.indexOf(level) < LEVELS.indexOf(lowest)) return;
      const time = new Date(wall()).toISOString();
      sink(JSON.stringify({ time, level, message, ...knownFields(fields) }));
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
};

/**
 * What may be told of an error of ours: its name and where it was thrown. Never its message: parsers and databases
 * quote in it what they were given.
 */
export const errorFields = (error: unknown): LogFields => {
  if (!(error instanceof Error)) return { error: typeof error };
  const frames = (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .map((line) => line.trim())
    .join(' | ');
  return { error: error.name, frames };
};
