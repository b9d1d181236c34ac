import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FUNCTION_NAMES } from '#functions/manifest.ts';
import { bundle, entryOf } from '#infra/bundle.ts';
import { ENTRY } from './fixtures/application.ts';

/** What a function's environment holds, by made-up values: entries may read it when they are loaded. */
const ENVIRONMENT = {
  AWS_REGION: 'cn-north-1',
  TABLE_NAME: 'table',
  UPLOADS_BUCKET: 'uploads',
  ARCHIVE_BUCKET: 'archive',
  ARCHIVE_LOCK_MODE: 'GOVERNANCE',
  STATE_MACHINE_ARN: 'arn:aws-cn:states:cn-north-1:123456789012:stateMachine:filing:live',
  SEAL_KEY_ARN: 'arn:aws-cn:kms:cn-north-1:123456789012:key/1',
  INDEX_KEY_ARN: 'arn:aws-cn:kms:cn-north-1:123456789012:key/2',
  SIGNING_KEY_ARN: 'arn:aws-cn:kms:cn-north-1:123456789012:key/3',
  CENTRE_URL: 'https://centre.example.cn',
  CENTRE_SECRET_ARN: 'arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:centre',
  MESSAGES_TOPIC_ARN: 'arn:aws-cn:sns:cn-north-1:123456789012:messages',
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'infra-bundle-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a program in a Node process of its own, in a folder above which there are no packages. */
async function bare(program: string): Promise<unknown> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: folder,
    env: ENVIRONMENT,
  });
  return JSON.parse(stdout);
}
const urlOf = (bundled: string | undefined) =>
  JSON.stringify(pathToFileURL(join(bundled ?? 'missing', 'index.mjs')).href);

describe('bundle', () => {
  it('makes a module that runs by itself, with the errors’ names intact', async () => {
    const bundles = await bundle(new Map([['one', ENTRY]]), join(folder, 'one'));
    const url = urlOf(bundles.get('one'));
    const answers = await bare(`
      const { handler } = await import(${url});
      console.error = () => {};
      const context = { awsRequestId: 'r-1' };
      const answer = await handler({ caseId: '01j' }, context);
      const { name, message } = await handler({ caseId: 'closed' }, context).catch((error) => error);
      console.log(JSON.stringify({ answer, name, message }));
    `);
    expect(answers).toEqual({
      answer: { caseId: '01j', region: 'cn-north-1', key: 'key-1' },
      name: 'CaseClosed',
      message: '该档案已关闭。',
    });
  });

  it('makes the same of the same, and little of it', async () => {
    const bundles = await bundle(
      new Map([
        ['first', ENTRY],
        ['second', ENTRY],
      ]),
      join(folder, 'two'),
    );
    const sizes = [...bundles.values()].map((bundled) => statSync(join(bundled, 'index.mjs')).size);
    expect(sizes[0]).toBe(sizes[1]);
    // A cold start reads all of it: the SDK's client, zod and the middleware come to 0.8 MB.
    expect(sizes[0]).toBeLessThan(1_500_000);
  });

  it('names every entry that is missing, and makes nothing', async () => {
    const entries = new Map([
      ['one', ENTRY],
      ['no-such-function', entryOf('no-such-function')],
      ['nor-this', entryOf('nor-this')],
    ]);
    await expect(bundle(entries, join(folder, 'none'))).rejects.toThrow(
      /no Lambda entry for 2 functions:\n {2}no-such-function: \S+\/functions\/no-such-function\/handler.ts\n {2}nor-this: /,
    );
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });

  const entries = new Map(FUNCTION_NAMES.map((name) => [name, entryOf(name)]));
  it.runIf([...entries.values()].every(existsSync))('makes every function of the manifest', async () => {
    const bundles = await bundle(entries, join(folder, 'all'));
    const loaded = await bare(`
      const loaded = {};
      for (const [name, url] of [${[...bundles].map(([name, bundled]) => `['${name}', ${urlOf(bundled)}]`)}])
        loaded[name] = await import(url).then((module) => typeof module.handler, (error) => String(error));
      console.log(JSON.stringify(loaded));
    `);
    expect(loaded).toEqual(Object.fromEntries(FUNCTION_NAMES.map((name) => [name, 'function'])));
  });
});
