/** Who signs, for which union, and when (B-4). */
import type { Opinion, Signatory } from '#domain/filing/case.ts';
import type { Caller } from './access/policy.ts';
import type { Ports } from './ports.ts';

export const signatoryOf = ({ subject, name, organisation }: Caller): Signatory => ({
  subject,
  name,
  organisation: organisation ?? null,
});

/** An opinion's signature, given now: the union under the name that it has today. */
export const signatureOf = async (
  { clock, organisations }: Pick<Ports, 'clock' | 'organisations'>,
  caller: Caller,
): Promise<Pick<Opinion, 'by' | 'organisationName' | 'at'>> => {
  const by = signatoryOf(caller);
  const organisationName =
    by.organisation === null ? null : ((await organisations.tree()).find(by.organisation)?.name ?? null);
  return { by, organisationName, at: new Date(clock.now()).toISOString() };
};
