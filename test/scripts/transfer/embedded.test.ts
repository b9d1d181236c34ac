/** From one machine to another: everything moves, nothing runs before it is told to, and every case goes on. */
import { cp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import * as z from 'zod';
import { executionName } from '#domain/filing/case.ts';
import { fateOf, ITEM_KINDS } from '#functions/shared/item-kinds.ts';
import { keys } from '#functions/shared/keys.ts';
import { pagesOf } from '#functions/shared/pages.ts';
import { DEFAULT_WAITING_TIMES } from '#functions/shared/settings.ts';
import { Application } from '#test/support/application.ts';
import { totp } from '#test/support/browser.ts';
import { MONDAY } from '#test/support/edition.ts';
import { type Folder, temporaryFolder } from '#test/support/folder.ts';
import { householdOf } from '#test/support/households.ts';
import { ADMINISTRATOR, PASSWORD, register, signIn, withCode } from '#test/support/sign-in.ts';
import { VirtualClock } from '#test/support/virtual-clock.ts';
import { openEmbedded, type Side } from '../../../scripts/transfer/edition.ts';
import { TransferKey } from '../../../scripts/transfer/key.ts';
import { startCases } from '../../../scripts/transfer/start.ts';
import { verifyBundle } from '../../../scripts/transfer/verify.ts';
import { transfer } from './command.ts';
import { CONTACT, contentOf, type Filled, fill, openSource } from './support.ts';

const applicationsOf = ({ accounts: _, assisted: __, ...applications }: Filled): readonly Application[] =>
  Object.values(applications);

const filesBelow = async (folder: string): Promise<Map<string, Buffer>> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  return new Map(
    await Promise.all(
      files.map(async (path) => [path.slice(folder.length + 1), await readFile(path)] as const),
    ),
  );
};

