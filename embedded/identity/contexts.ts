/** The contexts that sealed fields of people and their accounts are bound to. */

export const personContext = (subject: string, field: 'idNumber' | 'phone'): string =>
  `person/${subject}/${field}`;

export const secondFactorContext = (subject: string): string => `account/${subject}/secondFactor`;
