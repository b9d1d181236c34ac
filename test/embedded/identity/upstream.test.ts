import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Browser } from '../../support/browser.ts';
import { beginFlow, discover } from '../../support/code-flow.ts';
import { openTestEdition, type TestEdition } from '../../support/edition.ts';

const scryptCost = { logN: 10, r: 8, p: 1 };
const PASSWORD = '演示-困难职工-2018';

/** The province's provider is another instance of ours. */
let province: TestEdition;
let edition: TestEdition;
beforeAll(async () => {
  province = await openTestEdition({ centre: 'none', identity: { scryptCost, demo: true } });
  await province.edition.seedDemo();
  edition = await openTestEdition({
    centre: 'none',
    identity: { scryptCost, upstream: { issuer: `${province.url}/oidc`, clientId: 'portal' } },
  });
});
afterAll(async () => {
  await edition.close();
  await province.close();
});

const begin = async () => beginFlow(await discover(edition.url), `${edition.url}/`);

/** Up to the page of the province, and what came back from it. */
const atProvince = async (browser: Browser, account: string) => {
  const flow = await begin();
  const form = await browser.open(flow.url.href);
  const link = /href="([^"]+\/upstream)"/.exec(form.text)?.[1];
  const away = await browser.get(new URL(link ?? '', form.url).href);
  const there = await browser.open(away.location ?? '');
  const back = await browser.submit(there, { account, password: PASSWORD });
  return { flow, back };
};

const subjectOf = async (browser: Browser, account: string) => {
  const { flow, back } = await atProvince(browser, account);
  expect(back.location).toContain(`${edition.url}/account/upstream?`);
  const step = await browser.get(back.location ?? '');
  let at = await browser.get(step.location ?? '');
  while (at.location !== undefined && !at.location.startsWith(`${edition.url}/?`))
    at = await browser.get(at.location);
  const tokens = await client.authorizationCodeGrant(flow.config, new URL(at.location ?? ''), {
    pkceCodeVerifier: flow.verifier,
  });
  return tokens.claims();
};

describe('signing in by the province', () => {
  test('whoever it vouches for is an applicant here, the same one each time', async () => {
    const first = await subjectOf(new Browser(), 'demo-applicant');
    expect(first).toMatchObject({ name: '职工（演示）', roles: ['applicant'] });
    expect((await subjectOf(new Browser(), 'demo-applicant'))?.sub).toBe(first?.sub);
  });

  test('the password is the province’s: no link is given for one here', async () => {
    const { sub } = (await subjectOf(new Browser(), 'demo-applicant')) ?? {};
    const administrator = await edition.person('administrator', 'administrator', 'ah');
    const reset = { secondFactor: false, reason: '忘记密码' };
    expect(await administrator.refused('POST', `/v1/people/${sub}/reset`, reset)).toMatchObject({
      status: 409,
      code: 'no-local-account',
    });
  });

  test('a post there is none here', async () => {
    const claims = await subjectOf(new Browser(), 'demo-administrator');
    expect(claims).toMatchObject({ roles: ['applicant'] });
    expect(claims).not.toHaveProperty('organisation');
  });

  test('an answer that another browser asked for, or that was used, is refused', async () => {
    const browser = new Browser();
    const { back } = await atProvince(browser, 'demo-keeper');
    const stranger = new Browser();
    const step = await stranger.get(back.location ?? '');
    expect((await stranger.get(step.location ?? '')).status).toBe(400);
    const own = await browser.get(back.location ?? '');
    expect((await browser.get(own.location ?? '')).status).toBe(303);
    expect((await browser.get(back.location ?? '')).status).toBe(400);
  });

  test('a made-up code is refused', async () => {
    const browser = new Browser();
    const { back } = await atProvince(browser, 'demo-keeper');
    const forged = new URL(back.location ?? '');
    forged.searchParams.set('code', 'made-up');
    const step = await browser.get(forged.href);
    const page = await browser.get(step.location ?? '');
    expect(page.status).toBe(502);
    expect(page.text).toContain('登录未完成');
  });
});
