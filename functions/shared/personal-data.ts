/** The contexts that sealed fields are bound to: a field copied to another case or place does not open there. */

import type { Case, SealedField } from '#domain/filing/case.ts';
import { maskAddress, maskCard, maskIdNumber, maskPhone } from '#domain/identity/masking.ts';
import type { Objection } from './notice-store.ts';
import type { Vault } from './ports.ts';

export const idNumberContext = (caseId: string, memberId: string): string =>
  `case/${caseId}/persons/${memberId}/idNumber`;

const fieldContext = (caseId: string, field: 'phone' | 'address' | 'bankCard'): string =>
  `case/${caseId}/${field}`;

const contactContext = (objectionId: string): string => `objection/${objectionId}/contact`;

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

/** How an objector can be reached: shown as “已留联系方式” only. */
export const sealContact = (vault: Vault, objectionId: string, value: string): Promise<SealedField> =>
  seal(vault, value, contactContext(objectionId), '已留联系方式');

/**
 * Where a sealed field stands in its record, as JSON Pointers, and the context that it is bound to. `index`: the blind
 * index of the same value.
 */
export type SealedPlace = { readonly pointer: string; readonly context: string; readonly index?: string };

/** Every sealed field of a case: whoever changes the vault seals all of these anew. */
export const sealedFieldsOfCase = (
  record: Pick<Case, 'caseId' | 'persons' | 'supporters'>,
): readonly SealedPlace[] => {
  const { caseId } = record;
  const people = (['persons', 'supporters'] as const).flatMap((group) =>
    record[group].map(({ memberId }, at) => ({
      pointer: `/${group}/${at}/idNumber`,
      context: idNumberContext(caseId, memberId),
      index: `/${group}/${at}/idIndex`,
    })),
  );
  return [
    ...people,
    { pointer: '/phone', context: fieldContext(caseId, 'phone') },
    { pointer: '/address', context: fieldContext(caseId, 'address') },
    { pointer: '/bankCard/number', context: fieldContext(caseId, 'bankCard') },
  ];
};

/** Every sealed field of an objection. */
export const sealedFieldsOfObjection = ({
  objectionId,
  contact,
}: Pick<Objection, 'objectionId' | 'contact'>): readonly SealedPlace[] =>
  contact === null ? [] : [{ pointer: '/contact', context: contactContext(objectionId) }];
