/**
 * Loading a state machine: from the text of an Amazon States Language document to a `Machine` that the engine
 * can run, or the list of everything that is wrong with it. A field, state or resource that the engine doesn't
 * serve is refused here, by its JSON pointer, and never ignored.
 */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { zhCN } from 'zod/locales';
import type { Fault } from '#functions/shared/errors.ts';
import type { Json } from '#functions/shared/ports.ts';
import { compile, type Place, type Template } from './expressions.ts';
import { ERRORS } from './failure.ts';

// ---------------------------------------------------------------- what a machine is

export type Retrier = {
  readonly errorEquals: readonly string[];
  /** Seconds. */
  readonly interval: number;
  readonly maxAttempts: number;
  readonly backoffRate: number;
  /** Seconds. */
  readonly maxDelay: number;
  readonly jitter: boolean;
};

/** What is done on leaving: `field` is the prefix that the service gives to the names of its fields. */
export type Leaving = {
  readonly field: string;
  readonly assign: readonly (readonly [string, Template])[];
  /** The state's own default where left out. */
  readonly output: Template | undefined;
};

type Catcher = {
  readonly errorEquals: readonly string[];
  readonly leaving: Leaving;
  readonly next: string;
};
type ChoiceRule = { readonly condition: Template; readonly leaving: Leaving; readonly next: string };

/** The next state; `null` where the execution ends. */
export type Next = string | null;

export type TaskState = {
  readonly type: 'Task';
  /** `lambda:invoke.waitForTaskToken`: the result is what answers the token. */
  readonly token: boolean;
  readonly arguments: Template;
  readonly timeoutSeconds: Template | undefined;
  readonly heartbeatSeconds: Template | undefined;
  readonly retry: readonly Retrier[];
  readonly catch: readonly Catcher[];
  readonly leaving: Leaving;
  readonly next: Next;
};

export type State =
  | TaskState
  | {
      readonly type: 'Choice';
      readonly choices: readonly ChoiceRule[];
      /** Taken with the state's own Assign and Output where no rule matches. */
      readonly default: { readonly leaving: Leaving; readonly next: string } | undefined;
    }
  | {
      readonly type: 'Wait';
      readonly until: { readonly kind: 'Seconds' | 'Timestamp'; readonly template: Template };
      readonly leaving: Leaving;
      readonly next: Next;
    }
  | { readonly type: 'Pass'; readonly leaving: Leaving; readonly next: Next }
  | { readonly type: 'Succeed'; readonly leaving: Leaving }
  | { readonly type: 'Fail'; readonly error: Template | undefined; readonly cause: Template | undefined };

export type Machine = {
  /** SHA-256 of the text after substitution: the identity of the definition. */
  readonly hash: string;
  readonly text: string;
  readonly startAt: string;
  readonly timeoutSeconds: number | undefined;
  readonly states: ReadonlyMap<string, State>;
};

/** The definition can't be run; every reason is named. */
export class DefinitionRefused extends Error {
  override readonly name = 'DefinitionRefused';
  readonly faults: readonly Fault[];
  constructor(faults: readonly Fault[]) {
    super(faults.map((fault) => `${fault.pointer || '/'}: ${fault.message}`).join('\n'));
    this.faults = faults;
  }
}

// ---------------------------------------------------------------- the form

/** The longest time that a field of the language can name, in seconds. */
const LONGEST = 99_999_999;
const LONGEST_DELAY = 31_622_399;
const LARGEST_DEFINITION = 1024 * 1024;
const LONGEST_NAME = 80;

const seconds = z.int().min(1).max(LONGEST);
const expression = z.string().regex(/^\{%[\s\S]*%\}$/u, '须为 JSONata 表达式：“{% … %}”。');
const json = z.json();
const comment = { Comment: z.string().optional() };
const leaving = { Assign: z.record(z.string(), json).optional(), Output: json.optional() };
const common = { ...comment, QueryLanguage: z.literal('JSONata').optional() };
const onward = { Next: z.string().optional(), End: z.boolean().optional() };
const errorEquals = z.array(z.string()).min(1);

const retrier = z.strictObject({
  ...comment,
  ErrorEquals: errorEquals,
  IntervalSeconds: seconds.default(1),
  MaxAttempts: z.int().min(0).max(LONGEST).default(3),
  BackoffRate: z.number().min(1).default(2),
  MaxDelaySeconds: z.int().min(1).max(LONGEST_DELAY).optional(),
  JitterStrategy: z.enum(['NONE', 'FULL']).default('NONE'),
});

const catcher = z.strictObject({ ...comment, ...leaving, ErrorEquals: errorEquals, Next: z.string() });

