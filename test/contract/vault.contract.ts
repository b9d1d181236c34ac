/** What every `Vault` does, run against each adapter. */
import { createPublicKey, verify } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LimitExceeded, VaultRefused } from '#functions/shared/errors.ts';
import type { Vault, VaultSignature } from '#functions/shared/ports.ts';

export type VaultUnderTest = {
  readonly vault: Vault;
  /** The same keys, opened anew. */
  reopen(): Promise<Vault>;
  /** A vault of the same kind with keys of its own. */
  another(): Promise<Vault>;
  close(): Promise<void>;
};

function verifies(bytes: Uint8Array, signed: VaultSignature): boolean {
  const { kty, crv, x } = signed.publicKey;
  if (kty !== 'OKP' || crv !== 'Ed25519' || typeof x !== 'string') return false;
  const key = createPublicKey({ key: { kty, crv, x }, format: 'jwk' });
  return verify(null, bytes, key, Buffer.from(signed.signature, 'base64url'));
}

export function vaultContract(name: string, open: () => Promise<VaultUnderTest>): void {
  describe(`Vault: ${name}`, () => {
    let subject: VaultUnderTest;
    let vault: Vault;
    beforeAll(async () => {
      subject = await open();
      vault = subject.vault;
    });
    afterAll(() => subject.close());

    it('opens what it sealed, whatever the text, in its context', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.string({ unit: 'grapheme' }),
          fc.string({ unit: 'grapheme' }),
          async (text, context) => {
            expect(await vault.open(await vault.seal(text, context), context)).toBe(text);
          },
        ),
        { numRuns: 50 },
      );
    });

    it('refuses any other context', async () => {
      const sealed = await vault.seal('340102199001011234', 'case#1/idNumber');
      for (const context of ['case#1/idnumber', 'case#2/idNumber', '', 'case#1/idNumber ']) {
        await expect(vault.open(sealed, context)).rejects.toBeInstanceOf(VaultRefused);
      }
    });

    it('refuses what is changed in any one character, cut or lengthened', async () => {
      const sealed = await vault.seal('a secret', 'context');
      for (let at = 0; at < sealed.length; at++) {
        const other = sealed[at] === 'A' ? 'B' : 'A';
        const changed = sealed.slice(0, at) + other + sealed.slice(at + 1);
        await expect(vault.open(changed, 'context'), `at ${at}`).rejects.toBeInstanceOf(VaultRefused);
        await expect(vault.open(sealed.slice(0, at), 'context')).rejects.toBeInstanceOf(VaultRefused);
      }
      for (const bad of [`${sealed}A`, `${sealed}=`, ` ${sealed}`, `${sealed}\n`, 'a secret']) {
        await expect(vault.open(bad, 'context')).rejects.toBeInstanceOf(VaultRefused);
      }
    });

    it('never seals the same text to the same bytes, and shows nothing of it', async () => {
      const sealed = await Promise.all(Array.from({ length: 50 }, () => vault.seal('340102', 'context')));
      expect(new Set(sealed).size).toBe(50);
      expect(sealed.some((text) => text.includes('340102'))).toBe(false);
    });

    it('refuses what another vault sealed', async () => {
      const other = await subject.another();
      await expect(vault.open(await other.seal('x', 'c'), 'c')).rejects.toBeInstanceOf(VaultRefused);
    });

    it('a blind index is the same for the same value, and differs by value and by vault', async () => {
      const index = await vault.blindIndex('340102199001011234');
      expect(await vault.blindIndex('340102199001011234')).toBe(index);
      expect(await vault.blindIndex('340102199001011235')).not.toBe(index);
      expect(await (await subject.another()).blindIndex('340102199001011234')).not.toBe(index);
      expect(index).not.toContain('340102');
    });

    it('signs so that the public key that travels along verifies it, and nothing else', async () => {
      const bytes = new TextEncoder().encode('清单');
      const signed = await vault.sign(bytes);
      expect(signed.algorithm).toBe('Ed25519');
      expect(Object.keys(signed.publicKey)).not.toContain('d');
      expect(verifies(bytes, signed)).toBe(true);
      expect(verifies(new TextEncoder().encode('清单 '), signed)).toBe(false);
      const foreign = await (await subject.another()).sign(bytes);
      expect(foreign.keyId).not.toBe(signed.keyId);
      expect(verifies(bytes, { ...signed, publicKey: foreign.publicKey })).toBe(false);
    });

    it('signs and indexes what KMS takes in one piece, and refuses more', async () => {
      await expect(vault.sign(new Uint8Array(4097))).rejects.toBeInstanceOf(LimitExceeded);
      await expect(vault.blindIndex('a'.repeat(4097))).rejects.toBeInstanceOf(LimitExceeded);
      expect(await vault.sign(new Uint8Array(4096))).toMatchObject({ algorithm: 'Ed25519' });
    });

    it('has the same keys after a restart', async () => {
      const sealed = await vault.seal('x', 'c');
      const index = await vault.blindIndex('x');
      const { keyId, publicKey } = await vault.sign(new Uint8Array());
      vault = await subject.reopen();
      expect(await vault.open(sealed, 'c')).toBe('x');
      expect(await vault.blindIndex('x')).toBe(index);
      expect(await vault.sign(new Uint8Array())).toMatchObject({ keyId, publicKey });
    });
  });
}
