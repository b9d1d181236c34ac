/** An edition with cases at many stages, and what an edition holds in plain: for tests of moving it. */
import * as z from 'zod';
import { putDead } from '#functions/shared/message-store.ts';
import type { Item, Vault } from '#functions/shared/ports.ts';
import { Application } from '#test/support/application.ts';
import { openTestEdition, type TestEdition } from '#test/support/edition.ts';
import type { Folder } from '#test/support/folder.ts';
import { householdOf } from '#test/support/households.ts';
import { outsiderForm } from '#test/support/outsider.ts';
import { type Accounts, makeAccounts } from '#test/support/sign-in.ts';
import type { Side } from '../../../scripts/transfer/edition.ts';

/** Weak on purpose: a test is no place to wait for scrypt. */
const scryptCost = { logN: 10, r: 8, p: 1 };

/** The centre keeps silent about this household: its cross-check is under way when the edition is left. */
const LATE = '迟复户';
const scenarios = [{ name: LATE, scenario: 'late' }] as const;

export const openSource = (folder?: Folder): Promise<TestEdition> =>
  openTestEdition({
    scenarios,
    identity: { scryptCost },
    // What has ended may go at once.
    personalData: { retention: { endedYears: 0 } },
    ...(folder === undefined ? {} : { folder }),
  });

export type Filled = {
  readonly draft: Application;
  readonly reviewed: Application;
  readonly checked: Application;
  readonly noticed: Application;
  readonly filed: Application;
  readonly withdrawn: Application;
  readonly accounts: Accounts;
  /** Of a household without an account: its case, and the code on paper to claim it. */
  readonly assisted: { readonly caseId: string; readonly code: string; readonly idNumber: string };
};

export const CONTACT = '邻居赵某 0551-6000000';

/** What happens beside the cases: a union founded, a file handed over, a letter read, a message that didn't go out. */
const fillBeside = async (edition: TestEdition, filed: Application): Promise<Filled['assisted']> => {
  const { administrator } = filed.staff;
  await administrator.post('/v1/organisations', {
    id: 'ah-direct-9',
    name: '新设基层工会',
    kind: 'grassroots',
    parent: 'ah-direct',
    region: '340104',
    supervisionPhone: '0551-62345679',
    reason: '新设',
  });
  const keeper = await edition.person('keeper-1', 'keeper', 'ah-direct-1');
  await keeper.post('/v1/custody-transfers', {
    from: 'ah-direct-1',
    to: 'ah-direct-9',
    caseIds: [filed.caseId],
    reason: '重新就业',
  });
  await keeper.post('/v1/handovers', { reason: '调离', objects: ['档案柜钥匙2把'] });
  const { messages } = await filed.worker.get('/v1/messages');
  const [{ messageId }] = z.tuple([z.looseObject({ messageId: z.string() })], z.unknown()).parse(messages);
  await filed.worker.post(`/v1/messages/${messageId}/reading`);
  const message = {
    id: 'm1',
    caseId: filed.caseId,
    to: { subject: 'w' },
    title: '通知',
    text: '请登录查看。',
  };
  await edition.ports.items.transact([
    putDead({
      message,
      channel: 'file',
      attempts: 10,
      error: 'Notifier.Unavailable',
      since: '2019-01-08T01:00:00.000Z',
    }),
  ]);
  const household = householdOf({ today: edition.today });
  const officer = filed.staff.grassroots;
  const opened = z.looseObject({ caseId: z.string() });
  const once = { 'idempotency-key': 'assisted-entry' };
  const { caseId } = opened.parse((await officer.call('POST', '/v1/cases', household, once)).body);
  const { code } = z
    .looseObject({ code: z.string() })
    .parse(await officer.post(`/v1/cases/${caseId}/claim-code`));
  return { caseId, code, idNumber: household.persons[0]?.idNumber ?? '' };
};

/** What an outsider was given. */
const fillOutside = async (edition: TestEdition, { caseId, staff }: Application): Promise<void> => {
  const { documents } = await staff.grassroots.get(`/v1/cases/${caseId}/documents`);
  const [{ documentId }] = z.tuple([z.looseObject({ documentId: z.string() })], z.unknown()).parse(documents);
  const { accessId } = await staff.grassroots.post(
    `/v1/cases/${caseId}/external-accesses`,
    outsiderForm([documentId]),
  );
  const keeper = await edition.person('keeper-4', 'keeper', 'ah-direct-1');
  await keeper.post(`/v1/external-accesses/${String(accessId)}/decision`, { decision: 'approve' });
};

/** A decision on a false declaration, in force; an application that was disposed of. */
const fillAftermath = async (edition: TestEdition, withdrawn: Application): Promise<void> => {
  const [first, second] = [
    await edition.person('decider-1', 'centreReviewer', 'ah'),
    await edition.person('decider-2', 'centreReviewer', 'ah'),
  ];
  const { sanctionId } = await first.post('/v1/sanctions', {
    caseId: withdrawn.caseId,
    number: '示工处〔2019〕1号',
    decidedOn: edition.today,
    facts: '隐瞒一处出租房产。',
    persons: ['worker'],
  });
  await second.post(`/v1/sanctions/${String(sanctionId)}/confirmation`);
  const gone = await (await Application.open(edition)).file();
  await gone.withdraw();
  await edition.settle();
  const keepers = [
    await edition.person('keeper-2', 'keeper', 'ah-direct-1'),
    await edition.person('keeper-3', 'keeper', 'ah-direct'),
  ] as const;
  const { disposalId } = await keepers[0].post('/v1/disposals', {
    union: 'ah-direct-1',
    caseIds: [gone.caseId],
    reason: '保存期满。',
  });
  await keepers[1].post(`/v1/disposals/${String(disposalId)}/approval`);
};