const stateForm = z.discriminatedUnion('Type', [
  z.strictObject({
    ...common,
    ...leaving,
    ...onward,
    Type: z.literal('Task'),
    Resource: z.string(),
    Arguments: z.union([z.record(z.string(), json), z.string()]).optional(),
    TimeoutSeconds: z.union([seconds, expression]).optional(),
    HeartbeatSeconds: z.union([seconds, expression]).optional(),
    Retry: z.array(retrier).default([]),
    Catch: z.array(catcher).default([]),
  }),
  z.strictObject({
    ...common,
    ...leaving,
    Type: z.literal('Choice'),
    Choices: z
      .array(
        z.strictObject({
          ...comment,
          ...leaving,
          Condition: z.union([z.boolean(), expression]),
          Next: z.string(),
        }),
      )
      .min(1),
    Default: z.string().optional(),
  }),
  z.strictObject({
    ...common,
    ...leaving,
    ...onward,
    Type: z.literal('Wait'),
    Seconds: z.union([z.int().min(0).max(LONGEST), expression]).optional(),
    Timestamp: z.string().optional(),
  }),
  z.strictObject({ ...common, ...leaving, ...onward, Type: z.literal('Pass') }),
  z.strictObject({ ...common, Type: z.literal('Succeed'), Output: json.optional() }),
  z.strictObject({
    ...common,
    Type: z.literal('Fail'),
    Error: z.string().optional(),
    Cause: z.string().optional(),
  }),
]);

const machineForm = z.strictObject({
  ...comment,
  QueryLanguage: z.literal('JSONata'),
  StartAt: z.string(),
  Version: z.literal('1.0').optional(),
  TimeoutSeconds: seconds.optional(),
  States: z.record(z.string(), stateForm),
});

type MachineForm = z.output<typeof machineForm>;
type StateForm = z.output<typeof stateForm>;

const RESOURCE = /^arn:(?:aws(?:-[a-z]+)*|\$\{\w+\}):states:::lambda:invoke(?<token>\.waitForTaskToken)?$/u;
const PLACEHOLDER = /\$\{(\w+)\}/gu;
const VARIABLE_NAME = /^[\p{ID_Start}_]\p{ID_Continue}*$/u;

/** RFC 3339 with an upper-case `T` and, where there is no offset, an upper-case `Z`. */
export const TIMESTAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/u;

// ---------------------------------------------------------------- loading

export type LoadOptions = {
  /** Values for `${Name}`, as CloudFormation's `DefinitionSubstitutions`; they go into the text as they are. */
  readonly substitutions?: Readonly<Record<string, string>>;
  /** Leaves unknown placeholders alone, for a run with mocked tasks. */
  readonly keepPlaceholders?: boolean;
};

type Path = readonly (string | number)[];
type Refuse = (path: Path, code: string, message: string) => void;

/** Loads a definition. Errors: `DefinitionRefused` with every fault found. */
export function loadDefinition(source: string, options: LoadOptions = {}): Machine {
  const faults: Fault[] = [];
  const refuse: Refuse = (path, code, message) => faults.push({ pointer: pointerOf(path), code, message });
  const text = source.replace(PLACEHOLDER, (placeholder, name: string) =>
    Object.hasOwn(options.substitutions ?? {}, name) ? (options.substitutions?.[name] ?? '') : placeholder,
  );
  if (Buffer.byteLength(text) > LARGEST_DEFINITION) refuse([], 'too-large', '状态机定义不得超过 1 MB。');

  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    refuse([], 'invalid-json', `状态机定义不是合法的 JSON：${String(error)}`);
    throw new DefinitionRefused(faults);
  }
  if (options.keepPlaceholders !== true) findPlaceholders(document, [], refuse);

  const parsed = machineForm.safeParse(document, { error: zhCN().localeError });
  if (!parsed.success) {
    for (const issue of parsed.error.issues) refuseIssue(issue, refuse);
    throw new DefinitionRefused(faults);
  }
  const states = new Map(
    Object.entries(parsed.data.States).map(([name, form]) => [name, readState(name, form, refuse)] as const),
  );
  checkGraph(parsed.data, states, refuse);
  if (faults.length > 0) throw new DefinitionRefused(faults);
  return {
    hash: createHash('sha256').update(text).digest('hex'),
    text,
    startAt: parsed.data.StartAt,
    timeoutSeconds: parsed.data.TimeoutSeconds,
    states,
  };
}

/** A JSON pointer (RFC 6901). */
const pointerOf = (path: Path): string =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

function refuseIssue(issue: z.core.$ZodIssue, refuse: Refuse): void {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) refuse([...path, key], 'unsupported-field', `不支持字段“${key}”。`);
  } else if (issue.code === 'invalid_union' && path.at(-1) === 'Type') {
    refuse(path, 'unsupported-state', '不支持此类状态；可用：Task、Choice、Wait、Pass、Succeed、Fail。');
  } else if (path.at(-1) === 'QueryLanguage') {
    refuse(path, 'unsupported-query-language', '只支持 QueryLanguage: "JSONata"。');
  } else {
    refuse(path, issue.code, issue.message);
  }
}

