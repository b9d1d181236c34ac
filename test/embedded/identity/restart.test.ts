import * as client from 'openid-client';
import { afterEach, describe, expect, test } from 'vitest';
import { Browser } from '../../support/browser.ts';
import { beginFlow, discover } from '../../support/code-flow.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { Process } from '../../support/process.ts';

const SCRIPT = 'embedded/main.ts';
const PASSWORD = '演示-困难职工-2018';

let folder: Folder;
const running: Process[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.end('SIGKILL');
  await folder.remove();
});

const start = async (port: string, ...options: readonly string[]) => {
  const server = new Process(SCRIPT, ['--data', folder.path, '--port', port, ...options]);
  running.push(server);
  const first = await server.line();
  const url = /http:\/\/\S+/.exec(first ?? '')?.[0];
  if (url === undefined) throw new Error(`not started: ${first} ${server.errors}`);
  return { server, url };
};

/** The lines up to the last one that fits. */
const linesTo = async (server: Process, last: RegExp): Promise<readonly string[]> => {
  const lines: string[] = [];
  for (;;) {
    const line = await server.line();
    if (line === undefined) throw new Error(`no line ${last}: ${lines.join('\n')} ${server.errors}`);
    lines.push(line);
    if (last.test(line)) return lines;
  }
};

describe('npm start', () => {
  test('--demo: people for each post; what was signed in outlives kill -9, and so do locks', async () => {
    folder = await temporaryFolder();
    const { server, url } = await start('0', '--demo');
    const printed = await linesTo(server, /demo-administrator/);
    const accounts = printed.flatMap((line) => /^ {2}(demo-\w+) {2}(\S+)/.exec(line)?.[1] ?? []);
    expect(accounts).toHaveLength(9);
    const config = await discover(url);

    // In a demonstration the portal may run under any port of this machine.
    const home = 'http://127.0.0.1:1/';
    const browser = new Browser();
    const flow = await beginFlow(config, home);
    const form = await browser.open(flow.url.href);
    const back = await browser.submit(form, { account: 'demo-centreReviewer', password: PASSWORD });
    const tokens = await client.authorizationCodeGrant(config, new URL(back.location ?? ''), {
      pkceCodeVerifier: flow.verifier,
    });
    const guesser = new Browser();
    const lock = async () => {
      const page = await guesser.open((await beginFlow(config, home)).url.href);
      return (await guesser.submit(page, { account: 'demo-keeper', password: 'falsch' })).status;
    };
    for (let n = 1; n <= 5; n += 1) expect(await lock()).toBe(401);
    await server.end('SIGKILL');

    await start(new URL(url).port, '--demo');
    const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token ?? '');
    const answer = await fetch(`${url}/v1/tasks`, {
      headers: { authorization: `Bearer ${refreshed.access_token}` },
    });
    expect(answer.status).toBe(200);
    const silent = await browser.get((await beginFlow(config, home)).url.href);
    expect(silent.location).toMatch(/^http:\/\/127\.0\.0\.1:1\/\?code=/);
    expect(await lock()).toBe(429);
  });

  test('a first start prints a link for the administrator; such a folder takes no demo people', async () => {
    folder = await temporaryFolder();
    const { server } = await start('0');
    const lines = await linesTo(server, /\/account\/setup\/[\w-]{43}$/);
    const link = lines.at(-1) ?? '';
    expect((await new Browser().open(link)).text).toContain('建立首位管理员');
    await server.end('SIGKILL');
    const again = new Process(SCRIPT, ['--data', folder.path, '--port', '0', '--demo']);
    running.push(again);
    const { code } = await again.ended;
    expect(code).toBe(2);
    expect(again.errors).toContain('不是演示目录');
  });

  test('behind a proxy all addresses are those from outside, and cookies are for https alone', async () => {
    folder = await temporaryFolder();
    const { server, url } = await start('0', '--demo', '--public-url', 'https://filing.example.org/');
    await linesTo(server, /demo-administrator/);
    const described = await (await fetch(`${url}/oidc/.well-known/openid-configuration`)).text();
    expect(described).toContain('"issuer":"https://filing.example.org/oidc"');
    expect(described).not.toContain('127.0.0.1');
    const query = new URLSearchParams({
      client_id: 'portal',
      redirect_uri: 'https://filing.example.org/',
      response_type: 'code',
      scope: 'openid',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    });
    const answer = await fetch(`${url}/oidc/auth?${query}`, {
      redirect: 'manual',
      headers: { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http' },
    });
    expect(answer.status).toBe(303);
    expect(answer.headers.getSetCookie().length).toBeGreaterThan(0);
    for (const cookie of answer.headers.getSetCookie()) {
      expect(cookie).toMatch(/; secure/i);
      expect(cookie).toMatch(/; httponly/i);
      expect(cookie).toMatch(/; samesite=lax/i);
      expect(cookie).not.toContain('evil');
    }
  });

  test('a folder of demo people is no place for real ones', async () => {
    folder = await temporaryFolder();
    const { server } = await start('0', '--demo');
    await linesTo(server, /demo-administrator/);
    await server.end('SIGKILL');
    const again = new Process(SCRIPT, ['--data', folder.path, '--port', '0']);
    running.push(again);
    expect((await again.ended).code).toBe(2);
    expect(again.errors).toContain('演示目录');
  });
});
