/**
 * Consent to the processing of personal data (Personal Information Protection Law, articles 13, 14, 29 and 31): who
 * consented for whom, to which text, when, on what. Sensitive data need an act of their own; for those under 14 a
 * guardian consents. The cross-check is no part of it: that is the authorisation of A-2.
 */
import * as z from 'zod';
import { beijingDate } from '#domain/calendar/dates.ts';
import { ageOn, idNumberFacts } from '#domain/identity/id-number.ts';

/**
 * `self`: the person; `authorised`: the worker, with the person's written authority; `guardian`: a parent or other
 * guardian, named by the member id.
 */
const personConsentShape = {
  memberId: z.string().min(1),
  given: z.enum(['self', 'authorised', 'guardian']),
  guardian: z.string().min(1).nullable().default(null),
};
const personConsentSchema = z.strictObject(personConsentShape);
export type PersonConsent = z.infer<typeof personConsentSchema>;

/** The two acts, each said for itself. */
export const consentActsSchema = z.strictObject({
  /** The version of the notice that was shown. */
  notice: z.string().min(1).max(20),
  processing: z.literal(true, '须同意处理个人信息，才能办理申请。'),
  sensitive: z.literal(true, '须单独同意处理敏感个人信息，才能办理申请。'),
});
export type ConsentActs = z.infer<typeof consentActsSchema>;

/** What the form of an application says: one entry for each member and each legal supporter. */
export const consentFormSchema = consentActsSchema.extend({
  persons: z.array(personConsentSchema).min(1).max(50),
});
export type ConsentForm = z.infer<typeof consentFormSchema>;

/** As it is kept with the case. */
export const consentSchema = z.strictObject({
  notice: z.string(),
  /** Of the text of the notice. */
  sha256: z.string(),
  /** `paper`: the act itself stands on paper, and an officer has recorded it. */
  medium: z.enum(['online', 'paper']),
  at: z.string(),
  by: z.strictObject({ subject: z.string(), name: z.string(), organisation: z.string().nullable() }),
  persons: z.array(personConsentSchema),
});
export type Consent = z.infer<typeof consentSchema>;

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
