/**
 * The tree of unions as a sheet with Chinese headings, one row a union: what people fill in and send, and what they get
 * back. A sheet is read whole, and every fault is named by its row and column.
 */
import type * as z from 'zod';
import {
  KINDS,
  type Organisation,
  type OrganisationKind,
  type OrganisationTree,
  organisationKindSchema,
  organisationSchema,
  type TreeFault,
} from './organisations.ts';

/** `row` counts as the sheet shows it, from 1; null where the fault lies with a union that the sheet doesn't name. */
export type SheetFault = {
  readonly row: number | null;
  readonly column: string | null;
  readonly code: string;
  readonly message: string;
};

type Column = { readonly heading: string; readonly aliases: readonly string[]; readonly required: boolean };

const column = (heading: string, aliases: readonly string[] = [], required = false): Column => ({
  heading,
  aliases,
  required,
});

const COLUMNS = {
  id: column('单位编码', ['编码', '单位代码', '组织编码', '工会编码'], true),
  parent: column('上级编码', ['上级单位编码', '上级单位', '上级代码', '上级工会编码'], true),
  name: column('名称', ['单位名称', '工会名称', '组织名称'], true),
  kind: column('类型', ['单位类型', '工会类型', '类别'], true),
  region: column('地区', ['地区代码', '行政区划', '行政区划代码', '区划代码'], true),
  supervisionPhone: column('监督电话', ['公示监督电话', '举报电话'], true),
  code: column('统一社会信用代码', ['信用代码', '社会信用代码']),
  contactName: column('联系人', ['联系人姓名']),
  contactPhone: column('联系电话', ['联系人电话', '电话']),
  address: column('地址', ['单位地址', '办公地址', '通讯地址']),
  activeFrom: column('设立日期', ['成立日期', '启用日期']),
  dissolvedOn: column('撤销日期', ['停用日期']),
  successor: column('承接单位编码', ['承接单位', '承接编码', '接收单位编码']),
} as const;
type Key = keyof typeof COLUMNS;
const KEYS = Object.keys(COLUMNS) as Key[];

/** Columns that people add for themselves. */
const IGNORED: ReadonlySet<string> = new Set(['序号', '备注', '上级名称']);

/** As people type headings and words: full width made narrow, blanks and marks of what is required left out. */
const plain = (text: string): string => text.normalize('NFKC').replace(/[\s*:：]/gu, '');

const KIND_WORDS: ReadonlyMap<string, OrganisationKind> = new Map<string, OrganisationKind>([
  ...organisationKindSchema.options.map((kind) => [plain(KINDS[kind].name), kind] as const),
  ['省中心', 'centre'],
  ['中心', 'centre'],
  ['市', 'city'],
  ['市总', 'city'],
  ['县', 'county'],
  ['区', 'county'],
  ['县总', 'county'],
  ['县区', 'county'],
  ['县总工会', 'county'],
  ['区总工会', 'county'],
  ['产业', 'industry'],
  ['产业工会', 'industry'],
  ['省产业', 'industry'],
  ['省直', 'direct'],
  ['直属', 'direct'],
  ['基层', 'grassroots'],
  ['基层工会', 'grassroots'],
  ['单位工会', 'grassroots'],
  ['街道', 'community'],
  ['社区', 'community'],
  ['街道工会', 'community'],
  ['社区工会', 'community'],
]);

const COLUMN_OF_FIELD: Readonly<Record<NonNullable<TreeFault['field']>, Key>> = {
  id: 'id',
  parent: 'parent',
  name: 'name',
  kind: 'kind',
  region: 'region',
  supervisionPhone: 'supervisionPhone',
  code: 'code',
  contact: 'contactPhone',
  address: 'address',
  activeFrom: 'activeFrom',
  dissolution: 'dissolvedOn',
  successor: 'successor',
};

type Headings = { readonly at: ReadonlyMap<Key, number>; readonly faults: readonly SheetFault[] };

