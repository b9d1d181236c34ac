/**
 * The one SQLite file of the embedded edition, with group commit.
 *
 * Writes share transactions, and each transaction one sync to disk; each job runs in a savepoint of its own, so that one
 * that fails (a condition, a fault) leaves the others alone. A promise settles only once the log that holds its job's
 * commit is on disk. That sync is a call of its own (`synchronous = NORMAL` leaves it to us) and doesn't hold up the event
 * loop: what comes in meanwhile makes the next group.
 *
 * Reads outside a job see committed state, which may be the length of a sync ahead of the disk. Nothing comes of it: the
 * log is one sequence, so whatever is written on the strength of such a read is durable only after what was read is.
 */
import { closeSync, fdatasync, fdatasyncSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import * as z from 'zod';

type Settle = () => void;
type Job = {
  /** Runs the job; gives what is to be done once the commit is on disk. */
  readonly run: () => Settle;
  readonly reject: (reason: unknown) => void;
};

/** A group whose commit is written but not yet known to be on disk. */
type Group = { readonly jobs: readonly Job[]; readonly settles: readonly Settle[] };

/** Brings a file's content to disk, then calls back. */
export type Sync = (file: number, done: (error: unknown) => void) => void;

const JournalMode = z.object({ journal_mode: z.enum(['wal', 'memory']) });

export class Database {
  readonly #connection: DatabaseSync;
  readonly #path: string;
  readonly #sync: Sync;
  readonly #statements = new Map<string, StatementSync>();
  /** The write-ahead log, from the first commit on. */
  #log: number | undefined;
  #queue: Job[] = [];
  #scheduled = false;
  #flushing = false;
  #underWay: Group | undefined;
  #closed = false;
  /** After a failed sync nobody knows what is on disk: nothing more is taken. */
  #broken: unknown;

  /**
   * Opens (and makes) the file; `:memory:` for none. A file system that cannot do WAL is refused: SQLite would fall
   * back silently to a journal that group commit is not built on. `sync` is for tests.
   */
  constructor(path: string, { sync = fdatasync }: { readonly sync?: Sync } = {}) {
    this.#path = path;
    this.#sync = sync;
    if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    this.#connection = new DatabaseSync(path);
    try {
      this.#connection.exec('PRAGMA busy_timeout = 5000');
      JournalMode.parse(this.#connection.prepare('PRAGMA journal_mode = WAL').get());
      this.#connection.exec('PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;');
      // What is deleted or replaced is overwritten: SQLite would leave it readable in free space.
      this.#connection.exec('PRAGMA secure_delete = ON');
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
    if (this.#broken !== undefined) return Promise.reject(this.#broken);
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({
        run: () => {
          const value = run();
          return () => resolve(value);
        },
        reject,
      });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#scheduled || this.#underWay !== undefined) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  /** One job in its savepoint. Throws only where the whole group is lost. */
  #attempt(job: Job): Settle {
    this.prepare('SAVEPOINT job').run();
    try {
      const settle = job.run();
      this.prepare('RELEASE job').run();
      return settle;
    } catch (error) {
      // A full disk or an I/O error makes SQLite roll everything back by itself: the savepoint is gone with it.
      if (!this.#connection.isTransaction) throw error;
      this.#connection.exec('ROLLBACK TO job; RELEASE job;');
      return () => job.reject(error);
    }
  }

  /** Commits what is queued and sends it to disk. */
  #flush(): void {
    const jobs = this.#queue;
    if (jobs.length === 0 || this.#underWay !== undefined) return;
    this.#queue = [];
    const group = this.#commit(jobs);
    if (group === undefined) return;
    const file = this.#logFile();
    if (file === undefined) {
      for (const settle of group.settles) settle();
      return;
    }
    this.#underWay = group;
    this.#sync(file, (error) => this.#synced(group, error));
  }

  #commit(jobs: readonly Job[]): Group | undefined {
    this.#flushing = true;
    try {
      this.#connection.exec('BEGIN IMMEDIATE');
      const settles = jobs.map((job) => this.#attempt(job));
      this.#connection.exec('COMMIT');
      return { jobs, settles };
    } catch (error) {
      // The disk is full or the file is gone: nothing of this group is durable, and everyone is told.
      const reason = this.#rollBack(error);
      for (const job of jobs) job.reject(reason);
      return undefined;
    } finally {
      this.#flushing = false;
    }
  }

  #synced(group: Group, error: unknown): void {
    // Closed meanwhile, which has synced and settled it.
    if (this.#underWay !== group) return;
    this.#underWay = undefined;
    if (error === null || error === undefined) for (const settle of group.settles) settle();
    else this.#break([...group.jobs, ...this.#queue.splice(0)], error);
    if (this.#queue.length > 0) this.#flush();
  }

  #break(jobs: readonly Job[], error: unknown): void {
    this.#broken = new Error('the disk did not take a write; restart on sound storage', { cause: error });
    for (const job of jobs) job.reject(this.#broken);
  }

  /** The log's file; SQLite keeps it for as long as the connection is open. Undefined where all is in memory. */
  #logFile(): number | undefined {
    if (this.#path === ':memory:') return undefined;
    if (this.#log === undefined) {
      this.#log = openSync(`${this.#path}-wal`, 'r');
      // The names of the file and its log, once.
      const folder = openSync(dirname(this.#path), 'r');
      fsyncSync(folder);
      closeSync(folder);
    }
    return this.#log;
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
    const before = this.#underWay;
    this.#underWay = undefined;
    const jobs = this.#queue.splice(0);
    const last = jobs.length === 0 ? undefined : this.#commit(jobs);
    const groups = [before, last].filter((group) => group !== undefined);
    try {
      const file = groups.length === 0 ? undefined : this.#logFile();
      if (file !== undefined) fdatasyncSync(file);
      for (const { settles } of groups) for (const settle of settles) settle();
    } catch (error) {
      for (const group of groups) this.#break(group.jobs, error);
    }
    this.#connection.close();
    if (this.#log !== undefined) closeSync(this.#log);
  }
}
