/**
 * Keys for trying the system on one machine: an Ed25519 pair for each side of the cross-check, made at the
 * first start. A union that connects to a real centre puts its own `ours.json` there instead.
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Paths of key rings (`functions/shared/signature-keys.ts`), readable by their owner alone. */
export type CrossCheckKeyFiles = {
  /** What the system signs requests with, and the centre's keys that it trusts. */
  readonly ours: string;
  /** The same for the simulator. */
  readonly centre: string;
};

/**
 * Makes both key files in `folder` where there is no `ours.json` yet; the folder appears with both files in it
 * or not at all, so a crash leaves no half of a pair. A folder that holds other files is an error.
 */
export function ensureCrossCheckKeys(folder: string): CrossCheckKeyFiles {
  const files = { ours: join(folder, 'ours.json'), centre: join(folder, 'centre.json') };
  if (existsSync(files.ours)) return files;
  mkdirSync(dirname(folder), { recursive: true });
  // mkdtemp makes the folder with mode 0700.
  const draft = mkdtempSync(`${folder}-`);
  const ours = makeSide('union');
  const centre = makeSide('centre');
  const options = { mode: 0o600, flush: true };
  writeFileSync(
    join(draft, 'ours.json'),
    JSON.stringify({ signing: ours.signing, trusted: [centre.trusted] }),
    options,
  );
  writeFileSync(
    join(draft, 'centre.json'),
    JSON.stringify({ signing: centre.signing, trusted: [ours.trusted] }),
    options,
  );
  try {
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true });
    // Another process was quicker: its pair is as good.
    if (!existsSync(files.ours)) throw error;
  }
  return files;
}

const makeSide = (name: string) => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const key = { keyId: `${name}-${randomBytes(4).toString('hex')}`, algorithm: 'ed25519' };
  return {
    signing: { ...key, jwk: privateKey.export({ format: 'jwk' }) },
    trusted: { ...key, jwk: publicKey.export({ format: 'jwk' }) },
  };
};
