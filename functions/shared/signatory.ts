/** Who signs, for which union, and when (B-4). */
import type { Opinion } from '#domain/filing/case.ts';
import type { Signatory, Signature, UnionSignature } from '#domain/filing/signatures.ts';
import type { Caller } from './access/policy.ts';
import type { Ports } from './ports.ts';

export const signatoryOf = ({ subject, name, organisation }: Caller): Signatory => ({
  subject,
  name,
  organisation: organisation ?? null,
});

/** A signature given now. */
export const signedBy = ({ clock }: Pick<Ports, 'clock'>, caller: Caller): Signature => ({
  ...signatoryOf(caller),
  at: new Date(clock.now()).toISOString(),
});

/** A signature given now for a union; whoever has none must not get past the policy. */
export const signedForUnion = (ports: Pick<Ports, 'clock'>, caller: Caller): UnionSignature => {
  const { organisation, ...signature } = signedBy(ports, caller);
  if (organisation === null) throw new Error('somebody without a union got past the policy');
  return { ...signature, organisation };
};

/** An opinion's signature, given now: the union under the name that it has today. */
export const signatureOf = async (
  { clock, organisations }: Pick<Ports, 'clock' | 'organisations'>,
  caller: Caller,
): Promise<Pick<Opinion, 'by' | 'organisationName' | 'at'>> => {
  const { at, ...by } = signedBy({ clock }, caller);
  const organisationName =
    by.organisation === null ? null : ((await organisations.tree()).find(by.organisation)?.name ?? null);
  return { by, organisationName, at };
};
