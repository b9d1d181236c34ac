import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Database, type Sync } from '#adapters/embedded/database.ts';
import { type Folder, temporaryFolder } from '#test/support/folder.ts';

let folder: Folder;
let path: string;
let database: Database;

beforeEach(async () => {
  folder = await temporaryFolder();
  path = join(folder.path, 'deep', 'er', 'test.db');
  database = new Database(path);
  database.define('CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE)');
});
afterEach(async () => {
  database.close();
  await folder.remove();
});

const insert = (id: number, text = `note ${id}`) => {
  database.prepare('INSERT INTO notes (id, text) VALUES (?, ?)').run(id, text);
  return id;
};

/** What another process would see: a connection of its own. */
function seen(): unknown[] {
  const other = new DatabaseSync(path, { readOnly: true });
  const rows = other.prepare('SELECT id FROM notes ORDER BY id').all();
  other.close();
  return rows.map((row) => row.id);
}

describe('Database', () => {
  it('resolves with the result of the job, after its commit and not before', async () => {
    const pending = database.write(() => insert(1));
    expect(seen()).toEqual([]);
    let seenWhenResolved: unknown[] = [];
    const value = await pending.then((id) => {
      seenWhenResolved = seen();
      return id;
    });
    expect(value).toBe(1);
    expect(seenWhenResolved).toEqual([1]);
  });

  it('shares one commit among the jobs of a turn', async () => {
    const commits = () => {
      const other = new DatabaseSync(path, { readOnly: true });
      const ids = other.prepare('SELECT count(*) AS n FROM notes').get();
      other.close();
      return ids?.n;
    };
    const counts: unknown[] = [];
    await Promise.all(
      [1, 2, 3].map((id) => database.write(() => insert(id)).then(() => counts.push(commits()))),
    );
    expect(counts).toEqual([3, 3, 3]);
  });

  it('rolls a job that throws back alone, its earlier statements included', async () => {
    const outcomes = await Promise.allSettled([
      database.write(() => insert(1)),
      database.write(() => {
        insert(2);
        throw new RangeError('no');
      }),
      database.write(() => {
        insert(3);
        insert(4, 'note 1');
      }),
      database.write(() => insert(5)),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    expect(outcomes[1]).toMatchObject({ reason: new RangeError('no') });
    expect(outcomes[2]).toMatchObject({ reason: { errcode: 2067 } });
    expect(seen()).toEqual([1, 5]);
  });

  it('runs jobs in order, each seeing what the ones before it wrote', async () => {
    const count = () => database.prepare('SELECT count(*) AS n FROM notes').get()?.n;
    const counts = await Promise.all([
      database.write(() => {
        insert(1);
        return count();
      }),
      database.write(() => {
        insert(2);
        return count();
      }),
    ]);
    expect(counts).toEqual([1, 2]);
  });

  it('rejects the whole group where COMMIT fails, and goes on with the next', async () => {
    database.define(
      'CREATE TABLE replies (note INTEGER NOT NULL REFERENCES notes (id) DEFERRABLE INITIALLY DEFERRED)',
    );
    const outcomes = await Promise.allSettled([
      database.write(() => insert(1)),
      database.write(() => database.prepare('INSERT INTO replies (note) VALUES (?)').run(99)),
    ]);
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({
        status: 'rejected',
        reason: { message: expect.stringContaining('FOREIGN KEY') },
      });
    }
    expect(seen()).toEqual([]);
    await database.write(() => insert(2));
    expect(seen()).toEqual([2]);
  });

  it('keeps what it promised when the disk is full', async () => {
    await database.write(() => insert(1));
    database.define('PRAGMA max_page_count = 20');
    const outcomes = await Promise.allSettled([
      database.write(() => insert(2)),
      database.write(() => insert(3, 'x'.repeat(1_000_000))),
      database.write(() => insert(4)),
    ]);
    expect(outcomes[1]).toMatchObject({ status: 'rejected', reason: { errcode: 13 } });
    const promised = outcomes.flatMap((outcome) =>
      outcome.status === 'fulfilled' && typeof outcome.value === 'number' ? [outcome.value] : [],
    );
    expect(seen()).toEqual([1, ...promised]);
    database.define('PRAGMA max_page_count = 1000000');
    await database.write(() => insert(5, 'y'.repeat(1_000_000)));
    expect(seen()).toEqual([1, ...promised, 5]);
  });

  it('rejects the group where another process holds the file, and recovers', async () => {
    database.define('PRAGMA busy_timeout = 1');
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    const outcomes = await Promise.allSettled([1, 2].map((id) => database.write(() => insert(id))));
    other.exec('ROLLBACK');
    other.close();
    expect(outcomes).toMatchObject([
      { status: 'rejected', reason: { errcode: 5 } },
      { status: 'rejected', reason: { errcode: 5 } },
    ]);
    await database.write(() => insert(3));
    expect(seen()).toEqual([3]);
  });

  it('queues what a job asks to write for the next group', async () => {
    let inner: Promise<number> | undefined;
    await database.write(() => {
      insert(1);
      inner = database.write(() => insert(2));
    });
    expect(await inner).toBe(2);
    expect(seen()).toEqual([1, 2]);
  });

  it('keeps statements by their text', () => {
    const sql = 'SELECT id FROM notes';
    expect(database.prepare(sql)).toBe(database.prepare(sql));
    expect(database.prepare(`${sql} `)).not.toBe(database.prepare(sql));
  });

  it('commits what is queued when it closes, and takes nothing afterwards', async () => {
    const pending = database.write(() => insert(1));
    database.close();
    expect(seen()).toEqual([1]);
    expect(await pending).toBe(1);
    await expect(database.write(() => insert(2))).rejects.toThrow('closed');
    expect(() => database.close()).not.toThrow();
  });

  it('refuses to be closed by a job of its own', async () => {
    await expect(database.write(() => database.close())).rejects.toThrow('cannot close');
    await database.write(() => insert(1));
    expect(seen()).toEqual([1]);
  });

  describe('and the disk', () => {
    let syncs: ((error: unknown) => void)[];
    let synced: Database;
    beforeEach(() => {
      syncs = [];
      const sync: Sync = (_file, done) => syncs.push(done);
      synced = new Database(join(folder.path, 'synced.db'), { sync });
      synced.define('CREATE TABLE marks (id INTEGER PRIMARY KEY)');
    });
    afterEach(() => synced.close());

    const mark = (id: number) =>
      synced.write(() => synced.prepare('INSERT INTO marks (id) VALUES (?)').run(id));
    const marks = () =>
      synced
        .prepare('SELECT id FROM marks')
        .all()
        .map(({ id }) => id);

    it('writes ahead', () => {
      expect(synced.prepare('PRAGMA journal_mode').get()).toMatchObject({ journal_mode: 'wal' });
    });

    it('settles a write once its sync is done and not before', async () => {
      let settled = false;
      const write = mark(1).then(() => {
        settled = true;
      });
      await setImmediate();
      expect(marks()).toEqual([1]);
      await setImmediate();
      expect(settled).toBe(false);
      syncs.shift()?.(null);
      await write;
      expect(settled).toBe(true);
    });

    it('makes one group of what comes in during a sync', async () => {
      const writes = [mark(1)];
      await setImmediate();
      writes.push(mark(2), mark(3));
      await setImmediate();
      expect([syncs.length, marks()]).toEqual([1, [1]]);
      syncs.shift()?.(null);
      expect([syncs.length, marks()]).toEqual([1, [1, 2, 3]]);
      syncs.shift()?.(null);
      await Promise.all(writes);
    });

    it('takes nothing more once a sync has failed', async () => {
      const failed = new Error('EIO');
      const writes = Promise.allSettled([mark(1), setImmediate().then(() => mark(2))]);
      await setImmediate();
      await setImmediate();
      syncs.shift()?.(failed);
      for (const result of await writes) {
        expect(result).toMatchObject({ status: 'rejected', reason: { cause: failed } });
      }
      await expect(mark(3)).rejects.toMatchObject({ cause: failed });
    });

    it('syncs and settles what is under way when it closes', async () => {
      const writes = [mark(1)];
      await setImmediate();
      writes.push(mark(2));
      synced.close();
      await Promise.all(writes);
      syncs.shift()?.(null);
    });
  });

  it('leaves nothing readable of what was deleted or replaced, once it is closed', async () => {
    await database.write(() => {
      for (let id = 0; id < 200; id += 1) insert(id, `secret ${id} ${'x'.repeat(700)}`);
    });
    await database.write(() => {
      database.prepare('DELETE FROM notes WHERE id >= 100').run();
      database.prepare("UPDATE notes SET text = 'short' WHERE id = 5").run();
    });
    database.close();
    const file = await readFile(path, 'latin1');
    for (const gone of [5, 100, 150, 199]) expect(file.includes(`secret ${gone} x`)).toBe(false);
    expect(file.includes('secret 6 x')).toBe(true);
  });

  it('refuses a file that is no database', async () => {
    const other = join(folder.path, 'letter.txt');
    await writeFile(other, 'Dear union, '.repeat(100));
    expect(() => new Database(other)).toThrow('not a database');
  });
});
