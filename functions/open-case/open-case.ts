/**
 * Begins an application: a draft with the household and its declaration. A worker files for the own household; an
 * officer of the grassroots union may file for a worker who can't (assisted entry). Personal fields are sealed
 * before anything is written.
 */
import { beijingDate } from '#domain/calendar/dates.ts';
import type { Case, SealedField } from '#domain/filing/case.ts';
import type { FilingRefusal } from '#domain/filing/organisations.ts';
import { normalise } from '#domain/identity/checked.ts';
import { type Caller, requireAccess } from '#functions/shared/access/policy.ts';
import { requireCaseAccess } from '#functions/shared/case-access.ts';
import { actorOf, type CasePorts, createCase, readCase, unregistered } from '#functions/shared/case-store.ts';
import { consented, requireCurrentNotice } from '#functions/shared/consent.ts';
import { reseatCase } from '#functions/shared/custody.ts';
import { filedDeclaration, standingOf } from '#functions/shared/declarations.ts';
import { type Fault, InvalidInput } from '#functions/shared/errors.ts';
import { householdFaults, placeFaults } from '#functions/shared/household.ts';
import { sealAddress, sealCard, sealIdNumber, sealPhone } from '#functions/shared/personal-data.ts';
import type { Ports } from '#functions/shared/ports.ts';
import type { PersonalDataSettings } from '#functions/shared/settings.ts';
import { signatoryOf } from '#functions/shared/signatory.ts';
import type { OpenCaseForm } from './schema.ts';

export type Needs = CasePorts &
  Pick<Ports, 'organisations' | 'vault'> & {
    readonly settings: Pick<PersonalDataSettings, 'privacyNotices'>;
  };

/** The account that owns the case: the worker's own; for assisted entry the one given, or none yet. */
const applicantOf = (caller: Caller, form: OpenCaseForm, caseId: string): string => {
  if (caller.roles.includes('applicant') && form.applicant === undefined) return caller.subject;
  return form.applicant ?? unregistered(caseId);
};

const unionFault = (code: FilingRefusal): Fault => ({
  pointer: '/grassrootsUnion',
  code,
  message:
    code === 'unknown-union'
      ? '没有这个基层工会，或者它不办理这一路径的申请。'
      : '灵活就业和失业人员由街道（社区）工会负责建档，请改选所在街道（社区）的工会（皖工发〔2017〕51号第十条、第十一条）。',
});

/** A case that the caller has opened before, as it stands now. */
export const openedCase = async (
  ports: Pick<Ports, 'items'>,
  caller: Caller,
  caseId: string,
): Promise<Case> => {
  const record = await readCase(ports.items, caseId);
  requireCaseAccess(caller, 'case.open', record);
  return record;
};

/** Opens it under an id that is new. */
export const openCase = async (
  ports: Needs,
  caller: Caller,
  form: OpenCaseForm,
  caseId: string,
): Promise<Case> => {
  const applicant = applicantOf(caller, form, caseId);
  requireAccess(caller, 'case.open', { ownerSubject: applicant, organisation: form.grassrootsUnion });
  if (form.synthetic) requireAccess(caller, 'case.openSynthetic', { organisation: form.grassrootsUnion });

  const now = ports.clock.now();
  const tree = await ports.organisations.tree();
  const unions = tree.filing(
    form.grassrootsUnion,
    form.route,
    standingOf(form.declaration),
    beijingDate(now),
  );
  const union = tree.find(form.grassrootsUnion);
  const faults = [
    ...householdFaults(form, now),
    ...(union === undefined ? [] : placeFaults(form.declaration, union)),
  ];
  if (typeof unions === 'string' || faults.length > 0) {
    const refused = typeof unions === 'string' ? [unionFault(unions)] : [];
    throw new InvalidInput([...refused, ...faults]);
  }
  requireCurrentNotice(ports.settings.privacyNotices, form.consent);

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

  const consent = consented(ports, caller, applicant, form.consent, form.consent.persons);
  const opened = await createCase(ports, {
    next: {
      caseId,
      route: form.route,
      stage: 'draft',
      submission: 0,
      visit: 1,
      attempt: 0,
      applicant,
      openedAt: new Date(now).toISOString(),
      ...(form.synthetic ? { synthetic: true } : {}),
      openedBy: signatoryOf(caller),
      consents: [consent],
      unions,
      organisationPath: [...tree.path(unions.grassroots)],
      custody: null,
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
      visits: [],
      crossCheck: null,
      settlements: [],
      determination: null,
      notice: null,
      refusal: null,
      endedAt: null,
      disposal: null,
      bars: [],
      clawBacks: [],
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
      data: {
        route: form.route,
        unions,
        persons: persons.length,
        assisted: applicant !== caller.subject,
        consent,
      },
    },
  });
  // The union may have been dissolved while this was written, and its cases moved without this one.
  const { tree: present } = await ports.organisations.snapshot();
  return present === tree ? opened : reseatCase(ports, present, caseId);
};
