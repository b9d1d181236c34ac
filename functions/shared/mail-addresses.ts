/**
 * Electronic mail addresses of people with accounts: sealed at rest, opened only to send a message there. A message to a
 * union goes to those who work there now and read its inbox.
 */
import * as z from 'zod';
import { actingAs, type Person } from '#domain/people/person.ts';
import { scopesOf } from './access/policy.ts';
import { keys } from './keys.ts';
import { readAll } from './pages.ts';
import { findPerson, parsePerson } from './people-store.ts';
import { personContext } from './personal-data.ts';
import type { ItemStore, Message, Vault } from './ports.ts';

/** 254 characters are the most that SMTP takes (RFC 5321). No quoted names, no comments, nothing but ASCII. */
export const emailSchema = z
  .string()
  .trim()
  .max(254, '电子邮箱过长。')
  .pipe(z.email('电子邮箱的格式不对，例如 zhangsan@example.cn。'));

const readsUnionMail = (person: Person): boolean =>
  scopesOf({ ...actingAs(person), subject: person.subject, name: person.name }, 'message.list').has(
    'ownOrganisation',
  );

/** Where a message goes by mail; nobody where the recipient has left no address, or the account is suspended. */
export const mailAddresses =
  ({ items, vault }: { readonly items: ItemStore; readonly vault: Pick<Vault, 'open'> }) =>
  async (to: Message['to']): Promise<readonly string[]> => {
    const people =
      'subject' in to
        ? [await findPerson(items, to.subject)]
        : (await readAll(items, { index: 'gsi1', pk: keys.peopleIndex(to.organisation) }))
            .map(parsePerson)
            .filter((person) => actingAs(person).organisation === to.organisation && readsUnionMail(person));
    const opened = await Promise.all(
      people.map((person) =>
        person?.state === 'active' && person.email !== null
          ? vault.open(person.email.sealed, personContext(person.subject, 'email'))
          : undefined,
      ),
    );
    return [...new Set(opened.filter((address) => address !== undefined))];
  };
