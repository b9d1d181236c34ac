/**
 * What every item store refuses before it sends anything, in one place so that the editions cannot drift apart.
 * Each check throws `LimitExceeded`.
 */
import { LimitExceeded } from '#functions/shared/errors.ts';
import { itemBytes, objectBytes, textBytes } from '#functions/shared/item-size.ts';
import {
  type Condition,
  INDEXES,
  ITEM_LIMITS,
  type Item,
  type ItemKey,
  type ItemOperation,
} from '#functions/shared/ports.ts';

/** DynamoDB's limit on the items of one transaction together, 4 MB. */
const TRANSACTION_BYTES = 4 * 1024 * 1024;

/** An update's expression has at most 4 KB in DynamoDB, and a name takes some 20 bytes of it. */
const UPDATE_NAMES = 100;

export function checkKeyPart(text: string): void {
  const bytes = textBytes(text);
  if (bytes === 0 || bytes > ITEM_LIMITS.keyBytes) {
    throw new LimitExceeded(`a key has ${bytes} bytes; allowed are 1 to ${ITEM_LIMITS.keyBytes}`);
  }
}

export function checkKey(key: ItemKey): void {
  checkKeyPart(key.pk);
  checkKeyPart(key.sk);
}

function checkCount(value: number, what: string): void {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new LimitExceeded(`${what} must be a whole number from 1`);
}

/** Refuses an item over `ITEM_LIMITS.itemBytes`; gives its size. */
export function checkItemSize(item: Item): number {
  const bytes = itemBytes(item);
  if (bytes > ITEM_LIMITS.itemBytes) {
    throw new LimitExceeded(`an item has ${bytes} bytes; allowed are ${ITEM_LIMITS.itemBytes}`);
  }
  return bytes;
}

function checkItem(item: Item): number {
  checkKey(item);
  for (const name of INDEXES) {
    const key = item.index?.[name];
    if (key !== undefined) checkKey(key);
  }
  checkCount(item.version, 'version');
  checkCount(item.schema, 'schema');
  if (item.expiresAt !== undefined) checkCount(item.expiresAt, 'expiresAt');
  return checkItemSize(item);
}

function checkCondition(condition: Condition | undefined): void {
  if (typeof condition === 'object') checkCount(condition.version, 'expected version');
}

/** The key that an operation names. */
export const keyOf = (operation: ItemOperation): ItemKey =>
  operation.type === 'put' ? operation.item : operation.key;

/** The bytes that the operation is known to write before the stored item is seen. */
function checkOperation(operation: ItemOperation): number {
  checkCondition(operation.condition);
  if (operation.type === 'put') return checkItem(operation.item);
  checkKey(operation.key);
  if (operation.type !== 'update') return 0;
  const remove = new Set(operation.remove);
  for (const name of remove) {
    if (name === '' || name in operation.set)
      throw new LimitExceeded('a name is both set and removed, or empty');
  }
  if (Object.keys(operation.set).length + remove.size > UPDATE_NAMES) {
    throw new LimitExceeded(`an update names more than ${UPDATE_NAMES} members`);
  }
  const bytes = objectBytes(operation.set);
  if (bytes > ITEM_LIMITS.itemBytes) {
    throw new LimitExceeded(`an update sets ${bytes} bytes; allowed are ${ITEM_LIMITS.itemBytes}`);
  }
  return bytes;
}

/**
 * Refuses a transaction that is empty, too long, too big, or names a key twice. An update counts with what it
 * sets; the item that results is measured where it is written.
 */
export function checkOperations(operations: readonly ItemOperation[]): void {
  if (operations.length === 0 || operations.length > ITEM_LIMITS.operations) {
    throw new LimitExceeded(
      `a transaction has ${operations.length} operations; allowed are 1 to ${ITEM_LIMITS.operations}`,
    );
  }
  let bytes = 0;
  const seen = new Set<string>();
  for (const operation of operations) {
    bytes += checkOperation(operation);
    const { pk, sk } = keyOf(operation);
    seen.add(JSON.stringify([pk, sk]));
  }
  if (seen.size !== operations.length) throw new LimitExceeded('a transaction names the same key twice');
  if (bytes > TRANSACTION_BYTES) {
    throw new LimitExceeded(`a transaction has ${bytes} bytes; allowed are ${TRANSACTION_BYTES}`);
  }
}
