/**
 * Faults between the fields of a declaration. They are looked for in the raw document, so that they are reported
 * together with faults of shape. A fault is reported where it is certain: what hangs on a field that is itself
 * faulty is not guessed at.
 */
import type * as z from 'zod';
import { isDate, isMonth, monthNumber } from './dates.ts';
import { type Fault, fault } from './faults.ts';
import { among, has, list, own } from './raw.ts';
import { knownOrNot } from './schema.ts';
import { EXPENDITURE_KINDS, INCOME_KINDS, RELATIONS } from './vocabulary.ts';

const nonEmptyText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** The amount in fen, null where it is unknown, undefined where it is missing or no amount. */
const amountOf = (value: unknown): z.output<typeof knownOrNot> | undefined =>
  knownOrNot.safeParse(value).data;

/** Twelve whole months: the calendar year before the application, or those that end with the month before it. */
function* periodFaults(document: unknown): Generator<Fault> {
  const period = own(document, 'incomePeriod');
  const [from, to] = [own(period, 'from'), own(period, 'to')];
  if (typeof from !== 'string' || typeof to !== 'string' || !isMonth(from) || !isMonth(to)) return;
  const [first, last] = [monthNumber(from), monthNumber(to)];
  const applied = own(document, 'applicationDate');
  const ends =
    typeof applied === 'string' && isDate(applied)
      ? [Math.floor(monthNumber(applied) / 12) * 12 - 1, monthNumber(applied) - 1]
      : [last];
  if (last - first !== 11 || !ends.includes(last)) yield fault(['incomePeriod'], 'income-period');
}

const RELATION_UNKNOWN = Symbol('relation unknown');

function* memberFaults(members: readonly unknown[]): Generator<Fault> {
  const relations = members.map((member) => {
    const relation = own(member, 'relation');
    return among(RELATIONS, relation) ? relation : RELATION_UNKNOWN;
  });
  const selves = relations.filter((relation) => relation === 'self').length;
  const certain = !relations.includes(RELATION_UNKNOWN);
  if (selves > 1 || (selves === 0 && certain && members.length > 0)) yield fault(['members'], 'self-count');

  const seen = new Set<string>();
  for (const [index, member] of members.entries()) {
    const id = own(member, 'id');
    if (!nonEmptyText(id)) continue;
    if (seen.has(id)) yield fault(['members', index, 'id'], 'duplicate-id');
    seen.add(id);
  }
}

/** Tax and social insurance: on wages only, and together at most the amount. */
function* incomeFaults(income: unknown, path: readonly PropertyKey[]) {
  const kind = own(income, 'kind');
  const deductions = ['incomeTax', 'socialInsurance'].filter((key) => has(income, key));
  if (kind === 'wage') {
    const amount = amountOf(own(income, 'amount'));
    // An unknown deduction is at least zero: the known one alone may already be too much.
    const deducted = deductions.reduce((sum, key) => sum + (amountOf(own(income, key)) ?? 0n), 0n);
    if (typeof amount === 'bigint' && deducted > amount) yield fault(path, 'deductions-exceed-wage');
  } else if (among(INCOME_KINDS, kind)) {
    for (const key of deductions) yield fault([...path, key], 'wages-only');
  }
}

/** Keys that some kinds of expenditure alone may carry: elsewhere they are faults, even as false. */
function* expenditureFaults(expenditure: unknown, path: readonly PropertyKey[]): Generator<Fault> {
  const kind = own(expenditure, 'kind');
  if (!among(EXPENDITURE_KINDS, kind)) return;
  if (kind !== 'medical') {
    for (const key of ['reimbursed', 'majorIllness']) {
      if (has(expenditure, key)) yield fault([...path, key], 'medical-only');
    }
  }
  const majorIllness = own(expenditure, 'majorIllness');
  const sudden =
    kind === 'accident' ||
    // A faulty majorIllness may be meant as true.
    (kind === 'medical' && majorIllness !== undefined && majorIllness !== false);
  if (has(expenditure, 'extraordinary') && !sudden) yield fault([...path, 'extraordinary'], 'sudden-only');
}

/** Every certain fault between the fields of a raw declaration, in the document's order. */
export function* incoherences(document: unknown): Generator<Fault> {
  yield* periodFaults(document);

  const members = own(document, 'members');
  yield* memberFaults(list(members));
  for (const [index, member] of list(members).entries()) {
    for (const [position, income] of list(own(member, 'incomes')).entries()) {
      yield* incomeFaults(income, ['members', index, 'incomes', position]);
    }
  }

  const ids = new Set(list(members).map((member) => own(member, 'id')));
  const idsCertain = Array.isArray(members) && [...ids].every(nonEmptyText);
  for (const [index, expenditure] of list(own(document, 'expenditures')).entries()) {
    const path = ['expenditures', index];
    yield* expenditureFaults(expenditure, path);
    const memberId = own(expenditure, 'memberId');
    if (idsCertain && nonEmptyText(memberId) && !ids.has(memberId)) {
      yield fault([...path, 'memberId'], 'unknown-member');
    }
  }
}
