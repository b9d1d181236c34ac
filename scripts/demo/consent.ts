/** The consent of a household as a portal would take it: the notice is read first. */
import * as z from 'zod';
import { ageOn, idNumberFacts } from '#domain/identity/id-number.ts';
import type { ApiClient } from './client.ts';

type Household = {
  readonly householderId: string;
  readonly persons: readonly { readonly memberId: string; readonly idNumber: string }[];
  readonly declaration: { readonly applicationDate: string };
};

/** `notice`: the version that was read. Everyone consents alone, for children under 14 the householder. */
export const consentOf = ({ persons, householderId, declaration }: Household, notice: string) => ({
  notice,
  processing: true,
  sensitive: true,
  persons: persons.map(({ memberId, idNumber }) =>
    ageOn(idNumberFacts(idNumber).birthDate, declaration.applicationDate) < 14
      ? { memberId, given: 'guardian', guardian: householderId }
      : { memberId, given: 'self' },
  ),
});

const noticeSchema = z.looseObject({ version: z.string() });

/** The application with everyone's consent to the notice in force. */
export const withConsent = async <H extends Household>(client: ApiClient, household: H) => {
  const { version } = await client.get('/v1/privacy-notice', noticeSchema);
  return { ...household, consent: consentOf(household, version) };
};
