/** Ten thousand unions from a sheet into the one-machine edition's store, and out again. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database } from '#adapters/embedded/database.ts';
import { SqliteItemStore } from '#adapters/embedded/items.ts';
import { SystemClock } from '#adapters/shared/clock.ts';
import { RandomIds } from '#adapters/shared/ids.ts';
import { organisationSheet } from '#domain/filing/organisation-sheet.ts';
import { organisationTreeSchema } from '#domain/filing/organisations.ts';
import { importOrganisations } from '#functions/import-organisations/import-organisations.ts';
import { OrganisationStore } from '#functions/shared/organisation-store.ts';
import { type SheetFormat, writeSheet } from '#functions/shared/sheet.ts';
import seed from '#parameters/organisations.json' with { type: 'json' };
import type { BenchRow } from './row.ts';

const UNIONS = 10_000;
const HEADINGS = ['单位编码', '上级编码', '名称', '类型', '地区', '监督电话', '联系人', '联系电话', '地址'];

const sheet = (): readonly (readonly string[])[] => [
  HEADINGS,
  ...Array.from({ length: UNIONS }, (_, index) => [
    `u-${index}`,
    'hf-1',
    `第${index}工会`,
    '基层',
    '340104',
    '0551-62345678',
    '王合成',
    '13800000000',
    `样例路${index}号`,
  ]),
];

const measure = async (format: SheetFormat): Promise<readonly BenchRow[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'bench-organisations-'));
  const database = new Database(join(folder, 'filing.db'));
  try {
    const items = new SqliteItemStore(database);
    const clock = new SystemClock();
    const open = () =>
      new OrganisationStore({
        items,
        seed: organisationTreeSchema.parse(seed),
        wall: () => clock.wall(),
        freshMs: 0,
      });
    const ports = { items, clock, ids: new RandomIds(clock), organisations: open() };
    const file = await writeSheet('x', sheet(), format);
    const by = { subject: 'bench', name: 'bench', organisation: null };
    const from = performance.now();
    const report = await importOrganisations(ports, by, file, { apply: true, reason: 'bench' });
    const imported = performance.now();
    if (!report.applied || report.counts.added !== UNIONS) throw new Error('not all were imported');
    const tree = await open().tree();
    const read = performance.now();
    const bytes = await writeSheet('x', organisationSheet(tree), format);
    const exported = performance.now();
    const again = await importOrganisations(ports, by, bytes, { apply: true, reason: 'bench' });
    if (again.counts.unchanged !== tree.all.length) throw new Error('what was exported is something else');
    const seconds = (value: number) => ({ value: value / 1000, unit: 's', aim: '< 5' });
    return [
      { measure: `import ${UNIONS} unions, ${format}`, ...seconds(imported - from) },
      { measure: `read the tree anew, ${UNIONS} unions`, value: read - imported, unit: 'ms', aim: '' },
      { measure: `export ${UNIONS} unions, ${format}`, ...seconds(exported - read) },
    ];
  } finally {
    database.close();
    await rm(folder, { recursive: true, force: true });
  }
};

export const benchOrganisations = async (): Promise<readonly BenchRow[]> => [
  ...(await measure('csv')),
  ...(await measure('xlsx')),
];
