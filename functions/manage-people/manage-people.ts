/**
 * Accounts and posts, by an administrator of the union concerned or of one above it. Nobody manages the own account, so
 * that there is always an administrator left. What ends a right ends it at once, and the sessions with it.
 */
import type { AuditEvent } from '#domain/filing/audit.ts';
import type { Organisation } from '#domain/filing/organisations.ts';
import { homeOf, newPerson, type Person, postFault, withoutPost, withPost } from '#domain/people/person.ts';
import type { StaffRole } from '#domain/people/roles.ts';
import {
  type Caller,
  type GuardedOperation,
  type Resource,
  requireAccess,
} from '#functions/shared/access/policy.ts';
import { actorOf } from '#functions/shared/case-store.ts';
import { AppError, ConditionFailed, InvalidInput } from '#functions/shared/errors.ts';
import { keys } from '#functions/shared/keys.ts';
import {
  changePerson,
  createPerson,
  findPerson,
  type PersonChange,
  type PersonEventType,
  parsePerson,
  personEvents,
  personNotFound,
} from '#functions/shared/people-store.ts';
import { sealPersonEmail } from '#functions/shared/personal-data.ts';
import type { JsonObject, OneTimeLink, Ports } from '#functions/shared/ports.ts';

export type Needs = Pick<Ports, 'items' | 'clock' | 'ids' | 'organisations' | 'accounts' | 'vault'>;

const resourceOf = async (ports: Needs, organisation: string): Promise<Resource> => ({
  organisation,
  organisationPath: (await ports.organisations.tree()).path(organisation),
});

/** People without a post are the business of the top. */
const placeOf = async (ports: Needs, person: Person): Promise<Resource> => {
  const home = homeOf(person);
  const organisations = await ports.organisations.tree();
  // A union that has left the tree since: its people are the top's, too.
  return resourceOf(
    ports,
    home !== undefined && organisations.find(home) !== undefined ? home : organisations.root,
  );
};

const organisationOf = async (ports: Needs, id: string): Promise<Organisation> => {
  const found = (await ports.organisations.tree()).find(id);
  if (found !== undefined) return found;
  throw new InvalidInput([{ pointer: '/organisation', code: 'unknown-union', message: '没有这个工会。' }]);
};

const requireOther = (caller: Caller, subject: string): void => {
  if (caller.subject !== subject) return;
  throw new AppError('own-account', 409, '不能管理自己的账号，请由另一位管理员办理。');
};

/** The people of a union: of the caller's own where none is named. */
export const listPeople = async (
  ports: Needs,
  caller: Caller,
  query: {
    readonly organisation?: string | undefined;
    readonly limit?: number | undefined;
    readonly cursor?: string | undefined;
  },
) => {
  const id = query.organisation ?? caller.organisation ?? (await ports.organisations.tree()).root;
  const organisation = (await organisationOf(ports, id)).id;
  requireAccess(caller, 'person.list', await resourceOf(ports, organisation));
  const page = await ports.items.query({
    index: 'gsi1',
    pk: keys.peopleIndex(organisation),
    ...(query.limit === undefined ? {} : { limit: query.limit }),
    ...(query.cursor === undefined ? {} : { cursor: query.cursor }),
  });
  return { people: page.items.map(parsePerson), cursor: page.cursor ?? null };
};

export const showPerson = async (ports: Needs, caller: Caller, subject: string): Promise<Person> => {
  const person = await findPerson(ports.items, subject);
  if (person === undefined) throw personNotFound();
  requireAccess(caller, 'person.read', await placeOf(ports, person));
  return person;
};

/** The history of an account's administration. */
export const showPersonEvents = async (
  ports: Needs,
  caller: Caller,
  subject: string,
): Promise<readonly AuditEvent[]> => {
  await showPerson(ports, caller, subject);
  return personEvents(ports.items, subject);
};

export type NewStaff = {
  readonly name: string;
  /** The name to sign in with; the subject where the identity provider is elsewhere. */
  readonly account: string;
  readonly role: StaffRole;
  readonly organisation: string;
};

/** A new member of staff with a first post. The link sets the first password. */
export const createStaff = async (
  ports: Needs,
  caller: Caller,
  { name, account, role, organisation: id }: NewStaff,
): Promise<{ readonly person: Person; readonly link: OneTimeLink | null }> => {
  const organisation = await organisationOf(ports, id);
  requireAccess(caller, 'person.create', await resourceOf(ports, organisation.id));
  const { subject, operations, link } = await ports.accounts.provide(account);
  const bare = newPerson({ subject, name, kind: 'staff' }, ports.clock.wall());
  const person = posted(ports, bare, role, organisation);
  try {
    await createPerson(ports, {
      next: person,
      event: {
        type: 'created',
        actor: actorOf(caller),
        data: { role, organisation: organisation.id },
      },
      operations,
    });
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    throw new AppError('account-taken', 409, '这个登录名已有人使用，请换一个。');
  }
  return { person, link };
};

