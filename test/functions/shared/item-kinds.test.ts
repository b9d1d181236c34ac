/** Each kind of item is known by its keys, so that what moves between editions is decided for all of them. */
import { expect, test } from 'vitest';
import { ITEM_KINDS, type ItemKind, kindOf } from '#functions/shared/item-kinds.ts';
import { keys, outboxPartition } from '#functions/shared/keys.ts';
import type { ItemKey } from '#functions/shared/ports.ts';

type KeyBuilder = Exclude<keyof typeof keys, 'ownerIndex' | 'unionIndex' | 'inbox' | 'notices'>;

/** A builder of keys that is added to `keys` must be added here: the compiler asks for it. */
const EXAMPLES: Readonly<Record<KeyBuilder, readonly [ItemKind, ItemKey]>> = {
  case: ['case', keys.case('c1')],
  event: ['event', keys.event('c1', 7)],
  document: ['document', keys.document('c1', 'd1')],
  assessment: ['assessment', keys.assessment('c1', 1)],
  letter: ['letter', keys.letter('c1', 12)],
  task: ['task', keys.task('t1')],
  notice: ['notice', keys.notice('n1')],
  objection: ['objection', keys.objection('n1', 'o1')],
  check: ['check', keys.check('r1')],
  result: ['result', keys.result('r1', 1, 'x')],
  nonce: ['nonce', keys.nonce('k', 'n')],
  meeting: ['meeting', keys.meeting('m1')],
  applicantGuard: ['applicantGuard', keys.applicantGuard('b')],
  personGuard: ['personGuard', keys.personGuard('b')],
  counter: ['counter', keys.counter('file/340100-2019')],
  transfer: ['transfer', keys.transfer('b')],
};

test.each(Object.entries(EXAMPLES))('%s: its items are of one known kind', (_, [kind, key]) => {
  expect(kindOf(key)).toBe(kind);
});

test('an outbox row is one, and no kind is without keys', () => {
  expect(kindOf({ pk: outboxPartition('c1'), sk: 'id' })).toBe('outbox');
  const known = new Set([...Object.values(EXAMPLES).map(([kind]) => kind), 'outbox']);
  expect(ITEM_KINDS.filter((kind) => !known.has(kind))).toEqual([]);
});

test('what has the keys of no kind is of none', () => {
  expect(kindOf({ pk: 'CASE#c1', sk: 'CASE#2' })).toBeUndefined();
  expect(kindOf({ pk: 'SOMETHING#1', sk: 'SOMETHING' })).toBeUndefined();
});
