/** People with accounts, made as a test needs them. */
import { newPerson, type Person } from '#domain/people/person.ts';
import type { StaffRole } from '#domain/people/roles.ts';
import { systemActor } from '#functions/shared/case-store.ts';
import { createPerson } from '#functions/shared/people-store.ts';
import type { Ports } from '#functions/shared/ports.ts';

/** Somebody in a post, or (without one) a worker. */
export const makeAccount = async (
  ports: Pick<Ports, 'items' | 'clock'>,
  subject: string,
  post?: readonly [StaffRole, string],
  more: Partial<Person> = {},
): Promise<Person> => {
  const now = ports.clock.wall();
  const from = new Date(now).toISOString();
  const posts =
    post === undefined
      ? []
      : [{ postId: `${subject}-post`, role: post[0], organisation: post[1], from, until: null }];
  const kind = post === undefined ? 'applicant' : 'staff';
  const person = newPerson({ subject, name: `${subject}（账号）`, kind, posts, ...more }, now);
  await createPerson(ports, {
    next: person,
    event: { type: 'created', actor: systemActor('test'), data: {} },
  });
  return person;
};
