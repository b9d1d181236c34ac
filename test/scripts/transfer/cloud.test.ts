/** From one machine into the cloud and back: the same content, under three vaults one after another. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { S3DocumentStore } from '#adapters/aws/documents.ts';
import { DynamoItemInventory, S3DocumentInventory } from '#adapters/aws/inventory.ts';
import { DynamoItemStore } from '#adapters/aws/items.ts';
import { KmsVault } from '#adapters/aws/vault.ts';
import { RandomIds } from '#adapters/embedded/ids.ts';
import { outboxPartition } from '#functions/shared/keys.ts';
import parametersDocument from '#parameters/example-2018.json' with { type: 'json' };
import organisationsDocument from '#parameters/organisations.json' with { type: 'json' };
import { type DynamoDbLocal, startDynamoDbLocal, whyNoDynamoDbLocal } from '#test/support/dynamodb-local.ts';
import { type Folder, temporaryFolder } from '#test/support/folder.ts';
import { type LocalKms, startLocalKms } from '#test/support/local-kms.ts';
import { type S3ForTests, startS3 } from '#test/support/s3.ts';
import { VirtualClock } from '#test/support/virtual-clock.ts';
import type { SettingsFiles } from '../../../scripts/transfer/bundle.ts';
import { cloudSide } from '../../../scripts/transfer/cloud.ts';
import { openEmbedded, type Side } from '../../../scripts/transfer/edition.ts';
import { exportBundle } from '../../../scripts/transfer/export.ts';
import { importBundle } from '../../../scripts/transfer/import.ts';
import { TransferKey } from '../../../scripts/transfer/key.ts';
import { verifyBundle } from '../../../scripts/transfer/verify.ts';
import { contentOf, fill, openSource } from './support.ts';

const reason = whyNoDynamoDbLocal();
if (reason !== undefined) console.warn(`SKIPPED: a transfer into the cloud and back: ${reason}`);

describe.skipIf(reason !== undefined)('into the cloud and back', () => {
  let work: Folder;
  let source: Folder;
  let server: DynamoDbLocal;
  let s3: S3ForTests;
  let kms: LocalKms;
  let cloud: Side;
  const key = new TransferKey(new Uint8Array(32).fill(1));
  const settings: SettingsFiles = {
    parameters: Buffer.from(JSON.stringify(parametersDocument)),
    organisations: Buffer.from(JSON.stringify(organisationsDocument)),
  };
  const silent = (): void => {};

  const cloudOf = (frozen: boolean): Side => {
    const clock = new VirtualClock(Date.now());
    const client = server.client();
    const buckets = { client: s3.client(), uploadsBucket: 'uploads-bucket', archiveBucket: 'archive-bucket' };
    return cloudSide({
      items: new DynamoItemStore({ client, table: 'filing' }),
      documents: new S3DocumentStore({ ...buckets, lockMode: 'GOVERNANCE', clock }),
      vault: new KmsVault({ client: kms.client, sealKey: 'seal', indexKey: 'index', signingKey: 'sign' }),
      inventory: {
        items: new DynamoItemInventory({ client, table: 'filing' }),
        documents: new S3DocumentInventory(buckets),
      },
      clock,
      ids: new RandomIds(clock),
      frozen,
      deployed: { parameters: parametersDocument, organisations: organisationsDocument },
    });
  };

  beforeAll(async () => {
    work = await temporaryFolder();
    server = await startDynamoDbLocal();
    s3 = await startS3('uploads-bucket', 'archive-bucket');
    kms = await startLocalKms();
    await server.createTable('filing');
    cloud = cloudOf(true);
    const edition = await openSource();
    source = edition.folder;
    await fill(edition);
    await edition.stop();
  });
  afterAll(async () => {
    await Promise.all([server.stop(), s3.stop(), kms.stop(), work.remove(), source.remove()]);
  });

  const carry = async (from: Side, to: Side, name: string): Promise<readonly string[]> => {
    const folder = join(work.path, name);
    expect(await exportBundle(from, { folder, key, settings, say: silent })).toBe(true);
    const { faults, manifest, id } = await verifyBundle(folder, key);
    expect(faults).toEqual([]);
    return importBundle(to, { folder, manifest, id }, key, silent);
  };

  it('carries everything into the table and the buckets', async () => {
    const from = await openEmbedded(source.path, false);
    expect(await carry(from, cloud, 'there')).toEqual([]);
    expect(await contentOf(cloud)).toEqual(await contentOf(from));
    await from.close();
  });

  it('exports the cloud only where the operator says that it stands still', async () => {
    const folder = join(work.path, 'restless');
    await expect(exportBundle(cloudOf(false), { folder, key, settings, say: silent })).rejects.toMatchObject({
      code: 'not-frozen',
      exit: 2,
    });
  });

  it('exports the cloud only once its outbox is empty', async () => {
    const row = { pk: outboxPartition('c1'), sk: 'row' };
    const data = { kind: 'heartbeat', taskToken: 't' };
    await cloud.items.transact([{ type: 'put', item: { ...row, version: 1, schema: 1, data } }]);
    const folder = join(work.path, 'restless');
    await expect(exportBundle(cloud, { folder, key, settings, say: silent })).rejects.toMatchObject({
      code: 'not-quiet',
      exit: 1,
    });
    await cloud.items.transact([{ type: 'delete', key: row }]);
  });

  it('carries everything back, as it was at the start', async () => {
    const back = await openEmbedded(join(work.path, 'back'), true);
    await carry(cloud, back, 'back-again');
    const first = await openEmbedded(source.path, false);
    expect(await contentOf(back)).toEqual(await contentOf(first));
    // The order of partitions is each store's own; the digest of all audit heads isn't.
    const [there, again] = await Promise.all(
      ['there', 'back-again'].map(async (name) => (await verifyBundle(join(work.path, name))).manifest.heads),
    );
    expect(again).toBe(there);
    await first.close();
    await back.close();
  });

  it('says so where the cloud is deployed with other local standards', async () => {
    expect(await cloud.keepSettings(settings)).toEqual([]);
    for (const name of ['parameters', 'organisations']) {
      const advice = await cloud.keepSettings({ ...settings, [name]: Buffer.from('{}') });
      expect([name, advice]).toEqual([name, [expect.stringContaining('重新部署云端')]]);
    }
  });
});
