/** Made-up people for a demonstration, one for each post, all with the one password that is printed at the start. */
import type { Organisation, OrganisationTree } from '#domain/filing/organisations.ts';
import { newPerson, postFault } from '#domain/people/person.ts';
import { ROLE_NAMES, ROLES, type Role } from '#domain/people/roles.ts';
import { systemActor } from '#functions/shared/case-store.ts';
import { keys } from '#functions/shared/keys.ts';
import { createPerson } from '#functions/shared/people-store.ts';
import type { ItemOperation, Ports } from '#functions/shared/ports.ts';
import type { LocalAccounts } from './accounts.ts';
import type { Passwords } from './passwords.ts';

const PASSWORD = '演示-困难职工-2018';

export type DemoAccount = {
  readonly role: Role;
  readonly roleName: string;
  readonly organisation: string | null;
  readonly account: string;
  readonly password: string;
};

/** Where a role is at home in this tree: the first union in which it has its place. */
const homeOf = (role: Role, tree: readonly Organisation[]): Organisation | undefined => {
  if (role === 'applicant') return undefined;
  return tree.find(
    (organisation) => postFault({ kind: 'staff', posts: [] }, role, organisation) === undefined,
  );
};

type Needs = Pick<Ports, 'items' | 'clock' | 'ids'> & {
  /** The tree as it stands now. */
  readonly organisations: () => Promise<OrganisationTree>;
  readonly accounts: LocalAccounts;
  readonly passwords: Passwords;
};

/** Makes the accounts, unless they are there. */
export const seedDemo = async (ports: Needs): Promise<readonly DemoAccount[]> => {
  const { items, clock, ids, organisations, accounts, passwords } = ports;
  const setup = await items.get(keys.setup);
  const { list } = await organisations();
  const seeded = ROLES.map((role) => ({ role, home: homeOf(role, list) }));
  if (setup === undefined) {
    // Everyone's password is the same, and known: one hash does.
    const password = await passwords.hash(PASSWORD);
    const at = clock.wall();
    for (const { role, home } of seeded) {
      const account = `demo-${role}`;
      if ((await accounts.subjectOf(await accounts.indexOf(account))) !== undefined) continue;
      const subject = ids.next();
      const name = `${ROLE_NAMES[role]}（演示）`;
      const posts =
        role === 'applicant' || home === undefined
          ? []
          : [
              {
                postId: ids.next(),
                role,
                organisation: home.id,
                from: new Date(at).toISOString(),
                until: null,
              },
            ];
      const kind = role === 'applicant' ? 'applicant' : 'staff';
      await createPerson(ports, {
        next: newPerson({ subject, name, kind, posts }, at),
        event: { type: 'created', actor: systemActor('demo'), data: { role } },
        operations: await accounts.open(account, subject, password, null),
      });
    }
    const done: ItemOperation = {
      type: 'put',
      item: { ...keys.setup, version: 1, schema: 1, data: { done: true, demo: true } },
      condition: 'absent',
    };
    await items.transact([done]);
  }
  return seeded.map(({ role, home }) => ({
    role,
    roleName: ROLE_NAMES[role],
    organisation: home?.name ?? null,
    account: `demo-${role}`,
    password: PASSWORD,
  }));
};
