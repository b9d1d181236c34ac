import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { verifyChain } from '#domain/filing/audit.ts';
import { createAuthenticate } from '#functions/shared/access/jwt.ts';
import { keys } from '#functions/shared/keys.ts';
import { personEvents } from '#functions/shared/people-store.ts';
import { Browser, type Page, totp } from '../../support/browser.ts';
import { Client } from '../../support/client.ts';
import { beginFlow, discover, endFlow, type Flow } from '../../support/code-flow.ts';
import { openTestEdition, type TestEdition } from '../../support/edition.ts';
import { newPerson } from '../../support/households.ts';

/** Weak on purpose: a test is no place to wait for scrypt. */
const scryptCost = { logN: 10, r: 8, p: 1 };
const linkSchema = z.strictObject({ url: z.string(), expiresAt: z.string() });
const PASSWORD = '蓝色的自行车停在三楼门口';

let edition: TestEdition;
beforeAll(async () => {
  edition = await openTestEdition({
    centre: 'none',
    identity: {
      scryptCost,
      proofing: async ({ name, idNumber }) =>
        name.startsWith('已核') && idNumber.length === 18 ? 'police' : null,
    },
  });
});
afterAll(() => edition.close());

const signIns = async () =>
  (await readFile(join(edition.folder.path, 'sign-ins.jsonl'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

const begin = async (extra: Readonly<Record<string, string>> = {}): Promise<Flow> =>
  beginFlow(await discover(edition.url), `${edition.url}/callback`, extra);

const exchange = (flow: Flow, page: Page) => endFlow(flow, page.location);

const keyOn = (page: Page): string => {
  const shown = /<p class="key">([^<]+)</.exec(page.text)?.[1];
  if (shown === undefined) throw new Error(`no key on the page: ${page.text}`);
  return shown.replaceAll(' ', '');
};

/** Each browser comes from an address of its own, as a proxy on this machine would tell it. */
let host = 0;
const newBrowser = (): Browser => {
  host += 1;
  const browser = new Browser();
  browser.headers = { 'x-forwarded-for': `10.1.0.${host}` };
  return browser;
};

/** Signs in up to the second factor, or to the end where none is asked for. */
const withPassword = async (account: string, password: string, browser = newBrowser()) => {
  const flow = await begin();
  const page = await browser.submit(await browser.open(flow.url.href), { account, password });
  return { browser, flow, page };
};

/** The first administrator, made by the link that the first start prints. */
let key: string;
let recovery: readonly string[];
let administrator: Client;
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
    // The code's picture beside the key; what it says is proved with it.
    expect(enrolment.text).toMatch(/<svg class="qr" role="img" aria-label="[^"]+"/);
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
    administrator = new Client(edition.url, tokens.access_token);
    // Signed in and known by post; an administrator sees no case.
    expect(await administrator.refused('GET', '/v1/cases')).toMatchObject({ status: 403 });
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

  test('no code is used twice; a recovery code stands in, once', async () => {
    const next = Date.now() + 30_000;
    const first = await withPassword('zhang.admin', PASSWORD);
    expect(first.page.text).toContain('二次验证');
    const done = await first.browser.submit(first.page, { code: totp(key, next) });
    expect((await exchange(first.flow, done)).claims()?.sub).toBeTypeOf('string');

    const again = await withPassword('zhang.admin', PASSWORD);
    const refused = await again.browser.submit(again.page, { code: totp(key, next) });
    expect(refused.status).toBe(401);
    expect(refused.text).toContain('验证码不对或已用过');
    const [code = ''] = recovery;
    const recovered = await again.browser.submit(refused, { code: code.toUpperCase() });
    expect(recovered.location).toContain('code=');

    const third = await withPassword('zhang.admin', PASSWORD);
    expect((await third.browser.submit(third.page, { code })).status).toBe(401);
  });

  test('the provider refuses a flow without PKCE, with plain PKCE, or to another place', async () => {
    const refusals: [string, Record<string, string>, string | undefined][] = [
      ['invalid_request', { code_challenge: '', code_challenge_method: '' }, `${edition.url}/callback`],
      ['invalid_request', { code_challenge_method: 'plain' }, `${edition.url}/callback`],
      ['unsupported_response_type', { response_type: 'token' }, `${edition.url}/callback`],
    ];
    for (const [error, change, home] of refusals) {
      const { url } = await begin(change);
      for (const [name, value] of Object.entries(change)) if (value === '') url.searchParams.delete(name);
      const page = await newBrowser().get(url.href);
      expect(page.location?.replace('#', '?').startsWith(`${home}?`)).toBe(true);
      expect(page.location).toContain(`error=${error}`);
    }
    const { url } = await begin({ redirect_uri: 'https://elsewhere.example/callback' });
    const page = await newBrowser().get(url.href);
    expect(page.status).toBe(400);
    expect(page.location).toBeUndefined();
    expect(page.text).toContain('登录未完成');
  });

  test('a code without its verifier, or used a second time, gives nothing', async () => {
    const { browser, flow, page } = await withPassword('zhang.admin', PASSWORD);
    const back = await browser.submit(page, { code: recovery[1] ?? '' });
    const wrong = exchange({ ...flow, verifier: client.randomPKCECodeVerifier() }, back);
    await expect(wrong).rejects.toMatchObject({ error: 'invalid_grant' });
    const tokens = await exchange(flow, back);
    await expect(exchange(flow, back)).rejects.toMatchObject({ error: 'invalid_grant' });
    // Somebody else has the code: what came of it is void.
    await expect(client.refreshTokenGrant(flow.config, tokens.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    });
  });

  test('a refresh token works once; a second use of it ends them all', async () => {
    const { browser, flow, page } = await withPassword('zhang.admin', PASSWORD);
    const tokens = await exchange(flow, await browser.submit(page, { code: recovery[2] ?? '' }));
    const first = tokens.refresh_token ?? '';
    // Whoever reads the database, or a copy of it, has no token that works.
    for (const file of ['filing.db', 'filing.db-wal']) {
      const content = await readFile(join(edition.folder.path, file));
      expect(first.length).toBeGreaterThan(20);
      expect(content.includes(first)).toBe(false);
    }
    const second = await client.refreshTokenGrant(flow.config, first);
    expect(await new Client(edition.url, second.access_token).refused('GET', '/v1/cases')).toMatchObject({
      status: 403,
    });
    const stolen = client.refreshTokenGrant(flow.config, first);
    await expect(stolen).rejects.toMatchObject({ error: 'invalid_grant' });
    const rest = client.refreshTokenGrant(flow.config, second.refresh_token ?? '');
    await expect(rest).rejects.toMatchObject({ error: 'invalid_grant' });
  });

  test('who has signed in isn’t asked again, until signing out, which ends the refresh tokens too', async () => {
    const { browser, flow, page } = await withPassword('zhang.admin', PASSWORD);
    const tokens = await exchange(flow, await browser.submit(page, { code: recovery[3] ?? '' }));
    const silent = await begin({ prompt: 'none' });
    const again = await browser.get(silent.url.href);
    expect((await exchange(silent, again)).access_token).toBeTypeOf('string');

    const out = client.buildEndSessionUrl(flow.config, {
      id_token_hint: tokens.id_token ?? '',
      post_logout_redirect_uri: `${edition.url}/`,
    });
    const ask = await browser.open(out.href);
    expect(ask.text).toContain('确定要退出登录吗');
    const action = /action="([^"]+)"/.exec(ask.text)?.[1];
    const gone = await browser.submit(ask, { logout: 'yes' }, action);
    expect(new URL(gone.url).pathname).toBe('/');
    const asked = await browser.get((await begin({ prompt: 'none' })).url.href);
    expect(asked.location).toContain('error=login_required');
    await expect(client.refreshTokenGrant(flow.config, tokens.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    });
    expect(await signIns()).toContainEqual(expect.objectContaining({ outcome: 'signed-out' }));
  });

  test('the ID token is no key to the API', async () => {
    const { browser, flow, page } = await withPassword('zhang.admin', PASSWORD);
    const tokens = await exchange(flow, await browser.submit(page, { code: recovery[4] ?? '' }));
    expect(await new Client(edition.url, tokens.id_token).refused('GET', '/v1/people')).toMatchObject({
      status: 401,
    });
    expect((await new Client(edition.url, tokens.access_token).call('GET', '/v1/people')).status).toBe(200);
  });
});

