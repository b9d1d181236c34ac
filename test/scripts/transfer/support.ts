/** An edition with cases at many stages, and what an edition holds in plain: for tests of moving it. */
import type { Vault } from '#functions/shared/ports.ts';
import { Application } from '#test/support/application.ts';
import { openTestEdition, type TestEdition } from '#test/support/edition.ts';
import type { Folder } from '#test/support/folder.ts';
import { householdOf } from '#test/support/households.ts';
import type { Side } from '../../../scripts/transfer/edition.ts';

/** The centre keeps silent about this household: its cross-check is under way when the edition is left. */
const LATE = '迟复户';
const scenarios = [{ name: LATE, scenario: 'late' }] as const;

export const openSource = (folder?: Folder): Promise<TestEdition> =>
  openTestEdition({ scenarios, ...(folder === undefined ? {} : { folder }) });

export type Filled = {
  readonly draft: Application;
  readonly reviewed: Application;
  readonly checked: Application;
  readonly noticed: Application;
  readonly filed: Application;
  readonly withdrawn: Application;
};

export const CONTACT = '邻居赵某 0551-6000000';

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
  await edition.settle();
  return { draft, reviewed, checked, noticed, filed, withdrawn };
};

/** Contexts of sealed fields, written down once more. */
const contextOf = (pk: string, sk: string, path: readonly string[], parent: unknown): string => {
  const [, id = ''] = pk.split('#');
  if (pk.startsWith('NOTICE#')) return `objection/${sk.split('#')[1]}/contact`;
  const [first = ''] = path;
  if (first === 'persons' || first === 'supporters') {
    const memberId =
      typeof parent === 'object' && parent !== null && 'memberId' in parent ? parent.memberId : '';
    return `case/${id}/persons/${String(memberId)}/idNumber`;
  }
  return `case/${id}/${first}`;
};

/**
 * Everything that an edition holds, told in plain and without what belongs to its own vault or clock: opened fields
 * instead of sealed ones, blind indexes and what follows from them left out.
 */
export const contentOf = async (
  side: Side,
): Promise<{ items: readonly string[]; documents: readonly string[] }> => {
  const plain = async (
    vault: Pick<Vault, 'open'>,
    key: { pk: string; sk: string },
    value: unknown,
    path: readonly string[],
    parent: unknown,
  ): Promise<unknown> => {
    if (Array.isArray(value)) {
      return Promise.all(value.map((part, at) => plain(vault, key, part, [...path, String(at)], value)));
    }
    if (typeof value !== 'object' || value === null) return value;
    if ('sealed' in value && 'masked' in value) {
      return {
        opened: await vault.open(String(value.sealed), contextOf(key.pk, key.sk, path, parent)),
        masked: value.masked,
      };
    }
    const entries = Object.entries(value).filter(([name]) => name !== 'idIndex' && name !== 'personsDigest');
    const told = await Promise.all(
      entries.map(
        async ([name, part]) => [name, await plain(vault, key, part, [...path, name], value)] as const,
      ),
    );
    return Object.fromEntries(told.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  };
  const items: string[] = [];
  for (let cursor: string | undefined, more = true; more; ) {
    const page = await side.inventory.items.page({ limit: 50, ...(cursor === undefined ? {} : { cursor }) });
    for (const item of page.items) {
      const { pk, sk, version, schema, data, index = null } = item;
      if (pk.startsWith('NONCE#') || pk.startsWith('TRANSFER#')) continue;
      const place = /^(APPLICANT|PERSON)#/.exec(pk)?.[0] ?? pk;
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
