/**
 * The one SQLite file of the embedded edition, with group commit.
 *
 * All writes of a turn of the event loop share one transaction and one sync to disk; each job runs in a
 * savepoint of its own, so that one that fails (a condition, a fault) leaves the others alone. A promise
 * settles only after the commit that holds its job is on disk. Reads outside a job see committed state only:
 * they never run between a job and its commit, because both happen in one synchronous stretch.
 */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { z } from 'zod';

type Settle = () => void;
type Job = {
  /** Runs the job; gives what is to be done once the commit is on disk. */
  readonly run: () => Settle;
  readonly reject: (reason: unknown) => void;
};

const JournalMode = z.object({ journal_mode: z.enum(['wal', 'memory']) });

export class Database {
  readonly #connection: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #queue: Job[] = [];
  #scheduled = false;
  #flushing = false;
  #closed = false;

  /**
   * Opens (and makes) the file; `:memory:` for none. Durability: WAL, synchronous=FULL. A file system that
   * cannot do WAL is refused: SQLite would fall back silently to a journal that group commit is not built on.
   */
  constructor(path: string) {
    if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    this.#connection = new DatabaseSync(path);
    try {
      this.#connection.exec('PRAGMA busy_timeout = 5000');
      JournalMode.parse(this.#connection.prepare('PRAGMA journal_mode = WAL').get());
      this.#connection.exec('PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;');
    } catch (error) {
      this.#connection.close();
      throw error;
    }
  }

  /** Runs DDL. Each adapter makes its own tables with `CREATE … IF NOT EXISTS`. */
  define(sql: string): void {
    this.#connection.exec(sql);
  }

  /**
   * A prepared statement, kept by its text: build the text from constants only, never from values. Writing
   * statements belong inside a job; a row iterator must not outlive the stretch that opened it.
   */
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
   * rolled back alone and its promise rejects with what it threw. Jobs run in the order of the calls, each
   * seeing what the ones before it wrote.
   */
  write<T>(run: () => T): Promise<T> {
    if (this.#closed) return Promise.reject(new Error('the database is closed'));
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({
        run: () => {
          const value = run();
          return () => resolve(value);
        },
        reject,
      });
      if (!this.#scheduled) {
        this.#scheduled = true;
        setImmediate(() => this.#flush());
      }
    });
  }

  /** One job in its savepoint. Throws only where the whole group is lost. */
  #attempt(job: Job): Settle {
    this.#connection.exec('SAVEPOINT job');
    try {
      const settle = job.run();
      this.#connection.exec('RELEASE job');
      return settle;
    } catch (error) {
      // A full disk or an I/O error makes SQLite roll everything back by itself: the savepoint is gone with it.
      if (!this.#connection.isTransaction) throw error;
      this.#connection.exec('ROLLBACK TO job; RELEASE job;');
      return () => job.reject(error);
    }
  }

  #flush(): void {
    this.#scheduled = false;
    const jobs = this.#queue;
    if (jobs.length === 0) return;
    this.#queue = [];
    this.#flushing = true;
    try {
      this.#connection.exec('BEGIN IMMEDIATE');
      const settles = jobs.map((job) => this.#attempt(job));
      this.#connection.exec('COMMIT');
      for (const settle of settles) settle();
    } catch (error) {
      // The disk is full or the file is gone: nothing of this group is durable, and everyone is told.
      const reason = this.#rollBack(error);
      for (const job of jobs) job.reject(reason);
    } finally {
      this.#flushing = false;
    }
  }

  #rollBack(reason: unknown): unknown {
    if (!this.#connection.isTransaction) return reason;
    try {
      this.#connection.exec('ROLLBACK');
      return reason;
    } catch (error) {
      return new AggregateError([reason, error], 'a group of writes failed, and so did its rollback');
    }
  }

  /** Commits what is queued, then closes the file. Later writes are rejected. */
  close(): void {
    if (this.#flushing) throw new Error('a job cannot close the database that it runs in');
    if (this.#closed) return;
    this.#closed = true;
    this.#flush();
    this.#connection.close();
  }
}
