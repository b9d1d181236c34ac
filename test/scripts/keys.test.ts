import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import * as z from 'zod';
import { sealingKeyOf } from '#adapters/embedded/vault.ts';
import { newPerson } from '#domain/people/person.ts';
import { type StandingEdition, withStandingEdition } from '#embedded/data-folder.ts';
import { enrol, newKey } from '#embedded/identity/second-factor.ts';
import { reseal } from '#embedded/key-rotation.ts';
import { findCase, systemActor } from '#functions/shared/case-store.ts';
import { keys } from '#functions/shared/keys.ts';
import { createPerson } from '#functions/shared/people-store.ts';
import { captured } from '#test/support/command.ts';
import { run } from '../../scripts/keys.ts';
import { Application, PASS } from '../support/application.ts';
import { openTestEdition, type TestEdition } from '../support/edition.ts';
import { newPerson as newMember } from '../support/households.ts';

let edition: TestEdition;
let folder: string;
beforeEach(async () => {
  edition = await openTestEdition({ centre: 'none' });
  folder = edition.folder.path;
});
afterEach(() => edition.folder.remove());

const command = async (...args: readonly string[]) => {
  return captured((out, err) => run(args, out, err));
};
const keysCommand = (name: string) => command(name, '--data', folder);

/** Sealed texts as they stand, with the contexts in which they must open, written down here once more. */
type Sealed = { readonly text: string; readonly context: string; readonly plaintext: string };

/** A case, an objector's contact, a person with a second factor: everything that stands sealed. */
const fill = async (): Promise<{ application: Application; noticeId: string; second: string }> => {
  const application = await (
    await Application.open(edition, { route: 'territorial', spouse: newMember('spouse', '配偶') })
  ).file();
  await application.decide('grassrootsReview', PASS);
  const { notice } = await application.record();
  const noticeId = notice?.noticeId ?? '';
  const form = { text: '该户另有住房出租。', contact: '13955512345' };
  await edition.anyone().post(`/v1/notices/${noticeId}/objections`, form);
  const { vault, ...ports } = edition.ports;
  const second = newKey();
  const seal = async (field: string, value: string) => ({
    sealed: await vault.seal(value, `person/p1/${field}`),
    masked: '*',
  });
  const idNumber = await seal('idNumber', '340104196001010013');
  const phone = await seal('phone', '13812345678');
  const person = newPerson(
    { subject: 'p1', name: '某样例', kind: 'applicant', idNumber, phone, idIndex: 'i', provedBy: null },
    ports.clock.wall(),
  );
  const { secondFactor } = await enrol(vault, 'p1', second, 1);
  const sealedName = await vault.seal('account/p1', 'account/p1/name');
  const credential = { account: 'a', sealedName, password: null, secondFactor, link: null };
  await createPerson(ports, {
    next: person,
    event: { type: 'registered', actor: systemActor('test'), data: {} },
    operations: [
      { type: 'put', item: { ...keys.credential('p1'), version: 1, schema: 1, data: credential } },
    ],
  });
  await edition.settle();
  return { application, noticeId, second };
};

const sealedField = z.object({ sealed: z.string() });
const caseShape = z.object({
  persons: z.array(z.object({ memberId: z.string(), idNumber: sealedField })),
  phone: sealedField,
  address: sealedField,
  bankCard: z.object({ number: sealedField }),
});

/** All that is sealed in the records, read past the product's own list. */
const sealedOf = async (
  { items }: Pick<StandingEdition, 'items'>,
  { application, noticeId, second }: Awaited<ReturnType<typeof fill>>,
): Promise<readonly Sealed[]> => {
  const { caseId, household } = application;
  const record = caseShape.parse((await items.get(keys.case(caseId)))?.data);
  const person = z
    .object({ idNumber: sealedField, phone: sealedField })
    .parse((await items.get(keys.person('p1')))?.data);
  const { secondFactor, sealedName } = z
    .object({ secondFactor: z.object({ sealedKey: z.string() }), sealedName: z.string() })
    .parse((await items.get(keys.credential('p1')))?.data);
  const { items: objections } = await items.query({
    pk: keys.notice(noticeId).pk,
    sk: { prefix: 'OBJECTION#' },
  });
  const { objectionId, contact } = z
    .object({ objectionId: z.string(), contact: sealedField })
    .parse(objections[0]?.data);
  return [
    ...record.persons.map(({ memberId, idNumber }, at) => ({
      text: idNumber.sealed,
      context: `case/${caseId}/persons/${memberId}/idNumber`,
      plaintext: household.persons[at]?.idNumber ?? '',
    })),
    { text: record.phone.sealed, context: `case/${caseId}/phone`, plaintext: household.phone },
    { text: record.address.sealed, context: `case/${caseId}/address`, plaintext: household.address },
    {
      text: record.bankCard.number.sealed,
      context: `case/${caseId}/bankCard`,
      plaintext: household.bankCard.number,
    },
    { text: contact.sealed, context: `objection/${objectionId}/contact`, plaintext: '13955512345' },
    { text: person.idNumber.sealed, context: 'person/p1/idNumber', plaintext: '340104196001010013' },
    { text: person.phone.sealed, context: 'person/p1/phone', plaintext: '13812345678' },
    { text: secondFactor.sealedKey, context: 'account/p1/secondFactor', plaintext: second },
    { text: sealedName, context: 'account/p1/name', plaintext: 'account/p1' },
  ];
};

const requireOpen = async (standing: StandingEdition, sealed: readonly Sealed[]): Promise<void> => {
  for (const { text, context, plaintext } of sealed) {
    expect(await standing.vault.open(text, context)).toBe(plaintext);
  }
};

