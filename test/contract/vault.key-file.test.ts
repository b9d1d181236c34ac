import { join } from 'node:path';
import { KeyFileVault } from '#adapters/embedded/vault.ts';
import { temporaryFolder } from '#test/support/folder.ts';
import { vaultContract } from './vault.contract.ts';

vaultContract('key file', async () => {
  const folder = await temporaryFolder();
  const path = join(folder.path, 'keys.json');
  return {
    vault: await KeyFileVault.open(path),
    reopen: () => KeyFileVault.open(path),
    another: () => KeyFileVault.open(join(folder.path, 'another.json')),
    close: folder.remove,
  };
});
