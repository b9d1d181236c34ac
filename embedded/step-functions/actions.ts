/**
 * Step Functions' actions on the engine's one state machine. Limits, names of faults and what is idempotent follow the
 * service's API reference. What is known to differ stands in `docs/engine.md`.
 */
import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { checkExecutionName, checkPayload } from '#adapters/shared/execution-form.ts';
import { ExecutionExists, InvalidCursor, LimitExceeded } from '#functions/shared/errors.ts';
import type { ExecutionDescription, Json, JsonObject, TaskAnswer } from '#functions/shared/ports.ts';
import type { Engine } from '../engine/engine.ts';
import { executionNameIn, type MachineArns, noExecution, requireMachine } from './arns.ts';
import { serviceEvent } from './events.ts';
import { type FaultName, ServiceFault } from './fault.ts';

export type Service = { readonly engine: Engine; readonly arns: MachineArns };

type Action = (service: Service, body: unknown) => Promise<JsonObject>;

// ---------------------------------------------------------------- shapes

const Arn = z.string().min(1).max(256);
const Token = z.string().min(1).max(2048);
const Failure = { error: z.string().max(256).optional(), cause: z.string().max(32_768).optional() };
const Page = {
  /** 0 stands for the default, as left out. */
  maxResults: z.int().min(0).max(1000).default(0),
  nextToken: z.string().min(1).max(1024).optional(),
};
const STATUSES = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'PENDING_REDRIVE'] as const;

const StartExecution = z.object({
  stateMachineArn: Arn,
  name: z.string().min(1).optional(),
  input: z.string().default('{}'),
});
const StopExecution = z.object({ executionArn: Arn, ...Failure });
const DescribeExecution = z.object({
  executionArn: Arn,
  includedData: z.enum(['ALL_DATA', 'METADATA_ONLY']).default('ALL_DATA'),
});
const GetExecutionHistory = z.object({
  executionArn: Arn,
  reverseOrder: z.boolean().default(false),
  includeExecutionData: z.boolean().default(true),
  ...Page,
});
const ListExecutions = z.object({
  stateMachineArn: Arn,
  statusFilter: z.enum(STATUSES).optional(),
  ...Page,
});
const SendTaskSuccess = z.object({ taskToken: Token, output: z.string() });
const SendTaskFailure = z.object({ taskToken: Token, ...Failure });
const SendTaskHeartbeat = z.object({ taskToken: Token });

/** Its page where left out, and where 0 is asked for. */
const DEFAULT_PAGE = 100;

function read<T extends z.ZodType>(schema: T, body: unknown): z.output<T> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, code }) => `'${path.join('.')}': ${code}`);
  throw new ServiceFault('ValidationException', `${faults.length} validation error(s): ${faults.join('; ')}`);
}

/** A JSON text; its message doesn't quote it. */
function readJson(text: string, fault: FaultName, what: string): Json {
  try {
    return z.json().parse(JSON.parse(text));
  } catch {
    throw new ServiceFault(fault, `Invalid ${what}: it is not JSON`);
  }
}

/** What the house's limits refuse is told by the service's name for it. */
function within(check: () => void, fault: FaultName): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof LimitExceeded)) throw error;
    throw new ServiceFault(fault, error.message);
  }
}

const seconds = (instant: number): number => instant / 1000;

// ---------------------------------------------------------------- executions

async function existing({ engine, arns }: Service, arn: string): Promise<ExecutionDescription> {
  const found = await engine.describe(executionNameIn(arns, arn));
  if (found === undefined) throw noExecution(arn);
  return found;
}