describe('an edition with cases at many stages', () => {
  let source: Folder;
  let work: Folder;
  let filled: Filled;
  let bundle: string;
  let target: string;
  /** When case time stood still in the source. */
  let left: number;

  beforeAll(async () => {
    const edition = await openSource();
    source = edition.folder;
    filled = await fill(edition);
    left = edition.ports.clock.now();
    await edition.stop();
    work = await temporaryFolder();
    bundle = join(work.path, 'bundle');
    target = join(work.path, 'target');
  });
  afterAll(async () => {
    await source.remove();
    await work.remove();
  });

  const content = async (folder: string) => {
    const side = await openEmbedded(folder, false);
    try {
      return await contentOf(side);
    } finally {
      await side.close();
    }
  };

  it('is exported whole', async () => {
    const { code, out, err } = await transfer('export', bundle, '--data', source.path);
    expect({ code, err: /（[a-z-]+）$/.exec(err) }).toEqual({ code: 0, err: null });
    expect(out).toContain('申请：7件　档案：1份');
    const { items, documents } = await content(source.path);
    const { manifest } = await verifyBundle(bundle, await TransferKey.read(`${bundle}.key`));
    expect(Object.values(manifest.counts).reduce((sum, count) => sum + count, 0)).toBe(items.length);
    expect(manifest.documents.count).toBe(documents.length);
    expect(manifest.counts).toMatchObject({
      case: 7,
      notice: 2,
      objection: 1,
      personGuard: 1,
      applicantGuard: 3,
      person: 2,
      credential: 2,
      login: 2,
      accountGuard: 1,
    });
    // Nothing waits to be told; of every other kind that moves there is something.
    const moving = ITEM_KINDS.filter((kind) => fateOf(kind) !== 'stays' && kind !== 'outbox');
    expect(Object.keys(manifest.counts).sort()).toEqual([...moving].sort());
  });

  it('leaves no personal field and no paper in plain in the bundle, nor the key', async () => {
    const { key } = JSON.parse(await readFile(`${bundle}.key`, 'utf8'));
    const files = await filesBelow(bundle);
    const { accounts, assisted, ...applications } = filled;
    const secrets = [
      ...Object.values(applications).flatMap(({ household }) => [
        ...household.persons.map(({ idNumber }) => idNumber),
        household.phone,
        household.address,
        household.bankCard.number,
      ]),
      ...[accounts.worker.idNumber, accounts.worker.phone, accounts.key, ADMINISTRATOR],
      assisted.idNumber,
      // Of papers, and of what an archive is made of.
      ...['%PDF', 'JFIF', '"caseId":'],
    ];
    for (const [path, bytes] of files)
      for (const secret of [...secrets, CONTACT, key]) {
        if (secret === '"caseId":' && !path.startsWith('documents/')) continue;
        expect({ path, found: bytes.includes(secret) }).toEqual({ path, found: false });
      }
  });

  it('is the same bundle when it is exported again under the same key', async () => {
    const again = join(work.path, 'again');
    const { code } = await transfer('export', again, '--data', source.path, '--key', `${bundle}.key`);
    expect(code).toBe(0);
    expect(await filesBelow(again)).toEqual(await filesBelow(bundle));
  });

  it('is verified offline', async () => {
    const { code, out, err } = await transfer('verify', bundle);
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('清单与迁移密钥相符');
  });

  it('stands in another edition, under its own vault, and nothing has begun there', async () => {
    const { code, out } = await transfer('import', bundle, '--data', target);
    expect({ code, told: out.includes('尚未启动任何申请') }).toEqual({ code: 0, told: true });
    expect(await content(target)).toEqual(await content(source.path));
    const side = await openEmbedded(target, false);
    const former = await openEmbedded(source.path, false);
    for (const { caseId, household } of applicationsOf(filled)) {
      const [here, there] = await Promise.all(
        [side, former].map(async ({ items }) => (await items.get(keys.case(caseId)))?.data),
      );
      expect(JSON.stringify(here?.phone)).not.toBe(JSON.stringify(there?.phone));
      const persons = JSON.stringify(here?.persons);
      for (const { idNumber } of household.persons)
        expect(persons).toContain(await side.vault.blindIndex(idNumber));
    }
    // The guards of before would find nobody here.
    const [first] = filled.filed.household.persons;
    const index = await side.vault.blindIndex(first?.idNumber ?? '');
    expect((await side.items.get(keys.personGuard(index)))?.data).toEqual({ caseId: filled.filed.caseId });
    await side.close();
    await former.close();
  });

  it('is restored under its own keys where those have been put there first', async () => {
    const restored = join(work.path, 'restored');
    await cp(join(source.path, 'keys'), join(restored, 'keys'), { recursive: true });
    expect(await transfer('import', bundle, '--data', restored)).toMatchObject({ code: 0 });
    const vault = (folder: string) => readFile(join(folder, 'keys/vault.json'), 'utf8');
    expect(await vault(restored)).toBe(await vault(source.path));
    expect(await content(restored)).toEqual(await content(source.path));
  });

  it('keeps its archives byte for byte, with what their own vault has sealed', async () => {
    const archiveOf = async ({ documents }: Side) => {
      const keys = await documents.list('archive/');
      return new Map(await Promise.all(keys.map(async (key) => [key, await documents.read(key)] as const)));
    };
    const [here, former] = [await openEmbedded(target, false), await openEmbedded(source.path, false)];
    const files = await archiveOf(here);
    expect(files.size).toBeGreaterThan(8);
    expect(files).toEqual(await archiveOf(former));
    const [, record] = [...files].find(([path]) => path.endsWith('/case.json')) ?? [];
    const { caseId, phone } = z
      .looseObject({ caseId: z.string(), phone: z.looseObject({ sealed: z.string() }) })
      .parse(JSON.parse(Buffer.from(record ?? []).toString()));
    expect(await former.vault.open(phone.sealed, `case/${caseId}/phone`)).toBe(filled.filed.household.phone);
    await here.close();
    await former.close();
  });

  it('is left alone when it is imported again', async () => {
    const before = await content(target);
    const { code, err } = await transfer('import', bundle, '--data', target);
    expect({ code, told: err.includes('已经导入') }).toEqual({ code: 0, told: true });
    expect(await content(target)).toEqual(before);
  });

  it('starts nothing while a trial edition runs on it', async () => {
    const before = await content(target);
    const edition = await openSource({ path: target, remove: async () => {} });
    const follow = await Application.follow(edition, filled.reviewed);
    expect(await edition.ports.workflow.describe(executionName(await follow.record()))).toBeUndefined();
    await edition.settle();
    await edition.stop();
    expect(await content(target)).toEqual(before);
  });

  it('lets everyone sign in as before, each with the own second factor or recovery code', async () => {
    const edition = await openSource({ path: target, remove: async () => {} });
    const { key, recovery, subject, worker } = filled.accounts;
    const [first = '', second = ''] = recovery;
    const code = withCode(totp(key, Date.now() + 30_000));
    expect((await signIn(edition, ADMINISTRATOR, PASSWORD, code)).subject).toBe(subject);
    const administrator = await signIn(edition, ADMINISTRATOR, PASSWORD, withCode(first));
    await expect(signIn(edition, ADMINISTRATOR, PASSWORD, withCode(first))).rejects.toThrow('not signed in');
    expect((await signIn(edition, ADMINISTRATOR, PASSWORD, withCode(second))).subject).toBe(subject);
    // The post is that of before, and so is the tree with the union that was founded.
    const { organisations } = await administrator.client.get('/v1/organisations');
    expect(JSON.stringify(organisations)).toContain('新设基层工会');
    expect(await edition.edition.administratorLink(false)).toBeNull();
    // Signing in by the ID number; the person of it can't register twice.
    const registered = await signIn(edition, worker.idNumber, PASSWORD);
    expect((await registered.client.get('/v1/cases')).cases).toEqual([]);
    const people = async () => {
      const all: string[] = [];
      for await (const page of pagesOf(edition.ports.items, { index: 'gsi1', pk: keys.peopleIndex('ah') }))
        all.push(...page.map(({ pk }) => pk));
      return all;
    };
    expect(await people()).toEqual([keys.person(subject).pk]);
    // The code on paper is still good, for the worker whom it was given out for and nobody else.
    const { code: paper, idNumber, caseId } = filled.assisted;
    const other = await registered.client.refused('POST', '/v1/case-claims', { code: paper });
    expect(other.code).toBe('not-the-worker');
    await register(edition, { idNumber, phone: '13900000001' });
    const claimant = await signIn(edition, idNumber, PASSWORD);
    await claimant.client.post('/v1/case-claims', { code: paper });
    expect((await claimant.client.get('/v1/cases')).cases).toMatchObject([{ caseId }]);
    await edition.stop();
  });

  it('goes on at every stage once it is started, and to the end', async () => {
    const side = await openEmbedded(target, false);
    const { manifest, id } = await verifyBundle(bundle, await TransferKey.read(`${bundle}.key`));
    const parts = { folder: bundle, manifest, id };
    const at = { ...side, clock: new VirtualClock(left) };
    expect(await startCases(at, parts, DEFAULT_WAITING_TIMES, () => {})).toBe(3);
    expect(await startCases(at, parts, DEFAULT_WAITING_TIMES, () => {})).toBe(0);
    await side.close();

    const edition = await openSource({ path: target, remove: async () => {} });
    await edition.settle();
    expect(edition.ports.clock.now()).toBeGreaterThanOrEqual(MONDAY);
    for (const former of [filled.reviewed, filled.checked, filled.noticed]) {
      const application = await Application.follow(edition, former);
      await application.finish();
      expect((await application.checkArchive()).faults).toEqual([]);
      expect(await application.eventTypes()).toContain('resumed');
    }
    const filed = await Application.follow(edition, filled.filed);
    expect((await filed.checkArchive()).faults).toEqual([]);
    // B-9: a person in a file of before is in a file here.
    const today = householdOf({ today: edition.today });
    const household = { ...today, persons: filled.filed.household.persons };
    const again = await Application.open(edition, { household });
    const { code } = await again.worker.refused('POST', `/v1/cases/${again.caseId}/submission`);
    expect(code).toBe('member-already-filed');
    await edition.stop();
  });
});

test('a key seals the same text the same way, and opens it in its context alone', async () => {
  const key = new TransferKey(new Uint8Array(32).fill(7));
  const other = new TransferKey(new Uint8Array(32).fill(8));
  const sealed = await key.seal('13900000000', 'case/1/phone');
  expect(await key.seal('13900000000', 'case/1/phone')).toBe(sealed);
  expect(await key.open(sealed, 'case/1/phone')).toBe('13900000000');
  expect(await key.seal('13900000000', 'case/2/phone')).not.toBe(sealed);
  await expect(key.open(sealed, 'case/2/phone')).rejects.toThrow('another context');
  await expect(other.open(sealed, 'case/1/phone')).rejects.toThrow('another context');
  await expect(key.open('v1.k1.AAAA', 'case/1/phone')).rejects.toThrow('not sealed by a transfer');
});
