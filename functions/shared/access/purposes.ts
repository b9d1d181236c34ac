/**
 * Which role may state which purpose (B-16: inside the union system for work). The table stands beside `policy.ts`, which
 * says whose cases a role reaches: an opening needs both. Pure data: the portal reads it too.
 */
import { type Opened, PURPOSES, type Purpose, serves } from '#domain/filing/accesses.ts';
import type { Role } from '#domain/people/roles.ts';
import { AppError } from '../errors.ts';
import type { Caller } from './policy.ts';

/** Whoever reviews visits, asks back and looks into objections; the centre pays out; a keeper keeps papers. */
const STATED_BY: Readonly<Record<Purpose, readonly Role[]>> = {
  ownFile: ['applicant'],
  review: ['grassrootsOfficer', 'superiorOfficer', 'centreReviewer'],
  visit: ['grassrootsOfficer', 'superiorOfficer', 'centreReviewer'],
  contact: ['grassrootsOfficer', 'superiorOfficer', 'centreReviewer'],
  payment: ['centreReviewer'],
  objection: ['superiorOfficer', 'centreReviewer'],
  spotCheck: ['inspector'],
  keeping: ['keeper'],
};

/** Throws 403 `purpose-not-allowed` where none of the caller's roles may state it, or it takes none of what is asked. */
export const requirePurpose = ({ roles }: Caller, purpose: Purpose, opened: Opened): void => {
  if (roles.some((role) => STATED_BY[purpose].includes(role)) && serves(purpose, opened)) return;
  throw new AppError('purpose-not-allowed', 403, `您的岗位不能以“${PURPOSES[purpose].name}”为由查看此项。`, {
    purpose,
    clause: 'B-16',
  });
};
