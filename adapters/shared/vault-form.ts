/** What every vault refuses, so that the editions cannot drift apart. */
import { LimitExceeded } from '#functions/shared/errors.ts';
import { VAULT_LIMITS } from '#functions/shared/ports.ts';

/** The bytes to be signed or indexed, refused where there are more than KMS takes in one piece. */
export const inOnePiece = (bytes: Uint8Array): Uint8Array => {
  if (bytes.length <= VAULT_LIMITS.messageBytes) return bytes;
  throw new LimitExceeded(
    `a vault takes ${VAULT_LIMITS.messageBytes} bytes, not ${bytes.length}: sign the digest`,
  );
};