function findPlaceholders(value: unknown, path: Path, refuse: Refuse): void {
  if (typeof value === 'string') {
    for (const [placeholder] of value.matchAll(PLACEHOLDER)) {
      refuse(path, 'unresolved-placeholder', `占位符 ${placeholder} 没有取值。`);
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) findPlaceholders(item, [...path, key], refuse);
  }
}

// ---------------------------------------------------------------- one state

function readState(name: string, form: StateForm, refuse: Refuse): State {
  const at: Path = ['States', name];
  if (name.length > LONGEST_NAME) refuse(at, 'name-too-long', `状态名不得超过 ${LONGEST_NAME} 个字符。`);
  if (name === '') refuse(at, 'name-empty', '状态名不得为空。');

  const template = (value: Json, field: string, path: Path, place: Place = 'plain'): Template =>
    compile(value, field, place, (fault) =>
      refuse([...at, ...path, ...fault.path], 'invalid-expression', fault.message),
    );
  const optional = (value: Json | undefined, field: string): Template | undefined =>
    value === undefined ? undefined : template(value, field, [field]);
  const readLeaving = (
    from: { readonly Assign?: Record<string, Json> | undefined; readonly Output?: Json | undefined },
    place: Place,
    field = '',
    path: Path = [],
  ): Leaving => ({
    field,
    assign: Object.entries(from.Assign ?? {}).map(([variable, value]) => {
      const where = [...path, 'Assign', variable];
      if (variable === 'states' || variable.length > LONGEST_NAME || !VARIABLE_NAME.test(variable)) {
        refuse([...at, ...where], 'invalid-variable', `“${variable}”不能作变量名。`);
      }
      return [variable, template(value, `${field}Assign/${variable}`, where, place)] as const;
    }),
    output:
      from.Output === undefined
        ? undefined
        : template(from.Output, `${field}Output`, [...path, 'Output'], place),
  });
  const readNext = (from: {
    readonly Next?: string | undefined;
    readonly End?: boolean | undefined;
  }): Next => {
    if ((from.Next === undefined) === (from.End !== true)) {
      refuse(at, 'next-or-end', '须有且只有 Next 与 End: true 之一。');
    }
    return from.Next ?? null;
  };

  switch (form.Type) {
    case 'Task': {
      const resource = RESOURCE.exec(form.Resource);
      if (resource === null) {
        refuse(
          [...at, 'Resource'],
          'unsupported-resource',
          '只支持 lambda:invoke 与 lambda:invoke.waitForTaskToken。',
        );
      }
      if (
        typeof form.TimeoutSeconds === 'number' &&
        typeof form.HeartbeatSeconds === 'number' &&
        form.HeartbeatSeconds >= form.TimeoutSeconds
      ) {
        refuse([...at, 'HeartbeatSeconds'], 'heartbeat-too-long', 'HeartbeatSeconds 须小于 TimeoutSeconds。');
      }
      if (typeof form.Arguments === 'string' && !form.Arguments.startsWith('{%')) {
        refuse([...at, 'Arguments'], 'invalid-expression', 'Arguments 须为对象或 JSONata 表达式。');
      }
      checkErrorEquals(form.Retry, [...at, 'Retry'], refuse);
      checkErrorEquals(form.Catch, [...at, 'Catch'], refuse);
      return {
        type: 'Task',
        token: resource?.groups?.token !== undefined,
        arguments: template(form.Arguments ?? {}, 'Arguments', ['Arguments']),
        timeoutSeconds: optional(form.TimeoutSeconds, 'TimeoutSeconds'),
        heartbeatSeconds: optional(form.HeartbeatSeconds, 'HeartbeatSeconds'),
        retry: form.Retry.map((item) => ({
          errorEquals: item.ErrorEquals,
          interval: item.IntervalSeconds,
          maxAttempts: item.MaxAttempts,
          backoffRate: item.BackoffRate,
          maxDelay: item.MaxDelaySeconds ?? LONGEST,
          jitter: item.JitterStrategy === 'FULL',
        })),
        catch: form.Catch.map((item, index) => ({
          errorEquals: item.ErrorEquals,
          leaving: readLeaving(item, 'errorOutput', `Catch[${index}]/`, ['Catch', index]),
          next: item.Next,
        })),
        leaving: readLeaving(form, 'result'),
        next: readNext(form),
      };
    }
    case 'Choice':
      return {
        type: 'Choice',
        choices: form.Choices.map((rule, index) => ({
          condition: template(rule.Condition, `Choices[${index}]/Condition`, ['Choices', index, 'Condition']),
          leaving: readLeaving(rule, 'plain', `Choices[${index}]/`, ['Choices', index]),
          next: rule.Next,
        })),
        default:
          form.Default === undefined
            ? undefined
            : { leaving: readLeaving(form, 'plain'), next: form.Default },
      };
    case 'Wait':
      return {
        type: 'Wait',
        until: readWait(form, at, refuse, template),
        leaving: readLeaving(form, 'plain'),
        next: readNext(form),
      };
    case 'Pass':
      return { type: 'Pass', leaving: readLeaving(form, 'plain'), next: readNext(form) };
    case 'Succeed':
      return { type: 'Succeed', leaving: readLeaving(form, 'plain') };
    case 'Fail':
      return { type: 'Fail', error: optional(form.Error, 'Error'), cause: optional(form.Cause, 'Cause') };
  }
}

