/**
 * Who may do what: the one table behind the checks of the API, the menus of the portal and the tests.
 *
 * A cell says how far a role reaches with an operation: `ownCase` (the caller is the case's owner),
 * `ownOrganisation` (the resource is the caller's own union's), `subtree` (it belongs to the caller's union or to
 * one below it), `all`. A role without a cell may not do it at all. Pure data and pure functions: the portal reads
 * them too.
 */
import { ROLES, type Role } from '#domain/people/roles.ts';
import { AppError } from '../errors.ts';

export { ROLES, type Role };

export type Scope = 'ownCase' | 'ownOrganisation' | 'subtree' | 'all';

/** What anyone may do without signing in; an edition may leave these routes out. */
export const PUBLIC_OPERATIONS = [
  'notice.read',
  'privacyNotice.read',
  'objection.raise',
  'assessment.try',
  'description.read',
  'external.open',
] as const;
export type PublicOperation = (typeof PUBLIC_OPERATIONS)[number];

/** A person who has signed in. `organisation` is the union that the person acts for; an applicant needs none. */
export type Caller = {
  readonly subject: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly organisation?: string;
};

/**
 * The part of a resource that access hangs on. What is left out is unknown, and unknown never opens a door.
 * `organisationPath` are the codes of the unions from the top of the tree down to `organisation`, both included.
 */
export type Resource = {
  readonly ownerSubject?: string;
  readonly organisation?: string;
  readonly organisationPath?: readonly string[];
};

/** Whoever has signed in. */
const EVERYONE = {
  applicant: 'all',
  grassrootsOfficer: 'all',
  superiorOfficer: 'all',
  centreReviewer: 'all',
  meetingSecretary: 'all',
  keeper: 'all',
  inspector: 'all',
  auditor: 'all',
  administrator: 'all',
} as const satisfies Record<Role, Scope>;

/**
 * The table. Its reasons, by column:
 * - the applicant applies, mends, submits and withdraws, answers the own supplement, and may see the own
 *   file (B-16);
 * - the grassroots union helps the worker to apply (A-4, B-10), hands a case that it entered over to the worker's account,
 *   and gives the first opinion (B-8.2);
 * - the superior union reads what is below it and gives its own opinion (B-8.3); minutes are uploaded there (C-6);
 * - the centre (the province's, or a city's on the territorial route) re-reviews and cross-checks what comes from below
 *   it, settles facts that are unknown, and decides only its own tasks;
 *   it alone exchanges the cross-check by file, which holds ID numbers;
 * - who is above watches the tasks below, read-only, and may hand one to another colleague there; so does the inspector
 *   without the latter; to claim and to comment is for those whose task it is, to comment for those above as well;
 * - the meeting decides measures and funds through its minutes alone, never as a task;
 * - the keeper holds the files of the own union and of those below it (B-9, B-15);
 * - the inspector makes spot checks below the own union (B-8.5, B-13.3); the auditor reads everything, changes nothing;
 * - the administrator restarts lost work, keeps the tree of unions, sends again what did not go out, may mark an
 *   application as synthetic, sees no content of a case, and manages accounts and posts: of
 *   the own union and of those below;
 * - everyone who has signed in may look unions up: a worker has to choose one to file with (B-10);
 * - whoever works on cases or keeps files hands them over when the post changes (B-15);
 * - whoever reviews a case opens its fields and papers (B-16: inside the union system for work), the inspector for a spot
 *   check, a worker the own; the keeper papers alone; nobody else, the auditor and the administrator least of all;
 *   for what purposes is `purposes.ts`;
 * - the worker sees who looked into the own file, and so do keeper and auditor, who alone searches all looks;
 * - whoever works on cases or keeps files may ask that an outsider sees papers; the keeper of the very union that keeps the
 *   file decides (B-16), and another person than the one who asked;
 * - everyone looks after the own account;
 * - whom a message is to reads it, alone or with the colleagues of the union;
 * - what is kept about oneself one sees whole, with the numbers in plain (B-16); phone, address and card are corrected by
 *   the worker or the union that the case lies with;
 * - a false declaration is decided on by the centre of the case, by two of its people (B-8.1, B-19); others than the
 *   centres, inspector and auditor learn of the bar only where a household of theirs is barred;
 * - the keeper disposes of what came to no file, a second keeper approves.
 */
