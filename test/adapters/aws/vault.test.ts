import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { KmsVault } from '#adapters/aws/vault.ts';
import { LimitExceeded, VaultRefused } from '#functions/shared/errors.ts';
import { type LocalKms, startLocalKms } from '#test/support/local-kms.ts';

let kms: LocalKms;
let vault: KmsVault;
beforeAll(async () => {
  kms = await startLocalKms();
});
afterAll(() => kms.stop());
beforeEach(() => {
  kms.requests.length = 0;
  vault = new KmsVault({ client: kms.client, sealKey: 'seal', indexKey: 'index', signingKey: 'signing' });
});

const CONTEXT = 'case/01j/persons/m1/idNumber';
const operations = () => kms.requests.map(({ operation }) => operation);

describe('sealing', () => {
  it('asks KMS for a data key under the context, and shows it nothing of the text', async () => {
    await vault.seal('340102199001011234', CONTEXT);
    expect(kms.requests).toEqual([
      {
        operation: 'GenerateDataKey',
        body: {
          KeyId: 'seal',
          KeySpec: 'AES_256',
          EncryptionContext: { 'hardship-filing': `kms1:${CONTEXT}` },
        },
      },
    ]);
  });

  it('has KMS unwrap under the same context, by the seal key alone', async () => {
    const sealed = await vault.seal('x', CONTEXT);
    kms.requests.length = 0;
    await vault.open(sealed, CONTEXT);
    expect(kms.requests).toEqual([
      {
        operation: 'Decrypt',
        body: {
          KeyId: 'seal',
          CiphertextBlob: expect.any(String),
          EncryptionContext: { 'hardship-filing': `kms1:${CONTEXT}` },
        },
      },
    ]);
  });

  it('writes its format in front: format, wrapped key, nonce with ciphertext and tag', async () => {
    const [format, wrapped, body] = (await vault.seal('four', CONTEXT)).split('.');
    expect(format).toBe('kms1');
    expect(Buffer.from(wrapped ?? '', 'base64url').length).toBeGreaterThan(32);
    expect(Buffer.from(body ?? '', 'base64url')).toHaveLength(12 + 4 + 16);
  });

  it('refuses another format without asking KMS', async () => {
    const sealed = await vault.seal('x', CONTEXT);
    kms.requests.length = 0;
    for (const other of [sealed.replace('kms1', 'kms2'), 'v1.k1.AAAA', '', `${sealed}.AAAA`]) {
      await expect(vault.open(other, CONTEXT)).rejects.toBeInstanceOf(VaultRefused);
    }
    expect(kms.requests).toEqual([]);
  });

  it('does not open a text under the data key of another, though KMS would give the key', async () => {
    const [one = '', other = ''] = await Promise.all([vault.seal('1', CONTEXT), vault.seal('2', CONTEXT)]);
    const [format, wrapped] = one.split('.');
    const [, , body] = other.split('.');
    await expect(vault.open([format, wrapped, body].join('.'), CONTEXT)).rejects.toBeInstanceOf(VaultRefused);
  });

  it('opens after the key was rotated what was sealed before, and seals with the new material', async () => {
    const before = await vault.seal('before', CONTEXT);
    kms.rotate('seal');
    const after = await vault.seal('after', CONTEXT);
    expect(await vault.open(before, CONTEXT)).toBe('before');
    expect(await vault.open(after, CONTEXT)).toBe('after');
  });

  it('tells a fault of KMS apart from a refusal: it may be over soon', async () => {
    const sealed = await vault.seal('x', CONTEXT);
    for (const fault of ['KMSInternalException', 'ThrottlingException', 'AccessDeniedException']) {
      kms.failNext(fault);
      const error: unknown = await vault.open(sealed, CONTEXT).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ name: fault });
      expect(error).not.toBeInstanceOf(VaultRefused);
    }
  });
});

describe('signing', () => {
  it('is pure Ed25519 over the bytes, and asks for the public key once', async () => {
    await vault.sign(Buffer.from('one'));
    await vault.sign(Buffer.from('two'));
    expect(operations().sort()).toEqual(['GetPublicKey', 'Sign', 'Sign']);
    expect(kms.requests.filter(({ operation }) => operation === 'Sign').map(({ body }) => body)).toEqual(
      ['one', 'two'].map((text) => ({
        KeyId: 'signing',
        Message: Buffer.from(text).toString('base64'),
        MessageType: 'RAW',
        SigningAlgorithm: 'ED25519_SHA_512',
      })),
    );
  });

  it('asks for the public key again where the first answer failed', async () => {
    kms.failNext('KMSInternalException');
    await expect(vault.sign(Buffer.from('one'))).rejects.toMatchObject({ name: 'KMSInternalException' });
    expect(await vault.sign(Buffer.from('one'))).toMatchObject({ algorithm: 'Ed25519' });
  });

  it('refuses more than KMS signs in one piece, before anything is sent', async () => {
    await expect(vault.sign(new Uint8Array(4097))).rejects.toBeInstanceOf(LimitExceeded);
    expect(kms.requests).toEqual([]);
    expect(await vault.sign(new Uint8Array(4096))).toMatchObject({ algorithm: 'Ed25519' });
  });
});

it('a blind index is the MAC that KMS makes of the value', async () => {
  const index = await vault.blindIndex('340102199001011234');
  expect(Buffer.from(index, 'base64url')).toHaveLength(32);
  expect(kms.requests).toEqual([
    {
      operation: 'GenerateMac',
      body: {
        KeyId: 'index',
        MacAlgorithm: 'HMAC_SHA_256',
        Message: Buffer.from('340102199001011234').toString('base64'),
      },
    },
  ]);
});