describe('guessing', () => {
  test('an unknown name and a wrong password get the same answer', async () => {
    const bare = ({ status, text }: Page) => ({ status, text: text.replaceAll(/value="[^"]*"/g, '') });
    const wrong = await withPassword('zhang.admin', '不是这个密码不是这个密码');
    const nobody = await withPassword('nobody.here', '不是这个密码不是这个密码');
    expect(bare(wrong.page)).toEqual(bare(nobody.page));
    expect(wrong.page.status).toBe(401);
    expect(wrong.page.text).toContain('登录名或密码不对，或者账号已停用。');
  });

  test.each(['li.officer', 'nobody.at.all'])(
    'after five failures nobody gets in as %s, and it is on record',
    async (account) => {
      if (account === 'li.officer') await hire('李经办（样例）', account, 'grassrootsOfficer', 'ah-direct-1');
      const statuses: number[] = [];
      for (let n = 1; n <= 6; n += 1) {
        statuses.push((await withPassword(account, `第${n}次猜的密码啊啊啊啊`)).page.status);
      }
      expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
      // The right password, too; from another address, too.
      const { page } = await withPassword(account, PASSWORD);
      expect(page.status).toBe(429);
      expect(Number(page.headers.get('retry-after'))).toBeGreaterThan(50);
      const lines = await signIns();
      const last = lines.slice(-7);
      expect(last.map(({ outcome }) => outcome)).toEqual([
        ...Array(5).fill('wrong-password'),
        'locked',
        'locked',
      ]);
      expect(new Set(last.map((line) => line.account)).size).toBe(1);
      expect(last.at(-1)?.address).toBe(`10.1.0.${host}`);
      const { text } = { text: await readFile(join(edition.folder.path, 'sign-ins.jsonl'), 'utf8') };
      expect(text).not.toContain(account);
      expect(edition.log.join('\n')).not.toContain(`10.1.0.${host}`);
    },
  );

  test('thirty attempts from one address, and it is heard no more', async () => {
    const browser = newBrowser();
    const statuses = new Set<number>();
    for (let n = 1; n <= 30; n += 1) {
      statuses.add((await withPassword(`name-${n}`, '猜猜猜猜猜猜猜猜猜猜猜猜', browser)).page.status);
    }
    expect(statuses).toEqual(new Set([401]));
    expect((await withPassword('name-31', '猜猜猜猜猜猜猜猜猜猜猜猜', browser)).page.status).toBe(429);
    expect((await withPassword('name-31', '猜猜猜猜猜猜猜猜猜猜猜猜')).page.status).toBe(401);
  });

  test('codes of the second factor are counted by themselves', async () => {
    const account = 'zhao.keeper';
    await hire('赵档案（样例）', account, 'keeper', 'ah');
    const statuses: number[] = [];
    for (let n = 1; n <= 6; n += 1) {
      const { browser, page } = await withPassword(account, PASSWORD);
      statuses.push((await browser.submit(page, { code: '000000' })).status);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
  });
});

describe('forms', () => {
  test('a form from another page, another browser, or without its token is refused', async () => {
    const { url } = await begin();
    const browser = newBrowser();
    const form = await browser.open(url.href);
    const fields = { account: 'zhang.admin', password: PASSWORD };
    expect((await browser.submit(form, { ...fields, csrf: '' })).status).toBe(403);
    const other = newBrowser();
    const own = await other.open((await begin()).url.href);
    expect((await other.submit({ ...form, url: own.url }, fields)).status).toBe(403);
    browser.headers = { 'sec-fetch-site': 'cross-site' };
    expect((await browser.submit(form, fields)).status).toBe(403);
    browser.headers = { 'sec-fetch-site': 'same-origin' };
    expect((await browser.submit(form, fields)).status).toBe(200);
  });

  test('a sign-in belongs to the browser that began it', async () => {
    const form = await newBrowser().open((await begin()).url.href);
    const page = await newBrowser().open(form.url);
    expect(page.status).toBe(400);
    expect(page.text).toContain('页面已过期');
  });

  test('what was typed comes back escaped, and nothing may run or frame the page', async () => {
    const browser = newBrowser();
    const form = await browser.open(`${edition.url}/account/register`);
    const page = await browser.submit(form, { name: '"><script>alert(1)</script>', idNumber: '1' });
    expect(page.status).toBe(422);
    expect(page.text).not.toContain('<script');
    expect(page.text).toContain('&lt;script&gt;');
    const policy = page.headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('script-src');
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    expect(page.headers.get('cache-control')).toBe('no-store');
  });

  test('every field of every form has a label, and a fault is announced', async () => {
    const browser = newBrowser();
    const register = await browser.open(`${edition.url}/account/register`);
    const faulty = await browser.submit(register, {});
    const pages = [await browser.open((await begin()).url.href), register, faulty];
    for (const { text } of pages) {
      const ids = [...text.matchAll(/<input id="(\w+)"/g)].map(([, id]) => id);
      expect(ids.length).toBeGreaterThan(1);
      for (const id of ids) expect(text).toContain(`<label for="${id}">`);
      expect(text).toContain('<html lang="zh-CN">');
    }
    expect(faulty.text).toContain('role="alert"');
    expect(faulty.text).toContain('<title>出错：职工注册');
  });

  test('a fault is told with its field, which has the cursor; what is optional says so', async () => {
    const browser = newBrowser();
    const form = await browser.open(`${edition.url}/account/register`);
    const typed = { name: '某人', idNumber: newPerson('m1', '本人').idNumber, phone: '13900001234' };
    const wrong = await browser.submit(form, { ...typed, email: 'nowhere', password: 'x', again: 'x' });
    const inputs = [...wrong.text.matchAll(/<input id="(\w+)"[^>]*>/g)];
    const having = (what: string) => inputs.filter(([tag]) => tag.includes(what)).map(([, id]) => id);
    expect(having('aria-invalid="true"')).toEqual(['email']);
    expect(having('aria-describedby="fault email-hint"')).toEqual(['email']);
    expect(having('autofocus')).toEqual(['email']);
    expect(having('value="nowhere"')).toEqual(['email']);
    expect(inputs.filter(([tag]) => !tag.includes(' required')).map(([, id]) => id)).toEqual(['email']);
    expect(wrong.text).toContain('电子邮箱（选填）');
  });

  test('who comes back to the recovery codes is told that they are gone, and what to do', async () => {
    await hire('钱恢复（样例）', 'qian.recovery', 'keeper', 'ah');
    const { browser, page } = await withPassword('qian.recovery', PASSWORD);
    const shown = await browser.submit(page, { code: totp(keyOn(page), Date.now()) });
    expect(shown.text).toContain('<ul class="codes">');
    const again = await browser.open(page.url);
    expect(again.text).not.toContain('<ul class="codes">');
    expect(again.text).toContain('恢复码只显示一次');
    expect((await browser.submit(again, {})).location).toContain('code=');
  });
});

describe('applicants', () => {
  const someone = (name: string) => ({
    name,
    idNumber: newPerson('m1', '本人').idNumber,
    phone: '13900001234',
    email: 'worker@example.cn',
    password: PASSWORD,
    again: PASSWORD,
  });
  const register = async (fields: Readonly<Record<string, string>>) => {
    const browser = newBrowser();
    return browser.submit(await browser.open(`${edition.url}/account/register`), fields);
  };

  test('register, sign in by ID number without a second factor, and see their own cases', async () => {
    const worker = someone('周职工（样例）');
    expect((await register(worker)).text).toContain('注册已受理');
    const { flow, page } = await withPassword(worker.idNumber, PASSWORD);
    const tokens = await exchange(flow, page);
    expect(tokens.claims()).toMatchObject({ name: '周职工（样例）', roles: ['applicant'] });
    expect((await new Client(edition.url, tokens.access_token).call('GET', '/v1/cases')).body).toMatchObject({
      cases: [],
    });
    // Number and phone are sealed; the log of sign-ins knows neither.
    const { data } = (await edition.ports.items.get(keys.person(tokens.claims()?.sub ?? ''))) ?? {};
    expect(JSON.stringify(data)).not.toContain(worker.idNumber);
    expect(JSON.stringify(data)).not.toContain(worker.phone);
    expect(JSON.stringify(data)).not.toContain(worker.email);
    expect(data).toMatchObject({ email: { masked: 'w***@example.cn' } });
    expect(data).toMatchObject({ provedBy: null });
    expect(JSON.stringify(await signIns())).not.toContain(worker.idNumber);
  });

  test('whoever can vouch for name and ID number is named with the account', async () => {
    const worker = someone('已核职工（样例）');
    await register(worker);
    const { flow, page } = await withPassword(worker.idNumber, PASSWORD);
    const { sub = '' } = (await exchange(flow, page)).claims() ?? {};
    expect(await administrator.get(`/v1/people/${sub}`)).toMatchObject({
      provedBy: 'police',
      kind: 'applicant',
    });
  });

  test('one account a person: a second registration changes nothing and looks the same', async () => {
    const worker = someone('吴职工（样例）');
    const first = await register(worker);
    const other = '另一句完全不一样的话也很长';
    const second = await register({ ...worker, name: '冒名', password: other, again: other });
    expect(second.text).toBe(first.text);
    expect((await withPassword(worker.idNumber, other)).page.status).toBe(401);
    const { flow, page } = await withPassword(worker.idNumber, PASSWORD);
    expect((await exchange(flow, page)).claims()?.name).toBe('吴职工（样例）');
  });

  test.each([
    ['a wrong ID number', { idNumber: '340104198013011234' }, '身份证'],
    ['passwords that differ', { again: '另一句' }, '不一致'],
    ['a weak password', { password: '123456789012', again: '123456789012' }, '容易被猜中'],
    ['no name', { name: ' ' }, '请填写姓名'],
  ])('%s is told', async (_, change, sentence) => {
    const page = await register({ ...someone('郑职工（样例）'), ...change });
    expect(page.status).toBe(422);
    expect(page.text).toContain(sentence);
  });
});

/** The administrator makes an account; the link sets its password. Signs in by password alone from then on. */
const hire = async (name: string, account: string, role: string, organisation: string) => {
  const made = await administrator.post('/v1/people', { name, account, role, organisation });
  const { url } = linkSchema.parse(made.link);
  const browser = newBrowser();
  const done = await browser.submit(await browser.open(url), { password: PASSWORD, again: PASSWORD });
  expect(done.text).toContain('密码已设置');
  return { subject: z.string().parse(made.subject), url };
};

/** Signs in with a fresh second factor. */
const signIn = async (account: string) => {
  const { browser, flow, page } = await withPassword(account, PASSWORD);
  const factor = keyOn(page);
  const shown = await browser.submit(page, { code: totp(factor, Date.now()) });
  const tokens = await exchange(flow, await browser.submit(shown, {}));
  return { api: new Client(edition.url, tokens.access_token), tokens, flow, factor };
};

describe('people and posts', () => {
  test('a post counts until it ends, whatever the token still says; its history stays', async () => {
    const { subject } = await hire('孙复审（样例）', 'sun.review', 'centreReviewer', 'ah');
    const { api } = await signIn('sun.review');
    expect((await api.call('GET', '/v1/tasks')).status).toBe(200);
    const shown = await administrator.get(`/v1/people/${subject}`);
    const [{ postId }] = z.tuple([z.looseObject({ postId: z.string() })]).parse(shown.posts);
    await administrator.post(`/v1/people/${subject}/posts/${postId}/end`);
    expect(await api.refused('GET', '/v1/tasks')).toMatchObject({ status: 403 });
    await administrator.post(`/v1/people/${subject}/posts`, { role: 'keeper', organisation: 'hf' });
    expect(await administrator.get(`/v1/people/${subject}`)).toMatchObject({
      posts: [
        { role: 'centreReviewer', organisation: 'ah', until: expect.any(String) },
        { role: 'keeper', organisation: 'hf', until: null },
      ],
    });
    const { events } = await administrator.get(`/v1/people/${subject}/events`);
    const chain = z
      .array(z.looseObject({ type: z.string(), actor: z.looseObject({ name: z.string() }) }))
      .parse(events);
    expect(chain.map(({ type }) => type)).toEqual(['created', 'postEnded', 'posted']);
    expect(chain.every(({ actor }) => actor.name === '张管理（样例）')).toBe(true);
    expect(verifyChain(await personEvents(edition.ports.items, subject))).toEqual([]);
  });

  test('a suspended person is out at once: tokens, sessions, sign-in', async () => {
    const { subject } = await hire('钱停用（样例）', 'qian.out', 'keeper', 'ah');
    const { api, tokens, flow } = await signIn('qian.out');
    expect((await api.call('GET', '/v1/cases')).status).toBe(200);
    await administrator.post(`/v1/people/${subject}/suspension`, { reason: '离职' });
    expect(await api.refused('GET', '/v1/cases')).toMatchObject({ status: 403 });
    await expect(client.refreshTokenGrant(flow.config, tokens.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    });
    const { page } = await withPassword('qian.out', PASSWORD);
    expect([page.status, page.text.includes('登录名或密码不对，或者账号已停用。')]).toEqual([401, true]);
    expect((await signIns()).at(-1)).toMatchObject({ outcome: 'suspended' });
    await administrator.post(`/v1/people/${subject}/reinstatement`, { reason: '返岗' });
    expect((await withPassword('qian.out', PASSWORD)).page.text).toContain('二次验证');
  });

  test('a reset link works once, voids the one before, and takes the second factor with it where asked', async () => {
    const { subject, url: used } = await hire('周重设（样例）', 'zhou.reset', 'keeper', 'ah');
    expect((await newBrowser().open(used)).status).toBe(410);
    const { tokens, flow } = await signIn('zhou.reset');
    const reset = (secondFactor: boolean) =>
      administrator.post(`/v1/people/${subject}/reset`, { secondFactor, reason: '忘记密码' });
    const before = linkSchema.parse((await reset(false)).link);
    const { url } = linkSchema.parse((await reset(true)).link);
    expect((await newBrowser().open(before.url)).status).toBe(410);
    const browser = newBrowser();
    const form = await browser.open(url);
    expect((await browser.submit(form, { password: 'short', again: 'short' })).status).toBe(422);
    const next = '一句新的而且足够长的话呀';
    await browser.submit(form, { password: next, again: next });
    await expect(client.refreshTokenGrant(flow.config, tokens.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    });
    expect((await withPassword('zhou.reset', PASSWORD)).page.status).toBe(401);
    expect((await withPassword('zhou.reset', next)).page.text).toContain('设置二次验证');
    expect((await newBrowser().open(url)).status).toBe(410);
  });

  test('an administrator of a county reaches the own union and those below, and no other', async () => {
    await hire('冯区管（样例）', 'feng.county', 'administrator', 'hf-1');
    const { api } = await signIn('feng.county');
    const staff = (organisation: string, role = 'keeper') => ({
      name: '陈某（样例）',
      account: `chen.${organisation}`,
      role,
      organisation,
    });
    expect((await api.call('POST', '/v1/people', staff('hf-1-1', 'grassrootsOfficer'))).status).toBe(201);
    for (const elsewhere of ['hf', 'ah', 'ah-direct-1']) {
      expect(await api.refused('POST', '/v1/people', staff(elsewhere))).toMatchObject({ status: 403 });
      expect(await api.refused('GET', `/v1/people?organisation=${elsewhere}`)).toMatchObject({ status: 403 });
    }
    expect((await api.get('/v1/people?organisation=hf-1-1')).people).toMatchObject([
      { name: '陈某（样例）' },
    ]);
    const mine = z.array(z.looseObject({ subject: z.string() })).parse((await api.get('/v1/people')).people);
    expect(mine).toHaveLength(1);
    // The auditor reads the whole province: nobody below it hands that out. Nor does anyone manage the own account.
    expect(await api.refused('POST', '/v1/people', staff('hf-1', 'auditor'))).toMatchObject({
      code: 'wrong-place',
    });
    const own = `/v1/people/${mine[0]?.subject}`;
    expect(await api.refused('POST', `${own}/suspension`, { reason: '试' })).toMatchObject({
      code: 'own-account',
    });
    expect(await api.refused('POST', `${own}/posts`, { role: 'keeper', organisation: 'hf-1' })).toMatchObject(
      {
        code: 'own-account',
      },
    );
  });

  test('a name that is taken, a union that isn’t, a post that doesn’t fit', async () => {
    const staff = { name: '褚某（样例）', account: 'zhang.admin', role: 'keeper', organisation: 'ah' };
    expect(await administrator.refused('POST', '/v1/people', staff)).toMatchObject({ code: 'account-taken' });
    expect(
      await administrator.refused('POST', '/v1/people', { ...staff, organisation: 'nowhere' }),
    ).toMatchObject({ status: 422 });
    const misfit = { ...staff, account: 'chu', role: 'grassrootsOfficer' };
    expect(await administrator.refused('POST', '/v1/people', misfit)).toMatchObject({ code: 'wrong-place' });
  });
});
