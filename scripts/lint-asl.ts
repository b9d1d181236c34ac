/**
 * What a definition of this house must keep to besides being loadable: asl-validator's own checks, and the
 * rules of the design (no task token waits for ever, a heartbeat is told apart from a timeout, executions carry
 * no personal data). Used by the tests of `statemachines/`; the engine doesn't need it at run time.
 */
import validate from 'asl-validator';
import {
  DefinitionRefused,
  loadDefinition,
  type Machine,
  reachable,
  type State,
  type TaskState,
  transitionsOf,
} from '#embedded/engine/definition.ts';
import { expressionsOf, type Template, variablesRead } from '#embedded/engine/expressions.ts';
import { ERRORS, matches } from '#embedded/engine/failure.ts';
import type { Fault } from '#functions/shared/errors.ts';

export type LintOptions = {
  /** Functions that exist. A state names one as it stands here, or by a placeholder `${name}`. */
  readonly functions: readonly string[];
  /** The only keys that a payload may have, at any depth: none of them may hold personal data. */
  readonly payloadKeys: readonly string[];
  readonly substitutions?: Readonly<Record<string, string>>;
};

type Report = (pointer: string, code: string, message: string) => void;

/** Every fault of a definition; empty where there is none. Messages are for developers. */
export function lintDefinition(text: string, options: LintOptions): readonly Fault[] {
  const faults: Fault[] = validatorFaults(text, options);
  const report: Report = (pointer, code, message) => faults.push({ pointer, code, message });
  let machine: Machine;
  try {
    const { substitutions = {} } = options;
    machine = loadDefinition(text, { substitutions, keepPlaceholders: true });
  } catch (error) {
    if (!(error instanceof DefinitionRefused)) throw error;
    return [...faults, ...error.faults];
  }
  for (const [name, state] of machine.states) {
    const at = `/States/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (state.type === 'Task') {
      lintArguments(state, at, options, report);
      if (state.token) lintTokenTask(state, at, report);
    }
    lintVariables(machine, name, state, at, report);
    lintEnd(machine, name, at, report);
  }
  return faults;
}

/** asl-validator knows neither placeholders nor JSONata over several lines. */
function validatorFaults(text: string, { substitutions = {} }: LintOptions): Fault[] {
  const plain = text.replace(/\$\{(\w+)\}/gu, (_, name: string) => {
    return substitutions[name] ?? (name === 'Partition' ? 'aws' : name);
  });
  let definition: unknown;
  try {
    definition = JSON.parse(plain, (_, value: unknown) =>
      typeof value === 'string' ? oneLine(value) : value,
    );
  } catch {
    // The loader reports it, with the reason.
    return [];
  }
  if (!isDefinition(definition)) return [];
  const { isValid, errorsText } = validate(definition);
  return isValid ? [] : [{ pointer: '', code: 'asl-validator', message: errorsText('; ') }];
}

/** An expression as asl-validator wants it: on one line, with a space at either end. */
const oneLine = (value: string): string => {
  const [, expression] = /^\{%([\s\S]*)%\}$/u.exec(value) ?? [];
  return expression === undefined ? value : `{% ${expression.replaceAll(/\s+/gu, ' ').trim()} %}`;
};

const isDefinition = (value: unknown): value is { States: Record<string, Record<string, unknown>> } =>
  typeof value === 'object' && value !== null && 'States' in value && typeof value.States === 'object';

// ---------------------------------------------------------------- tasks

function lintTokenTask(state: TaskState, at: string, report: Report): void {
  if (state.timeoutSeconds === undefined) {
    report(at, 'no-timeout', 'a task that waits for a token has TimeoutSeconds');
  }
  const naming = (error: string): number =>
    state.catch.findIndex(({ errorEquals }) => errorEquals.includes(error));
  if (naming(ERRORS.timeout) < 0) {
    report(`${at}/Catch`, 'timeout-not-caught', 'a task that waits for a token catches States.Timeout');
  }
  if (state.heartbeatSeconds !== undefined) {
    const first = state.catch.findIndex(({ errorEquals }) =>
      matches(errorEquals, { error: ERRORS.timeout, heartbeat: true }),
    );
    const named = naming(ERRORS.heartbeatTimeout);
    if (named < 0 || named !== first || named === naming(ERRORS.timeout)) {
      report(
        `${at}/Catch`,
        'heartbeat-not-caught-first',
        'a task with HeartbeatSeconds catches States.HeartbeatTimeout before States.Timeout',
      );
    }
  }
  const passesToken = [...expressionsOf(state.arguments)].some(({ source }) =>
    source.includes('$states.context.Task.Token'),
  );
  if (!passesToken) report(`${at}/Arguments`, 'token-not-passed', 'the arguments carry the task token');
}

function lintArguments(state: TaskState, at: string, options: LintOptions, report: Report): void {
  const fields = fieldsOf(state.arguments);
  if (fields === undefined) {
    report(`${at}/Arguments`, 'arguments-not-literal', 'the arguments are an object with literal keys');
    return;
  }
  for (const key of fields.keys()) {
    if (key !== 'FunctionName' && key !== 'Payload') {
      report(
        `${at}/Arguments/${key}`,
        'unknown-argument',
        'lambda:invoke takes FunctionName and Payload here',
      );
    }
  }
  const called = fields.get('FunctionName');
  const name = called?.kind === 'literal' ? called.value : undefined;
  const known =
    typeof name === 'string' &&
    options.functions.some((candidate) => name === candidate || name === `\${${candidate}}`);
  if (!known)
    report(`${at}/Arguments/FunctionName`, 'unknown-function', `no function ${JSON.stringify(name)}`);
  const payload = fields.get('Payload');
  if (payload !== undefined) {
    if (fieldsOf(payload) === undefined) {
      report(`${at}/Arguments/Payload`, 'payload-not-literal', 'a payload is an object with literal keys');
    }
    lintPayload(payload, `${at}/Arguments/Payload`, options.payloadKeys, report);
  }
}

function lintPayload(payload: Template, at: string, allowed: readonly string[], report: Report): void {
  for (const [key, value] of fieldsOf(payload) ?? []) {
    if (!allowed.includes(key)) {
      report(`${at}/${key}`, 'payload-key', `'${key}' is not among the keys that payloads may have`);
    }
    lintPayload(value, `${at}/${key}`, allowed, report);
  }
  const items = payload.kind === 'array' ? payload.items : literalItems(payload);
  for (const [index, item] of items.entries()) lintPayload(item, `${at}/${index}`, allowed, report);
}

/** The fields of an object, whether or not there are expressions in it. */
function fieldsOf(template: Template): ReadonlyMap<string, Template> | undefined {
  if (template.kind === 'object') return new Map(template.entries);
  if (template.kind !== 'literal' || typeof template.value !== 'object' || template.value === null) {
    return undefined;
  }
  if (Array.isArray(template.value)) return undefined;
  return new Map(Object.entries(template.value).map(([key, value]) => [key, { kind: 'literal', value }]));
}

const literalItems = (template: Template): readonly Template[] =>
  template.kind === 'literal' && Array.isArray(template.value)
    ? template.value.map((value) => ({ kind: 'literal', value }))
    : [];

// ---------------------------------------------------------------- paths

function lintEnd(machine: Machine, name: string, at: string, report: Report): void {
  const ends = [...reachable(machine.states, [name])].some((reached) => {
    const state = machine.states.get(reached);
    return state !== undefined && transitionsOf(state).some(({ next }) => next === null);
  });
  if (!ends) report(at, 'no-way-out', 'no path from here ends the execution');
}

/** Variables are seen from the state after the one that assigns them. */
function lintVariables(machine: Machine, name: string, state: State, at: string, report: Report): void {
  const available = new Set<string>();
  for (const other of machine.states.values()) {
    for (const { next, assigns } of transitionsOf(other)) {
      if (next === null || assigns.length === 0) continue;
      if (reachable(machine.states, [next]).has(name))
        for (const variable of assigns) available.add(variable);
    }
  }
  for (const template of templatesOf(state)) {
    for (const variable of variablesRead(template)) {
      if (variable === 'eval') report(at, 'eval', 'Step Functions has no $eval; use $parse');
      else if (!available.has(variable) && !FUNCTIONS.has(variable)) {
        report(at, 'unassigned-variable', `no path assigns $${variable} before this state`);
      }
    }
  }
}

function templatesOf(state: State): readonly Template[] {
  const leavings = (() => {
    switch (state.type) {
      case 'Choice':
        return [...state.choices, ...(state.default === undefined ? [] : [state.default])].map(
          ({ leaving }) => leaving,
        );
      case 'Task':
        return [state.leaving, ...state.catch.map(({ leaving }) => leaving)];
      case 'Fail':
        return [];
      default:
        return [state.leaving];
    }
  })();
  const own: readonly (Template | undefined)[] = (() => {
    switch (state.type) {
      case 'Choice':
        return state.choices.map(({ condition }) => condition);
      case 'Task':
        return [state.arguments, state.timeoutSeconds, state.heartbeatSeconds];
      case 'Wait':
        return [state.until.template];
      case 'Fail':
        return [state.error, state.cause];
      default:
        return [];
    }
  })();
  const leaving = leavings.flatMap(({ assign, output }) => [
    ...assign.map(([, template]) => template),
    output,
  ]);
  return [...own, ...leaving].filter((template) => template !== undefined);
}

/** JSONata 2.0.6 and Step Functions' additions. */
const FUNCTIONS = new Set(
  `abs append assert average base64decode base64encode boolean ceil clone contains count decodeUrl
   decodeUrlComponent distinct each encodeUrl encodeUrlComponent error exists filter floor formatBase
   formatInteger formatNumber fromMillis join keys length lookup lowercase map match max merge millis min not
   now number pad parseInteger power reduce replace reverse round shuffle sift single sort split spread sqrt
   string substring substringAfter substringBefore sum toMillis trim type uppercase zip
   partition range hash random uuid parse`.split(/\s+/u),
);
