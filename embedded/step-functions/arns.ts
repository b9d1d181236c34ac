/**
 * The ARNs that an endpoint answers to: of its one state machine, of the alias by which it is called, of its
 * executions (which never name the alias).
 */
import { ServiceFault } from './fault.ts';

const MACHINE = /^arn:(aws[\w-]*):states:([\w-]+):(\d{12}):stateMachine:([^:\s]+)(?::([^:\s]+))?$/;
const EXECUTION = /^(arn:aws[\w-]*:states:[\w-]+:\d{12}:execution:[^:\s]+):([^:\s]+)$/;

export type MachineArns = {
  readonly machine: string;
  /** Undefined where the machine is called without one. */
  readonly alias: string | undefined;
  readonly region: string;
  readonly name: string;
  readonly execution: (name: string) => string;
};

/** Reads the ARN under which the machine is called; `RangeError` where it is none. */
export function machineArns(arn: string): MachineArns {
  const [, partition, region, account, name, alias] = MACHINE.exec(arn) ?? [];
  if (partition === undefined || region === undefined || account === undefined || name === undefined)
    throw new RangeError(`not the ARN of a state machine: ${arn}`);
  const prefix = `arn:${partition}:states:${region}:${account}`;
  return {
    machine: `${prefix}:stateMachine:${name}`,
    alias: alias === undefined ? undefined : arn,
    region,
    name,
    execution: (execution) => `${prefix}:execution:${name}:${execution}`,
  };
}

/** Throws `InvalidArn`, and `StateMachineDoesNotExist` for any machine but this one. */
export function requireMachine(arns: MachineArns, given: string): void {
  if (!MACHINE.test(given)) throw new ServiceFault('InvalidArn', `Invalid Arn: '${given}'`);
  if (given !== arns.machine && given !== arns.alias)
    throw new ServiceFault('StateMachineDoesNotExist', `State Machine Does Not Exist: '${given}'`);
}

/** The name of an execution of this machine. Throws `InvalidArn`; `ExecutionDoesNotExist` for another machine's. */
export function executionNameIn(arns: MachineArns, given: string): string {
  const name = EXECUTION.exec(given)?.[2];
  if (name === undefined) throw new ServiceFault('InvalidArn', `Invalid Arn: '${given}'`);
  if (given !== arns.execution(name)) throw noExecution(given);
  return name;
}

export const noExecution = (arn: string): ServiceFault =>
  new ServiceFault('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
