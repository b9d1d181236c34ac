/**
 * A person with an account, and the posts that the person holds: who signs an opinion is a named person of a named
 * union (B-4), and a file has a keeper at each time (B-15). A post ends, its history stays. Personal fields stand sealed.
 */
import * as z from 'zod';
import type { Organisation } from '#domain/filing/organisations.ts';
import { type Role, STAFF_ROLES, type StaffRole } from './roles.ts';

export const staffRoleSchema = z.enum(STAFF_ROLES);

/** Instants are ISO 8601 in UTC, wall time: an account lives by the clock on the wall. */
const postSchema = z.strictObject({
  postId: z.string(),
  role: staffRoleSchema,
  /** The id of the union that the person acts for in this post. */
  organisation: z.string(),
  from: z.string(),
  /** When it ended; null while it lasts. */
  until: z.string().nullable(),
});
export type Post = z.infer<typeof postSchema>;

const sealedSchema = z.strictObject({ sealed: z.string(), masked: z.string() });

export const personSchema = z.strictObject({
  /** Opaque; what tokens call the person. */
  subject: z.string(),
  name: z.string(),
  kind: z.enum(['staff', 'applicant']),
  state: z.enum(['active', 'suspended']),
  phone: sealedSchema.nullable(),
  /** Where notices go, if the person wants any by mail; nobody has checked that it is the person's. */
  email: sealedSchema.nullable().default(null),
  idNumber: sealedSchema.nullable(),
  /** Keyed hash of the ID number, where it is known: one account a person. */
  idIndex: z.string().nullable(),
  /** Who vouched that name and ID number belong together; null: nobody has. */
  provedBy: z.string().nullable(),
  createdAt: z.string(),
  /** In the order of their beginning. */
  posts: z.array(postSchema),
  /** The head of the audit chain of the account's administration. */
  audit: z.strictObject({ sequence: z.number().int(), hash: z.string() }),
});
export type Person = z.infer<typeof personSchema>;

/** A person as an account begins; `now` in milliseconds, wall time. */
export const newPerson = (
  given: Pick<Person, 'subject' | 'name' | 'kind'> & Partial<Person>,
  now: number,
): Person => ({
  state: 'active',
  phone: null,
  email: null,
  idNumber: null,
  idIndex: null,
  provedBy: null,
  createdAt: new Date(now).toISOString(),
  posts: [],
  audit: { sequence: 0, hash: '' },
  ...given,
});

/** The posts that last. */
export const currentPosts = ({ posts }: Pick<Person, 'posts'>): readonly Post[] =>
  posts.filter(({ until }) => until === null);

/** The union of the current posts, or else of the last one; undefined where there never was one. */
export const homeOf = (person: Pick<Person, 'posts'>): string | undefined =>
  (currentPosts(person).at(-1) ?? person.posts.at(-1))?.organisation;

/** What the person may act as now; nothing while suspended. All current posts are at one union. */
export const actingAs = (
  person: Person,
): { readonly roles: readonly Role[]; readonly organisation?: string } => {
  if (person.state === 'suspended') return { roles: [] };
  if (person.kind === 'applicant') return { roles: ['applicant'] };
  const posts = currentPosts(person);
  const organisation = posts[0]?.organisation;
  const roles = [...new Set(posts.map(({ role }) => role))];
  return organisation === undefined ? { roles } : { roles, organisation };
};

/** Unions in which a role has its place; a role that isn't listed has it anywhere. */
const PLACES: { readonly [role in StaffRole]?: readonly Organisation['kind'][] } = {
  grassrootsOfficer: ['grassroots'],
  superiorOfficer: ['county', 'industry', 'direct'],
  centreReviewer: ['centre', 'city'],
  // It reads everything: nobody below the province can hand that out.
  auditor: ['centre'],
};

/** Why the person cannot take this post; undefined where it fits. */
export const postFault = (
  person: Pick<Person, 'kind' | 'posts'>,
  role: StaffRole,
  organisation: Organisation,
): { readonly code: string; readonly message: string } | undefined => {
  if (person.kind === 'applicant') {
    return { code: 'applicant-account', message: '职工账号不能任职，请为其另建工作人员账号。' };
  }
  const places = PLACES[role];
  if (places !== undefined && !places.includes(organisation.kind)) {
    return { code: 'wrong-place', message: '该岗位不设在这一级工会。' };
  }
  const current = currentPosts(person);
  if (current.some((post) => post.organisation !== organisation.id)) {
    return { code: 'other-union', message: '此人在另一工会任职，请先结束原任职。' };
  }
  if (current.some((post) => post.role === role)) {
    return { code: 'post-held', message: '此人已担任该岗位。' };
  }
  return undefined;
};

/** The person with a further post. The post must fit (`postFault`). */
export const withPost = (person: Person, post: Omit<Post, 'until'>): Person => ({
  ...person,
  posts: [...person.posts, { ...post, until: null }],
});

/** The person without that post from `until` on; undefined where it is none that lasts. */
export const withoutPost = (person: Person, postId: string, until: string): Person | undefined =>
  currentPosts(person).some((post) => post.postId === postId)
    ? { ...person, posts: person.posts.map((post) => (post.postId === postId ? { ...post, until } : post)) }
    : undefined;
