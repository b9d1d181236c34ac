import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Database } from '#adapters/embedded/database.ts';
import { ExpiringStore } from '#embedded/identity/expiring-store.ts';
import { Lockout } from '#embedded/identity/lockout.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';

let folder: Folder;
let database: Database;
let now: number;
let lockout: Lockout;
const open = () => {
  database = new Database(join(folder.path, 'test.db'));
  lockout = new Lockout(new ExpiringStore(database, () => now), () => now);
};
beforeEach(async () => {
  folder = await temporaryFolder();
  now = Date.UTC(2020, 0, 1);
  open();
});
afterEach(async () => {
  database.close();
  await folder.remove();
});

/** Each from an address of its own, so that only the account counts. */
let host = 0;
const fail = () => {
  host += 1;
  return lockout.attempt('account', `10.0.0.${host}`);
};
const MINUTE = 60_000;

describe('guessing at an account', () => {
  test('five failures are free; then each doubles the wait, up to an hour', async () => {
    for (let n = 1; n <= 5; n += 1) expect(await fail()).toBe(0);
    for (const wait of [1, 2, 4, 8, 16, 32, 60, 60]) {
      expect(await fail()).toBe(wait * MINUTE);
      now += wait * MINUTE;
      expect(await fail()).toBe(0);
    }
  });

  test('attempts while nobody is heard don’t lengthen the wait', async () => {
    for (let n = 1; n <= 5; n += 1) await fail();
    now += 30_000;
    expect(await fail()).toBe(30_000);
    expect(await fail()).toBe(30_000);
  });

  test('of a hundred at once, five are heard', async () => {
    const waits = await Promise.all(Array.from({ length: 100 }, fail));
    expect(waits.filter((wait) => wait === 0)).toHaveLength(5);
  });

  test('a success wipes the slate clean', async () => {
    for (let n = 1; n <= 4; n += 1) await fail();
    await lockout.succeeded('account', '10.0.0.1');
    for (let n = 1; n <= 5; n += 1) expect(await fail()).toBe(0);
    expect(await fail()).toBe(MINUTE);
  });

  test('the lock outlives a restart, and other accounts aren’t concerned', async () => {
    for (let n = 1; n <= 5; n += 1) await fail();
    database.close();
    open();
    expect(await fail()).toBe(MINUTE);
    expect(await lockout.attempt('another', '10.9.9.9')).toBe(0);
  });

  test('after a day without a failure all is forgotten', async () => {
    for (let n = 1; n <= 8; n += 1) await fail();
    now += 86_400_001;
    for (let n = 1; n <= 5; n += 1) expect(await fail()).toBe(0);
  });
});

describe('guessing from one address', () => {
  test('thirty attempts in ten minutes, at however many accounts; others are still heard', async () => {
    for (let n = 1; n <= 30; n += 1) expect(await lockout.attempt(`account-${n}`, '192.0.2.1')).toBe(0);
    expect(await lockout.attempt('account-31', '192.0.2.1')).toBeGreaterThan(0);
    expect(await lockout.attempt('account-31', '192.0.2.2')).toBe(0);
  });
});
