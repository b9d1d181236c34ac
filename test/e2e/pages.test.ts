/** Every page in a real browser, as wide as a phone: read, filled in by keyboard, to the end of a sign-in. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { totp } from '../support/browser.ts';
import { startChromium, whyNoChromium } from '../support/chromium.ts';
import { beginFlow, discover, endFlow, type Flow } from '../support/code-flow.ts';
import { openTestEdition, type TestEdition } from '../support/edition.ts';
import { newPerson } from '../support/households.ts';

/** Weak on purpose: a test is no place to wait for scrypt. */
const scryptCost = { logN: 10, r: 8, p: 1 };
const PASSWORD = '蓝色的自行车停在三楼门口';
const PHONE = { viewport: { width: 360, height: 740 }, locale: 'zh-CN' };

describe.skipIf(whyNoChromium !== undefined)('页面（真实浏览器，360像素宽）', { timeout: 60_000 }, () => {
  let browser: Browser;
  let edition: TestEdition;
  beforeAll(async () => {
    edition = await openTestEdition({ centre: 'none', identity: { scryptCost } });
    browser = await startChromium();
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await edition.close();
  });

  let context: BrowserContext;
  let page: Page;
  /** What the browser complains of: refused by the page's policy, not found, thrown. */
  let complaints: string[];
  beforeEach(async () => {
    context = await browser.newContext(PHONE);
    page = await context.newPage();
    complaints = [];
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
  });
  afterEach(() => context.close());

  /** What everyone needs of a page: one title, nothing cut off at the side, a name for each field. */
  const requireReadable = async (): Promise<void> => {
    // Runs in the page, whose types are not those of this program. Code and tables may scroll in themselves; the page doesn't.
    const seen = await page.evaluate(`({
      lang: document.documentElement.lang,
      titles: document.querySelectorAll('h1').length,
      overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      nameless: [...document.querySelectorAll('input:not([type=hidden])')]
        .filter((input) => input.labels.length === 0).map((input) => input.name),
    })`);
    expect([page.url(), seen]).toEqual([page.url(), { lang: 'zh-CN', titles: 1, overflow: 0, nameless: [] }]);
  };

  const open = async (path: string): Promise<void> => {
    const url = path.startsWith('http') ? path : `${edition.url}${path}`;
    await page.goto(url);
    await requireReadable();
  };
  const titleOf = (): Promise<string> => page.title();

  /** Types into the fields one after the other, from the one that has the cursor, and sends the form. */
  const fill = async (...values: readonly string[]): Promise<void> => {
    for (const [index, value] of values.entries()) {
      if (index > 0) await page.keyboard.press('Tab');
      await page.keyboard.press('ControlOrMeta+A');
      await page.keyboard.type(value);
    }
    await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
  };

  const begin = async (): Promise<Flow> => {
    const flow = await beginFlow(await discover(edition.url), `${edition.url}/`);
    await open(flow.url.href);
    return flow;
  };
  const finish = async (flow: Flow) => {
    const { access_token: token } = await endFlow(flow, page.url());
    const answer = await fetch(new URL('/v1/account', edition.url), {
      headers: { authorization: `Bearer ${token}` },
    });
    return { status: answer.status, body: await answer.json() };
  };

  test.each(['/', '/privacy', '/docs', '/account/register'])(
    '%s 在手机上读得全，没有被拦下的内容',
    async (path) => {
      await open(path);
      expect(complaints).toEqual([]);
    },
  );

  test('首页的每个链接都通', async () => {
    await open('/');
    const links = await page.$$eval('a', (all) => all.map((link) => link.getAttribute('href') ?? ''));
    expect(links.length).toBeGreaterThan(5);
    const statuses = await Promise.all(
      links.map(async (link) => [link, (await fetch(new URL(link, edition.url))).status]),
    );
    expect(statuses).toEqual(links.map((link) => [link, 200]));
  });

  test('职工只用键盘注册：写错的一项有说明、光标就在那里；改好后注册、登录，拿到自己的凭证', async () => {
    const { idNumber, name } = newPerson('worker', '本人');
    await open('/account/register');
    await fill(name, idNumber.slice(0, 17), '13900001111', '', PASSWORD, PASSWORD);
    await requireReadable();
    expect(await titleOf()).toMatch(/^出错：/);
    expect(await page.locator(':focus').getAttribute('name')).toBe('idNumber');
    expect(await page.locator('[role=alert]').textContent()).toMatch(/身份证/);
    // What was typed stays, but for what must not be shown again.
    expect(await page.locator('[name=name]').inputValue()).toBe(name);
    await page.locator('[name=idNumber]').fill(idNumber);
    await page.locator('[name=password]').fill(PASSWORD);
    await page.locator('[name=again]').fill(PASSWORD);
    await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
    await requireReadable();
    expect(await titleOf()).toContain('注册已受理');

    const flow = await begin();
    await fill(idNumber.toLowerCase(), '不是这个密码的一句话');
    expect(await page.locator('[role=alert]').textContent()).toContain('登录名或密码不对');
    await fill(idNumber, PASSWORD);
    const { status, body } = await finish(flow);
    expect([status, JSON.stringify(body).includes(idNumber)]).toEqual([200, false]);
    // The browser says of the wrong password that it was refused, and nothing else.
    expect(complaints.filter((text) => !/40[01]|422/.test(text))).toEqual([]);
  });

  test('首位管理员凭链接建立账号，扫码绑定二次验证，看到恢复码，登录成功', async () => {
    const link = await edition.edition.administratorLink(false);
    await open(link?.url ?? '');
    await fill('张管理（样例）', 'zhang.admin', PASSWORD, PASSWORD);
    expect(await titleOf()).toContain('首位管理员已建立');
    const flow = await begin();
    await fill('zhang.admin', PASSWORD);
    await requireReadable();
    const picture = await page.locator('svg.qr').boundingBox();
    expect(picture?.width).toBeGreaterThan(200);
    expect((picture?.x ?? 0) + (picture?.width ?? 0)).toBeLessThan(360);
    const key = ((await page.locator('.key').textContent()) ?? '').replaceAll(' ', '');
    await fill(totp(key, Date.now()));
    await requireReadable();
    expect(await page.locator('.codes li').count()).toBe(10);
    await Promise.all([page.waitForEvent('load'), page.locator('button').click()]);
    expect((await finish(flow)).status).toBe(200);
    expect(complaints).toEqual([]);
  });
});
