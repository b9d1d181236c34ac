import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAuthenticate } from '#functions/shared/access/jwt.ts';
import { Browser, type Page, totp } from '../../support/browser.ts';
import { Client } from '../../support/client.ts';
import { openTestEdition, type TestEdition } from '../../support/edition.ts';

/** Weak on purpose: a test is no place to wait for scrypt. */
const scryptCost = { logN: 10, r: 8, p: 1 };
const PASSWORD = '蓝色的自行车停在三楼门口';

let edition: TestEdition;
beforeAll(async () => {
  edition = await openTestEdition({ centre: 'none', identity: { scryptCost } });
});
afterAll(() => edition.close());

const signIns = async () =>
  (await readFile(join(edition.folder.path, 'sign-ins.jsonl'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

const discover = (url = edition.url) =>
  client.discovery(new URL(`${url}/oidc`), 'portal', undefined, client.None(), {
    execute: [client.allowInsecureRequests],
  });

type Flow = { readonly config: client.Configuration; readonly verifier: string; readonly url: URL };

const begin = async (extra: Readonly<Record<string, string>> = {}): Promise<Flow> => {
  const config = await discover();
  const verifier = client.randomPKCECodeVerifier();
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: `${edition.url}/callback`,
    scope: 'openid profile',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...extra,
  });
  return { config, verifier, url };
};

const exchange = ({ config, verifier }: Flow, page: Page) =>
  client.authorizationCodeGrant(config, new URL(page.location ?? ''), { pkceCodeVerifier: verifier });

const keyOn = (page: Page): string => {
  const shown = /<p class="key">([^<]+)</.exec(page.text)?.[1];
  if (shown === undefined) throw new Error(`no key on the page: ${page.text}`);
  return shown.replaceAll(' ', '');
};

/** The first administrator, made by the link that the first start prints. */
let key: string;
let recovery: readonly string[];
const setUp = async () => {
  const link = await edition.edition.administratorLink(false);
  const browser = new Browser();
  const form = await browser.open(link?.url ?? '');
  const done = await browser.submit(form, {
    name: '张管理（样例）',
    account: 'zhang.admin',
    password: PASSWORD,
    again: PASSWORD,
  });
  expect(done.text).toContain('首位管理员已建立');
  return link?.url ?? '';
};

describe('the first start', () => {
  test('a link makes the first administrator, once', async () => {
    const url = await setUp();
    expect((await new Browser().open(url)).status).toBe(410);
    expect(await edition.edition.administratorLink(false)).toBeNull();
  });
});

describe('the code flow over HTTP', () => {
  test('a password, the set-up of a second factor, then tokens that the API takes', async () => {
    const flow = await begin({ state: 'abc' });
    const browser = new Browser();
    const form = await browser.open(flow.url.href);
    expect(form.text).toContain('<title>登录 - 困难职工建档系统</title>');
    const enrolment = await browser.submit(form, { account: ' Zhang.Admin', password: PASSWORD });
    key = keyOn(enrolment);
    const shown = await browser.submit(enrolment, { code: totp(key, Date.now()) });
    recovery = [...shown.text.matchAll(/<li>([^<]+)<\/li>/g)].map(([, code = '']) => code);
    expect(new Set(recovery).size).toBe(10);
    const home = await browser.submit(shown, {});
    const back = new URL(home.location ?? '');
    expect(`${back.origin}${back.pathname}`).toBe(`${edition.url}/callback`);
    const tokens = await client.authorizationCodeGrant(flow.config, back, {
      pkceCodeVerifier: flow.verifier,
      expectedState: 'abc',
    });
    expect(tokens.claims()).toMatchObject({
      name: '张管理（样例）',
      roles: ['administrator'],
      organisation: 'ah',
    });
    const api = new Client(edition.url, tokens.access_token);
    // Signed in and known by post; an administrator sees no case.
    expect(await api.refused('GET', '/v1/cases')).toMatchObject({ status: 403 });
    expect(await edition.anyone().refused('GET', '/v1/cases')).toMatchObject({ status: 401 });

    // As the cloud edition would take it: keys over HTTP, any issuer.
    const { jwks_uri = '', issuer } = flow.config.serverMetadata();
    const authenticate = createAuthenticate({
      keys: new URL(jwks_uri),
      issuer,
      audience: 'hardship-filing',
      wall: Date.now,
    });
    expect(await authenticate(`Bearer ${tokens.access_token}`)).toMatchObject({
      name: '张管理（样例）',
      roles: ['administrator'],
      organisation: 'ah',
    });
  });
});
