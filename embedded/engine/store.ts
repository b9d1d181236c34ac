/**
 * Executions in SQLite. A row holds everything that going on needs, so that no history is ever replayed; what
 * must be looked at is found by two partial indexes (`due`, `pending`) that hold running executions alone.
 */
import type { Database } from '#adapters/embedded/database.ts';
import type {
  ExecutionDescription,
  ExecutionStatus,
  HistoryEvent,
  Json,
  JsonObject,
} from '#functions/shared/ports.ts';
import type { Machine } from './definition.ts';
import { dueAt, type Ending, type Execution, isPending, type Position, type Step } from './interpreter.ts';

const SCHEMA = `
CREATE TABLE IF NOT EXISTS workflow_machines (
  hash TEXT PRIMARY KEY,
  definition TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS workflow_executions (
  name TEXT PRIMARY KEY,
  machine TEXT NOT NULL REFERENCES workflow_machines (hash),
  status TEXT NOT NULL,
  input TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  events INTEGER NOT NULL,
  -- While it runs:
  variables TEXT,
  position TEXT,
  due INTEGER,
  pending INTEGER NOT NULL,
  -- Once it has ended:
  stopped_at INTEGER,
  output TEXT,
  error TEXT,
  cause TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS workflow_due ON workflow_executions (due) WHERE due IS NOT NULL;
CREATE INDEX IF NOT EXISTS workflow_pending ON workflow_executions (name) WHERE pending = 1;
CREATE INDEX IF NOT EXISTS workflow_started ON workflow_executions (started_at, name);
CREATE INDEX IF NOT EXISTS workflow_status ON workflow_executions (status, started_at, name);
CREATE TABLE IF NOT EXISTS workflow_history (
  execution TEXT NOT NULL,
  id INTEGER NOT NULL,
  type TEXT NOT NULL,
  timestamp INTEGER NOT NULL,
  state TEXT,
  details TEXT,
  PRIMARY KEY (execution, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS workflow_tokens (
  token TEXT PRIMARY KEY,
  execution TEXT NOT NULL,
  -- SHA-256 of the answer that was taken; while there is none, the token counts if the execution waits for it.
  answer TEXT
) STRICT, WITHOUT ROWID;
`;

export type Running = { readonly machine: string; readonly execution: Execution };
export type ExecutionSummary = {
  readonly name: string;
  readonly status: ExecutionStatus;
  readonly startedAt: number;
  readonly stoppedAt?: number;
};
export type Token = { readonly execution: string; readonly answer: string | undefined };

