/** Each kind of item is known by its keys, so that what moves between editions is decided for all of them. */
import { expect, test } from 'vitest';
import * as z from 'zod';
import { fateOf, kindOf } from '#functions/shared/item-kinds.ts';
import { keys, outboxPartition } from '#functions/shared/keys.ts';

/** A part that is one argument and nothing else comes as the argument. */
const keySchema = z.strictObject({ pk: z.string(), sk: z.coerce.string() });

/** What any builder takes: reads as an id or a number, and as an addressee. */
const part = { subject: 's', toString: () => '7' };

/** What each entry of `keys` makes, where that is the key of an item. */
const built = Object.entries(keys).flatMap(([name, builder]) => {
  const made: unknown =
    typeof builder === 'function' ? Reflect.apply(builder, undefined, [part, part, part]) : builder;
  const key = keySchema.safeParse(made);
  return key.success ? [{ name, key: key.data }] : [];
});

test('every builder of keys in `keys` has a kind of its own', () => {
  expect(built.length).toBeGreaterThan(30);
  expect(built.map(({ name, key }) => [name, kindOf(key)])).toEqual(built.map(({ name }) => [name, name]));
});

test('what is no key of an item names a partition', () => {
  const others = Object.keys(keys).filter((name) => !built.some((one) => one.name === name));
  expect(others).toEqual([
    'mailbox',
    'deadMessages',
    'watchedBy',
    'sanctionsOf',
    'disposalsOf',
    'endedIndex',
    'disposedIndex',
    'transfersOf',
    'handoversOf',
    'accessesOf',
    'accessorIndex',
    'accessUnionIndex',
    'externalsOf',
    'ownerIndex',
    'unionIndex',
    'inbox',
    'openTasks',
    'crossChecksWaiting',
    'peopleIndex',
    'notices',
  ]);
});

test('an outbox row is one', () => {
  expect(kindOf({ pk: outboxPartition('c1'), sk: 'id' })).toBe('outbox');
});

test('what has the keys of no kind is of none', () => {
  expect(kindOf({ pk: 'CASE#c1', sk: 'CASE#2' })).toBeUndefined();
  expect(kindOf({ pk: 'CASE#c1', sk: 'SOMETHING' })).toBeUndefined();
  expect(kindOf({ pk: 'ORGANISATIONS#1', sk: 'HEAD' })).toBeUndefined();
  expect(kindOf({ pk: 'SOMETHING#1', sk: 'SOMETHING' })).toBeUndefined();
});

test('passwords and second factors don’t leave the editions that keep them; what is for minutes stays', () => {
  expect((['credential', 'login', 'setup'] as const).map(fateOf)).toEqual([
    'accounts',
    'accounts',
    'accounts',
  ]);
  expect((['nonce', 'bundleImport'] as const).map(fateOf)).toEqual(['stays', 'stays']);
  expect((['case', 'person', 'accountGuard', 'organisationHead'] as const).map(fateOf)).toEqual(
    Array.from({ length: 4 }, () => 'moves'),
  );
});