const posted = (ports: Needs, person: Person, role: StaffRole, organisation: Organisation): Person => {
  const fault = postFault(person, role, organisation);
  if (fault !== undefined) throw new AppError(fault.code, 409, fault.message);
  const from = new Date(ports.clock.wall()).toISOString();
  return withPost(person, { postId: ports.ids.next(), role, organisation: organisation.id, from });
};

type Decide = (current: Person) => {
  readonly next: Person;
  readonly type: PersonEventType;
  readonly data: JsonObject;
  readonly operations?: PersonChange['operations'];
};

const managed = (
  ports: Needs,
  caller: Caller,
  operation: GuardedOperation,
  subject: string,
  decide: (current: Person) => ReturnType<Decide> | Promise<ReturnType<Decide>>,
): Promise<Person> =>
  changePerson(ports, subject, async (current) => {
    requireAccess(caller, operation, await placeOf(ports, current));
    requireOther(caller, subject);
    const { next, type, data, operations = [] } = await decide(current);
    return { next, event: { type, actor: actorOf(caller), data }, operations };
  });

/** Gives a post. It counts from the person's next request on. */
export const givePost = async (
  ports: Needs,
  caller: Caller,
  subject: string,
  post: { readonly role: StaffRole; readonly organisation: string },
): Promise<Person> => {
  const organisation = await organisationOf(ports, post.organisation);
  requireAccess(caller, 'person.post', await resourceOf(ports, organisation.id));
  return managed(ports, caller, 'person.post', subject, (current) => ({
    next: posted(ports, current, post.role, organisation),
    type: 'posted',
    data: { role: post.role, organisation: organisation.id },
  }));
};

export const endPost = (ports: Needs, caller: Caller, subject: string, postId: string): Promise<Person> =>
  managed(ports, caller, 'person.post', subject, (current) => {
    const next = withoutPost(current, postId, new Date(ports.clock.wall()).toISOString());
    if (next === undefined) throw new AppError('post-not-found', 404, '此人没有这个在任的岗位。');
    return { next, type: 'postEnded', data: { postId } };
  });

export const suspend = async (
  ports: Needs,
  caller: Caller,
  subject: string,
  reason: string,
): Promise<Person> => {
  const person = await managed(ports, caller, 'person.suspend', subject, (current) => {
    if (current.state === 'suspended') throw new AppError('already-so', 409, '该账号已停用。');
    return { next: { ...current, state: 'suspended' }, type: 'suspended', data: { reason } };
  });
  await ports.accounts.signOut(subject);
  return person;
};

export const reinstate = (ports: Needs, caller: Caller, subject: string, reason: string): Promise<Person> =>
  managed(ports, caller, 'person.suspend', subject, (current) => {
    if (current.state === 'active') throw new AppError('already-so', 409, '该账号没有停用。');
    return { next: { ...current, state: 'active' }, type: 'reinstated', data: { reason } };
  });

/** Sets the address of somebody else's mail, or takes it away. The history says that it changed, not to what. */
export const setEmail = (
  ports: Needs,
  caller: Caller,
  subject: string,
  email: string | null,
): Promise<Person> =>
  managed(ports, caller, 'person.contact', subject, async (current) => ({
    next: await withEmail(ports, current, email),
    type: 'emailChanged',
    data: { present: email !== null },
  }));

const withEmail = async (ports: Needs, person: Person, email: string | null): Promise<Person> => ({
  ...person,
  email: email === null ? null : await sealPersonEmail(ports.vault, person.subject, email),
});

const accountElsewhere = (): AppError =>
  new AppError('accounts-elsewhere', 409, '您的账号由统一身份认证系统管理，请到该系统办理。');

/** The caller's own account. */
export const showOwnAccount = async (ports: Needs, caller: Caller): Promise<Person> => {
  const person = await findPerson(ports.items, caller.subject);
  if (person === undefined) throw accountElsewhere();
  return person;
};

/** As `setEmail`, of the caller's own. */
export const setOwnEmail = async (ports: Needs, caller: Caller, email: string | null): Promise<Person> => {
  await showOwnAccount(ports, caller);
  return changePerson(ports, caller.subject, async (current) => ({
    next: await withEmail(ports, current, email),
    event: { type: 'emailChanged', actor: actorOf(caller), data: { present: email !== null } },
  }));
};

/** A link with which the person sets a new password, and where asked for a new second factor. */
export const resetAccount = async (
  ports: Needs,
  caller: Caller,
  subject: string,
  options: { readonly secondFactor: boolean; readonly reason: string },
): Promise<OneTimeLink> => {
  let issued: OneTimeLink | undefined;
  await managed(ports, caller, 'person.reset', subject, async (current) => {
    const { operations, link } = await ports.accounts.reset(subject, options);
    issued = link;
    const { secondFactor, reason } = options;
    return { next: current, type: 'resetIssued', data: { secondFactor, reason }, operations };
  });
  if (issued === undefined) throw new Error('a reset without its link');
  return issued;
};
