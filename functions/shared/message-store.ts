/**
 * The repository of messages to people. A letter of a case is the message, in the mailbox of a person or of a union; it
 * is written with the change that it tells of. Each reader marks for themselves what they have read: in a union, what
 * one has read the others still have before them. What no gateway took after many attempts is put aside here.
 */
import * as z from 'zod';
import { keys } from './keys.ts';
import { newMessage, outboxMessageSchema, outboxOperation } from './outbox.ts';
import { readAll } from './pages.ts';
import { CHANNELS, type Ids, type Item, type ItemKey, type ItemOperation, type ItemStore } from './ports.ts';

export const recipientSchema = z.union([
  z.strictObject({ subject: z.string() }),
  z.strictObject({ organisation: z.string() }),
]);

const letterSchema = z.strictObject({
  caseId: z.string(),
  number: z.number().int(),
  to: recipientSchema,
  title: z.string(),
  text: z.string(),
  at: z.string(),
});
export type StoredLetter = z.infer<typeof letterSchema>;

export const messageIdOf = ({ caseId, number }: Pick<StoredLetter, 'caseId' | 'number'>): string =>
  `${caseId}-${number}`;

/** The parts of a message's id; undefined where it is none. */
const parseMessageId = (messageId: string): { caseId: string; number: number } | undefined => {
  const [, caseId, number] = /^([0-9a-z]{26})-([1-9][0-9]{0,5})$/.exec(messageId) ?? [];
  return caseId === undefined ? undefined : { caseId, number: Number(number) };
};

/** By the time of writing: the place in a mailbox, and of its mark among what a reader has read. */
const placeOf = (letter: StoredLetter): string => `${letter.at}#${messageIdOf(letter)}`;

/** The write of a letter, with its place in the mailbox of whom it is to. */
export const putLetter = (letter: StoredLetter): ItemOperation => ({
  type: 'put',
  item: {
    ...keys.letter(letter.caseId, letter.number),
    version: 1,
    schema: 1,
    data: letter,
    index: { gsi1: { pk: keys.mailbox(letter.to), sk: placeOf(letter) } },
  },
  condition: 'absent',
});

export const parseLetter = (item: Item): StoredLetter => letterSchema.parse(item.data);

export const findLetter = async (items: ItemStore, messageId: string): Promise<StoredLetter | undefined> => {
  const id = parseMessageId(messageId);
  const item = id === undefined ? undefined : await items.get(keys.letter(id.caseId, id.number));
  return item === undefined ? undefined : parseLetter(item);
};

/** The mark that this reader has read it; marking again changes nothing. */
export const readMark = (subject: string, letter: StoredLetter): ItemOperation => ({
  type: 'put',
  item: { ...keys.readMark(subject, placeOf(letter)), version: 1, schema: 1, data: {} },
});

/** Where a stored letter left its traces: the mark of the person whom it was to, and itself where it was put aside. */
export const letterTraces = (item: Item): readonly ItemKey[] => {
  const letter = parseLetter(item);
  const mark = 'subject' in letter.to ? [keys.readMark(letter.to.subject, placeOf(letter))] : [];
  return [...mark, ...CHANNELS.map((channel) => keys.deadMessage(messageIdOf(letter), channel))];
};

/** Which of these letters the reader has read, by their message ids. */
export const readAmong = async (
  items: ItemStore,
  subject: string,
  letters: readonly StoredLetter[],
): Promise<ReadonlySet<string>> => {
  const marks = await Promise.all(
    letters.map((letter) => items.get(keys.readMark(subject, placeOf(letter)))),
  );
  return new Set(
    letters.flatMap((letter, index) => (marks[index] === undefined ? [] : [messageIdOf(letter)])),
  );
};

// ---------------------------------------------------------------- what could not be delivered

const deadSchema = z.strictObject({
  message: outboxMessageSchema,
  /** The way by which it did not go out. */
  channel: z.enum(CHANNELS),
  attempts: z.number().int(),
  /** The name of the last error, never its text. */
  error: z.string(),
  /** Wall time, ISO in UTC. */
  since: z.string(),
});
export type DeadMessage = z.infer<typeof deadSchema>;

export const putDead = (dead: DeadMessage): ItemOperation => ({
  type: 'put',
  item: { ...keys.deadMessage(dead.message.id, dead.channel), version: 1, schema: 1, data: dead },
});

export const parseDead = (item: Item): DeadMessage => deadSchema.parse(item.data);

/** A message by all the ways by which it did not go out. */
export const findDead = (items: ItemStore, messageId: string): Promise<readonly Item[]> =>
  readAll(items, { pk: keys.deadMessages, sk: { prefix: `${messageId}#` } });

/** Sends what was put aside once more by the same way, with all its attempts before it. */
export const resendOperations = (ids: Ids, item: Item): readonly ItemOperation[] => {
  const { message, channel } = parseDead(item);
  return [
    { type: 'delete', key: keys.deadMessage(message.id, channel), condition: { version: item.version } },
    outboxOperation(ids, message.caseId, { ...newMessage(message), channel }),
  ];
};
