/**
 * The state machine in Step Functions. Its executions are named in the house; their ARN follows from the machine's.
 * Case time is the service's own time.
 */
import {
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  InvalidToken,
  paginateGetExecutionHistory,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  type HistoryEvent as ServiceEvent,
  type SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
  TaskDoesNotExist,
  TaskTimedOut,
} from '@aws-sdk/client-sfn';
import canonicalize from 'canonicalize';
import * as z from 'zod';
import { checkExecutionName, checkPayload } from '#adapters/shared/execution-form.ts';
import { ExecutionExists } from '#functions/shared/errors.ts';
import type {
  ExecutionDescription,
  HistoryEvent,
  Json,
  JsonObject,
  TaskAnswer,
  Workflow,
} from '#functions/shared/ports.ts';

const Text = z
  .string()
  .transform((text): unknown => JSON.parse(text))
  .pipe(z.json());
const Instant = z.date().transform((date) => date.getTime());

const Described = z.object({
  name: z.string(),
  status: z.enum(['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED']),
  input: Text,
  output: Text.optional(),
  error: z.string().optional(),
  cause: z.string().optional(),
  startDate: Instant,
  stopDate: Instant.optional(),
});

function toDescription(output: DescribeExecutionCommandOutput): ExecutionDescription {
  const { startDate, stopDate, output: result, error, cause, ...described } = Described.parse(output);
  return {
    ...described,
    startedAt: startDate,
    ...(result === undefined ? {} : { output: result }),
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
    ...(stopDate === undefined ? {} : { stoppedAt: stopDate }),
  };
}

const Occurred = z.object({ id: z.int(), type: z.string(), timestamp: Instant });
const Details = z.record(z.string(), z.json());

/** An event's one member `…EventDetails`; none where there is nothing in it. */
function detailsOf(event: ServiceEvent): JsonObject | undefined {
  const found = Object.entries(event).find(
    ([name, value]) => name.endsWith('EventDetails') && value !== undefined,
  );
  return found === undefined ? undefined : Details.parse(JSON.parse(JSON.stringify(found[1])));
}

/**
 * The service names the state only where it is entered and left; an event in between belongs to the state of the
 * event before it.
 */
function toHistory(events: readonly ServiceEvent[]): readonly HistoryEvent[] {
  const current = new Map<number, string>();
  return events.map((event) => {
    const occurred = Occurred.parse(event);
    const details = detailsOf(event);
    const state =
      event.stateEnteredEventDetails?.name ??
      event.stateExitedEventDetails?.name ??
      (event.previousEventId === undefined ? undefined : current.get(event.previousEventId));
    if (state !== undefined && event.stateExitedEventDetails === undefined) current.set(occurred.id, state);
    return {
      ...occurred,
      ...(state === undefined ? {} : { state }),
      ...(details === undefined ? {} : { details }),
    };
  });
}

const MachineArn = z
  .string()
  .regex(/^arn:[^:]+:states:[^:]+:\d+:stateMachine:[^:]+(:[^:]+)?$/, 'not the ARN of a state machine');

export type StepFunctionsWorkflowOptions = {
  readonly client: SFNClient;
  /** The machine itself, or an alias or a version of it, through which executions are started. */
  readonly stateMachineArn: string;
};

export class StepFunctionsWorkflow implements Workflow {
  readonly #client: SFNClient;
  readonly #stateMachineArn: string;
  readonly #executionPrefix: string;

  constructor(options: StepFunctionsWorkflowOptions) {
    this.#client = options.client;
    this.#stateMachineArn = MachineArn.parse(options.stateMachineArn);
    // arn:partition:states:region:account:stateMachine:name[:alias]; an execution's ARN doesn't name the alias.
    const [arn, partition, service, region, account, , machine] = this.#stateMachineArn.split(':');
    this.#executionPrefix = [arn, partition, service, region, account, 'execution', machine].join(':');
  }

  /**
   * A start that is repeated while the execution runs is answered by the service as the first was, with `started`;
   * `exists` says that the execution has ended.
   */
  async start(name: string, input: JsonObject): Promise<'started' | 'exists'> {
    checkExecutionName(name);
    checkPayload(input, 'the input of an execution');
    const text = toText(input);
    try {
      await this.#client.send(
        new StartExecutionCommand({ stateMachineArn: this.#stateMachineArn, name, input: text }),
      );
      return 'started';
    } catch (error) {
      if (!(error instanceof ExecutionAlreadyExists)) throw error;
      const standing = await this.describe(name);
      if (standing !== undefined && toText(standing.input) === text) return 'exists';
      throw new ExecutionExists('the name is taken by an execution with another input', { cause: error });
    }
  }

  async complete(taskToken: string, output: Json): Promise<TaskAnswer> {
    checkPayload(output, 'the output of a task');
    return answered(
      this.#client.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) })),
    );
  }

  fail(taskToken: string, error: string, cause: string): Promise<TaskAnswer> {
    return answered(this.#client.send(new SendTaskFailureCommand({ taskToken, error, cause })));
  }

  heartbeat(taskToken: string): Promise<TaskAnswer> {
    return answered(this.#client.send(new SendTaskHeartbeatCommand({ taskToken })));
  }

  async stop(name: string, error: string, cause: string): Promise<void> {
    const command = new StopExecutionCommand({ executionArn: this.#executionArn(name), error, cause });
    await ifItExists(this.#client.send(command));
  }

  async describe(name: string): Promise<ExecutionDescription | undefined> {
    const command = new DescribeExecutionCommand({ executionArn: this.#executionArn(name) });
    const output = await ifItExists(this.#client.send(command));
    return output === undefined ? undefined : toDescription(output);
  }

  /** Empty for an execution that never was. */
  async history(name: string): Promise<readonly HistoryEvent[]> {
    const events: ServiceEvent[] = [];
    const pages = paginateGetExecutionHistory(
      { client: this.#client, pageSize: 1000 },
      { executionArn: this.#executionArn(name), includeExecutionData: true },
    );
    await ifItExists(
      (async () => {
        for await (const page of pages) events.push(...(page.events ?? []));
      })(),
    );
    return toHistory(events);
  }

  #executionArn(name: string): string {
    return `${this.#executionPrefix}:${name}`;
  }
}

/** One spelling for one value: the service compares inputs by their text. */
function toText(value: Json): string {
  const text = canonicalize(value);
  if (text === undefined) throw new Error('a value that is no JSON');
  return text;
}

async function ifItExists<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ExecutionDoesNotExist) return undefined;
    throw error;
  }
}

/** The service answers the same for a token that it never gave, whose time is up, or that is answered. */
async function answered(answer: Promise<unknown>): Promise<TaskAnswer> {
  try {
    await answer;
    return 'delivered';
  } catch (error) {
    if (error instanceof TaskDoesNotExist || error instanceof TaskTimedOut || error instanceof InvalidToken) {
      return 'closed';
    }
    throw error;
  }
}
