/**
 * The exchange with a centre that has no interface, by sheets: the list of who is asked about, and the reply, one row a
 * thing found (or a category without one). A reply is read whole; every fault is named by row and column, and what
 * comes out is the same result as a callback's. `docs/cross-check.md` describes both sheets.
 */
import { sha256 } from './audit.ts';
import {
  CATEGORY_NAMES,
  type CategoryResult,
  CROSS_CHECK_CATEGORIES,
  type CrossCheckCategory,
  type CrossCheckRequestBody,
  categoryResultSchema,
} from './cross-check.ts';

const REQUEST_HEADINGS = [
  '请求编号',
  '人员编号',
  '姓名',
  '身份证号码',
  '与职工关系',
  '查询项目',
  '请求日期',
  '授权书摘要',
] as const;

const RELATIONS: Readonly<Record<CrossCheckRequestBody['persons'][number]['relation'], string>> = {
  self: '本人',
  spouse: '配偶',
  child: '子女',
  parent: '父母',
  sibling: '兄弟姐妹',
  grandparent: '祖父母或外祖父母',
  grandchild: '孙子女或外孙子女',
  other: '其他',
  supporter: '户外法定赡养、抚养、扶养人',
};

/** Everyone of these requests, a row each, under the headings. ID numbers are text. */
export const requestSheet = (requests: readonly CrossCheckRequestBody[]): readonly (readonly string[])[] => [
  REQUEST_HEADINGS,
  ...requests.flatMap(({ requestId, persons, categories, caseDate, authorisationDigest }) =>
    persons.map(({ personId, name, idNumber, relation }) => [
      requestId,
      personId,
      name,
      idNumber,
      RELATIONS[relation],
      categories.map((category) => CATEGORY_NAMES[category]).join('、'),
      caseDate,
      authorisationDigest ?? '',
    ]),
  ),
];

// ---------------------------------------------------------------- the reply

export const REPLY_HEADINGS = [
  '请求编号',
  '类别',
  '结果',
  '人员编号',
  '种类',
  '编号',
  '面积或价格',
  '坐落或名称',
  '身份',
  '登记日期',
  '状态',
  '说明',
  '来源',
  '数据日期',
] as const;
type Heading = (typeof REPLY_HEADINGS)[number];
type Cells = Readonly<Record<Heading, string>>;

/** `row` as the sheet shows it, from 1. */
export type ReplyFault = {
  readonly row: number;
  readonly column: Heading | null;
  readonly code: string;
  readonly message: string;
};

export type Reply = {
  readonly requestId: string;
  /** The row in which it begins. */
  readonly row: number;
  /** Made of the content: the same reply in another file is the same. */
  readonly resultId: string;
  readonly categories: readonly CategoryResult[];
  /** The row of each item, by category. */
  readonly rows: ReadonlyMap<CrossCheckCategory, readonly number[]>;
};

const STATUSES: Readonly<Record<string, CategoryResult['status']>> = {
  无: 'clean',
  有: 'hit',
  未查到: 'unavailable',
  无法查询: 'unavailable',
};
const KINDS: Readonly<Record<string, string>> = {
  住房: 'home',
  经营用房: 'businessPremises',
  生产经营用房: 'businessPremises',
  其他房产: 'other',
  机动车: 'motorVehicle',
  船舶: 'ship',
  工程机械: 'constructionMachine',
  大型农机具: 'farmMachine',
  企业: 'company',
  个体工商户: 'individualBusiness',
  合作社: 'cooperative',
  其他登记: 'other',
};
const ROLES: Readonly<Record<string, string>> = {
  法定代表人: 'legalRepresentative',
  经营者: 'operator',
  股东: 'shareholder',
  任职: 'officer',
};
const STATES: Readonly<Record<string, string>> = {
  存续: 'active',
  吊销: 'revoked',
  注销: 'deregistered',
};

/** What each field of an item is read from, by category: the one place that both the reading and the faults go by. */
const FIELDS: Readonly<
  Record<'housing' | 'vehicles' | 'businessRegistration' | 'other', Readonly<Record<string, Heading>>>
> = {
  housing: {
    personId: '人员编号',
    kind: '种类',
    propertyId: '编号',
    area: '面积或价格',
    addressMasked: '坐落或名称',
  },
  vehicles: {
    personId: '人员编号',
    kind: '种类',
    purchasePrice: '面积或价格',
    registeredOn: '登记日期',
  },
  businessRegistration: {
    personId: '人员编号',
    kind: '种类',
    creditCode: '编号',
    name: '坐落或名称',
    role: '身份',
    registeredOn: '登记日期',
    status: '状态',
  },
  other: { personId: '人员编号', kind: '种类', detail: '说明' },
};

const fieldsOf = (category: CrossCheckCategory): Readonly<Record<string, Heading>> =>
  category === 'housing' || category === 'vehicles' || category === 'businessRegistration'
    ? FIELDS[category]
    : FIELDS.other;

/** Words become the codes of the wire; what nobody knows stays, and is a fault there. */
const coded = (category: CrossCheckCategory, field: string, text: string): string | null => {
  if (field === 'area' || field === 'purchasePrice') return text === '' ? null : text;
  if (field === 'kind' && fieldsOf(category) !== FIELDS.other) return KINDS[text] ?? text;
  if (field === 'role') return ROLES[text] ?? text;
  return field === 'status' ? (STATES[text] ?? text) : text;
};

const itemOf = (category: CrossCheckCategory, cells: Cells): Readonly<Record<string, string | null>> =>
  Object.fromEntries(
    Object.entries(fieldsOf(category)).map(([field, heading]) => [
      field,
      coded(category, field, cells[heading]),
    ]),
  );

type Line = { readonly row: number; readonly cells: Cells };

