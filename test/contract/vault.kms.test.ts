import { KmsVault } from '#adapters/aws/vault.ts';
import { startLocalKms } from '#test/support/local-kms.ts';
import { vaultContract } from './vault.contract.ts';

vaultContract('KMS', async () => {
  const kms = await startLocalKms();
  const vaultOf = (name: string) =>
    new KmsVault({
      client: kms.client,
      sealKey: `${name}-seal`,
      indexKey: `${name}-index`,
      signingKey: `${name}-signing`,
    });
  const another = vaultOf('another');
  return {
    vault: vaultOf('one'),
    reopen: async () => vaultOf('one'),
    another: async () => another,
    close: kms.stop,
  };
});
