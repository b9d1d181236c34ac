/** A small sound archive and keys made on the spot, for tests of the archive and its verifier. */
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import {
  buildManifest,
  describeFile,
  encodeEvents,
  encodeSignature,
  type PublicKey,
  publicKeySchema,
} from '#domain/filing/archive.ts';
import { type AuditEvent, appendEvent } from '#domain/filing/audit.ts';

export type Signer = {
  readonly publicKey: PublicKey;
  readonly pem: string;
  readonly sign: (bytes: Uint8Array) => Uint8Array;
};

/** What is signed, written down once more: who checks an archive by hand makes it of `sha256sum manifest.json`. */
const statementOn = (manifest: Uint8Array): string =>
  `hardship-filing-archive/1 manifest.json sha256:${createHash('sha256').update(manifest).digest('hex')}\n`;

/** A fresh key pair that signs as the vault does. */
export function makeSigner(keyId = 'test-key'): Signer {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const jwk = publicKeySchema.parse(publicKey.export({ format: 'jwk' }));
  return {
    publicKey: jwk,
    pem: publicKey.export({ format: 'pem', type: 'spki' }).toString(),
    sign: (bytes) =>
      encodeSignature({
        keyId,
        algorithm: 'Ed25519',
        publicKey: { ...jwk, kid: keyId },
        signature: sign(null, Buffer.from(statementOn(bytes)), privateKey).toString('base64url'),
      }),
  };
}

export function makeEvents(caseId: string, count: number): readonly AuditEvent[] {
  const events: AuditEvent[] = [];
  for (let n = 1; n <= count; n += 1) {
    const actor = { kind: 'system', function: 'archive-file' } as const;
    const at = `2026-03-02T01:00:0${n % 10}.000Z`;
    events.push(appendEvent(events.at(-1), { caseId, at, actor, type: `step-${n}`, data: { n } }));
  }
  return events;
}

/** path → bytes of a sound archive of a case. */
export function makeArchive(signer: Signer, caseId = 'case-1'): Map<string, Uint8Array> {
  const events = makeEvents(caseId, 4);
  const head = events.at(-1);
  if (head === undefined) throw new Error('an archive has events');
  const photo = createHash('sha512').update(caseId).digest();
  const contents: readonly (readonly [path: string, content: Uint8Array, mediaType: string])[] = [
    ['case.json', Buffer.from(`{"caseId":"${caseId}"}`), 'application/json'],
    ['decision.json', Buffer.from('{"tier":"national"}'), 'application/json'],
    ['events.jsonl', encodeEvents(events), 'application/jsonl'],
    ['documents/个人申请书.pdf', Buffer.from('%PDF-1.7 合成样例'), 'application/pdf'],
    ['documents/photo.jpg', photo, 'image/jpeg'],
    ['documents/blank.txt', Buffer.from(''), 'text/plain; charset=utf-8'],
  ];
  const manifest = buildManifest({
    caseId,
    fileNumber: '皖工建档〔2026〕1号',
    madeAt: '2026-03-20T02:00:00.000Z',
    rulesVersion: '1.0.0',
    head,
    files: contents.map(([path, content, mediaType]) => describeFile(path, content, mediaType)),
  });
  const files = new Map(contents.map(([path, content]) => [path, content]));
  return files.set('manifest.json', manifest).set('manifest.sig.json', signer.sign(manifest));
}
