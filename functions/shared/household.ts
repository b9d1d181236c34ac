/** Checks of a household's form that reach across its parts; all faults at once. */
import { beijingDate } from '#domain/calendar/dates.ts';
import type { Case } from '#domain/filing/case.ts';
import type { Organisation } from '#domain/filing/organisations.ts';
import { unvisitedClaims } from '#domain/filing/visits.ts';
import { checkBankCard } from '#domain/identity/bank-card.ts';
import { type Checked, normalise } from '#domain/identity/checked.ts';
import { checkIdNumber } from '#domain/identity/id-number.ts';
import { checkPhone } from '#domain/identity/phone.ts';
import { consentFaults } from '#domain/privacy/consent-rules.ts';
import { parseDeclaration } from '#domain/rules/declaration.ts';
import type { OpenCaseForm } from '#functions/open-case/schema.ts';
import { filedDeclaration } from './declarations.ts';
import { type Fault, fault } from './errors.ts';
import type { JsonObject } from './ports.ts';

/** The faults of a declaration, at the place where it stands in a larger document. */
export const declarationFaults = (declaration: JsonObject): readonly Fault[] => {
  const parsed = parseDeclaration(declaration);
  return 'faults' in parsed
    ? parsed.faults.map((one) => ({ ...one, pointer: `/declaration${one.pointer}` }))
    : [];
};

/** The persons of the form and the members of the declaration are the same people. */
export const memberFaults = (declaration: JsonObject, personIds: readonly string[]): readonly Fault[] => {
  const ids = filedDeclaration({ declaration: { ...declaration } }).members.map(({ id }) => id);
  return [
    ...ids.flatMap((id, index) =>
      personIds.includes(id)
        ? []
        : [fault(`/declaration/members/${index}/id`, 'unknown-person', '该成员没有填写姓名和身份证号码。')],
    ),
    ...personIds.flatMap((id, index) =>
      ids.includes(id)
        ? []
        : [fault(`/persons/${index}/memberId`, 'undeclared-person', '申报内容中没有这名家庭成员。')],
    ),
  ];
};

/** That somebody has been there only a visit can say (`record-visit`): R-11, C-2. */
export const visitFaults = (declaration: JsonObject, visits: Case['visits']): readonly Fault[] =>
  unvisitedClaims(declaration, visits).map((pointer) =>
    fault(`/declaration${pointer}`, 'visit-only', '须由工会上门走访并记录，不能自行申报。'),
  );

/** the standards are those of the place where the household files, which is the union's. */
export const placeFaults = (declaration: JsonObject, union: Organisation): readonly Fault[] =>
  declaration.region === union.region
    ? []
    : [fault('/declaration/region', 'other-place', `申报地应为受理工会所在地（${union.region}），请核对。`)];

export const checked = (pointer: string, result: Checked): readonly Fault[] =>
  result.ok ? [] : [fault(pointer, result.code, result.message)];

const repeated = (values: readonly string[], pointer: (index: number) => string, message: string): Fault[] =>
  values.flatMap((value, index) =>
    values.indexOf(value) === index ? [] : [fault(pointer(index), 'repeated', message)],
  );

/** Every fault of a form that its schema has let through. `now` is case time. */
export const householdFaults = (form: OpenCaseForm, now: number): readonly Fault[] => {
  const today = beijingDate(now);
  const persons = [...form.persons, ...form.supporters];
  const at = (index: number): string =>
    index < form.persons.length ? `/persons/${index}` : `/supporters/${index - form.persons.length}`;
  const ofDeclaration = declarationFaults(form.declaration);
  return [
    ...persons.flatMap(({ idNumber }, index) =>
      checked(`${at(index)}/idNumber`, checkIdNumber(idNumber, { on: today })),
    ),
    ...repeated(
      persons.map(({ memberId }) => memberId),
      (index) => `${at(index)}/memberId`,
      '成员编号重复。',
    ),
    ...repeated(
      persons.map(({ idNumber }) => normalise(idNumber)),
      (index) => `${at(index)}/idNumber`,
      '身份证号码重复。',
    ),
    ...checked('/phone', checkPhone(form.phone)),
    ...checked('/bankCard/number', checkBankCard(form.bankCard.number)),
    ...(form.persons.some(({ memberId }) => memberId === form.householderId)
      ? []
      : [fault('/householderId', 'unknown-person', '户主不在家庭成员中。')]),
    ...(ofDeclaration.length > 0
      ? ofDeclaration
      : [
          ...memberFaults(
            form.declaration,
            form.persons.map(({ memberId }) => memberId),
          ),
          ...visitFaults(form.declaration, []),
        ]),
    ...consentFaults(
      form.consent,
      persons.map(({ memberId, idNumber }) => ({ memberId, idNumber: normalise(idNumber) })),
      ofDeclaration.length > 0
        ? undefined
        : filedDeclaration(form).members.find(({ relation }) => relation === 'self')?.id,
      now,
    ).map((one) => fault(`/consent${one.pointer}`, one.code, one.message)),
  ];
};