/** One case a stage that matters: a draft, a review, a cross-check, a notice with an objection, a file, an end. */
export const fill = async (edition: TestEdition): Promise<Filled> => {
  const filed = await (await Application.open(edition)).file();
  await filed.establish();
  await filed.finish();
  const reviewed = await (await Application.open(edition)).file();
  const withdrawn = await (await Application.open(edition)).file();
  await withdrawn.withdraw();
  const late = householdOf({ today: edition.today, name: LATE });
  const checked = await (await Application.open(edition, { household: late })).file();
  await checked.passBelow();
  const noticed = await (await Application.open(edition, { route: 'territorial' })).file();
  await noticed.decide('grassrootsReview', { decision: 'pass', opinion: '同意。' });
  const { notice } = await noticed.record();
  await edition.anyone().post(`/v1/notices/${notice?.noticeId}/objections`, {
    text: '该户另有收入，没有申报。',
    contact: CONTACT,
  });
  const draft = await Application.open(edition);
  await draft.upload({
    paper: 'promise',
    contentType: 'application/pdf',
    content: Buffer.from('%PDF-1.4 样例'),
  });
  await fillAftermath(edition, withdrawn);
  await fillOutside(edition, filed);
  const assisted = await fillBeside(edition, filed);
  const accounts = await makeAccounts(edition);
  await edition.settle();
  return { draft, reviewed, checked, noticed, filed, withdrawn, accounts, assisted };
};

/** Contexts of sealed fields, written down once more. */
const contextOf = ({ pk, sk, data }: Item, path: readonly string[], parent: unknown): string => {
  const id = pk.startsWith('SANCTION#') ? String(data.caseId) : (pk.split('#')[1] ?? '');
  if (pk.startsWith('NOTICE#')) return `objection/${sk.split('#')[1]}/contact`;
  const [first = ''] = path;
  if (sk === 'PERSON') return `person/${id}/${first}`;
  if (sk === 'CREDENTIAL') return `account/${id}/${first === 'sealedName' ? 'name' : 'secondFactor'}`;
  if (first === 'persons' || first === 'supporters') {
    const memberId =
      typeof parent === 'object' && parent !== null && 'memberId' in parent ? parent.memberId : '';
    return `case/${id}/persons/${String(memberId)}/idNumber`;
  }
  return `case/${id}/${first}`;
};

/**
 * Everything that an edition holds, told in plain and without what belongs to its own vault or clock: opened fields
 * instead of sealed ones, blind indexes and what follows from them left out. `without`: sort keys that are left out.
 */
export const contentOf = async (
  side: Side,
  without: readonly string[] = [],
): Promise<{ items: readonly string[]; documents: readonly string[] }> => {
  const plain = async (
    vault: Pick<Vault, 'open'>,
    item: Item,
    value: unknown,
    path: readonly string[],
    parent: unknown,
  ): Promise<unknown> => {
    if (Array.isArray(value)) {
      return Promise.all(value.map((part, at) => plain(vault, item, part, [...path, String(at)], value)));
    }
    if (typeof value !== 'object' || value === null) return value;
    if ('sealed' in value && 'masked' in value) {
      return {
        opened: await vault.open(String(value.sealed), contextOf(item, path, parent)),
        masked: value.masked,
      };
    }
    const entries = Object.entries(value).filter(
      ([name]) =>
        !['idIndex', 'personsDigest'].includes(name) && !(item.sk === 'CREDENTIAL' && name === 'account'),
    );
    const told = await Promise.all(
      entries.map(async ([name, part]) => {
        const at = [...path, name];
        const bare = name === 'sealedName' || name === 'sealedKey';
        const opened = bare
          ? await vault.open(String(part), contextOf(item, at, value))
          : await plain(vault, item, part, at, value);
        return [name, opened] as const;
      }),
    );
    return Object.fromEntries(told.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  };
  const items: string[] = [];
  for (let cursor: string | undefined, more = true; more; ) {
    const page = await side.inventory.items.page({ limit: 50, ...(cursor === undefined ? {} : { cursor }) });
    for (const item of page.items) {
      const { pk, sk, version, schema, data, index = null } = item;
      if (pk.startsWith('NONCE#') || pk.startsWith('IMPORT#') || without.includes(sk)) continue;
      const place = /^(APPLICANT|PERSON|ACCOUNT|LOGIN)#/.exec(pk)?.[0] ?? pk;
      items.push(
        JSON.stringify([place, sk, version, schema, await plain(side.vault, item, data, [], null), index]),
      );
    }
    cursor = page.cursor;
    more = cursor !== undefined;
  }
  const documents: string[] = [];
  for (let after: string | undefined, keys: readonly string[] = ['']; keys.length > 0; after = keys.at(-1)) {
    keys = await side.inventory.documents.page({ limit: 50, ...(after === undefined ? {} : { after }) });
    for (const key of keys) {
      const head = await side.documents.head(key);
      const content = Buffer.from(await side.documents.read(key)).toString('base64');
      documents.push(JSON.stringify([key, head?.contentType, head?.sha256, head?.legalHold, content]));
    }
  }
  return { items: items.sort(), documents: documents.sort() };
};
