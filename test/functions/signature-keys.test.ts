import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ensureCrossCheckKeys } from '#adapters/embedded/cross-check-keys.ts';
import { signRequest, verifyRequest } from '#functions/shared/http-signature.ts';
import { parseKeyRing } from '#functions/shared/signature-keys.ts';

const secretJwk = { kty: 'oct', k: Buffer.alloc(32, 5).toString('base64url') };
const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const signing = { keyId: 'a', algorithm: 'ed25519', jwk: privateKey.export({ format: 'jwk' }) };
const trusted = { keyId: 'b', algorithm: 'ed25519', jwk: publicKey.export({ format: 'jwk' }) };

describe('a key ring', () => {
  test('may mix algorithms; times are read as instants', () => {
    const ring = parseKeyRing(
      JSON.stringify({
        signing: { keyId: 'h', algorithm: 'hmac-sha256', jwk: secretJwk },
        trusted: [
          { ...trusted, notAfter: '2026-06-01T00:00:00+08:00' },
          { keyId: 'c', algorithm: 'hmac-sha256', jwk: secretJwk, notBefore: '2026-05-01T00:00:00Z' },
        ],
      }),
    );
    expect(ring.signing.key.type).toBe('secret');
    expect(ring.trusted).toMatchObject([
      { keyId: 'b', notAfter: Date.UTC(2026, 4, 31, 16) },
      { keyId: 'c', notBefore: Date.UTC(2026, 4, 1) },
    ]);
    expect(ring.trusted.map(({ key }) => key.type)).toEqual(['public', 'secret']);
  });

  test.each<[string, unknown]>([
    ['a public key to sign with', { signing: { ...signing, jwk: trusted.jwk }, trusted: [trusted] }],
    ['a private key among the trusted', { signing, trusted: [{ ...trusted, jwk: signing.jwk }] }],
    ['no trusted key', { signing, trusted: [] }],
    ['a key id twice', { signing, trusted: [trusted, trusted] }],
    ['an algorithm that is not served', { signing, trusted: [{ ...trusted, algorithm: 'none' }] }],
    ['a key of the other algorithm', { signing, trusted: [{ ...trusted, algorithm: 'hmac-sha256' }] }],
    [
      'a secret that is too short',
      { signing, trusted: [{ keyId: 'c', algorithm: 'hmac-sha256', jwk: { kty: 'oct', k: 'c2VjcmV0' } }] },
    ],
  ])('is refused with %s, and the error shows no key', (_, document) => {
    const parse = () => parseKeyRing(JSON.stringify(document));
    expect(parse).toThrow('not a key ring');
    expect(parse).not.toThrow(String(signing.jwk.d));
  });

  test('that is not JSON is refused without showing it', () => {
    expect(() => parseKeyRing('c2VjcmV0')).toThrow(/^not a key ring: not JSON$/);
  });
});

describe('the keys of the first start', () => {
  let root = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'keys-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  test('fit each other in both directions', async () => {
    const files = ensureCrossCheckKeys(join(root, 'cross-check'));
    const ours = parseKeyRing(readFileSync(files.ours, 'utf8'));
    const centre = parseKeyRing(readFileSync(files.centre, 'utf8'));
    const body = new Uint8Array([1]);
    const nonce = '0123456789abcdef';
    for (const [from, to, tag] of [
      [ours, centre, 'cross-check-request'],
      [centre, ours, 'cross-check-result'],
    ] as const) {
      const headers = await signRequest(
        { method: 'POST', url: 'http://a.example/x', headers: { 'content-type': 'text/plain' }, body },
        from.signing,
        { wall: 1_000_000, nonce, tag },
      );
      const request = { method: 'POST', authority: 'a.example', path: '/x', headers, body };
      const verified = await verifyRequest(request, to.trusted, { wall: 1_000_000, tag });
      expect(verified.keyId).toBe(from.signing.keyId);
      await expect(verifyRequest(request, from.trusted, { wall: 1_000_000, tag })).rejects.toMatchObject({
        reason: 'unknown-key',
      });
    }
  });

  test('are for their owner alone, and stay', () => {
    const folder = join(root, 'deep', 'cross-check');
    const files = ensureCrossCheckKeys(folder);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const file of [files.ours, files.centre]) expect(statSync(file).mode & 0o777).toBe(0o600);
    const before = readFileSync(files.ours, 'utf8');
    expect(ensureCrossCheckKeys(folder)).toEqual(files);
    expect(readFileSync(files.ours, 'utf8')).toBe(before);
    expect(readdirSync(join(root, 'deep'))).toEqual(['cross-check']);
  });

  test('never overwrite a folder of something else', () => {
    const folder = join(root, 'cross-check');
    mkdirSync(folder);
    writeFileSync(join(folder, 'note.txt'), 'mine');
    expect(() => ensureCrossCheckKeys(folder)).toThrow();
    expect(readdirSync(folder)).toEqual(['note.txt']);
    expect(readdirSync(root)).toEqual(['cross-check']);
  });
});
