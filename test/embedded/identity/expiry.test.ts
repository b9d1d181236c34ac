import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as client from 'openid-client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { keys } from '#functions/shared/keys.ts';
import { Browser } from '../../support/browser.ts';
import { Client } from '../../support/client.ts';
import { beginFlow, discover } from '../../support/code-flow.ts';
import { openTestEdition, type TestEdition } from '../../support/edition.ts';

const MINUTE = 60_000;

/** Only the clock on the wall is set: everything else runs as it does. */
let start: number;
let edition: TestEdition;
beforeEach(async () => {
  start = Date.now();
  vi.useFakeTimers({ toFake: ['Date'], now: start });
  edition = await openTestEdition({
    centre: 'none',
    identity: { demo: true, scryptCost: { logN: 8, r: 8, p: 1 } },
  });
  await edition.edition.seedDemo();
});
afterEach(async () => {
  await edition.close();
  vi.useRealTimers();
});

const at = (minutes: number) => vi.setSystemTime(start + minutes * MINUTE);

const begin = async (extra: Readonly<Record<string, string>> = {}) =>
  beginFlow(await discover(edition.url), `${edition.url}/`, extra);

const signIn = async (browser: Browser) => {
  const { config, verifier, url } = await begin();
  const form = await browser.open(url.href);
  const back = await browser.submit(form, { account: 'demo-keeper', password: '演示-困难职工-2018' });
  const tokens = await client.authorizationCodeGrant(config, new URL(back.location ?? ''), {
    pkceCodeVerifier: verifier,
  });
  return { config, tokens };
};

describe('the end of a session', () => {
  test('an access token lives for ten minutes', async () => {
    const { tokens } = await signIn(new Browser());
    const api = new Client(edition.url, tokens.access_token);
    at(9);
    expect((await api.call('GET', '/v1/cases')).status).toBe(200);
    at(11);
    expect(await api.refused('GET', '/v1/cases')).toMatchObject({ status: 401 });
  });

  test('work keeps it alive; half an hour without any ends it, for the browser too', async () => {
    const browser = new Browser();
    const { config, tokens } = await signIn(browser);
    let refresh = tokens.refresh_token ?? '';
    for (const minutes of [20, 40, 60]) {
      at(minutes);
      refresh = (await client.refreshTokenGrant(config, refresh)).refresh_token ?? '';
    }
    expect((await browser.get((await begin({ prompt: 'none' })).url.href)).location).toContain('code=');
    at(60 + 31);
    await expect(client.refreshTokenGrant(config, refresh)).rejects.toMatchObject({ error: 'invalid_grant' });
    expect((await browser.get((await begin({ prompt: 'none' })).url.href)).location).toContain(
      'error=login_required',
    );
  });

  test('after twelve hours the password is asked for, however busy the day was', async () => {
    const browser = new Browser();
    const { config, tokens } = await signIn(browser);
    let refresh = tokens.refresh_token ?? '';
    for (let minutes = 25; minutes < 12 * 60; minutes += 25) {
      at(minutes);
      refresh = (await client.refreshTokenGrant(config, refresh)).refresh_token ?? '';
    }
    at(12 * 60 + 1);
    await expect(client.refreshTokenGrant(config, refresh)).rejects.toMatchObject({ error: 'invalid_grant' });
    expect((await browser.get((await begin({ prompt: 'none' })).url.href)).location).toContain(
      'error=login_required',
    );
  });
});

describe('one-time links', () => {
  test('the administrator’s link is good for a day', async () => {
    const link = await edition.edition.administratorLink(true);
    at(24 * 60 - 1);
    expect((await new Browser().open(link?.url ?? '')).status).toBe(200);
    at(24 * 60 + 1);
    expect((await new Browser().open(link?.url ?? '')).status).toBe(410);
  });

  test('a new administrator’s link voids the one before', async () => {
    const before = await edition.edition.administratorLink(true);
    const link = await edition.edition.administratorLink(true);
    expect((await new Browser().open(before?.url ?? '')).status).toBe(410);
    expect((await new Browser().open(link?.url ?? '')).status).toBe(200);
  });
});

describe('what is kept', () => {
  test('a password kept with a weaker setting is kept with today’s after the next sign-in', async () => {
    const { folder } = edition;
    const keptBy = async (subject: string) => {
      const item = await edition.ports.items.get(keys.credential(subject));
      return item?.data.password;
    };
    const { tokens } = await signIn(new Browser());
    const { sub = '' } = tokens.claims() ?? {};
    expect(await keptBy(sub)).toMatch(/^scrypt\$8\$/);
    await edition.stop();
    edition = await openTestEdition({
      centre: 'none',
      folder,
      identity: { demo: true, scryptCost: { logN: 9, r: 8, p: 1 } },
    });
    await signIn(new Browser());
    expect(await keptBy(sub)).toMatch(/^scrypt\$9\$/);
    await signIn(new Browser());
  });

  test('a line of the record that a crash cut off spoils no other', async () => {
    await signIn(new Browser());
    const { folder } = edition;
    await edition.stop();
    const path = join(folder.path, 'sign-ins.jsonl');
    await appendFile(path, '{"at":"2026-');
    edition = await openTestEdition({ centre: 'none', folder, identity: { demo: true } });
    await signIn(new Browser());
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
    expect(lines[1]).toBe('{"at":"2026-');
    for (const whole of [lines[0], lines[2]]) {
      expect(JSON.parse(whole ?? '')).toMatchObject({ outcome: 'signed-in', address: '127.0.0.1' });
    }
  });
});
