/**
 * The secret that the system and the union's message gateway share, made at the first start; a union that has agreed
 * on one puts its own there instead. A key ring (`functions/shared/signature-keys.ts`), readable by its owner alone.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The path of the key ring in the folder of keys. */
export function ensureMessageKey(folder: string): string {
  const path = join(folder, 'messages.json');
  if (existsSync(path)) return path;
  const key = {
    keyId: `messages-${randomBytes(4).toString('hex')}`,
    algorithm: 'hmac-sha256',
    jwk: { kty: 'oct', k: randomBytes(32).toString('base64url') },
  };
  const draft = `${path}.draft`;
  writeFileSync(draft, JSON.stringify({ signing: key, trusted: [key] }), { mode: 0o600, flush: true });
  renameSync(draft, path);
  return path;
}
