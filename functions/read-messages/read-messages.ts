/** Messages as their readers see them: a person's own, those to the person's union, and those that could not go out. */
import { type Caller, scopesOf } from '#functions/shared/access/policy.ts';
import { AppError } from '#functions/shared/errors.ts';
import { filteredPage } from '#functions/shared/filtered-page.ts';
import { keys } from '#functions/shared/keys.ts';
import {
  messageIdOf,
  parseDead,
  parseLetter,
  readAmong,
  type StoredLetter,
} from '#functions/shared/message-store.ts';
import type { JsonObject, Ports } from '#functions/shared/ports.ts';

type Needs = Pick<Ports, 'items'>;
type Paging = { readonly limit?: number | undefined; readonly cursor?: string | undefined };

/** The mailbox that is asked for; 403 where the caller acts for no union or has no post there. */
const mailboxOf = (caller: Caller, box: 'own' | 'union'): string => {
  if (box === 'own') return keys.mailbox({ subject: caller.subject });
  if (caller.organisation === undefined || !scopesOf(caller, 'message.list').has('ownOrganisation')) {
    throw new AppError('not-allowed', 403, '您没有所属工会，或者岗位不能查看工会的消息。');
  }
  return keys.mailbox({ organisation: caller.organisation });
};

const view = (letter: StoredLetter, read: boolean): JsonObject => {
  const { caseId, title, text, at } = letter;
  return { messageId: messageIdOf(letter), caseId, title, text, at, read };
};

/** Newest first. */
export const listMessages = async (
  ports: Needs,
  caller: Caller,
  { box, unread, ...paging }: Paging & { readonly box: 'own' | 'union'; readonly unread: boolean },
): Promise<{ readonly messages: readonly JsonObject[]; readonly cursor?: string }> => {
  const query = { pk: mailboxOf(caller, box), index: 'gsi1', direction: 'descending' } as const;
  const { found, cursor } = await filteredPage(ports.items, query, paging, async (items) => {
    const letters = items.map(parseLetter);
    const read = await readAmong(ports.items, caller.subject, letters);
    return letters
      .filter((letter) => !unread || !read.has(messageIdOf(letter)))
      .map((letter) => view(letter, read.has(messageIdOf(letter))));
  });
  return { messages: found, ...(cursor === undefined ? {} : { cursor }) };
};

/** What no gateway took. The text stays with its case: whoever sends it again need not read it. */
export const listDead = async (
  ports: Needs,
  paging: Paging,
): Promise<{ readonly messages: readonly JsonObject[]; readonly cursor?: string }> => {
  const { found, cursor } = await filteredPage(
    ports.items,
    { pk: keys.deadMessages },
    paging,
    async (items) =>
      items
        .map(parseDead)
        .map(({ message: { id, caseId, title, to }, channel, attempts, error, since }): JsonObject => {
          return { messageId: id, caseId, title, to, channel, attempts, error, since };
        }),
  );
  return { messages: found, ...(cursor === undefined ? {} : { cursor }) };
};
