/**
 * The first administrator of an installation whose accounts are kept by a provider elsewhere and whose posts are kept here:
 * somebody has to be able to give the first post. By a command, and only as long as there is no administrator.
 */
import { currentPosts, newPerson, type Person, withPost } from '#domain/people/person.ts';
import { systemActor } from '#functions/shared/case-store.ts';
import { AppError, ConditionFailed, fault, InvalidInput } from '#functions/shared/errors.ts';
import { keys } from '#functions/shared/keys.ts';
import { pagesOf } from '#functions/shared/pages.ts';
import { createPerson, parsePerson } from '#functions/shared/people-store.ts';
import type { ItemOperation, Ports } from '#functions/shared/ports.ts';

type Needs = Pick<Ports, 'items' | 'clock' | 'ids' | 'organisations'>;

/** So many unions are asked at once: a province has thousands. */
const AT_ONCE = 25;

const isAdministrator = (person: Person): boolean =>
  person.state === 'active' && currentPosts(person).some(({ role }) => role === 'administrator');

const hasAdministrator = async ({ items }: Needs, organisation: string): Promise<boolean> => {
  for await (const page of pagesOf(items, { index: 'gsi1', pk: keys.peopleIndex(organisation) })) {
    if (page.map(parsePerson).some(isAdministrator)) return true;
  }
  return false;
};

const alreadyThere = (): AppError =>
  new AppError('administrator-exists', 409, '已经有管理员，请由其建立账号、任职。');

/** Once: of two who do it at the same time, or one after the other, the second is refused. */
const setUpOnce = async ({ items }: Needs): Promise<ItemOperation> => {
  const before = await items.get(keys.setup);
  if (before?.data.done === true) throw alreadyThere();
  return {
    type: 'put',
    item: { ...keys.setup, version: (before?.version ?? 0) + 1, schema: 1, data: { done: true } },
    condition: before === undefined ? 'absent' : { version: before.version },
  };
};

/**
 * Makes the person of that subject an administrator, at the union at the top where none is named. Errors: 409
 * `administrator-exists`, 409 `account-taken` where the subject has an account, 422 for a union that is none.
 */
export const createFirstAdministrator = async (
  ports: Needs,
  given: { readonly subject: string; readonly name: string; readonly organisation?: string | undefined },
): Promise<Person> => {
  const tree = await ports.organisations.tree();
  const organisation = given.organisation ?? tree.root;
  if (tree.find(organisation) === undefined) {
    throw new InvalidInput([fault('/organisation', 'unknown-union', '没有这个工会。')], '没有这个工会。');
  }
  const once = await setUpOnce(ports);
  const unions = tree.all.map(({ id }) => id);
  for (let start = 0; start < unions.length; start += AT_ONCE) {
    const asked = unions.slice(start, start + AT_ONCE).map((id) => hasAdministrator(ports, id));
    if ((await Promise.all(asked)).includes(true)) throw alreadyThere();
  }
  const now = ports.clock.wall();
  const post = {
    postId: ports.ids.next(),
    role: 'administrator',
    organisation,
    from: new Date(now).toISOString(),
  } as const;
  const { subject, name } = given;
  const person = withPost(newPerson({ subject, name, kind: 'staff' }, now), post);
  try {
    await createPerson(ports, {
      next: person,
      event: {
        type: 'created',
        actor: systemActor('first-administrator'),
        data: { role: post.role, organisation },
      },
      operations: [once],
    });
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    // The change's own operation is the mark; what stands before it is the person.
    if (error.operations.includes(0)) throw alreadyThere();
    throw new AppError('account-taken', 409, '这个主体编号已有账号，请核对。');
  }
  return person;
};
