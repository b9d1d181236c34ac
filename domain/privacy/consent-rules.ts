/** Who has to consent, and who may consent for whom (Personal Information Protection Law, articles 29 and 31). */
import { beijingDate } from '#domain/calendar/dates.ts';
import { ageOn, idNumberFacts } from '#domain/identity/id-number.ts';
import type { ConsentForm } from './consent.ts';

/** Below it a guardian consents (article 31). */
const GUARDED_YEARS = 14;
const ADULT_YEARS = 18;

type Person = { readonly memberId: string; readonly idNumber: string };
type ConsentFault = { readonly pointer: string; readonly code: string; readonly message: string };

/** The age of somebody whose ID number is valid (the caller judges that); null where it cannot be read. */
const ageOf = (person: Person | undefined, on: string): number | null => {
  if (person === undefined || !/^\d{17}[\dX]$/.test(person.idNumber)) return null;
  return ageOn(idNumberFacts(person.idNumber).birthDate, on);
};

/**
 * What is wrong with the consents of a household; pointers below the consent. `workerId`: who files; nobody consents in
 * the worker's place. `now`: case time.
 */
export const consentFaults = (
  { persons: given }: Pick<ConsentForm, 'persons'>,
  people: readonly Person[],
  workerId: string | undefined,
  now: number,
): readonly ConsentFault[] => {
  const on = beijingDate(now);
  const byId = new Map(people.map((person) => [person.memberId, person]));
  const named = given.map(({ memberId }) => memberId);
  const missing = people.filter(({ memberId }) => !named.includes(memberId));
  return [
    ...missing.map(({ memberId }) => ({
      pointer: '/persons',
      code: 'consent-missing',
      message: `缺少成员 ${memberId} 对个人信息处理的同意。`,
    })),
    ...given.flatMap(({ memberId, given: way, guardian }, index): readonly ConsentFault[] => {
      const pointer = `/persons/${index}`;
      const person = byId.get(memberId);
      if (person === undefined || named.indexOf(memberId) !== index) {
        return [
          { pointer: `${pointer}/memberId`, code: 'unknown-person', message: '没有这名成员，或者重复列出。' },
        ];
      }
      if (memberId === workerId && way !== 'self') {
        return [{ pointer: `${pointer}/given`, code: 'own-consent', message: '职工本人须自己表示同意。' }];
      }
      const age = ageOf(person, on);
      if (way !== 'guardian') {
        return age !== null && age < GUARDED_YEARS
          ? [
              {
                pointer: `${pointer}/given`,
                code: 'guardian-needed',
                message: '不满十四周岁的未成年人须由父母或者其他监护人同意。',
              },
            ]
          : [];
      }
      const guardianAge = ageOf(guardian === null ? undefined : byId.get(guardian), on);
      return guardian === memberId || guardianAge === null || guardianAge < ADULT_YEARS
        ? [
            {
              pointer: `${pointer}/guardian`,
              code: 'no-guardian',
              message: '须写明监护人，并且是申请中列出的成年人。',
            },
          ]
        : [];
    }),
  ];
};
