/**
 * What zod finds, as faults for people and programs: a JSON Pointer, a stable code, a Chinese sentence. Every zod
 * issue has its sentence here; a message that a schema wrote itself, in Chinese, stands.
 */
import type * as z from 'zod';
import type { Fault } from './errors.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** The JSON Pointer (RFC 6901) of a path. */
export const pointerTo = (path: Path): string =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

const TYPES: Readonly<Record<string, string>> = {
  string: '文字',
  number: '数字',
  int: '整数',
  boolean: '是或否（true 或 false）',
  array: '列表',
  object: '对象',
  record: '对象',
  tuple: '列表',
  null: '空值（null）',
  date: '日期',
  never: '空缺',
};

const FORMATS: Readonly<Record<string, string>> = {
  date: '应为真实存在的日期，写作“年-月-日”，例如 2019-03-05。',
  datetime: '应为日期和时间，例如 2019-03-05T08:00:00Z。',
  time: '应为时间，例如 08:00:00。',
  email: '应为电子邮箱地址。',
  url: '应为网址。',
  uuid: '应为 UUID。',
  base64: '应为 Base64 文本。',
  base64url: '应为 Base64url 文本。',
};

/** The value at a path, with whether there is one; only own keys count. */
const lookUp = (value: unknown, path: Path): { readonly found: boolean; readonly value?: unknown } => {
  let current = value;
  for (const part of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, part)) {
      return { found: false };
    }
    current = Reflect.get(current, part);
  }
  return { found: true, value: current };
};

const COUNTED: Readonly<Record<string, string>> = { string: '个字', array: '项', set: '项' };

type Bound = 'least' | 'most' | 'above' | 'below' | 'exactly';

/** A limit, in the words that fit what is counted or measured. */
const measure = (origin: string, limit: number | bigint, bound: Bound): string => {
  const unit = COUNTED[origin];
  switch (bound) {
    case 'least':
      return unit === undefined ? `不能小于 ${limit}。` : `至少 ${limit} ${unit}。`;
    case 'most':
      return unit === undefined ? `不能大于 ${limit}。` : `最多 ${limit} ${unit}。`;
    case 'above':
      return `应大于 ${limit}。`;
    case 'below':
      return `应小于 ${limit}。`;
    case 'exactly':
      return unit === undefined ? `应为 ${limit}。` : `应为 ${limit} ${unit}。`;
  }
};

type Described = { readonly code: string; readonly message: string };

const describe = (issue: Exclude<Issue, z.core.$ZodIssueUnrecognizedKeys>, missing: boolean): Described => {
  if (missing) return { code: 'missing', message: '缺少此项，请填写。' };
  switch (issue.code) {
    case 'invalid_type': {
      const expected = TYPES[issue.expected];
      return {
        code: 'wrong-type',
        message: expected === undefined ? '类型不对。' : `类型不对，应为${expected}。`,
      };
    }
    case 'too_small': {
      const bound = issue.exact === true ? 'exactly' : issue.inclusive === false ? 'above' : 'least';
      const empty = issue.origin === 'string' && issue.minimum === 1 && bound === 'least';
      return {
        code: 'too-small',
        message: empty ? '不能为空。' : measure(issue.origin, issue.minimum, bound),
      };
    }
    case 'too_big': {
      const bound = issue.exact === true ? 'exactly' : issue.inclusive === false ? 'below' : 'most';
      return { code: 'too-big', message: measure(issue.origin, issue.maximum, bound) };
    }
    case 'invalid_format':
      return { code: 'wrong-format', message: FORMATS[issue.format] ?? '格式不对。' };
    case 'not_multiple_of':
      return { code: 'not-multiple', message: `应为 ${issue.divisor} 的倍数。` };
    case 'invalid_value':
      return {
        code: 'not-an-option',
        message: `应为以下之一：${issue.values.map((value) => String(value)).join('、')}。`,
      };
    case 'invalid_union':
      return {
        code: 'not-an-option',
        message:
          'options' in issue && issue.options !== undefined && issue.options.length > 0
            ? `应为以下之一：${issue.options.map((value) => String(value)).join('、')}。`
            : '不符合任何一种允许的填法。',
      };
    case 'invalid_key':
      return { code: 'wrong-key', message: '键的写法不对。' };
    case 'invalid_element':
      return { code: 'wrong-element', message: '其中一项不对。' };
    case 'custom': {
      const code: unknown = issue.params?.code;
      return { code: typeof code === 'string' ? code : 'not-valid', message: '内容不符合要求。' };
    }
  }
};

const isChinese = (message: string): boolean => /\p{Script=Han}/u.test(message);

/** The one alternative of a union that the value was meant for: the only one whose very type fits. */
const intended = (alternatives: readonly (readonly Issue[])[]): readonly Issue[] | undefined => {
  const fitting = alternatives.filter(
    (issues) =>
      !issues.some(
        (issue) =>
          issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value'),
      ),
  );
  return fitting.length === 1 ? fitting[0] : undefined;
};

const faultsOf = (issue: Issue, parent: Path, value: unknown): readonly Fault[] => {
  const path = [...parent, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      pointer: pointerTo([...path, key]),
      code: 'unknown-key',
      message: '不认识的项目，请删去。',
    }));
  }
  if (issue.code === 'invalid_union') {
    const meant = intended(issue.errors);
    if (meant !== undefined) return meant.flatMap((inner) => faultsOf(inner, path, value));
  }
  const { found, value: there } = lookUp(value, path);
  const { code, message } = describe(issue, issue.code !== 'custom' && (!found || there === undefined));
  return [{ pointer: pointerTo(path), code, message: isChinese(issue.message) ? issue.message : message }];
};

/**
 * Every fault that zod found in `value`, in zod's order. Codes: `missing`, `wrong-type`, `too-small`, `too-big`,
 * `wrong-format`, `not-multiple`, `not-an-option`, `unknown-key`, `wrong-key`, `wrong-element`, and for a schema's
 * own rule `not-valid`, or the code that it gave in `params.code`.
 */
export const zodFaults = (error: z.ZodError, value: unknown): readonly Fault[] =>
  error.issues.flatMap((issue) => faultsOf(issue, [], value));