function readWait(
  form: StateForm & { Type: 'Wait' },
  at: Path,
  refuse: Refuse,
  template: (value: Json, field: string, path: Path) => Template,
): (State & { type: 'Wait' })['until'] {
  const { Seconds, Timestamp } = form;
  if ((Seconds === undefined) === (Timestamp === undefined)) {
    refuse(at, 'seconds-or-timestamp', '须有且只有 Seconds 与 Timestamp 之一。');
  }
  if (Timestamp === undefined) {
    return { kind: 'Seconds', template: template(Seconds ?? 0, 'Seconds', ['Seconds']) };
  }
  if (!Timestamp.startsWith('{%') && (!TIMESTAMP.test(Timestamp) || Number.isNaN(Date.parse(Timestamp)))) {
    refuse([...at, 'Timestamp'], 'invalid-timestamp', '须为 RFC 3339 时间，例如 2026-01-31T08:00:00Z。');
  }
  return { kind: 'Timestamp', template: template(Timestamp, 'Timestamp', ['Timestamp']) };
}

/** `States.ALL` stands alone, and last. */
function checkErrorEquals(
  items: readonly { readonly ErrorEquals: readonly string[] }[],
  path: Path,
  refuse: Refuse,
): void {
  for (const [index, { ErrorEquals }] of items.entries()) {
    if (!ErrorEquals.includes(ERRORS.all)) continue;
    if (ErrorEquals.length > 1 || index !== items.length - 1) {
      refuse([...path, index, 'ErrorEquals'], 'states-all-not-last', 'States.ALL 须单独列出，且在最后一项。');
    }
  }
}

// ---------------------------------------------------------------- the graph

/** A way out of a state; `assigns` are the variables set on it. `next` is null at an end. */
export type Transition = {
  readonly next: Next;
  readonly assigns: readonly string[];
  readonly path: readonly (string | number)[];
};

/** Every way out of a state. */
export function transitionsOf(state: State): readonly Transition[] {
  const way = (next: Next, out: Leaving | undefined, ...path: (string | number)[]): Transition => ({
    next,
    assigns: out?.assign.map(([name]) => name) ?? [],
    path,
  });
  switch (state.type) {
    case 'Choice':
      return [
        ...state.choices.map((rule, index) => way(rule.next, rule.leaving, 'Choices', index, 'Next')),
        ...(state.default === undefined ? [] : [way(state.default.next, state.default.leaving, 'Default')]),
      ];
    case 'Task':
      return [
        way(state.next, state.leaving, 'Next'),
        ...state.catch.map((item, index) => way(item.next, item.leaving, 'Catch', index, 'Next')),
      ];
    case 'Succeed':
    case 'Fail':
      return [way(null, undefined)];
    default:
      return [way(state.next, state.leaving, 'Next')];
  }
}

function checkGraph(form: MachineForm, states: ReadonlyMap<string, State>, refuse: Refuse): void {
  if (!states.has(form.StartAt)) refuse(['StartAt'], 'missing-state', `没有名为“${form.StartAt}”的状态。`);
  for (const [name, state] of states) {
    for (const { next, path } of transitionsOf(state)) {
      if (next !== null && !states.has(next)) {
        refuse(['States', name, ...path], 'missing-state', `没有名为“${next}”的状态。`);
      }
    }
  }
  const reached = reachable(states, [form.StartAt]);
  for (const name of states.keys()) {
    if (!reached.has(name)) refuse(['States', name], 'unreachable-state', '没有路径到达此状态。');
  }
  const ends = [...states.values()].some((state) => transitionsOf(state).some(({ next }) => next === null));
  if (!ends) refuse(['States'], 'no-terminal-state', '没有可以结束的状态。');
}

/** The states that can be entered from these, these included. */
export function reachable(states: ReadonlyMap<string, State>, from: readonly string[]): ReadonlySet<string> {
  const reached = new Set<string>();
  const open = [...from];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const state = states.get(name);
    if (state === undefined || reached.has(name)) continue;
    reached.add(name);
    for (const { next } of transitionsOf(state)) if (next !== null) open.push(next);
  }
  return reached;
}
