/**
 * The one SQLite file of the embedded edition, with group commit.
 *
 * All writes of a turn of the event loop share one transaction and one sync to disk; each job runs in a
 * savepoint of its own, so that one that fails (a condition, a fault) leaves the others alone. A promise
 * resolves only after the commit that holds its job is on disk. Reads see committed state only: they never
 * run between a job and its commit, because both happen in one synchronous stretch.
 */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';

type Job = { run: () => unknown; resolve: (value: unknown) => void; reject: (reason: unknown) => void };

export class Database {
  readonly #connection: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #queue: Job[] = [];
  #scheduled = false;
  #closed = false;

  /** Opens (and makes) the file; `:memory:` for none. Durability: WAL, synchronous=FULL. */
  constructor(path: string) {
    if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
    this.#connection = new DatabaseSync(path);
    this.#connection.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000;',
    );
  }

  /** Runs DDL. Each adapter makes its own tables with `CREATE … IF NOT EXISTS`. */
  define(sql: string): void {
    this.#connection.exec(sql);
  }

  /** A prepared statement, kept by its text. */
  prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#connection.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /**
   * Queues a synchronous job of writes; resolves with its result once it is durable. A job that throws is
   * rolled back alone and its promise rejects with what it threw.
   */
  write<T>(run: () => T): Promise<T> {
    if (this.#closed) return Promise.reject(new Error('the database is closed'));
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ run, resolve: resolve as (value: unknown) => void, reject });
      if (!this.#scheduled) {
        this.#scheduled = true;
        setImmediate(() => this.#flush());
      }
    });
  }

  #flush(): void {
    this.#scheduled = false;
    const jobs = this.#queue;
    if (jobs.length === 0) return;
    this.#queue = [];
    const settle: (() => void)[] = [];
    try {
      this.#connection.exec('BEGIN IMMEDIATE');
      for (const job of jobs) {
        this.#connection.exec('SAVEPOINT job');
        try {
          const value = job.run();
          settle.push(() => job.resolve(value));
        } catch (error) {
          this.#connection.exec('ROLLBACK TO job');
          settle.push(() => job.reject(error));
        }
        this.#connection.exec('RELEASE job');
      }
      this.#connection.exec('COMMIT');
    } catch (error) {
      // The disk is full or the file is gone: nothing of this group is durable, and everyone is told.
      if (this.#connection.isTransaction) this.#connection.exec('ROLLBACK');
      for (const job of jobs) job.reject(error);
      return;
    }
    for (const done of settle) done();
  }

  /** Commits what is queued, then closes the file. */
  close(): void {
    if (this.#closed) return;
    this.#flush();
    this.#closed = true;
    this.#connection.close();
  }
}