export const POLICY = {
  'case.open': { applicant: 'ownCase', grassrootsOfficer: 'ownOrganisation' },
  'case.openSynthetic': { administrator: 'all' },
  'case.read': {
    applicant: 'ownCase',
    grassrootsOfficer: 'ownOrganisation',
    superiorOfficer: 'subtree',
    centreReviewer: 'subtree',
    meetingSecretary: 'subtree',
    keeper: 'subtree',
    inspector: 'subtree',
    auditor: 'all',
  },
  'case.list': {
    applicant: 'ownCase',
    grassrootsOfficer: 'ownOrganisation',
    superiorOfficer: 'subtree',
    centreReviewer: 'subtree',
    meetingSecretary: 'subtree',
    keeper: 'subtree',
    inspector: 'subtree',
    auditor: 'all',
  },
  'case.edit': { applicant: 'ownCase', grassrootsOfficer: 'ownOrganisation', centreReviewer: 'subtree' },
  'case.submit': { applicant: 'ownCase', grassrootsOfficer: 'ownOrganisation' },
  'case.withdraw': { applicant: 'ownCase', grassrootsOfficer: 'ownOrganisation' },
  'case.resume': { administrator: 'subtree' },
  'document.upload': {
    applicant: 'ownCase',
    grassrootsOfficer: 'ownOrganisation',
    superiorOfficer: 'subtree',
    centreReviewer: 'subtree',
    meetingSecretary: 'subtree',
  },
  'task.list': {
    applicant: 'ownCase',
    grassrootsOfficer: 'ownOrganisation',
    superiorOfficer: 'ownOrganisation',
    centreReviewer: 'ownOrganisation',
    meetingSecretary: 'ownOrganisation',
    inspector: 'subtree',
    auditor: 'all',
  },
  'task.read': {
    applicant: 'ownCase',
    grassrootsOfficer: 'ownOrganisation',
    superiorOfficer: 'subtree',
    centreReviewer: 'subtree',
    meetingSecretary: 'ownOrganisation',
    inspector: 'subtree',
    auditor: 'all',
  },
  'task.watch': {
    superiorOfficer: 'subtree',
    centreReviewer: 'subtree',
    inspector: 'subtree',
    auditor: 'all',
  },
  'task.claim': {
    grassrootsOfficer: 'ownOrganisation',
    superiorOfficer: 'ownOrganisation',
    centreReviewer: 'ownOrganisation',
    meetingSecretary: 'ownOrganisation',
  },
  'task.assign': {
    grassrootsOfficer: 'ownOrganisation',
    superiorOfficer: 'subtree',
    centreReviewer: 'subtree',
    meetingSecretary: 'ownOrganisation',
  },
  'task.comment': {
    grassrootsOfficer: 'ownOrganisation',
    superiorOfficer: 'subtree',
    centreReviewer: 'subtree',
    meetingSecretary: 'ownOrganisation',
  },
  'task.decide': {
    applicant: 'ownCase',
    grassrootsOfficer: 'ownOrganisation',
    superiorOfficer: 'ownOrganisation',
    centreReviewer: 'ownOrganisation',
  },
  'crossCheck.exchange': { centreReviewer: 'ownOrganisation' },
  'visit.record': {
    grassrootsOfficer: 'ownOrganisation',
    superiorOfficer: 'subtree',
    centreReviewer: 'subtree',
  },
  'meeting.hold': { meetingSecretary: 'ownOrganisation' },
  'message.list': {
    applicant: 'ownCase',
    grassrootsOfficer: 'ownOrganisation',
    superiorOfficer: 'ownOrganisation',
    centreReviewer: 'ownOrganisation',
    meetingSecretary: 'ownOrganisation',
  },
  'message.revive': { administrator: 'all' },
  'archive.read': {
    applicant: 'ownCase',
    grassrootsOfficer: 'ownOrganisation',
    superiorOfficer: 'subtree',
    centreReviewer: 'subtree',
    keeper: 'subtree',
    inspector: 'subtree',
    auditor: 'all',
  },
  'field.open': {
    applicant: 'ownCase',
    grassrootsOfficer: 'ownOrganisation',
    superiorOfficer: 'subtree',
    centreReviewer: 'subtree',
    inspector: 'subtree',
  },
  'paper.open': {
    applicant: 'ownCase',
    grassrootsOfficer: 'ownOrganisation',
    superiorOfficer: 'subtree',
    centreReviewer: 'subtree',
    keeper: 'subtree',
    inspector: 'subtree',
  },
  'access.read': { applicant: 'ownCase', keeper: 'subtree', auditor: 'all' },
  'access.search': { auditor: 'all' },
  'external.request': {
    grassrootsOfficer: 'ownOrganisation',
    superiorOfficer: 'subtree',
    centreReviewer: 'subtree',
    keeper: 'subtree',
  },
  'external.decide': { keeper: 'ownOrganisation' },
  'external.read': {
    applicant: 'ownCase',
    grassrootsOfficer: 'ownOrganisation',
    superiorOfficer: 'subtree',
    centreReviewer: 'subtree',
    keeper: 'subtree',
    auditor: 'all',
  },
  'organisation.read': EVERYONE,
  'organisation.history': { auditor: 'all', administrator: 'all' },
  'organisation.change': { administrator: 'all' },
  'custody.transfer': { keeper: 'subtree' },
  'custody.read': { keeper: 'subtree', auditor: 'all' },
  'handover.sign': {
    grassrootsOfficer: 'ownOrganisation',
    superiorOfficer: 'ownOrganisation',
    centreReviewer: 'ownOrganisation',
    meetingSecretary: 'ownOrganisation',
    keeper: 'ownOrganisation',
  },
  'handover.read': {
    grassrootsOfficer: 'ownOrganisation',
    superiorOfficer: 'ownOrganisation',
    centreReviewer: 'ownOrganisation',
    meetingSecretary: 'ownOrganisation',
    keeper: 'subtree',
    auditor: 'all',
  },
  'case.handOver': { grassrootsOfficer: 'ownOrganisation' },
  'case.claim': { applicant: 'ownCase' },
  'privacyNotice.consult': EVERYONE,
  'ownData.read': { applicant: 'ownCase' },
  'contact.correct': { applicant: 'ownCase', grassrootsOfficer: 'ownOrganisation' },
  'sanction.decide': { centreReviewer: 'ownOrganisation' },
  'sanction.read': { centreReviewer: 'subtree', inspector: 'subtree', auditor: 'all' },
  'disposal.make': { keeper: 'subtree' },
  'disposal.read': { keeper: 'subtree', auditor: 'all' },
  'person.list': { administrator: 'subtree', auditor: 'all' },
  'person.read': { administrator: 'subtree', auditor: 'all' },
  'person.create': { administrator: 'subtree' },
  'person.post': { administrator: 'subtree' },
  'person.suspend': { administrator: 'subtree' },
  'person.reset': { administrator: 'subtree' },
  'person.contact': { administrator: 'subtree' },
  'account.keep': EVERYONE,
} as const satisfies Record<string, { readonly [role in Role]?: Scope }>;

