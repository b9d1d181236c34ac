import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DynamoItemStore } from '#adapters/aws/items.ts';
import { SystemClock } from '#adapters/shared/clock.ts';
import { RandomIds } from '#adapters/shared/ids.ts';
import { verifyChain } from '#domain/filing/audit.ts';
import { organisationTreeSchema } from '#domain/filing/organisations.ts';
import { OrganisationStore } from '#functions/shared/organisation-store.ts';
import { personEvents, withPosts } from '#functions/shared/people-store.ts';
import type { ItemStore, Ports } from '#functions/shared/ports.ts';
import seed from '#parameters/organisations.json' with { type: 'json' };
import { captured } from '#test/support/command.ts';
import { run } from '../../scripts/first-administrator.ts';
import { makeAccount } from '../support/accounts.ts';
import { type DynamoDbLocal, startDynamoDbLocal, whyNoDynamoDbLocal } from '../support/dynamodb-local.ts';

const reason = whyNoDynamoDbLocal();
if (reason !== undefined) console.warn(`SKIPPED: the command that makes the first administrator: ${reason}`);

describe.skipIf(reason !== undefined)('the first administrator', () => {
  let server: DynamoDbLocal;
  let client: ReturnType<DynamoDbLocal['client']>;
  beforeAll(async () => {
    server = await startDynamoDbLocal();
    client = server.client();
  });
  afterAll(async () => {
    client.destroy();
    await server.stop();
  });

  const clock = new SystemClock();
  const open = (table: string): Pick<Ports, 'items' | 'clock' | 'ids' | 'organisations'> => {
    const items: ItemStore = new DynamoItemStore({ client, table });
    const organisations = new OrganisationStore({
      items,
      seed: organisationTreeSchema.parse(seed),
      wall: Date.now,
      freshMs: 0,
    });
    return { items, clock, ids: new RandomIds(clock), organisations };
  };
  const command = (...args: readonly string[]) => captured((out, err) => run(args, { out, err, open }));
  const named = (table: string, subject = 'sub-1', ...more: readonly string[]) =>
    command('--table', table, '--subject', subject, '--name', '张管理', ...more);

  test('acts by the post from the next request on, and its history says how it came to be', async () => {
    await server.createTable('first');
    expect(await named('first')).toEqual({
      code: 0,
      out: ['已建立首位管理员：张管理（sub-1），任职工会 ah。'],
      err: [],
    });
    const { items } = open('first');
    expect(await withPosts(items, { subject: 'sub-1', name: '别的', roles: ['applicant'] })).toEqual({
      subject: 'sub-1',
      name: '张管理',
      roles: ['administrator'],
      organisation: 'ah',
    });
    const events = await personEvents(items, 'sub-1');
    expect(events).toMatchObject([{ type: 'created', data: { role: 'administrator', organisation: 'ah' } }]);
    expect(verifyChain(events)).toEqual([]);
    expect(await named('first', 'sub-2')).toMatchObject({
      code: 1,
      err: [expect.stringContaining('已经有管理员')],
    });
  });

  test('of several at once one is made', async () => {
    await server.createTable('race');
    const answers = await Promise.all([1, 2, 3].map((number) => named('race', `sub-${number}`)));
    expect(answers.map(({ code }) => code).toSorted()).toEqual([0, 1, 1]);
  });

  test('is refused where somebody administers anywhere, and isn’t where that one is suspended', async () => {
    await server.createTable('there');
    const ports = open('there');
    await makeAccount(ports, 'gone', ['administrator', 'ah'], { state: 'suspended' });
    await makeAccount(ports, 'worker');
    expect(await named('there', 'worker')).toMatchObject({
      code: 1,
      err: [expect.stringContaining('已有账号')],
    });
    await makeAccount(ports, 'county', ['administrator', 'hf-1']);
    expect(await named('there')).toMatchObject({ code: 1, err: [expect.stringContaining('已经有管理员')] });
  });

  test('a union that is none, and arguments that don’t fit, are told', async () => {
    await server.createTable('wrong');
    expect(await named('wrong', 'sub-1', '--organisation', 'nowhere')).toEqual({
      code: 1,
      out: [],
      err: ['没有这个工会。'],
    });
    expect((await named('wrong', 'sub-1', '--organisation', 'hf')).out[0]).toContain('任职工会 hf');
    for (const args of [[], ['--nonsense'], ['--table', 't', '--subject', 's', '--name', ' ']]) {
      const { code, err } = await command(...args);
      expect(code).toBe(2);
      expect(err.at(-1)).toContain('用法');
    }
  });
});