const alreadyExists = (arn: string): ServiceFault =>
  new ServiceFault('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);

/** The same start again, while the execution runs, is answered as the first was. */
const startExecution: Action = async ({ engine, arns }, body) => {
  const { stateMachineArn, name = randomUUID(), input: text } = read(StartExecution, body);
  requireMachine(arns, stateMachineArn);
  within(() => checkExecutionName(name), 'InvalidName');
  const input = readJson(text, 'InvalidExecutionInput', 'execution input');
  within(() => checkPayload(input, 'the input'), 'ValidationException');
  const executionArn = arns.execution(name);
  const outcome = await engine.start(name, input).catch((error: unknown) => {
    throw error instanceof ExecutionExists ? alreadyExists(executionArn) : error;
  });
  const { status, startedAt } = await existing({ engine, arns }, executionArn);
  if (outcome === 'exists' && status !== 'RUNNING') throw alreadyExists(executionArn);
  return { executionArn, startDate: seconds(startedAt) };
};

/** One that has ended is answered with its own end. */
const stopExecution: Action = async (service, body) => {
  const { executionArn, error, cause } = read(StopExecution, body);
  const { name } = await existing(service, executionArn);
  await service.engine.stop(name, error, cause);
  const { stoppedAt = 0 } = await existing(service, executionArn);
  return { stopDate: seconds(stoppedAt) };
};

const describeExecution: Action = async (service, body) => {
  const { executionArn, includedData } = read(DescribeExecution, body);
  const { machine, alias } = service.arns;
  const { name, status, input, output, error, cause, startedAt, stoppedAt } = await existing(
    service,
    executionArn,
  );
  const included = includedData === 'ALL_DATA';
  const data = (member: 'input' | 'output', value: Json | undefined): JsonObject =>
    value === undefined
      ? {}
      : { ...(included && { [member]: JSON.stringify(value) }), [`${member}Details`]: { included } };
  return {
    executionArn,
    stateMachineArn: machine,
    ...(alias === undefined ? {} : { stateMachineAliasArn: alias }),
    name,
    status,
    startDate: seconds(startedAt),
    ...(stoppedAt === undefined ? {} : { stopDate: seconds(stoppedAt) }),
    ...data('input', input),
    ...data('output', output),
    ...(included && error !== undefined ? { error } : {}),
    ...(included && cause !== undefined ? { cause } : {}),
    redriveCount: 0,
    redriveStatus: 'NOT_REDRIVABLE',
    redriveStatusReason: 'executions are started again, never redriven',
  };
};

const invalidPage = (): ServiceFault =>
  new ServiceFault('InvalidToken', 'Invalid Token: not one that a page gave');

/** A page's token is the number of events before it. */
const getExecutionHistory: Action = async (service, body) => {
  const { executionArn, reverseOrder, includeExecutionData, maxResults, nextToken } = read(
    GetExecutionHistory,
    body,
  );
  const { name } = await existing(service, executionArn);
  if (nextToken !== undefined && !/^\d{1,5}$/.test(nextToken)) throw invalidPage();
  const from = Number(nextToken ?? 0);
  const history = await service.engine.history(name);
  const ordered = reverseOrder ? history.toReversed() : history;
  const to = from + (maxResults || DEFAULT_PAGE);
  const form = { region: service.arns.region, withData: includeExecutionData };
  return {
    events: ordered.slice(from, to).map((event) => serviceEvent(event, form)),
    ...(to < ordered.length ? { nextToken: String(to) } : {}),
  };
};

const listExecutions: Action = async ({ engine, arns }, body) => {
  const { stateMachineArn, statusFilter = 'any', maxResults, nextToken } = read(ListExecutions, body);
  requireMachine(arns, stateMachineArn);
  // There is no redrive here, so nothing ever waits for one.
  if (statusFilter === 'PENDING_REDRIVE') return { executions: [] };
  try {
    const { executions, cursor } = engine.list(statusFilter, {
      limit: maxResults || DEFAULT_PAGE,
      ...(nextToken === undefined ? {} : { cursor: Buffer.from(nextToken, 'base64url').toString('utf8') }),
    });
    return {
      executions: executions.map(({ name, status, startedAt, stoppedAt }) => ({
        executionArn: arns.execution(name),
        stateMachineArn: arns.machine,
        ...(arns.alias === undefined ? {} : { stateMachineAliasArn: arns.alias }),
        name,
        status,
        startDate: seconds(startedAt),
        ...(stoppedAt === undefined ? {} : { stopDate: seconds(stoppedAt) }),
      })),
      ...(cursor === undefined ? {} : { nextToken: Buffer.from(cursor).toString('base64url') }),
    };
  } catch (error) {
    throw error instanceof InvalidCursor ? invalidPage() : error;
  }
};

// ---------------------------------------------------------------- tasks

const TOKEN_FORM = /^[\w-]{43}$/;
const timedOut = (): ServiceFault =>
  new ServiceFault('TaskTimedOut', 'Task Timed Out: the task has ended, or its token has expired');

/**
 * Tells a task's fate to whoever holds its token. Unlike the engine, the service takes no second answer, not even the
 * same once more.
 */
async function tell(engine: Engine, taskToken: string, how: () => Promise<TaskAnswer>): Promise<JsonObject> {
  if (!TOKEN_FORM.test(taskToken))
    throw new ServiceFault('InvalidToken', 'Invalid Token: not the form of a task token');
  const state = engine.token(taskToken);
  if (state === 'unknown')
    throw new ServiceFault('TaskDoesNotExist', 'Task Does Not Exist: no task has this token');
  if (state === 'answered' || (await how()) === 'closed') throw timedOut();
  return {};
}

const sendTaskSuccess: Action = async ({ engine }, body) => {
  const { taskToken, output: text } = read(SendTaskSuccess, body);
  const output = readJson(text, 'InvalidOutput', 'task output');
  within(() => checkPayload(output, 'the output'), 'ValidationException');
  return tell(engine, taskToken, () => engine.complete(taskToken, output));
};

const sendTaskFailure: Action = async ({ engine }, body) => {
  const { taskToken, error = '', cause } = read(SendTaskFailure, body);
  return tell(engine, taskToken, () => engine.fail(taskToken, error, cause));
};

const sendTaskHeartbeat: Action = async ({ engine }, body) => {
  const { taskToken } = read(SendTaskHeartbeat, body);
  return tell(engine, taskToken, () => engine.heartbeat(taskToken));
};

/** By the name that stands in `X-Amz-Target` after `AWSStepFunctions.`. */
export const ACTIONS: ReadonlyMap<string, Action> = new Map([
  ['StartExecution', startExecution],
  ['StopExecution', stopExecution],
  ['DescribeExecution', describeExecution],
  ['GetExecutionHistory', getExecutionHistory],
  ['ListExecutions', listExecutions],
  ['SendTaskSuccess', sendTaskSuccess],
  ['SendTaskFailure', sendTaskFailure],
  ['SendTaskHeartbeat', sendTaskHeartbeat],
]);
