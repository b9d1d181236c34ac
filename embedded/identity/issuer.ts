/**
 * The issuer of the one-machine edition, for trying it and developing: one Ed25519 key in the data folder. There is
 * no way to a token over HTTP: whoever can read the key file can mint one, and nobody else.
 */
import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JSONWebKeySet,
  SignJWT,
} from 'jose';
import * as z from 'zod';
import type { Role } from '#functions/shared/access/policy.ts';

export const ISSUER = 'urn:hardship-filing:development';
export const AUDIENCE = 'urn:hardship-filing:api';

/** A private Ed25519 key, RFC 8037. */
const Key = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string().min(1),
  d: z.string().min(1),
});
type Key = z.output<typeof Key>;

const keyPath = (folder: string): string => join(folder, 'identity', 'key.json');

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

const readKey = async (folder: string): Promise<Key | undefined> => {
  try {
    return Key.parse(JSON.parse(await readFile(keyPath(folder), 'utf8')));
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw new Error(`${keyPath(folder)} does not hold a key that can be used`, { cause: error });
  }
};

const makeKey = async (): Promise<Key> => {
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  return Key.parse(await exportJWK(privateKey));
};

/** Whole or not at all, readable by the owner alone; where another process was quicker, its key stands. */
const storeKey = async (folder: string, key: Key): Promise<void> => {
  await mkdir(join(folder, 'identity'), { recursive: true, mode: 0o700 });
  const draft = `${keyPath(folder)}.${randomUUID()}.tmp`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(JSON.stringify(key));
    await file.sync();
    await file.close();
    await link(draft, keyPath(folder));
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  } finally {
    await file.close();
    await unlink(draft);
  }
};

const openKey = async (folder: string): Promise<Key> => {
  const stored = await readKey(folder);
  if (stored !== undefined) return stored;
  await storeKey(folder, await makeKey());
  const made = await readKey(folder);
  if (made === undefined) throw new Error(`${keyPath(folder)} vanished while it was made`);
  return made;
};

const publicPart = ({ kty, crv, x }: Key) => ({ kty, crv, x });

/** The public keys of the folder's issuer; the first call makes the key. */
export const openIssuer = async (folder: string): Promise<JSONWebKeySet> => {
  const jwk = publicPart(await openKey(folder));
  return { keys: [{ ...jwk, kid: await calculateJwkThumbprint(jwk), alg: 'EdDSA', use: 'sig' }] };
};

export type TokenSubject = {
  readonly subject: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly organisation?: string;
  readonly ttlSeconds: number;
};

/** A token as the provider of the cloud edition would give it. `wall`: milliseconds since the epoch. */
export const mintToken = async (
  folder: string,
  { subject, name, roles, organisation, ttlSeconds }: TokenSubject,
  wall: () => number = Date.now,
): Promise<string> => {
  const key = await openKey(folder);
  const now = Math.floor(wall() / 1000);
  return new SignJWT({ name, roles: [...roles], ...(organisation !== undefined && { organisation }) })
    .setProtectedHeader({ alg: 'EdDSA', kid: await calculateJwkThumbprint(publicPart(key)) })
    .setSubject(subject)
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setIssuedAt(now)
    .setExpirationTime(now + ttlSeconds)
    .sign(await importJWK(key, 'EdDSA'));
};
