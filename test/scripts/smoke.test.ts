/** The smoke check as it is run after a deployment: a process of its own, over real HTTP, against the embedded edition. */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { mintToken } from '#embedded/identity/issuer.ts';
import type { Role } from '#functions/shared/access/policy.ts';
import type { ItemStore } from '#functions/shared/ports.ts';
import { openTestEdition, type TestEdition, type TestEditionOptions } from '../support/edition.ts';
import { temporaryFolder } from '../support/folder.ts';

const ROOT = join(import.meta.dirname, '..', '..');
let edition: TestEdition | undefined;
afterEach(async () => {
  await edition?.close();
  edition = undefined;
});

type Ran = { readonly code: number; readonly out: string; readonly err: string };

const run = (...args: readonly string[]): Promise<Ran> =>
  new Promise((resolve) => {
    const script = join(ROOT, 'scripts', 'smoke.ts');
    const child = execFile(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', script, ...args],
      (_, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });

/** Runs it against a fresh edition; resolves with what it told and the edition. */
const smoke = async (
  options: TestEditionOptions,
  roles: readonly Role[] = ['applicant', 'administrator'],
  ...more: readonly string[]
): Promise<{ ran: Ran; edition: TestEdition }> => {
  edition = await openTestEdition(options);
  const holder = { subject: 'probe', name: '检验账号（样例）', roles, ttlSeconds: 600 };
  const tokenFile = join(edition.folder.path, 'token');
  writeFileSync(tokenFile, `${await mintToken(join(edition.folder.path, 'keys'), holder)}\n`);
  const ran = await run(
    '--api',
    edition.url,
    '--token-file',
    tokenFile,
    '--date',
    edition.today,
    '--timeout',
    '20',
    ...more,
  );
  return { ran, edition };
};

const cases = async (probed: TestEdition): Promise<readonly Record<string, unknown>[]> => {
  const probe = await probed.person('probe', 'applicant');
  return z.object({ cases: z.array(z.record(z.string(), z.unknown())) }).parse(await probe.get('/v1/cases'))
    .cases;
};

/** No error of ours, so that nothing retries it. */
class Broken extends Error {
  override readonly name = 'DiskFailure';
}

/** An item store on which writes fail that match. */
const failing =
  (matches: (data: Readonly<Record<string, unknown>>, pk: string) => boolean) =>
  (items: ItemStore): ItemStore => ({
    get: (key) => items.get(key),
    query: (query) => items.query(query),
    transact: async (operations) => {
      for (const operation of operations) {
        if (operation.type === 'put' && matches(operation.item.data, operation.item.pk))
          throw new Broken('on purpose');
      }
      await items.transact(operations);
    },
  });

test.each([[[]], [['--route', 'territorial', '--union', 'hf-1-1', '--region', '340104']]])(
  'a system that is alive passes, and no public notice, list or task is left: %j',
  async (more) => {
    const { ran, edition: probed } = await smoke({}, undefined, ...more);
    expect(ran).toMatchObject({ code: 0, err: '' });
    for (const seen of ['接口：', '上传：', '事件：', '流程：', '撤回：', '系统正常'])
      expect(ran.out).toContain(seen);

    await probed.settle();
    expect(await cases(probed)).toEqual([expect.objectContaining({ synthetic: true, stage: 'withdrawn' })]);
    expect((await probed.anyone().get('/v1/notices')).notices).toEqual([]);
    const union = more[3] ?? 'ah-direct-1';
    const officer = await probed.person('officer', 'grassrootsOfficer', union);
    expect((await officer.get('/v1/cases')).cases).toEqual([]);
    expect((await officer.get('/v1/tasks')).tasks).toEqual([]);
  },
);

describe('fails with what failed and where to read on', () => {
  const sections = new Set(
    [...readFileSync(join(ROOT, 'docs', 'runbook.md'), 'utf8').matchAll(/^## (.+)$/gm)].map(
      ([, name]) => name,
    ),
  );
  const sectionOf = (err: string): string | undefined => /docs\/runbook\.md 的“(.+)”一节/.exec(err)?.[1];

  test('a token that may not', async () => {
    const { ran } = await smoke({}, ['applicant']);
    expect(ran.code).toBe(1);
    expect(ran.err).toContain('检验失败：建立申请。403 not-allowed');
    expect(sectionOf(ran.err)).toBe('api-faults');
  });

  test('uploads that nobody takes in; the case is withdrawn all the same', async () => {
    const received = z.looseObject({ state: z.looseObject({ status: z.literal('received') }) });
    const { ran, edition: probed } = await smoke(
      { wrapItems: failing((data) => received.safeParse(data).success) },
      undefined,
      '--timeout',
      '1',
    );
    expect(ran.code).toBe(1);
    expect(ran.err).toContain('检验失败：接收材料（上传事件）。等了1秒');
    expect(sectionOf(ran.err)).toBe('document-failures');
    expect(await cases(probed)).toEqual([expect.objectContaining({ stage: 'withdrawn' })]);
  });

  test('a workflow that fails', async () => {
    const { ran } = await smoke({ wrapItems: failing((_, pk) => pk.startsWith('TASK#')) });
    expect(ran.code).toBe(1);
    expect(ran.err).toContain('检验失败：流程办理。流程在“GrassrootsReview”失败：DiskFailure');
    expect(sectionOf(ran.err)).toBe('executions-failed');
  });

  test('nobody at the address', async () => {
    const folder = await temporaryFolder();
    try {
      const tokenFile = join(folder.path, 'token');
      writeFileSync(tokenFile, 'a.b.c');
      // A port that nobody may listen on.
      const ran = await run('--api', 'http://127.0.0.1:1', '--token-file', tokenFile);
      expect(ran.code).toBe(1);
      expect(ran.err).toMatch(/检验失败：建立申请。fetch failed（.+）/);
      expect(sectionOf(ran.err)).toBe('api-faults');
    } finally {
      await folder.remove();
    }
  });

  test('a file that holds no token, without telling what it holds', async () => {
    const ran = await run('--api', 'http://127.0.0.1:1', '--token-file', join(ROOT, 'package.json'));
    expect(ran.code).toBe(1);
    expect(ran.err).toContain('检验失败：读取令牌。令牌文件里不是一个令牌');
    expect(ran.err).not.toContain('hardship');
  });

  test('every section that the script names is there', () => {
    const script = readFileSync(join(ROOT, 'scripts', 'smoke.ts'), 'utf8');
    const named = [...script.matchAll(/attempt\('[^']+', '([^']+)'/g)].map(([, section]) => section);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((section) => !sections.has(section))).toEqual([]);
  });
});

test.each([
  [[], '--api'],
  [['--api', 'ftp://x', '--token-file', 'f'], '--api：应为网址'],
  [['--api', 'http://x'], '--token-file'],
  [['--api', 'http://x', '--token-file', 'f', '--timeout', '0'], '--timeout：应为秒数'],
  [['--colour', 'red'], '用法'],
])('arguments that do not fit are refused: %j', async (args, told) => {
  const ran = await run(...args);
  expect(ran).toMatchObject({ code: 2, out: '' });
  expect(ran.err).toContain(told);
});