const columnsOf = (
  headings: readonly string[],
): { readonly at: ReadonlyMap<Heading, number>; readonly faults: readonly ReplyFault[] } => {
  const plain = headings.map((heading) => heading.normalize('NFKC').replace(/\s/gu, ''));
  const at = new Map(
    REPLY_HEADINGS.flatMap((heading): [Heading, number][] =>
      plain.includes(heading) ? [[heading, plain.indexOf(heading)]] : [],
    ),
  );
  return {
    at,
    faults: REPLY_HEADINGS.flatMap((heading) =>
      at.has(heading)
        ? []
        : [{ row: 1, column: heading, code: 'missing-column', message: `缺少“${heading}”一列。` }],
    ),
  };
};

const grouped = <T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, readonly T[]> => {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
};

const categoryOf = (text: string): CrossCheckCategory | undefined =>
  CROSS_CHECK_CATEGORIES.find((category) => CATEGORY_NAMES[category] === text);

/** One category of one request: its rows agree, and those of a hit are items. */
const readCategory = (
  category: CrossCheckCategory,
  lines: readonly Line[],
): { readonly result: CategoryResult | undefined; readonly faults: readonly ReplyFault[] } => {
  const [first] = lines;
  if (first === undefined) return { result: undefined, faults: [] };
  const status = STATUSES[first.cells.结果];
  const fault = (line: Line, column: Heading, code: string, message: string): ReplyFault => ({
    row: line.row,
    column,
    code,
    message,
  });
  if (status === undefined) {
    return {
      result: undefined,
      faults: [fault(first, '结果', 'unknown-status', '结果应为：无、有、未查到。')],
    };
  }
  const contrary = lines.flatMap((line) => {
    if (STATUSES[line.cells.结果] !== status) {
      return [fault(line, '结果', 'contrary', '同一请求同一类别的结果前后不一致。')];
    }
    return status !== 'hit' && line !== first
      ? [fault(line, '类别', 'repeated', '没有查得内容的类别只写一行。')]
      : [];
  });
  if (contrary.length > 0) return { result: undefined, faults: contrary };
  const parsed = categoryResultSchema.safeParse({
    category,
    status,
    source: first.cells.来源,
    asOf: first.cells.数据日期,
    items: status === 'hit' ? lines.map(({ cells }) => itemOf(category, cells)) : [],
  });
  if (parsed.success) return { result: parsed.data, faults: [] };
  const fields = fieldsOf(category);
  return {
    result: undefined,
    faults: parsed.error.issues.map(({ path }) => {
      const [head, index, field] = path;
      const line = head === 'items' && typeof index === 'number' ? (lines[index] ?? first) : first;
      const column = head === 'asOf' ? '数据日期' : head === 'source' ? '来源' : fields[String(field)];
      return column === undefined
        ? { row: line.row, column: null, code: 'invalid', message: '这一行的内容有误。' }
        : fault(line, column, 'invalid', `“${column}”的内容有误或缺少，请按说明填写。`);
    }),
  };
};

/** Reads a reply sheet, headings first. */
export const readReplySheet = (
  rows: readonly (readonly string[])[],
): { readonly replies: readonly Reply[]; readonly faults: readonly ReplyFault[] } => {
  const [headings = [], ...body] = rows;
  const { at, faults: missing } = columnsOf(headings);
  if (missing.length > 0) return { replies: [], faults: missing };
  const cellOf = (row: readonly string[], heading: Heading): string =>
    (row[at.get(heading) ?? -1] ?? '').normalize('NFKC').trim();
  const lines = body.flatMap((row, index): Line[] =>
    row.every((cell) => cell.trim() === '')
      ? []
      : [
          {
            row: index + 2,
            cells: {
              请求编号: cellOf(row, '请求编号'),
              类别: cellOf(row, '类别'),
              结果: cellOf(row, '结果'),
              人员编号: cellOf(row, '人员编号'),
              种类: cellOf(row, '种类'),
              编号: cellOf(row, '编号'),
              面积或价格: cellOf(row, '面积或价格'),
              坐落或名称: cellOf(row, '坐落或名称'),
              身份: cellOf(row, '身份'),
              登记日期: cellOf(row, '登记日期'),
              状态: cellOf(row, '状态'),
              说明: cellOf(row, '说明'),
              来源: cellOf(row, '来源'),
              数据日期: cellOf(row, '数据日期'),
            },
          },
        ],
  );
  const faults: ReplyFault[] = [];
  const replies: Reply[] = [];
  for (const [requestId, ofRequest] of grouped(lines, ({ cells }) => cells.请求编号)) {
    const categories: CategoryResult[] = [];
    const itemRows = new Map<CrossCheckCategory, readonly number[]>();
    for (const [name, ofCategory] of grouped(ofRequest, ({ cells }) => cells.类别)) {
      const category = categoryOf(name);
      if (category === undefined) {
        const message = `类别应为：${Object.values(CATEGORY_NAMES).join('、')}。`;
        faults.push(
          ...ofCategory.map(({ row }) => ({
            row,
            column: '类别' as const,
            code: 'unknown-category',
            message,
          })),
        );
        continue;
      }
      const read = readCategory(category, ofCategory);
      faults.push(...read.faults);
      if (read.result === undefined) continue;
      categories.push(read.result);
      itemRows.set(
        category,
        ofCategory.map(({ row }) => row),
      );
    }
    const [first] = ofRequest;
    if (first === undefined) continue;
    replies.push({
      requestId,
      row: first.row,
      resultId: `file-${sha256(JSON.stringify(categories)).slice(0, 32)}`,
      categories,
      rows: itemRows,
    });
  }
  return { replies, faults: faults.sort((one, other) => one.row - other.row) };
};
