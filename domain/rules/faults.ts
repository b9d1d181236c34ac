/**
 * Faults of a document, each with the place it stands at, a stable code and a Chinese sentence. The zod schemas of
 * this folder give the code as the issue's message, so that one table holds all the sentences.
 */
import type * as z from 'zod';

/** One fault: a JSON Pointer (RFC 6901; of a missing key: where it belongs), a stable code, a Chinese sentence. */
export type Fault = { readonly pointer: string; readonly code: string; readonly message: string };

const SENTENCES = {
  missing: '缺少这一项，请补填。',
  'unknown-key': '没有这一项，请删去。',
  'not-object': '这里应是一组项目（JSON对象）。',
  'not-list': '这里应是一个列表（JSON数组）。',
  'not-boolean': '这里应填是或否（true或false）。',
  'not-text': '这里应填文字。',
  'empty-text': '这里应填文字，不能为空。',
  'not-well-formed': '文字中有残缺的字符。',
  'not-decimal': '数额应写成文本，如"958.50"：整数部分至多15位，至多两位小数，不带正负号和多余的零。',
  'not-value': '这里应填标准的数值：数额写成文本，是否写成true或false。',
  'not-count': '这里应填0到9999之间的整数。',
  'not-date': '日期应写成年-月-日，如2018-12-20，并且确有这一天。',
  'not-month': '月份应写成年-月，如2017-01。',
  'not-region': '行政区划代码应是6位数字。',
  'not-option': '填写的内容不在可选范围之内。',
  'no-members': '家庭成员至少要有一人，即职工本人。',
  'too-early': '申请日期不能早于2018年12月18日，有关规定自该日起才全部施行。',
  'income-period': '收入期间应是申请年的上一年度，或截至申请上月的12个月。',
  'self-count': '家庭成员中应当有且只有一名职工本人（self）。',
  'duplicate-id': '成员编号重复，每名成员的编号应当各不相同。',
  'unknown-member': '没有这个编号的家庭成员。',
  'wages-only': '所得税和社会保险只能填在工资性收入上。',
  'deductions-exceed-wage': '所得税与社会保险合计不能超过工资数额。',
  'medical-only': '这一项只能填在医疗支出上。',
  'sudden-only': '这一项只能填在意外支出或标明为重大疾病的医疗支出上。',
  'duplicate-place': '同一地区重复列出。',
  'duplicate-value': '同一地区的同一标准在同一天有两个数值。',
  'not-json': '内容不是有效的JSON文档。',
  'not-utf8': '内容不是UTF-8编码的文本。',
  'duplicate-key': '同一项目填了两次，请只保留一个。',
} as const;

export type FaultCode = keyof typeof SENTENCES;

type Path = readonly PropertyKey[];

const pointerTo = (path: Path): string =>
  path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

export const fault = (path: Path, code: FaultCode, hint = ''): Fault => ({
  pointer: pointerTo(path),
  code,
  message: SENTENCES[code] + hint,
});

const isFaultCode = (text: string): text is FaultCode => Object.hasOwn(SENTENCES, text);

/**
 * The error parameter of a zod schema: the code of the fault, or `missing` where nothing stands there.
 */
export const coded =
  (code: FaultCode) =>
  (issue: { readonly input?: unknown }): FaultCode =>
    issue.input === undefined ? 'missing' : code;

/** Every issue of a zod parse as a fault. */
export const faultsOf = (issues: readonly z.core.$ZodIssue[]): Fault[] =>
  issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => fault([...issue.path, key], 'unknown-key'));
    }
    if (!isFaultCode(issue.message)) throw new Error(`a schema gave no fault code: ${issue.code}`);
    const options = issue.code === 'invalid_value' && issue.message === 'not-option' ? issue.values : [];
    const hint = options.length > 0 ? `可选：${options.map(String).join('、')}。` : '';
    return [fault(issue.path, issue.message, hint)];
  });

/** The faults without repetition: one a place and code. */
export const distinct = (faults: readonly Fault[]): Fault[] => [
  ...new Map(faults.map((each) => [`${each.code} ${each.pointer}`, each])).values(),
];