/** An operation that needs a signed-in caller. */
export type GuardedOperation = keyof typeof POLICY;
export type Operation = GuardedOperation | PublicOperation;

const isPublic = (operation: Operation): operation is PublicOperation =>
  PUBLIC_OPERATIONS.some((name) => name === operation);

const scopesOfRole = (role: Role, operation: GuardedOperation): readonly Scope[] => {
  const row: { readonly [role in Role]?: Scope } = POLICY[operation];
  const scope = row[role];
  return scope === undefined ? [] : [scope];
};

/**
 * How far the caller reaches with an operation over all roles held; empty: not at all. Lists are cut by this.
 */
export const scopesOf = (caller: Caller, operation: GuardedOperation): ReadonlySet<Scope> =>
  new Set(caller.roles.flatMap((role) => scopesOfRole(role, operation)));

const reaches = (scope: Scope, caller: Caller, resource: Resource): boolean => {
  switch (scope) {
    case 'ownCase':
      return resource.ownerSubject === caller.subject;
    case 'ownOrganisation':
      return caller.organisation !== undefined && resource.organisation === caller.organisation;
    case 'subtree':
      return (
        caller.organisation !== undefined && (resource.organisationPath ?? []).includes(caller.organisation)
      );
    case 'all':
      return true;
  }
};

/** Whether the caller may do this with that resource. `null` is someone who has not signed in. */
export const allows = (caller: Caller | null, operation: Operation, resource: Resource): boolean => {
  if (isPublic(operation)) return true;
  if (caller === null) return false;
  return [...scopesOf(caller, operation)].some((scope) => reaches(scope, caller, resource));
};

/** Nobody has signed in, or the token is not one of ours: 401. */
export const notSignedIn = (message = '请先登录后再操作。'): AppError =>
  new AppError('not-signed-in', 401, message);

const notAllowed = (message: string): AppError => new AppError('not-allowed', 403, message);

/** Throws 403 `not-allowed` where `allows` says no (401 `not-signed-in` where nobody has signed in). */
export const requireAccess = (caller: Caller | null, operation: Operation, resource: Resource): void => {
  if (allows(caller, operation, resource)) return;
  throw caller === null
    ? notSignedIn()
    : notAllowed('您没有办理此事项的权限，或者该事项不属于您所在的工会。');
};

/** Throws 403 where no role of the caller holds the operation for any resource: known before anything is read. */
export const requireRole = (caller: Caller, operation: GuardedOperation): void => {
  if (scopesOf(caller, operation).size === 0) throw notAllowed('您的岗位没有办理此事项的权限。');
};

/** Who has to do with a case already, by their subjects. */
export type Involvement = {
  /** Who decided a task of this case before. */
  readonly deciders: readonly string[];
  readonly ownerSubject?: string;
  /** Members of the household who have an account. */
  readonly householdSubjects: readonly string[];
};

/**
 * No one decides twice in one case, nor on the own household (B-4: two levels verify, each signed by its own
 * person). It comes on top of `task.decide`.
 */
export const mayDecide = (caller: Caller, involvement: Involvement): boolean =>
  caller.subject !== involvement.ownerSubject &&
  !involvement.deciders.includes(caller.subject) &&
  !involvement.householdSubjects.includes(caller.subject);
