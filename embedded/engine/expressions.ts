/**
 * JSONata in a definition: `{% … %}` strings anywhere in a JSON value. Compiled once when the definition is
 * loaded; evaluated against `$states` and the variables of the execution.
 *
 * What the service refuses when a state machine is made is refused here too: an expression that doesn't parse,
 * one that reads the top-level context (there is none), `$$`, `$states.result` or `$states.errorOutput` where
 * they don't exist, and operators newer than JSONata 2.0.6, which is what the service runs.
 *
 * Source: AWS Step Functions developer guide, "Transforming data with JSONata in Step Functions".
 */
import jsonata from 'jsonata';
import type { Json, JsonObject } from '#functions/shared/ports.ts';
import { ERRORS, StateFailure } from './failure.ts';
import { SERVICE_FUNCTIONS } from './functions.ts';

/** What an expression can see. `now` is case time in milliseconds: `$now()` and `$millis()` answer it. */
export type Scope = {
  readonly states: {
    readonly input: Json;
    readonly context: JsonObject;
    readonly result?: Json;
    readonly errorOutput?: Json;
  };
  readonly variables: JsonObject;
  readonly now: number;
};

/** A value with expressions in it; `field` is its place in the state, as the service names it: `Output/a[0]`. */
export type Template =
  | { readonly kind: 'literal'; readonly value: Json }
  | {
      readonly kind: 'expression';
      readonly source: string;
      readonly field: string;
      readonly run: jsonata.Expression;
    }
  | { readonly kind: 'array'; readonly items: readonly Template[] }
  | { readonly kind: 'object'; readonly entries: readonly (readonly [string, Template])[] };

/** Which parts of `$states` exist where the template stands, besides `input` and `context`. */
export type Place = 'plain' | 'result' | 'errorOutput';

export type ExpressionFault = { readonly path: readonly (string | number)[]; readonly message: string };

/**
 * Guards against runaways. The service nests at most 100 levels and builds no array of more than 873,782
 * elements (a memory bound of 6,990,256 bytes). An evaluation holds up the whole process, so it gets 2 seconds:
 * twenty times what the slowest honest expression over 256 KiB takes.
 */
const GUARDS = { stack: 100, timeout: 2_000, sequence: 873_782 } as const;

const fromMillis = jsonata('$fromMillis($at, $picture, $timezone)');

// ---------------------------------------------------------------- compiling

/** Compiles a JSON value; what is wrong with its expressions is handed to `refuse` with the path inside it. */
export function compile(
  value: Json,
  field: string,
  place: Place,
  refuse: (fault: ExpressionFault) => void,
  path: readonly (string | number)[] = [],
): Template {
  if (typeof value === 'string')
    return compileText(value, field, place, (message) => refuse({ path, message }));
  if (typeof value !== 'object' || value === null) return { kind: 'literal', value };
  if (isArray(value)) {
    const items = value.map((item, index) =>
      compile(item, `${field}[${index}]`, place, refuse, [...path, index]),
    );
    return items.every((item) => item.kind === 'literal')
      ? { kind: 'literal', value }
      : { kind: 'array', items };
  }
  const entries = Object.entries(value).map(
    ([key, item]) => [key, compile(item, `${field}/${key}`, place, refuse, [...path, key])] as const,
  );
  return entries.every(([, item]) => item.kind === 'literal')
    ? { kind: 'literal', value }
    : { kind: 'object', entries };
}

function compileText(
  value: string,
  field: string,
  place: Place,
  refuse: (message: string) => void,
): Template {
  const opened = value.startsWith('{%');
  const closed = value.endsWith('%}');
  if (!opened && !closed) return { kind: 'literal', value };
  if (!opened || !closed || value.length < 4) {
    refuse('JSONata 表达式须以“{%”开头、以“%}”结尾，前后不得有空格。');
    return { kind: 'literal', value };
  }
  const source = value.slice(2, -2).trim();
  let run: jsonata.Expression;
  try {
    run = jsonata(source, GUARDS);
  } catch (error) {
    refuse(`JSONata 表达式无法解析：${describe(error)}`);
    return { kind: 'literal', value };
  }
  for (const message of objections(source, run.ast(), place)) refuse(message);
  return { kind: 'expression', source, field, run };
}

