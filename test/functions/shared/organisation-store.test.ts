import { afterEach, beforeEach, expect, test } from 'vitest';
import { Database } from '#adapters/embedded/database.ts';
import { SqliteItemStore } from '#adapters/embedded/items.ts';
import { RandomIds } from '#adapters/shared/ids.ts';
import type { Organisation } from '#domain/filing/organisations.ts';
import { organisationTreeSchema } from '#domain/filing/organisations.ts';
import { ConditionFailed } from '#functions/shared/errors.ts';
import {
  changeTree,
  OrganisationStore,
  readHistory,
  seedTree,
} from '#functions/shared/organisation-store.ts';
import type { ItemKey, ItemStore } from '#functions/shared/ports.ts';
import seedDocument from '#parameters/organisations.json' with { type: 'json' };
import { VirtualClock } from '../../support/virtual-clock.ts';

const seed = organisationTreeSchema.parse(seedDocument);
const BY = { subject: 'administrator', name: '管理员', organisation: null };

let database: Database;
let items: ItemStore;
let gets: ItemKey[];
let wall: number;
/** Runs once, before the next write of the head. */
let before: (() => Promise<unknown>) | undefined;
beforeEach(() => {
  database = new Database(':memory:');
  const table = new SqliteItemStore(database);
  gets = [];
  wall = 0;
  before = undefined;
  items = {
    get: (key) => {
      gets.push(key);
      return table.get(key);
    },
    query: (query) => table.query(query),
    transact: async (operations) => {
      if (operations.some((one) => one.type === 'put' && one.item.sk === 'HEAD')) {
        const run = before;
        before = undefined;
        await run?.();
      }
      await table.transact(operations);
    },
  };
});
afterEach(() => database.close());

const portsOf = (freshMs: number) => {
  const clock = new VirtualClock(Date.parse('2019-01-07T01:00:00Z'));
  const organisations = new OrganisationStore({ items, seed, wall: () => wall, freshMs });
  return { items, clock, ids: new RandomIds(clock), organisations };
};

const street = (id: string): Organisation => ({
  id,
  name: `${id}街道工会`,
  kind: 'community',
  parent: 'hf-1',
  region: '340104',
  supervisionPhone: '0551-62345678',
  code: null,
  contact: null,
  address: null,
  activeFrom: null,
  dissolution: null,
});
const add = (ports: ReturnType<typeof portsOf>, ...ids: readonly string[]) =>
  changeTree(ports, BY, '新设', () => ids.map(street));

test('while nothing is stored the tree is the seed; the first change stores all of it', async () => {
  const ports = portsOf(0);
  expect((await ports.organisations.tree()).all).toEqual(seed);
  await add(ports, 'n-1');
  const ids = (await portsOf(0).organisations.tree()).all.map(({ id }) => id);
  expect(ids.toSorted()).toEqual([...seed.map(({ id }) => id), 'n-1'].toSorted());
});

test('a seed is stored once: what has been changed since stays', async () => {
  const ports = portsOf(0);
  await seedTree(ports);
  await add(ports, 'n-1');
  await seedTree(portsOf(0));
  expect((await portsOf(0).organisations.tree()).find('n-1')).toBeDefined();
});

test('a reader checks the version by one small read, and fetches only what has changed', async () => {
  const writer = portsOf(0);
  await seedTree(writer);
  const reader = portsOf(0);
  const first = await reader.organisations.tree();
  gets.length = 0;
  expect(await reader.organisations.tree()).toBe(first);
  expect(gets).toEqual([{ pk: 'ORGANISATIONS', sk: 'HEAD' }]);
  await add(writer, 'n-1');
  gets.length = 0;
  expect((await reader.organisations.tree()).get('n-1').kind).toBe('community');
  expect(gets).toHaveLength(2);
});

test('where it may be some seconds old, it is read again after them', async () => {
  const writer = portsOf(0);
  await seedTree(writer);
  const reader = portsOf(5000);
  await reader.organisations.tree();
  await add(writer, 'n-1');
  gets.length = 0;
  wall = 4999;
  expect((await reader.organisations.tree()).find('n-1')).toBeUndefined();
  expect(gets).toEqual([]);
  wall = 5000;
  expect((await reader.organisations.tree()).find('n-1')).toBeDefined();
});

test('who is overtaken judges again by the tree as it then is', async () => {
  const [one, other] = [portsOf(0), portsOf(0)];
  await seedTree(one);
  before = () => add(other, 'n-1');
  const plan = await add(one, 'n-1');
  // It is there already, just so.
  expect(plan.changes).toEqual([]);
  before = () => add(other, 'n-2');
  await add(one, 'n-3');
  const tree = await portsOf(0).organisations.tree();
  expect([tree.find('n-2')?.id, tree.find('n-3')?.id]).toEqual(['n-2', 'n-3']);
});

test('who is overtaken every time is told, and leaves no history', async () => {
  const [one, other] = [portsOf(0), portsOf(0)];
  await seedTree(one);
  let round = 0;
  const again = async (): Promise<void> => {
    round += 1;
    const self = `other-${round}`;
    await add(other, self);
    before = again;
  };
  before = again;
  await expect(add(one, 'never')).rejects.toBeInstanceOf(ConditionFailed);
  before = undefined;
  expect((await portsOf(0).organisations.tree()).find('never')).toBeUndefined();
  expect(await readHistory(items, 'never')).toEqual([]);
  expect(await readHistory(items, 'other-1')).toHaveLength(1);
});

test('faults write nothing at all', async () => {
  const ports = portsOf(0);
  await seedTree(ports);
  const head = await items.get({ pk: 'ORGANISATIONS', sk: 'HEAD' });
  const plan = await changeTree(ports, BY, '错', () => [
    { ...street('n-1'), parent: 'nobody' },
    street('n-2'),
  ]);
  expect(plan.faults.map(({ code }) => code)).toEqual(['unknown-parent']);
  expect(await items.get({ pk: 'ORGANISATIONS', sk: 'HEAD' })).toEqual(head);
});

test('thousands at once stand in one change, and each has its history', async () => {
  const ports = portsOf(0);
  await seedTree(ports);
  await changeTree(ports, BY, '导入', () => Array.from({ length: 3000 }, (_, index) => street(`n-${index}`)));
  const tree = await portsOf(0).organisations.tree();
  expect(tree.all).toHaveLength(seed.length + 3000);
  expect(await readHistory(items, 'n-2999')).toMatchObject([
    { change: { reason: '导入', added: 3000, by: BY }, before: null, after: { id: 'n-2999' } },
  ]);
});
