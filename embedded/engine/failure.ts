/**
 * What can go wrong while a state runs, and which retrier or catcher it concerns.
 *
 * Source: Amazon States Language, "Errors" and appendix A; AWS Step Functions developer guide, "Handling errors".
 */

/** Errors with which the interpreter itself fails a state. */
export const ERRORS = {
  all: 'States.ALL',
  taskFailed: 'States.TaskFailed',
  timeout: 'States.Timeout',
  heartbeatTimeout: 'States.HeartbeatTimeout',
  dataLimitExceeded: 'States.DataLimitExceeded',
  runtime: 'States.Runtime',
  queryEvaluation: 'States.QueryEvaluationError',
  noChoiceMatched: 'States.NoChoiceMatched',
} as const;

/** The failure of a state: what `$states.errorOutput` will show, and how it is recognised. */
export type Failure = {
  readonly error: string;
  readonly cause?: string;
  /** Where an expression failed, relative to the state: `Output/a/b[0]`. Only for query evaluation errors. */
  readonly location?: string;
  /** The task stopped sending heartbeats: reported as `States.Timeout`, known to `ErrorEquals` by both names. */
  readonly heartbeat?: true;
};

/** Thrown inside a state and turned into a retry, a caught error or the end of the execution. */
export class StateFailure extends Error {
  override readonly name = 'StateFailure';
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.error);
    this.failure = failure;
  }
}

/**
 * Thrown by the performer of a task to fail it with an error name of its own choice. Any other error that
 * it throws counts as thrown by the function: its name is the error, its message goes into the cause.
 */
export class TaskFailure extends Error {
  override readonly name = 'TaskFailure';
  readonly error: string;
  readonly reason: string | undefined;
  constructor(error: string, reason?: string) {
    super(error);
    this.error = error;
    this.reason = reason;
  }
}

/** The failure that Lambda reports for what a function threw: the cause is its error response as JSON. */
export function failureOfThrown(thrown: unknown): Failure {
  if (thrown instanceof TaskFailure) {
    const { error, reason } = thrown;
    return reason === undefined ? { error } : { error, cause: reason };
  }
  const errorType = thrown instanceof Error ? thrown.name : 'Error';
  const errorMessage = thrown instanceof Error ? thrown.message : String(thrown);
  return { error: errorType, cause: JSON.stringify({ errorType, errorMessage }) };
}

/**
 * Whether a failure is one of those named by `ErrorEquals`. `States.Runtime` ends the execution whatever is
 * named; `States.DataLimitExceeded` can only be named itself; `States.TaskFailed` is any other but a timeout.
 */
export function matches(errorEquals: readonly string[], failure: Failure): boolean {
  if (failure.error === ERRORS.runtime) return false;
  const terminal = failure.error === ERRORS.dataLimitExceeded;
  const heartbeat = failure.heartbeat === true || failure.error === ERRORS.heartbeatTimeout;
  const timeout = heartbeat || failure.error === ERRORS.timeout;
  return errorEquals.some((name) => {
    if (name === failure.error) return true;
    if (name === ERRORS.all) return !terminal;
    if (name === ERRORS.taskFailed) return !terminal && !timeout;
    if (name === ERRORS.heartbeatTimeout) return heartbeat;
    return name === ERRORS.timeout && timeout;
  });
}
