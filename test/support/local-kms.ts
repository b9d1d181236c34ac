/** KMS as far as the vault's requests go, with real cryptography: answers and refuses as the service documents it. */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto';
import { json } from 'node:stream/consumers';
import { KMSClient } from '@aws-sdk/client-kms';
import * as z from 'zod';
import { type LocalServer, startLocalServer } from './local-server.ts';

type Request = { readonly operation: string; readonly body: Readonly<Record<string, unknown>> };

export type LocalKms = LocalServer & {
  readonly client: KMSClient;
  readonly requests: Request[];
  /** Key material of a seal key is renewed, as by the yearly rotation: what was wrapped before still opens. */
  rotate(keyId: string): void;
  /** The next request fails with this error. */
  failNext(error: string): void;
};

class Refusal extends Error {}

const bytes = z.base64().transform((text) => Buffer.from(text, 'base64'));
const context = z.record(z.string(), z.string().min(1));
const GenerateDataKey = z.strictObject({
  KeyId: z.string(),
  KeySpec: z.literal('AES_256'),
  EncryptionContext: context,
});
const Decrypt = z.strictObject({ KeyId: z.string(), CiphertextBlob: bytes, EncryptionContext: context });
const GenerateMac = z.strictObject({
  KeyId: z.string(),
  MacAlgorithm: z.literal('HMAC_SHA_256'),
  Message: bytes.refine(({ length }) => length > 0 && length <= 4096),
});
const Sign = z.strictObject({
  KeyId: z.string(),
  // In JSON the SDK writes an empty message as an empty string.
  Message: bytes.refine(({ length }) => length <= 4096),
  MessageType: z.literal('RAW'),
  SigningAlgorithm: z.literal('ED25519_SHA_512'),
});
const GetPublicKey = z.strictObject({ KeyId: z.string() });

const KEY_ID_BYTES = 64;
const aad = (of: Record<string, string>) => Buffer.from(JSON.stringify(Object.entries(of).sort()));

export async function startLocalKms(): Promise<LocalKms> {
  const requests: Request[] = [];
  const materials = new Map<string, Buffer[]>();
  const macs = new Map<string, Buffer>();
  const pairs = new Map<string, { publicKey: KeyObject; privateKey: KeyObject }>();
  let failure: string | undefined;
  const of = <T>(map: Map<string, T>, keyId: string, make: () => T): T => {
    const value = map.get(keyId) ?? make();
    map.set(keyId, value);
    return value;
  };
  const materialOf = (keyId: string) => of(materials, keyId, () => [randomBytes(32)]);
  const pairOf = (keyId: string) => of(pairs, keyId, () => generateKeyPairSync('ed25519'));

  const operations: Record<string, (body: unknown) => object> = {
    GenerateDataKey: (body) => {
      const { KeyId, EncryptionContext } = GenerateDataKey.parse(body);
      const material = materialOf(KeyId);
      const [plaintext, nonce] = [randomBytes(32), randomBytes(12)];
      const cipher = createCipheriv('aes-256-gcm', material.at(-1) ?? '', nonce);
      cipher.setAAD(aad(EncryptionContext));
      const blob = Buffer.concat([
        Buffer.from(KeyId.padEnd(KEY_ID_BYTES)),
        Buffer.from([material.length - 1]),
        nonce,
        cipher.update(plaintext),
        cipher.final(),
        cipher.getAuthTag(),
      ]);
      return { KeyId, Plaintext: plaintext.toString('base64'), CiphertextBlob: blob.toString('base64') };
    },
    Decrypt: (body) => {
      const { KeyId, CiphertextBlob: blob, EncryptionContext } = Decrypt.parse(body);
      const made = materials.get(blob.toString('utf8', 0, KEY_ID_BYTES).trimEnd());
      const material = made?.[blob[KEY_ID_BYTES] ?? -1];
      const body64 = blob.subarray(KEY_ID_BYTES + 1);
      if (material === undefined || body64.length !== 12 + 32 + 16)
        throw new Refusal('InvalidCiphertextException');
      if (made !== materials.get(KeyId)) throw new Refusal('IncorrectKeyException');
      const decipher = createDecipheriv('aes-256-gcm', material, body64.subarray(0, 12));
      decipher.setAAD(aad(EncryptionContext));
      decipher.setAuthTag(body64.subarray(-16));
      const plaintext = decipher.update(body64.subarray(12, -16));
      try {
        decipher.final();
      } catch {
        throw new Refusal('InvalidCiphertextException');
      }
      return { KeyId, Plaintext: plaintext.toString('base64') };
    },
    GenerateMac: (body) => {
      const { KeyId, Message } = GenerateMac.parse(body);
      const key = of(macs, KeyId, () => randomBytes(32));
      return { KeyId, Mac: createHmac('sha256', key).update(Message).digest('base64') };
    },
    Sign: (body) => {
      const { KeyId, Message } = Sign.parse(body);
      return { KeyId, Signature: sign(null, Message, pairOf(KeyId).privateKey).toString('base64') };
    },
    GetPublicKey: (body) => {
      const { KeyId } = GetPublicKey.parse(body);
      const der = pairOf(KeyId).publicKey.export({ format: 'der', type: 'spki' });
      return { KeyId, PublicKey: der.toString('base64') };
    },
  };

  const server = await startLocalServer(async (request, response) => {
    const target = String(request.headers['x-amz-target']);
    const operation = target.slice(target.lastIndexOf('.') + 1);
    const body = z.record(z.string(), z.unknown()).parse(await json(request));
    requests.push({ operation, body });
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    try {
      const told = failure;
      failure = undefined;
      if (told !== undefined) throw new Refusal(told);
      const run = operations[operation];
      if (run === undefined) throw new Refusal('UnknownOperationException');
      response.end(JSON.stringify(run(body)));
    } catch (error) {
      const name = error instanceof Refusal ? error.message : 'ValidationException';
      response.statusCode = 400;
      response.end(JSON.stringify({ __type: name, message: name }));
    }
  });
  const client = new KMSClient({
    endpoint: server.url,
    region: 'cn-north-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  return {
    url: server.url,
    client,
    requests,
    rotate: (keyId) => {
      materialOf(keyId).push(randomBytes(32));
    },
    failNext: (error) => {
      failure = error;
    },
    stop: () => {
      client.destroy();
      return server.stop();
    },
  };
}
