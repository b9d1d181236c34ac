/**
 * The repository of people. Every change of a person is one transaction: the person at the expected version, an event of
 * the account's own audit chain (B-15: what was changed must be evident), and whatever must happen with it.
 */
import * as z from 'zod';
import { type Actor, type AuditEvent, appendEvent, auditEventSchema } from '#domain/filing/audit.ts';
import { actingAs, homeOf, type Person, personSchema } from '#domain/people/person.ts';
import type { Caller } from './access/policy.ts';
import { AppError, ConditionFailed } from './errors.ts';
import { keys } from './keys.ts';
import type { Item, ItemOperation, ItemStore, JsonObject, Ports } from './ports.ts';

const PERSON_SCHEMA = 1;

export type PeoplePorts = Pick<Ports, 'items' | 'clock'>;

/** What happens to an account, with the words of its history. */
export const PERSON_EVENT_NAMES = {
  created: '建立账号',
  registered: '职工自行注册',
  posted: '任职',
  postEnded: '结束任职',
  suspended: '停用账号',
  reinstated: '恢复账号',
  resetIssued: '发出重设链接',
  emailChanged: '更改电子邮箱',
} as const;
export type PersonEventType = keyof typeof PERSON_EVENT_NAMES;
export const personEventTypeSchema = z.enum(
  Object.keys(PERSON_EVENT_NAMES) as [PersonEventType, ...PersonEventType[]],
);

export type PersonChange = {
  readonly next: Person;
  readonly event: { readonly type: PersonEventType; readonly actor: Actor; readonly data: JsonObject };
  readonly operations?: readonly ItemOperation[];
};

const personItem = (person: Person, version: number): Item => {
  const home = homeOf(person);
  return {
    ...keys.person(person.subject),
    version,
    schema: PERSON_SCHEMA,
    data: person,
    ...(home === undefined
      ? {}
      : { index: { gsi1: { pk: keys.peopleIndex(home), sk: `${person.name}#${person.subject}` } } }),
  };
};

export const parsePerson = (item: Item): Person => {
  if (item.schema !== PERSON_SCHEMA)
    throw new Error(`person of schema ${item.schema}; this version reads ${PERSON_SCHEMA}`);
  return personSchema.parse(item.data);
};

/** The person who signs in under this subject; undefined where it is nobody. */
export const findPerson = async (
  items: Pick<ItemStore, 'get'>,
  subject: string,
): Promise<Person | undefined> => {
  const item = await items.get(keys.person(subject));
  return item === undefined ? undefined : parsePerson(item);
};

export const personNotFound = (): AppError =>
  new AppError('person-not-found', 404, '没有找到此人，请核对编号。');

/** The audit chain of an account is told apart from that of a case by its name. */
export const chainOfPerson = (subject: string): string => `person/${subject}`;

const writeOf = ({ clock }: PeoplePorts, version: number, change: PersonChange): ItemOperation[] => {
  const { next, event, operations = [] } = change;
  const chain = chainOfPerson(next.subject);
  const audited = appendEvent(version === 0 ? undefined : { caseId: chain, ...next.audit }, {
    caseId: chain,
    at: new Date(clock.wall()).toISOString(),
    ...event,
  });
  const person = { ...next, audit: { sequence: audited.sequence, hash: audited.hash } };
  return [
    {
      type: 'put',
      item: personItem(person, version + 1),
      condition: version === 0 ? 'absent' : { version },
    },
    {
      type: 'put',
      item: { ...keys.personEvent(next.subject, audited.sequence), version: 1, schema: 1, data: audited },
      condition: 'absent',
    },
    ...operations,
  ];
};

/** Writes a new person; `ConditionFailed` positions are those of the change's own operations, from 0. */
export const createPerson = async (ports: PeoplePorts, change: PersonChange): Promise<void> => {
  try {
    await ports.items.transact(writeOf(ports, 0, change));
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    throw new ConditionFailed(error.operations.map((position) => position - 2));
  }
};

const ATTEMPTS = 12;

/**
 * Changes a person: reads, lets `decide` say how, writes; where somebody else was faster, it asks again. Errors: 404
 * `person-not-found`, 409 `person-busy`, and what `decide` throws.
 */
export const changePerson = async (
  ports: PeoplePorts,
  subject: string,
  decide: (current: Person) => PersonChange | Promise<PersonChange>,
): Promise<Person> => {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const item = await ports.items.get(keys.person(subject));
    if (item === undefined) throw personNotFound();
    const change = await decide(parsePerson(item));
    try {
      await ports.items.transact(writeOf(ports, item.version, change));
      return change.next;
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
    }
  }
  throw new AppError('person-busy', 409, '此人的账号正在被同时修改，请稍后重试。');
};

/** The audit chain of an account, from its first event. */
export const personEvents = async (items: ItemStore, subject: string): Promise<readonly AuditEvent[]> => {
  const page = await items.query({ pk: keys.person(subject).pk, sk: { prefix: 'EVENT#' }, limit: 1000 });
  return page.items.map(({ data }) => auditEventSchema.parse(data));
};

/**
 * The caller as the posts kept here have it, at this moment: a post that has ended or an account that is suspended is so at
 * once, whatever the token says. Somebody unknown here stays as given.
 */
export const withPosts = async (items: Pick<ItemStore, 'get'>, caller: Caller): Promise<Caller> => {
  const person = await findPerson(items, caller.subject);
  return person === undefined ? caller : { subject: person.subject, name: person.name, ...actingAs(person) };
};