/** Keys of a syntax node below which the context is no longer the (absent) top level. */
const INNER = new Set(['predicate', 'stages', 'group', 'terms', 'pattern', 'update', 'delete']);

type Visit = (node: Readonly<Record<string, unknown>>, top: boolean) => void;

/** Walks a syntax tree; `top` says whether a name would be read from the top-level context. */
function walk(node: unknown, top: boolean, visit: Visit): void {
  if (Array.isArray(node)) {
    for (const item of node) walk(item, top, visit);
    return;
  }
  if (!isRecord(node)) return;
  visit(node, top);
  for (const [key, child] of Object.entries(node)) {
    if (key === 'steps' && Array.isArray(child)) {
      for (const [index, step] of child.entries()) walk(step, top && index === 0, visit);
    } else {
      walk(child, top && !INNER.has(key), visit);
    }
  }
}

function objections(source: string, tree: unknown, place: Place): string[] {
  const found = new Set<string>();
  walk(tree, true, (node, top) => {
    if (node.type === 'name' && top) found.add(`不支持在顶层引用“${String(node.value)}”（没有顶层上下文）。`);
    if (node.type === 'variable' && node.value === '' && top) found.add('不支持在顶层使用“$”。');
    if (node.type === 'variable' && node.value === '$') found.add('不支持“$$”。');
    const part = partOfStates(node);
    if (part === 'result' && place !== 'result') found.add('此处没有 $states.result。');
    if (part === 'errorOutput' && place !== 'errorOutput') found.add('此处没有 $states.errorOutput。');
  });
  if (/\?\?|\?:/u.test(withoutLiterals(source))) {
    found.add('运算符“??”与“?:”不在 JSONata 2.0.6 之内，Step Functions 不支持。');
  }
  return [...found];
}

/** `x` of a path that begins `$states.x`. */
function partOfStates(node: Readonly<Record<string, unknown>>): unknown {
  if (node.type !== 'path' || !Array.isArray(node.steps)) return undefined;
  const [first, second]: unknown[] = node.steps;
  if (!isRecord(first) || first.type !== 'variable' || first.value !== 'states') return undefined;
  return isRecord(second) && second.type === 'name' ? second.value : undefined;
}

