/**
 * Begins an application: a draft with the household and its declaration. A worker files for the own household; an
 * officer of the grassroots union may file for a worker who can't (assisted entry). Personal fields are sealed
 * before anything is written.
 */
import type { Case, SealedField } from '#domain/filing/case.ts';
import { normalise } from '#domain/identity/checked.ts';
import { type Caller, requireAccess } from '#functions/shared/access/policy.ts';
import { actorOf, type CasePorts, createCase, unregistered } from '#functions/shared/case-store.ts';
import { filedDeclaration } from '#functions/shared/declarations.ts';
import { InvalidInput } from '#functions/shared/errors.ts';
import { householdFaults, placeFaults } from '#functions/shared/household.ts';
import { sealAddress, sealCard, sealIdNumber, sealPhone } from '#functions/shared/personal-data.ts';
import type { Ports } from '#functions/shared/ports.ts';
import type { OpenCaseForm } from './schema.ts';

type Needs = CasePorts & Pick<Ports, 'settings' | 'vault'>;

/** The account that owns the case: the worker's own; for assisted entry the one given, or none yet. */
const applicantOf = (caller: Caller, form: OpenCaseForm, caseId: string): string => {
  if (caller.roles.includes('applicant') && form.applicant === undefined) return caller.subject;
  return form.applicant ?? unregistered(caseId);
};

export const openCase = async (ports: Needs, caller: Caller, form: OpenCaseForm): Promise<Case> => {
  const caseId = ports.ids.next();
  const applicant = applicantOf(caller, form, caseId);
  requireAccess(caller, 'case.open', { ownerSubject: applicant, organisation: form.grassrootsUnion });

  const now = ports.clock.now();
  const unions = ports.settings.organisations.unionsOf(form.grassrootsUnion, form.route);
  const union = ports.settings.organisations.find(form.grassrootsUnion);
  const faults = [
    ...householdFaults(form, now),
    ...(union === undefined ? [] : placeFaults(form.declaration, union)),
  ];
  if (unions === undefined || faults.length > 0) {
    const unknown = {
      pointer: '/grassrootsUnion',
      code: 'unknown-union',
      message: '没有这个基层工会，或者它不办理这一路径的申请。',
    };
    throw new InvalidInput([...(unions === undefined ? [unknown] : []), ...faults]);
  }

  const person = async (one: OpenCaseForm['persons'][number]) => ({
    memberId: one.memberId,
    name: one.name,
    relationToHouseholder: one.relationToHouseholder,
    idNumber: await sealIdNumber(ports.vault, caseId, one.memberId, normalise(one.idNumber)),
    idIndex: await ports.vault.blindIndex(normalise(one.idNumber)),
  });
  const [persons, supporters, phone, address, card] = await Promise.all([
    Promise.all(form.persons.map(person)),
    Promise.all(form.supporters.map(person)),
    sealPhone(ports.vault, caseId, normalise(form.phone)),
    sealAddress(ports.vault, caseId, form.address),
    sealCard(ports.vault, caseId, normalise(form.bankCard.number)) satisfies Promise<SealedField>,
  ]);
  const worker = filedDeclaration(form).members.find(({ relation }) => relation === 'self');
  if (worker === undefined) throw new Error('a declaration without its worker got past its parser');

  return createCase(ports, {
    next: {
      caseId,
      route: form.route,
      stage: 'draft',
      submission: 0,
      visit: 1,
      attempt: 0,
      applicant,
      openedAt: new Date(now).toISOString(),
      openedBy: { subject: caller.subject, name: caller.name, organisation: caller.organisation ?? null },
      unions,
      organisationPath: [...ports.settings.organisations.path(unions.grassroots)],
      workerId: worker.id,
      householderId: form.householderId,
      persons,
      supporters,
      employer: form.employer,
      phone,
      address,
      bankCard: { number: card, bank: form.bankCard.bank },
      cause: form.cause,
      wishes: form.wishes,
      declaration: form.declaration,
      applicationDate: null,
      openTask: null,
      requested: [],
      opinions: [],
      crossCheck: null,
      determination: null,
      notice: null,
      refusal: null,
      file: null,
      meeting: null,
      archive: null,
      reminders: 0,
      fault: null,
      letters: 0,
      assessments: 0,
      audit: { sequence: 0, hash: '' },
    },
    event: {
      type: 'opened',
      actor: actorOf(caller),
      data: { route: form.route, unions, persons: persons.length, assisted: applicant !== caller.subject },
    },
  });
};