export class Store {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
    database.define(SCHEMA);
  }

  // ---- reading

  running(name: string): Running | undefined {
    const row = this.#one(
      `SELECT machine, input, started_at, events, variables, position
       FROM workflow_executions WHERE name = ? AND status = 'RUNNING'`,
      name,
    );
    if (row === undefined) return undefined;
    return {
      machine: text(row.machine),
      execution: {
        name,
        input: json(row.input),
        startedAt: number(row.started_at),
        events: number(row.events),
        variables: stored<JsonObject>(row.variables),
        position: stored<Position>(row.position),
      },
    };
  }

  /** Names of running executions with something to do at once, in order, after a name. */
  pending(after: string, limit: number): readonly string[] {
    return this.#names(
      'SELECT name FROM workflow_executions WHERE pending = 1 AND name > ? ORDER BY name LIMIT ?',
      after,
      limit,
    );
  }

  due(now: number, limit: number): readonly string[] {
    return this.#names(
      'SELECT name FROM workflow_executions WHERE due <= ? ORDER BY due LIMIT ?',
      now,
      limit,
    );
  }

  nextDue(): number | undefined {
    const row = this.#one('SELECT MIN(due) AS due FROM workflow_executions WHERE due IS NOT NULL');
    return typeof row?.due === 'number' ? row.due : undefined;
  }

  definition(hash: string): string {
    const row = this.#one('SELECT definition FROM workflow_machines WHERE hash = ?', hash);
    return text(row?.definition);
  }

  token(token: string): Token | undefined {
    const row = this.#one('SELECT execution, answer FROM workflow_tokens WHERE token = ?', token);
    if (row === undefined) return undefined;
    return { execution: text(row.execution), answer: row.answer === null ? undefined : text(row.answer) };
  }

  describe(name: string): ExecutionDescription | undefined {
    const row = this.#one('SELECT * FROM workflow_executions WHERE name = ?', name);
    if (row === undefined) return undefined;
    return {
      name,
      status: status(row.status),
      input: json(row.input),
      startedAt: number(row.started_at),
      ...(row.output === null ? {} : { output: json(row.output) }),
      ...(row.error === null ? {} : { error: text(row.error) }),
      ...(row.cause === null ? {} : { cause: text(row.cause) }),
      ...(row.stopped_at === null ? {} : { stoppedAt: number(row.stopped_at) }),
    };
  }

  history(name: string): readonly HistoryEvent[] {
    const rows: Row[] = this.#database
      .prepare(
        'SELECT id, type, timestamp, state, details FROM workflow_history WHERE execution = ? ORDER BY id',
      )
      .all(name);
    return rows.map((row) => ({
      id: number(row.id),
      type: text(row.type),
      timestamp: number(row.timestamp),
      ...(row.state === null ? {} : { state: text(row.state) }),
      ...(row.details === null ? {} : { details: stored<JsonObject>(row.details) }),
    }));
  }

  /** Executions of one status, or of any, the latest first, before the one that is given. */
  list(
    wanted: ExecutionStatus | 'any',
    before: { readonly startedAt: number; readonly name: string } | undefined,
    limit: number,
  ): readonly ExecutionSummary[] {
    const rows: Row[] = this.#database
      .prepare(
        `SELECT name, status, started_at, stopped_at FROM workflow_executions
         WHERE ${wanted === 'any' ? '' : 'status = ? AND '}(started_at, name) < (?, ?)
         ORDER BY started_at DESC, name DESC LIMIT ?`,
      )
      .all(
        ...(wanted === 'any' ? [] : [wanted]),
        before?.startedAt ?? Number.MAX_SAFE_INTEGER,
        before?.name ?? '',
        limit,
      );
    return rows.map((row) => ({
      name: text(row.name),
      status: status(row.status),
      startedAt: number(row.started_at),
      ...(row.stopped_at === null ? {} : { stoppedAt: number(row.stopped_at) }),
    }));
  }

  counts(): Readonly<Record<ExecutionStatus, number>> {
    const counts = { RUNNING: 0, SUCCEEDED: 0, FAILED: 0, TIMED_OUT: 0, ABORTED: 0 };
    const rows: Row[] = this.#database
      .prepare('SELECT status, COUNT(*) AS count FROM workflow_executions GROUP BY status')
      .all();
    for (const row of rows) counts[status(row.status)] = number(row.count);
    return counts;
  }

  // ---- writing: inside one job of `Database.write`

  write<T>(job: () => T): Promise<T> {
    return this.#database.write(job);
  }

  saveMachine(machine: Machine): void {
    this.#run(
      'INSERT OR IGNORE INTO workflow_machines (hash, definition) VALUES (?, ?)',
      machine.hash,
      machine.text,
    );
  }

  insert(machine: Machine, execution: Execution, events: readonly HistoryEvent[]): void {
    this.#run(
      `INSERT INTO workflow_executions (name, machine, status, input, started_at, events, variables, position, due, pending)
       VALUES (?, ?, 'RUNNING', ?, ?, ?, ?, ?, ?, 1)`,
      execution.name,
      machine.hash,
      JSON.stringify(execution.input),
      execution.startedAt,
      execution.events,
      JSON.stringify(execution.variables),
      JSON.stringify(execution.position),
      dueAt(machine, execution),
    );
    this.#append(execution.name, events);
  }

  /** Stores a step that was taken from an execution with so many events; anything else means two writers. */
  save(machine: Machine, before: Execution, { events, execution, ending }: Step, now: number): void {
    const { changes } =
      ending === null ? this.#goOn(machine, before, execution) : this.#finish(before, execution, ending, now);
    if (changes !== 1) throw new Error(`execution ${before.name} was changed by another writer`);
    this.#append(before.name, events);
    const token = ending === null ? awaitedToken(machine, execution) : undefined;
    if (token !== undefined && token !== awaitedToken(machine, before)) {
      this.#run('INSERT INTO workflow_tokens (token, execution) VALUES (?, ?)', token, before.name);
    }
  }

  saveAnswer(token: string, answer: string): void {
    this.#run('UPDATE workflow_tokens SET answer = ? WHERE token = ?', answer, token);
  }

  #goOn(machine: Machine, before: Execution, after: Execution): { changes: number | bigint } {
    return this.#run(
      `UPDATE workflow_executions SET events = ?, variables = ?, position = ?, due = ?, pending = ?
       WHERE name = ? AND status = 'RUNNING' AND events = ?`,
      after.events,
      JSON.stringify(after.variables),
      JSON.stringify(after.position),
      dueAt(machine, after),
      isPending(after) ? 1 : 0,
      before.name,
      before.events,
    );
  }

  /** What only going on needs is dropped. */
  #finish(before: Execution, after: Execution, ending: Ending, now: number): { changes: number | bigint } {
    const failed = ending.status === 'SUCCEEDED' ? undefined : ending;
    return this.#run(
      `UPDATE workflow_executions SET status = ?, events = ?, stopped_at = ?, output = ?, error = ?, cause = ?,
         variables = NULL, position = NULL, due = NULL, pending = 0
       WHERE name = ? AND status = 'RUNNING' AND events = ?`,
      ending.status,
      after.events,
      now,
      ending.status === 'SUCCEEDED' ? JSON.stringify(ending.output) : null,
      failed?.error ?? null,
      failed?.cause ?? null,
      before.name,
      before.events,
    );
  }

  #append(execution: string, events: readonly HistoryEvent[]): void {
    for (const { id, type, timestamp, state, details } of events) {
      this.#run(
        'INSERT INTO workflow_history (execution, id, type, timestamp, state, details) VALUES (?, ?, ?, ?, ?, ?)',
        execution,
        id,
        type,
        timestamp,
        state ?? null,
        details === undefined ? null : JSON.stringify(details),
      );
    }
  }

  #run(sql: string, ...values: (string | number | null)[]): { changes: number | bigint } {
    return this.#database.prepare(sql).run(...values);
  }

  #one(sql: string, ...values: (string | number)[]): Row | undefined {
    return this.#database.prepare(sql).get(...values);
  }

  #names(sql: string, ...values: (string | number)[]): readonly string[] {
    const rows: Row[] = this.#database.prepare(sql).all(...values);
    return rows.map((row) => text(row.name));
  }
}

/** The token that an execution waits for. */
function awaitedToken(machine: Machine, { position }: Execution): string | undefined {
  if (position.phase !== 'task') return undefined;
  const state = machine.states.get(position.state);
  return state?.type === 'Task' && state.token ? position.attempt.token : undefined;
}

// ---------------------------------------------------------------- columns

type Column = string | number | bigint | null | Uint8Array;
type Row = Record<string, Column>;

function text(value: Column | undefined): string {
  if (typeof value !== 'string')
    throw new TypeError('the workflow tables hold something other than text here');
  return value;
}

function number(value: Column | undefined): number {
  if (typeof value !== 'number')
    throw new TypeError('the workflow tables hold something other than a number here');
  return value;
}

const json = (value: Column | undefined): Json => JSON.parse(text(value));

/** What this module wrote itself, in the shape in which it wrote it. */
const stored = <T>(value: Column | undefined): T => JSON.parse(text(value));

const STATUSES: readonly ExecutionStatus[] = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'];

function status(value: Column | undefined): ExecutionStatus {
  const known = STATUSES.find((name) => name === value);
  if (known === undefined) throw new TypeError('the workflow tables hold an unknown status');
  return known;
}
