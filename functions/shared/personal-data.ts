/** The contexts that sealed fields are bound to: a field copied to another case or place does not open there. */

import type { SealedField } from '#domain/filing/case.ts';
import { maskAddress, maskCard, maskIdNumber, maskPhone } from '#domain/identity/masking.ts';
import type { Vault } from './ports.ts';

export const idNumberContext = (caseId: string, memberId: string): string =>
  `case/${caseId}/persons/${memberId}/idNumber`;

export const fieldContext = (caseId: string, field: 'phone' | 'address' | 'bankCard'): string =>
  `case/${caseId}/${field}`;

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

export const contactContext = (objectionId: string): string => `objection/${objectionId}/contact`;

/** How an objector can be reached: shown as “已留联系方式” only. */
export const sealContact = (vault: Vault, objectionId: string, value: string): Promise<SealedField> =>
  seal(vault, value, contactContext(objectionId), '已留联系方式');
