/** The second factor: time-based one-time passwords (RFC 6238), and recovery codes for a lost phone. */
import { randomInt } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import type { Vault } from '#functions/shared/ports.ts';
import type { Credential } from './accounts.ts';
import { secondFactorContext } from './contexts.ts';

type SecondFactor = NonNullable<Credential['secondFactor']>;

const PERIOD_SECONDS = 30;
const RECOVERY_CODES = 10;
/** Without letters and digits that look alike; 10 of 30 are 49 bits. */
const ALPHABET = '23456789abcdefghjkmnpqrstvwxyz';

const totpOf = (base32: string): TOTP =>
  new TOTP({
    issuer: '困难职工建档系统',
    algorithm: 'SHA1',
    digits: 6,
    period: PERIOD_SECONDS,
    secret: base32,
  });

/** A new key in base 32, 160 bits (RFC 4226). */
export const newKey = (): string => new Secret({ size: 20 }).base32;

/** What an authenticator takes: `otpauth://totp/…`. */
export const keyUri = (base32: string, label: string): string => {
  const totp = totpOf(base32);
  totp.label = label;
  return totp.toString();
};

/**
 * The time step whose code that is, by the clock or one step beside it, and later than `after`; undefined where it is none.
 * `wall` in milliseconds.
 */
export const stepOf = (base32: string, code: string, after: number, wall: number): number | undefined => {
  const delta = totpOf(base32).validate({ token: code, timestamp: wall, window: 1 });
  if (delta === null) return undefined;
  const step = Math.floor(wall / 1000 / PERIOD_SECONDS) + delta;
  return step > after ? step : undefined;
};

const recoveryIndex = (vault: Vault, subject: string, code: string): Promise<string> =>
  vault.blindIndex(`recovery/${subject}/${code.toLowerCase().replaceAll(/[^0-9a-z]/g, '')}`);

/** A second factor as it is kept, and the recovery codes to be shown once. `step` is the one that proved the key. */
export const enrol = async (
  vault: Vault,
  subject: string,
  base32: string,
  step: number,
): Promise<{ readonly secondFactor: SecondFactor; readonly recoveryCodes: readonly string[] }> => {
  const sign = (): string => ALPHABET.charAt(randomInt(ALPHABET.length));
  const recoveryCodes = Array.from({ length: RECOVERY_CODES }, () => {
    const code = Array.from({ length: 10 }, sign).join('');
    return `${code.slice(0, 5)}-${code.slice(5)}`;
  });
  const recovery = await Promise.all(recoveryCodes.map((code) => recoveryIndex(vault, subject, code)));
  const sealedKey = await vault.seal(base32, secondFactorContext(subject));
  return { secondFactor: { sealedKey, lastStep: step, recovery }, recoveryCodes };
};

/** The second factor after this code has been used; undefined where the code is none of its. */
export const used = async (
  vault: Vault,
  subject: string,
  factor: SecondFactor,
  code: string,
  wall: number,
): Promise<{ readonly next: SecondFactor; readonly recovery: boolean } | undefined> => {
  const base32 = await vault.open(factor.sealedKey, secondFactorContext(subject));
  const step = stepOf(base32, code.replaceAll(/\s/g, ''), factor.lastStep, wall);
  if (step !== undefined) return { next: { ...factor, lastStep: step }, recovery: false };
  const index = await recoveryIndex(vault, subject, code);
  if (!factor.recovery.includes(index)) return undefined;
  return {
    next: { ...factor, recovery: factor.recovery.filter((each) => each !== index) },
    recovery: true,
  };
};
