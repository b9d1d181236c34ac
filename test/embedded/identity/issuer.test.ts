import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { decodeProtectedHeader } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AUDIENCE, ISSUER, mintToken, openIssuer } from '#embedded/identity/issuer.ts';
import { createAuthenticate } from '#functions/shared/access/jwt.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'issuer-'));
});
afterEach(() => rm(folder, { recursive: true }));

const keyFile = () => join(folder, 'identity', 'keys.json');
const authenticateBy = async (wall: () => number = Date.now, keys = folder) =>
  createAuthenticate({ keys: (await openIssuer(keys)).publicKeys, issuer: ISSUER, audience: AUDIENCE, wall });

const officer = {
  subject: 'u-1',
  name: '王芳',
  roles: ['grassrootsOfficer'],
  organisation: '340102',
  ttlSeconds: 60,
} as const;

describe('the development issuer', () => {
  test('makes its key once, for its owner alone', async () => {
    const first = await openIssuer(folder);
    expect(await openIssuer(folder)).toEqual(first);
    expect((await stat(keyFile())).mode & 0o777).toBe(0o600);
    expect(await readdir(join(folder, 'identity'))).toEqual(['keys.json']);
  });

  test('tells the public half only', async () => {
    const { publicKeys } = await openIssuer(folder);
    const text = JSON.stringify(publicKeys);
    expect(publicKeys).toMatchObject({ keys: [{ kty: 'RSA', alg: 'RS256', use: 'sig' }] });
    for (const part of ['d', 'p', 'q', 'dp', 'dq', 'qi']) expect(text).not.toContain(`"${part}"`);
  });

  test('several processes that start at once agree on one key', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => openIssuer(folder)));
    for (const keys of all) expect(keys).toEqual(all[0]);
    expect(await readdir(join(folder, 'identity'))).toEqual(['keys.json']);
  });

  test('mints what the API trusts, until it expires', async () => {
    let now = Date.UTC(2020, 0, 1);
    const wall = () => now;
    const header = `Bearer ${await mintToken(folder, officer, wall)}`;
    const authenticate = await authenticateBy(wall);
    expect(await authenticate(header)).toEqual({
      subject: 'u-1',
      name: '王芳',
      roles: ['grassrootsOfficer'],
      organisation: '340102',
    });
    now += 91_000;
    await expect(authenticate(header)).rejects.toMatchObject({ status: 401 });
  });

  test('a key of another folder opens nothing here', async () => {
    const other = await mkdtemp(join(tmpdir(), 'issuer-'));
    try {
      const token = await mintToken(other, officer);
      await expect((await authenticateBy())(`Bearer ${token}`)).rejects.toMatchObject({ status: 401 });
    } finally {
      await rm(other, { recursive: true });
    }
  });

  test('a key signs for 90 days; its tokens are trusted for seven more days', async () => {
    const day = 86_400_000;
    const start = Date.UTC(2020, 0, 1);
    const kids = async (at: number) => (await openIssuer(folder, at)).publicKeys.keys.map(({ kid }) => kid);
    const [first] = await kids(start);
    const old = await mintToken(folder, { ...officer, ttlSeconds: 2 * 86_400 }, () => start + 89 * day);
    expect(await kids(start + 89 * day)).toEqual([first]);

    const [second, ...before] = await kids(start + 90 * day);
    expect(before).toEqual([first]);
    expect(second).not.toBe(first);
    const wall = () => start + 90 * day;
    const { publicKeys } = await openIssuer(folder, wall());
    const authenticate = createAuthenticate({ keys: publicKeys, issuer: ISSUER, audience: AUDIENCE, wall });
    expect(await authenticate(`Bearer ${old}`)).toMatchObject({ subject: 'u-1' });
    const young = await mintToken(folder, officer, wall);
    expect(decodeProtectedHeader(young).kid).toBe(second);

    expect(await kids(start + 96 * day)).toEqual([second, first]);
    expect(await kids(start + 97 * day)).toEqual([second]);
  });

  test('a damaged key is told by its path and never replaced', async () => {
    await openIssuer(folder);
    await writeFile(keyFile(), '[{"createdAt":"2020-01-01T00:00:00Z","key":{"kty":"RSA","d":"half');
    await expect(openIssuer(folder)).rejects.toThrow(keyFile());
    expect(await readFile(keyFile(), 'utf8')).toMatch(/"d":"half$/);
  });
});

describe('the token command', () => {
  const run = promisify(execFile);
  const token = (...args: readonly string[]) =>
    run(process.execPath, ['scripts/token.ts', ...args], {
      cwd: join(import.meta.dirname, '..', '..', '..'),
    });

  test('prints one token that the API trusts, of the data folder’s own keys', async () => {
    // The server makes the folder of the keys at its first start; the command does so before it.
    const { stdout } = await token(
      ...['--data', folder, '--subject', 'u-2', '--name', '李明', '--role', 'applicant', '--role', 'keeper'],
      ...['--organisation', '3401'],
    );
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    expect(await (await authenticateBy(Date.now, join(folder, 'keys')))(`Bearer ${stdout.trim()}`)).toEqual({
      subject: 'u-2',
      name: '李明',
      roles: ['applicant', 'keeper'],
      organisation: '3401',
    });
  });

  test.each([
    ['an unknown role', ['--role', 'king'], '--role：应为以下之一：applicant、'],
    ['no role', [], '--role：缺少此项'],
    ['a life that is no number', ['--role', 'keeper', '--ttl', 'long'], '--ttl：应为秒数'],
    ['an unknown option', ['--role', 'keeper', '--admin'], '用法：'],
  ])('%s: exit 2, nothing on standard output, a sentence', async (_, args, sentence) => {
    const failure = token('--data', folder, '--subject', 'u', '--name', '王芳', ...args);
    await expect(failure).rejects.toMatchObject({ code: 2, stdout: '' });
    await expect(failure).rejects.toHaveProperty('stderr', expect.stringContaining(sentence));
  });
});
