/** The contexts that sealed fields are bound to: a field copied to another case or place does not open there. */

import type { Case, SealedField } from '#domain/filing/case.ts';
import type { Sanction } from '#domain/filing/sanctions.ts';
import { maskAddress, maskCard, maskEmail, maskIdNumber, maskPhone } from '#domain/identity/masking.ts';
import type { Person } from '#domain/people/person.ts';
import type { Objection } from './notice-store.ts';
import type { Vault } from './ports.ts';

export const idNumberContext = (caseId: string, memberId: string): string =>
  `case/${caseId}/persons/${memberId}/idNumber`;

export const fieldContext = (caseId: string, field: 'phone' | 'address' | 'bankCard'): string =>
  `case/${caseId}/${field}`;

export const contactContext = (objectionId: string): string => `objection/${objectionId}/contact`;

export const personContext = (subject: string, field: 'phone' | 'idNumber' | 'email'): string =>
  `person/${subject}/${field}`;

const seal = async (vault: Vault, value: string, context: string, masked: string): Promise<SealedField> => ({
  sealed: await vault.seal(value, context),
  masked,
});

export const sealIdNumber = (
  vault: Vault,
  caseId: string,
  memberId: string,
  value: string,
): Promise<SealedField> => seal(vault, value, idNumberContext(caseId, memberId), maskIdNumber(value));

export const sealPhone = (vault: Vault, caseId: string, value: string): Promise<SealedField> =>
  seal(vault, value, fieldContext(caseId, 'phone'), maskPhone(value));

export const sealAddress = (vault: Vault, caseId: string, value: string): Promise<SealedField> =>
  seal(vault, value, fieldContext(caseId, 'address'), maskAddress(value));

export const sealCard = (vault: Vault, caseId: string, value: string): Promise<SealedField> =>
  seal(vault, value, fieldContext(caseId, 'bankCard'), maskCard(value));

export const sealPersonIdNumber = (vault: Vault, subject: string, value: string): Promise<SealedField> =>
  seal(vault, value, personContext(subject, 'idNumber'), maskIdNumber(value));

/** For who has shown the ID card: what an account is named by. */
export const openPersonIdNumber = (vault: Vault, subject: string, { sealed }: SealedField): Promise<string> =>
  vault.open(sealed, personContext(subject, 'idNumber'));

export const sealPersonPhone = (vault: Vault, subject: string, value: string): Promise<SealedField> =>
  seal(vault, value, personContext(subject, 'phone'), maskPhone(value));

export const sealPersonEmail = (vault: Vault, subject: string, value: string): Promise<SealedField> =>
  seal(vault, value, personContext(subject, 'email'), maskEmail(value));

/** How an objector can be reached: shown as “已留联系方式” only. */
export const sealContact = (vault: Vault, objectionId: string, value: string): Promise<SealedField> =>
  seal(vault, value, contactContext(objectionId), '已留联系方式');

/**
 * Where a sealed text stands in its record, as a JSON Pointer, and the context that it is bound to. `index`: where the blind
 * index of the same text stands.
 */
export type SealedPlace = { readonly pointer: string; readonly context: string; readonly index?: string };

/** Every sealed field of a case: whoever changes the vault seals all of these anew. */
export const sealedFieldsOfCase = (
  record: Pick<Case, 'caseId' | 'persons' | 'supporters'>,
): readonly SealedPlace[] => {
  const { caseId } = record;
  const people = (['persons', 'supporters'] as const).flatMap((group) =>
    record[group].map(({ memberId }, at) => ({
      pointer: `/${group}/${at}/idNumber/sealed`,
      context: idNumberContext(caseId, memberId),
      index: `/${group}/${at}/idIndex`,
    })),
  );
  return [
    ...people,
    { pointer: '/phone/sealed', context: fieldContext(caseId, 'phone') },
    { pointer: '/address/sealed', context: fieldContext(caseId, 'address') },
    { pointer: '/bankCard/number/sealed', context: fieldContext(caseId, 'bankCard') },
  ];
};

/** Every sealed field of an objection. */
export const sealedFieldsOfObjection = ({
  objectionId,
  contact,
}: Pick<Objection, 'objectionId' | 'contact'>): readonly SealedPlace[] =>
  contact === null ? [] : [{ pointer: '/contact/sealed', context: contactContext(objectionId) }];

/** Every sealed field of a decision on a false declaration: those of the case that it was found in. */
export const sealedFieldsOfSanction = ({
  caseId,
  persons,
}: Pick<Sanction, 'caseId' | 'persons'>): readonly SealedPlace[] =>
  persons.map(({ memberId }, at) => ({
    pointer: `/persons/${at}/idNumber/sealed`,
    context: idNumberContext(caseId, memberId),
    index: `/persons/${at}/idIndex`,
  }));

/** Every sealed field of a person with an account. */
export const sealedFieldsOfPerson = ({
  subject,
  idNumber,
  phone,
  email,
}: Pick<Person, 'subject' | 'idNumber' | 'phone' | 'email'>): readonly SealedPlace[] => [
  ...(idNumber === null
    ? []
    : [
        {
          pointer: '/idNumber/sealed',
          context: personContext(subject, 'idNumber'),
          index: '/idIndex',
        },
      ]),
  ...(phone === null ? [] : [{ pointer: '/phone/sealed', context: personContext(subject, 'phone') }]),
  ...(email === null ? [] : [{ pointer: '/email/sealed', context: personContext(subject, 'email') }]),
];