const headingsOf = (cells: readonly string[], row: number): Headings => {
  const at = new Map<Key, number>();
  const faults: SheetFault[] = [];
  cells.forEach((cell, index) => {
    const heading = plain(cell);
    if (heading === '' || IGNORED.has(heading)) return;
    const key = KEYS.find(
      (one) => COLUMNS[one].heading === heading || COLUMNS[one].aliases.includes(heading),
    );
    if (key === undefined) {
      const message = '不认识这一列，请删去或改为模板中的列名。';
      faults.push({ row, column: cell.trim(), code: 'unknown-column', message });
    } else if (at.has(key)) {
      faults.push({ row, column: cell.trim(), code: 'repeated-column', message: '这一列出现了两次。' });
    } else {
      at.set(key, index);
    }
  });
  for (const key of KEYS) {
    const { heading, required } = COLUMNS[key];
    if (required && !at.has(key)) {
      faults.push({ row, column: heading, code: 'missing-column', message: `缺少“${heading}”一列。` });
    }
  }
  return { at, faults };
};

const DATE = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/;

const dateOf = (text: string): string => {
  const [, year, month = '', day = ''] = DATE.exec(text) ?? [];
  return year === undefined ? text : `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
};

/** Where the faults of an organisation's schema show, by the head of their path. */
const keyOfPath = (path: readonly PropertyKey[]): Key => {
  const [head, next] = path;
  if (head === 'contact') return next === 'name' ? 'contactName' : 'contactPhone';
  if (head === 'dissolution') return next === 'successor' ? 'successor' : 'dissolvedOn';
  return KEYS.find((key) => key === head) ?? 'id';
};

/** The sentences of schema faults that have no Chinese one of their own. */
const sentence = (issue: z.core.$ZodIssue): string =>
  /\p{Script=Han}/u.test(issue.message) ? issue.message : '内容不符合要求。';

export type ReadSheet = {
  readonly wanted: readonly Organisation[];
  readonly faults: readonly SheetFault[];
  /** The row of each union. */
  readonly rows: ReadonlyMap<string, number>;
};

/** What the sheet says of one union; what it has no column for stays as it is. */
const organisationOf = (
  cell: (key: Key) => string | undefined,
  before: Organisation | undefined,
): unknown => {
  const optional = (key: Key, old: string | null | undefined): string | null => {
    const text = cell(key);
    return text === undefined ? (old ?? null) : text === '' ? null : text;
  };
  const date = (key: Key, old: string | null | undefined): string | null => {
    const text = optional(key, old);
    return text === null ? null : dateOf(text);
  };
  const kind = plain(cell('kind') ?? '');
  const contact = {
    name: optional('contactName', before?.contact?.name),
    phone: optional('contactPhone', before?.contact?.phone),
  };
  const dissolvedOn = date('dissolvedOn', before?.dissolution?.on);
  const successor = optional('successor', before?.dissolution?.successor)?.toLowerCase() ?? null;
  const parent = cell('parent')?.toLowerCase() ?? '';
  return {
    id: cell('id')?.toLowerCase(),
    name: cell('name'),
    kind: KIND_WORDS.get(kind) ?? kind,
    parent: parent === '' ? null : parent,
    region: cell('region'),
    supervisionPhone: cell('supervisionPhone'),
    code: optional('code', before?.code),
    contact: contact.name === null && contact.phone === null ? null : contact,
    address: optional('address', before?.address),
    activeFrom: date('activeFrom', before?.activeFrom),
    dissolution: dissolvedOn === null && successor === null ? null : { on: dissolvedOn, successor },
  };
};

const emptyMessage = (key: Key): string => {
  if (key === 'dissolvedOn') return '写了承接单位，请写明撤销日期。';
  if (key === 'successor') return '撤销的单位请写明承接单位编码（皖工发〔2017〕51号第十二条）。';
  if (key === 'contactName') return '写了联系电话，请写明联系人。';
  if (key === 'contactPhone') return '写了联系人，请写明联系电话。';
  return '不能为空。';
};

/**
 * Reads a sheet, its headings in the first row that isn't empty. Unions that it doesn't name stay as they are. Its own
 * faults only: what the tree says of it is judged with the tree.
 */
export const readOrganisationSheet = (
  tree: OrganisationTree,
  sheet: readonly (readonly string[])[],
): ReadSheet => {
  const isEmpty = (cells: readonly string[]): boolean => cells.every((cell) => cell.trim() === '');
  const top = sheet.findIndex((cells) => !isEmpty(cells));
  const headings = sheet[top];
  if (headings === undefined) {
    const fault = { row: null, column: null, code: 'empty-sheet', message: '表格是空的。' };
    return { wanted: [], faults: [fault], rows: new Map() };
  }
  const { at, faults: headingFaults } = headingsOf(headings, top + 1);
  // Without its headings a sheet says nothing that could be judged.
  if (headingFaults.length > 0) return { wanted: [], faults: headingFaults, rows: new Map() };

  const wanted: Organisation[] = [];
  const faults: SheetFault[] = [];
  const rows = new Map<string, number>();
  sheet.forEach((cells, index) => {
    if (index <= top || isEmpty(cells)) return;
    const row = index + 1;
    const cell = (key: Key): string | undefined => {
      const place = at.get(key);
      return place === undefined ? undefined : (cells[place] ?? '').trim();
    };
    const say = (key: Key, code: string, message: string) =>
      faults.push({ row, column: COLUMNS[key].heading, code, message });
    const id = cell('id')?.toLowerCase() ?? '';
    const raw = organisationOf(cell, tree.find(id));
    const parsed = organisationSchema.safeParse(raw);
    const first = rows.get(id);
    if (id !== '' && first !== undefined) {
      say('id', 'repeated', `单位编码与第${first}行重复。`);
      return;
    }
    rows.set(id, row);
    if (parsed.success) {
      wanted.push(parsed.data);
      return;
    }
    for (const issue of parsed.error.issues) {
      const key = keyOfPath(issue.path);
      if ((cell(key) ?? '') === '') say(key, 'missing', emptyMessage(key));
      else if (key === 'kind') {
        const names = Object.values(KINDS).map(({ name }) => name);
        say(key, 'unknown-kind', `类型应为：${names.join('、')}。`);
      } else say(key, 'not-valid', sentence(issue));
    }
  });
  return { wanted, faults, rows };
};

/** A fault of the tree where the sheet shows it. */
export const sheetFault =
  (tree: OrganisationTree, rows: ReadonlyMap<string, number>) =>
  ({ id, field, code, message }: TreeFault): SheetFault => {
    const row = rows.get(id) ?? null;
    const column = field === null ? null : COLUMNS[COLUMN_OF_FIELD[field]].heading;
    return {
      row,
      column,
      code,
      message: row === null ? `${tree.find(id)?.name ?? id}：${message}` : message,
    };
  };

const cellsOf = (one: Organisation): Readonly<Record<Key, string>> => ({
  id: one.id,
  parent: one.parent ?? '',
  name: one.name,
  kind: KINDS[one.kind].name,
  region: one.region,
  supervisionPhone: one.supervisionPhone,
  code: one.code ?? '',
  contactName: one.contact?.name ?? '',
  contactPhone: one.contact?.phone ?? '',
  address: one.address ?? '',
  activeFrom: one.activeFrom ?? '',
  dissolvedOn: one.dissolution?.on ?? '',
  successor: one.dissolution?.successor ?? '',
});

/** The whole tree as a sheet, each union after the one above it; read again, it changes nothing. */
export const organisationSheet = (tree: OrganisationTree): readonly (readonly string[])[] => {
  const ordered: Organisation[] = [];
  const add = (one: Organisation): void => {
    ordered.push(one);
    for (const child of tree.children(one.id)) add(child);
  };
  for (const one of tree.all) if (one.parent === null) add(one);
  return [
    KEYS.map((key) => COLUMNS[key].heading),
    ...ordered.map((one) => {
      const cells = cellsOf(one);
      return KEYS.map((key) => cells[key]);
    }),
  ];
};
