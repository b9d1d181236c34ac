/** Codes that are handed out on paper and kept by their hash alone. */
import { randomInt } from 'node:crypto';
import { sha256 } from '#domain/filing/audit.ts';

/** Without signs that look alike on paper: each is worth 4.9 bits. */
const ALPHABET = '23456789ABCDEFGHJKMNPQRSTVWXYZ';

/** So many random signs, in groups of four. */
export const newCode = (signs: number): string =>
  Array.from({ length: signs }, (_, index) => {
    const sign = ALPHABET.charAt(randomInt(ALPHABET.length));
    return index > 0 && index % 4 === 0 ? `-${sign}` : sign;
  }).join('');

/** By which a code is known, however it was typed. */
export const codeHash = (code: string): string => sha256(code.toUpperCase().replaceAll(/[^0-9A-Z]/g, ''));