/** The source with string literals, quoted names, regular expressions after `,` or `(`, and comments blanked. */
const withoutLiterals = (source: string): string =>
  source.replace(
    /\/\*[\s\S]*?\*\/|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`|(?<=[,(]\s*)\/(?:[^/\\]|\\.)+\//gu,
    ' ',
  );

/** The variables that a template's expressions read and don't bind themselves, without `$states`. */
export function variablesRead(template: Template): ReadonlySet<string> {
  const read = new Set<string>();
  for (const expression of expressionsOf(template)) {
    const bound = new Set<unknown>();
    const seen = new Set<string>();
    walk(expression.run.ast(), true, (node) => {
      if (node.type === 'bind' && isRecord(node.lhs)) bound.add(node.lhs.value);
      if (node.type === 'lambda' && Array.isArray(node.arguments)) {
        for (const argument of node.arguments) if (isRecord(argument)) bound.add(argument.value);
      }
      if (typeof node.focus === 'string') bound.add(node.focus);
      if (typeof node.index === 'string') bound.add(node.index);
      if (node.type === 'variable' && typeof node.value === 'string' && node.value !== '')
        seen.add(node.value);
    });
    for (const name of seen) if (!bound.has(name) && name !== 'states') read.add(name);
  }
  return read;
}

export function* expressionsOf(template: Template): Generator<Template & { kind: 'expression' }> {
  if (template.kind === 'expression') yield template;
  if (template.kind === 'array') for (const item of template.items) yield* expressionsOf(item);
  if (template.kind === 'object') for (const [, item] of template.entries) yield* expressionsOf(item);
}

// ---------------------------------------------------------------- evaluating

/** Evaluates a template. Errors: `StateFailure` with `States.QueryEvaluationError` and the field's name. */
export async function evaluate(template: Template, scope: Scope): Promise<Json> {
  switch (template.kind) {
    case 'literal':
      return template.value;
    case 'expression':
      return evaluateExpression(template, scope);
    case 'array': {
      const items: Json[] = [];
      for (const item of template.items) items.push(await evaluate(item, scope));
      return items;
    }
    case 'object': {
      const entries: [string, Json][] = [];
      for (const [key, item] of template.entries) entries.push([key, await evaluate(item, scope)]);
      return Object.fromEntries(entries);
    }
  }
}

async function evaluateExpression(
  { source, field, run }: Template & { kind: 'expression' },
  scope: Scope,
): Promise<Json> {
  let result: unknown;
  try {
    result = await run.evaluate(undefined, bindings(scope));
  } catch (error) {
    throw refused(
      field,
      `The JSONata expression '${source}' specified for the field '${field}' threw an error during evaluation${hasCode(error) ? '.' : ':'} ${describe(error)}`,
    );
  }
  if (result === undefined) {
    throw refused(
      field,
      `The JSONata expression '${source}' specified for the field '${field}' returned nothing (undefined).`,
    );
  }
  const value = toJson(result);
  if (value === undefined) {
    throw refused(
      field,
      `The JSONata expression '${source}' specified for the field '${field}' returned an unsupported result type.`,
    );
  }
  return value;
}

/** An expression gave a value of a kind or range that the field doesn't take. */
export function unexpected(template: Template, field: string, expected: string, value: Json): StateFailure {
  const source = template.kind === 'expression' ? template.source : JSON.stringify(value);
  return refused(
    field,
    `The JSONata expression '${source}' specified for the field '${field}' returned an unexpected result type. Expected '${expected}', but was '${kindOf(value)}'.`,
  );
}

const refused = (location: string, cause: string): StateFailure =>
  new StateFailure({ error: ERRORS.queryEvaluation, cause, location });

function bindings(scope: Scope): Record<string, unknown> {
  return {
    ...SERVICE_FUNCTIONS,
    millis: () => scope.now,
    now: (picture: unknown, timezone: unknown) =>
      fromMillis.evaluate(undefined, { at: scope.now, picture, timezone }),
    ...scope.variables,
    states: scope.states,
  };
}

/** A plain copy of an evaluation's result; `undefined` where there is something in it that JSON doesn't have. */
function toJson(value: unknown): Json | undefined {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  // JSON has no infinity; the service writes JavaScript's names for it.
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (Array.isArray(value)) {
    const items: Json[] = [];
    for (const item of value) {
      const copy = toJson(item);
      if (copy === undefined) return undefined;
      items.push(copy);
    }
    return items;
  }
  if (!isRecord(value) || isFunctionObject(value)) return undefined;
  const entries: [string, Json][] = [];
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue;
    const copy = toJson(item);
    if (copy === undefined) return undefined;
    entries.push([key, copy]);
  }
  return Object.fromEntries(entries);
}

/** JSONata's own functions and lambdas are objects with a mark. */
const isFunctionObject = (value: Readonly<Record<string, unknown>>): boolean =>
  value._jsonata_lambda === true || value._jsonata_function === true;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isArray = (value: Json): value is readonly Json[] => Array.isArray(value);

const kindOf = (value: Json): string =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;

/** Errors of JSONata carry a code, those of the host don't. */
const hasCode = (error: unknown): error is Readonly<Record<string, unknown>> & { readonly code: string } =>
  isRecord(error) && typeof error.code === 'string';

function describe(error: unknown): string {
  const message = isRecord(error) ? String(error.message) : String(error);
  return hasCode(error) ? `${error.code}: ${message}` : message;
}