/** Opens what isn't running, for the length of a check. */
const standing = <T>(check: (it: StandingEdition) => Promise<T>): Promise<T> =>
  withStandingEdition(folder, check);

const keyIdsOf = (filled: Awaited<ReturnType<typeof fill>>): Promise<ReadonlySet<string | undefined>> =>
  standing(async (it) => {
    const sealed = await sealedOf(it, filled);
    await requireOpen(it, sealed);
    const documents = await it.documents.list('uploads/');
    expect(documents.length).toBeGreaterThan(5);
    const headers = await Promise.all(documents.map((key) => it.documents.sealedKey(key)));
    for (const key of documents) await it.documents.read(key);
    return new Set([...sealed.map(({ text }) => text), ...headers].map((text) => sealingKeyOf(text)));
  });

test('rotate, reseal broken off after each step and begun again, retire: everything opens at each moment', async () => {
  const filled = await fill();
  await edition.stop();
  expect(await keyIdsOf(filled)).toEqual(new Set(['k1']));
  const former = await standing((it) => sealedOf(it, filled));
  expect(await keysCommand('rotate')).toMatchObject({ code: 0, err: [] });
  expect(await keyIdsOf(filled)).toEqual(new Set(['k1']));
  const early = await keysCommand('retire');
  expect(early.code).toBe(1);
  expect(early.out[0]).toMatch(/^旧密钥 k1 仍在使用，予以保留：记录4条，材料\d+份，档案中的文件0个。$/);

  const kinds: string[] = [];
  for (let ended = false; !ended; ) {
    ended = await standing(async (it) => {
      // Ends after one step, as if the machine stopped there.
      for await (const kind of reseal(it)) {
        kinds.push(kind);
        await requireOpen(it, await sealedOf(it, filled));
        return false;
      }
      return true;
    });
  }
  expect(kinds.filter((kind) => kind === 'record')).toHaveLength(4);
  expect(kinds.filter((kind) => kind === 'document').length).toBeGreaterThan(5);
  expect(await keyIdsOf(filled)).toEqual(new Set(['k2']));
  expect((await keysCommand('reseal')).out).toEqual([
    '已重新密封：记录0条，材料0份。全部完成，当前密钥 k2。',
  ]);

  expect((await keysCommand('retire')).out[0]).toBe('已删除旧密钥 k1。');
  const file = await readFile(join(folder, 'keys', 'vault.json'), 'utf8');
  expect(
    Object.keys(
      z.object({ sealing: z.object({ keys: z.record(z.string(), z.string()) }) }).parse(JSON.parse(file))
        .sealing.keys,
    ),
  ).toEqual(['k2']);
  expect(await keyIdsOf(filled)).toEqual(new Set(['k2']));

  // What was sealed with the former key is overwritten, not only unlinked.
  const database = await readFile(join(folder, 'filing.db'));
  expect(former.filter(({ text }) => database.includes(text))).toEqual([]);
  for (const { text } of await standing((it) => sealedOf(it, filled)))
    expect(database.includes(text)).toBe(true);

  // The edition goes on: the case to its end, with what was sealed before.
  edition = await openTestEdition({ centre: 'none', folder: edition.folder });
  await edition.advanceTo(
    (await findCase(edition.ports.items, filled.application.caseId))?.record.notice?.endsAt ?? '',
  );
  expect((await findCase(edition.ports.items, filled.application.caseId))?.record.stage).toBe('objections');
  await edition.stop();
});

test('an archive is signed as it stands: the key of its fields stays, and it stays sound', async () => {
  const application = await (await Application.open(edition)).file();
  await application.finish();
  await edition.stop();
  for (const name of ['rotate', 'reseal']) expect((await keysCommand(name)).code).toBe(0);
  const retired = await keysCommand('retire');
  expect(retired.code).toBe(1);
  expect(retired.out).toEqual(['旧密钥 k1 仍在使用，予以保留：记录0条，材料0份，档案中的文件1个。']);
  edition = await openTestEdition({ centre: 'none', folder: edition.folder });
  const { archive } = z
    .object({ archive: z.object({ prefix: z.string() }) })
    .parse((await edition.ports.items.get(keys.case(application.caseId)))?.data);
  const documents = await edition.ports.documents.list(archive.prefix);
  expect(documents.length).toBeGreaterThan(5);
  for (const key of documents) await edition.ports.documents.read(key);
  await edition.stop();
});

test('a sealed field that no list names stops resealing and is told by its place', async () => {
  const text = await edition.ports.vault.seal('一个字段', 'new/1');
  await edition.ports.items.transact([
    { type: 'put', item: { pk: 'NEW#1', sk: 'NEW', version: 1, schema: 1, data: { a: [text] } } },
  ]);
  await edition.stop();
  await keysCommand('rotate');
  expect(await keysCommand('reseal')).toMatchObject({
    code: 1,
    err: [expect.stringContaining('未知记录 的 /a/0 是密封字段，但不在清单中')],
  });
});

test('wrong usage, a folder in use, no edition: 2', async () => {
  expect((await command('rotate')).code).toBe(2);
  expect((await command('destroy', '--data', folder)).err[0]).toContain('用法：');
  expect(await keysCommand('retire')).toMatchObject({
    code: 2,
    err: [expect.stringContaining('正由另一个进程使用')],
  });
  await edition.stop();
  expect(await command('rotate', '--data', join(folder, 'nothing'))).toMatchObject({
    code: 2,
    err: [expect.stringContaining('不是单机版的数据目录')],
  });
});
