/**
 * Where a caller's roles come from in the cloud edition, by configuration: the claims of the provider's tokens, by the
 * names that it uses; or the posts that are kept here, by the token's subject. With posts, whoever is unknown here is an
 * applicant, who reaches nothing but own cases.
 */
import * as z from 'zod';
import { withPosts } from '../people-store.ts';
import type { ItemStore } from '../ports.ts';
import { callerOf } from './jwt.ts';
import type { Caller } from './policy.ts';

const claimName = z.string().min(1);

const sourceSchema = z
  .object({
    ROLES_FROM: z.enum(['claims', 'posts']).default('claims'),
    NAME_CLAIM: claimName.default('name'),
    ROLES_CLAIM: claimName.default('roles'),
    ORGANISATION_CLAIM: claimName.default('organisation'),
  })
  .transform((variables) => ({
    from: variables.ROLES_FROM,
    names: {
      name: variables.NAME_CLAIM,
      roles: variables.ROLES_CLAIM,
      organisation: variables.ORGANISATION_CLAIM,
    },
  }));
export type CallerSource = z.output<typeof sourceSchema>;

/** Reads the function's environment. */
export const callerSource = (environment: NodeJS.ProcessEnv): CallerSource => sourceSchema.parse(environment);

/**
 * Who the claims of a verified token stand for. Errors: 401 `not-signed-in` where they are not what a token must say. Posts
 * without a store to look them up in are a fault of ours.
 */
export const callerBy = async (
  { from, names }: CallerSource,
  items: Pick<ItemStore, 'get'> | undefined,
  claims: Readonly<Record<string, unknown>>,
): Promise<Caller> => {
  if (from === 'claims') return callerOf(claims, names);
  if (items === undefined) throw new Error('posts are to be looked up, and this function has no store');
  const { subject, name } = callerOf(
    { ...claims, [names.roles]: [], [names.organisation]: undefined },
    names,
  );
  return withPosts(items, { subject, name, roles: ['applicant'] });
};
