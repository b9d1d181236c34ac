/** What the service refuses a request with: a name that its clients know as a class, and a sentence. */
export type FaultName =
  | 'ExecutionAlreadyExists'
  | 'ExecutionDoesNotExist'
  | 'InvalidArn'
  | 'InvalidExecutionInput'
  | 'InvalidName'
  | 'InvalidOutput'
  | 'InvalidToken'
  | 'SerializationException'
  | 'StateMachineDoesNotExist'
  | 'TaskDoesNotExist'
  | 'TaskTimedOut'
  | 'UnknownOperationException'
  | 'ValidationException';

export class ServiceFault extends Error {
  override readonly name: FaultName;
  constructor(name: FaultName, message: string) {
    super(message);
    this.name = name;
  }
}
