/** People with accounts, made and signed in by the pages as they make and sign in themselves. */
import { Browser, type Page, totp } from '#test/support/browser.ts';
import { Client } from '#test/support/client.ts';
import { beginFlow, discover, endFlow } from '#test/support/code-flow.ts';
import type { TestEdition } from '#test/support/edition.ts';
import { newPerson } from '#test/support/households.ts';

export const PASSWORD = '蓝色的自行车停在三楼门口';
export const ADMINISTRATOR = 'zhang.admin';

export type Accounts = {
  /** The key of the administrator's second factor, in base 32, and its recovery codes. */
  readonly key: string;
  readonly recovery: readonly string[];
  readonly subject: string;
  readonly worker: { readonly idNumber: string; readonly phone: string };
};

export type SignIn = { readonly subject: string; readonly token: string; readonly client: Client };

/** Signs in as far as the password and then, where `further` is given, by what it makes of the page. */
export const signIn = async (
  { url }: Pick<TestEdition, 'url'>,
  account: string,
  password: string,
  further: (browser: Browser, page: Page) => Promise<Page> = async (_, page) => page,
): Promise<SignIn> => {
  const flow = await beginFlow(await discover(url), `${url}/callback`);
  const browser = new Browser();
  const page = await browser.submit(await browser.open(flow.url.href), { account, password });
  const last = await further(browser, page);
  if (last.location === undefined) throw new Error(`not signed in: ${last.status} ${last.url}`);
  const tokens = await endFlow(flow, last.location);
  const token = tokens.access_token;
  return { subject: tokens.claims()?.sub ?? '', token, client: new Client(url, token) };
};

/** Sets a password by a one-time link. */
export const setPassword = async (link: string, password: string): Promise<number> => {
  const browser = new Browser();
  return (await browser.submit(await browser.open(link), { password, again: password })).status;
};

/** The first administrator, by the link of the first start. */
export const makeAdministrator = async (edition: TestEdition, account: string): Promise<void> => {
  const link = await edition.edition.administratorLink(false);
  const browser = new Browser();
  const page = await browser.submit(await browser.open(link?.url ?? ''), {
    name: '张管理（样例）',
    account,
    password: PASSWORD,
    again: PASSWORD,
  });
  if (!page.text.includes('首位管理员已建立')) throw new Error(`no administrator: ${page.status}`);
};

/** The key of a second factor and its recovery codes, as the pages show them. */
export type Enrolled = { key: string; recovery: readonly string[] };

/** Sets up the second factor, noting what the pages show. */
export const enrolling =
  (enrolled: Enrolled) =>
  async (browser: Browser, page: Page): Promise<Page> => {
    enrolled.key = (/<p class="key">([^<]+)</.exec(page.text)?.[1] ?? '').replaceAll(' ', '');
    const shown = await browser.submit(page, { code: totp(enrolled.key, Date.now()) });
    enrolled.recovery = [...shown.text.matchAll(/<li>([^<]+)<\/li>/g)].map(([, code = '']) => code);
    return browser.submit(shown, {});
  };

/** Answers the second factor's page with a code. */
export const withCode =
  (code: string) =>
  (browser: Browser, page: Page): Promise<Page> =>
    browser.submit(page, { code });

/** A worker registers. What the page says is the same where the ID number has its account already. */
export const register = async (edition: TestEdition, worker: Accounts['worker']): Promise<void> => {
  const browser = new Browser();
  const page = await browser.submit(await browser.open(`${edition.url}/account/register`), {
    name: '周职工（样例）',
    ...worker,
    password: PASSWORD,
    again: PASSWORD,
  });
  if (!page.text.includes('注册已受理')) throw new Error(`not registered: ${page.status}`);
};

/** An administrator with a second factor and a worker who has registered. */
export const makeAccounts = async (edition: TestEdition): Promise<Accounts> => {
  await makeAdministrator(edition, ADMINISTRATOR);
  const enrolled: Enrolled = { key: '', recovery: [] };
  const { subject } = await signIn(edition, ADMINISTRATOR, PASSWORD, enrolling(enrolled));
  const worker = { idNumber: newPerson('m1', '本人').idNumber, phone: '13900000000' };
  await register(edition, worker);
  return { ...enrolled, subject, worker };
};
