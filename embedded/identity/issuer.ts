/**
 * The signing keys of the one-machine edition: RSA, because API gateways take no other, in one file of the data folder.
 * The newest signs; a key whose time is over stays published until everything that it signed has expired. Whoever can
 * read the file can mint a token (`npm run -s token`), under an issuer of its own name.
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
import { replaceFile } from '#adapters/embedded/files.ts';
import type { Role } from '#functions/shared/access/policy.ts';

/** Whose tokens the command mints; the provider's issuer is the address of the installation. */
export const ISSUER = 'urn:hardship-filing:development';
export const AUDIENCE = 'hardship-filing';

const base64url = z.string().regex(/^[\w-]+$/);

/** A private RSA key, RFC 7518. */
const privateKeySchema = z.strictObject({
  kty: z.literal('RSA'),
  kid: z.string().min(1),
  alg: z.literal('RS256'),
  use: z.literal('sig'),
  n: base64url,
  e: base64url,
  d: base64url,
  p: base64url,
  q: base64url,
  dp: base64url,
  dq: base64url,
  qi: base64url,
});
const entrySchema = z.strictObject({ createdAt: z.iso.datetime(), key: privateKeySchema });
/** The newest first. */
const fileSchema = z.tuple([entrySchema], entrySchema);
type Keys = z.output<typeof fileSchema>;

const keyPath = (folder: string): string => join(folder, 'identity', 'keys.json');

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

const readKeys = async (folder: string): Promise<Keys | undefined> => {
  try {
    return fileSchema.parse(JSON.parse(await readFile(keyPath(folder), 'utf8')));
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw new Error(`${keyPath(folder)} does not hold keys that can be used`, { cause: error });
  }
};

const makeKey = async (now: number): Promise<Keys[number]> => {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = await exportJWK(privateKey);
  const kid = await calculateJwkThumbprint(jwk);
  return {
    createdAt: new Date(now).toISOString(),
    key: privateKeySchema.parse({ ...jwk, kid, alg: 'RS256', use: 'sig' }),
  };
};

/** Whole or not at all, readable by the owner alone; where another process was quicker, its key stands. */
const storeFirst = async (folder: string, keys: Keys): Promise<void> => {
  await mkdir(join(folder, 'identity'), { recursive: true, mode: 0o700 });
  const draft = `${keyPath(folder)}.${randomUUID()}.tmp`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(JSON.stringify(keys));
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

const openKeys = async (folder: string, now: number): Promise<Keys> => {
  const stored = await readKeys(folder);
  if (stored !== undefined) return stored;
  await storeFirst(folder, [await makeKey(now)]);
  const made = await readKeys(folder);
  if (made === undefined) throw new Error(`${keyPath(folder)} vanished while it was made`);
  return made;
};

const DAY_MS = 86_400_000;
/** A key signs for so long. */
const SIGNS_DAYS = 90;
/** After its successor has come, it is still published for so long: longer than anything that it signed lives. */
const OVERLAP_DAYS = 7;

/** What the keys should be now; the same list where nothing is due. */
const rotated = async (keys: Keys, now: number): Promise<Keys> => {
  const age = ({ createdAt }: Keys[number]): number => now - Date.parse(createdAt);
  const [newest, ...older] = keys;
  if (age(newest) >= SIGNS_DAYS * DAY_MS) return [await makeKey(now), newest];
  return older.length > 0 && age(newest) >= OVERLAP_DAYS * DAY_MS ? [newest] : keys;
};

export type SigningKeys = {
  /** For the provider; the first one signs. Never leaves the process. */
  readonly privateKeys: readonly Keys[number]['key'][];
  readonly publicKeys: JSONWebKeySet;
};

/**
 * The keys of the folder; the first call makes one, and one that is due for rotation is followed by another. Only the
 * process that holds the folder may call it. `now`: milliseconds since the epoch. Error: a file that holds no keys.
 */
export const openIssuer = async (folder: string, now = Date.now()): Promise<SigningKeys> => {
  const stored = await openKeys(folder, now);
  const keys = await rotated(stored, now);
  if (keys !== stored) {
    await replaceFile(keyPath(folder), Buffer.from(JSON.stringify(keys)), join(folder, 'identity'));
  }
  const privateKeys = keys.map(({ key }) => key);
  return {
    privateKeys,
    publicKeys: { keys: privateKeys.map(({ kty, kid, alg, use, n, e }) => ({ kty, kid, alg, use, n, e })) },
  };
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
  const [{ key }] = await openKeys(folder, wall());
  const now = Math.floor(wall() / 1000);
  return new SignJWT({ name, roles: [...roles], ...(organisation !== undefined && { organisation }) })
    .setProtectedHeader({ alg: key.alg, kid: key.kid })
    .setSubject(subject)
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setIssuedAt(now)
    .setExpirationTime(now + ttlSeconds)
    .sign(await importJWK(key, key.alg));
};
