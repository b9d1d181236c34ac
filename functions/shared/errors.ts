/**
 * One base error for everything that a caller can be told: a stable code for programs, a Chinese sentence for
 * people, the HTTP status that it maps to. Anything else that is thrown is a fault of ours (500).
 */
import type { JsonObject } from './ports.ts';

export class AppError extends Error {
  override readonly name: string = 'AppError';
  readonly code: string;
  readonly status: number;
  /** Facts that help to mend the request; never personal data. */
  readonly details: JsonObject;

  constructor(code: string, status: number, message: string, details: JsonObject = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.details = details;
  }
}

/**
 * One fault of a document that doesn't fit its schema: a JSON Pointer (of a missing key: where it belongs), a stable
 * code, a Chinese sentence. `in` is there where the document is not the body: the path's or the query's parameters.
 */
export type Fault = {
  readonly pointer: string;
  readonly code: string;
  readonly message: string;
  readonly in?: 'path' | 'query';
};

export const fault = (pointer: string, code: string, message: string): Fault => ({ pointer, code, message });

/** The request's content doesn't fit its schema; every fault is named. */
export class InvalidInput extends AppError {
  override readonly name = 'InvalidInput';
  readonly faults: readonly Fault[];
  constructor(faults: readonly Fault[], message = '提交的内容有误，请按提示逐项改正后重新提交。') {
    super('invalid-input', 422, message, { faults: faults.map((fault) => ({ ...fault })) });
    this.faults = faults;
  }
}

// ---- ports' errors: they never reach a caller as they are, unless a function lets them

/** A conditional write found the item in another state. `operations` are positions in the transaction. */
export class ConditionFailed extends Error {
  override readonly name = 'ConditionFailed';
  readonly operations: readonly number[];
  constructor(operations: readonly number[]) {
    super(`condition failed at operation ${operations.join(', ')}`);
    this.operations = operations;
  }
}

/** A request beyond `ITEM_LIMITS` or against the form of the port; nothing was sent. */
export class LimitExceeded extends Error {
  override readonly name = 'LimitExceeded';
}

export class InvalidCursor extends Error {
  override readonly name = 'InvalidCursor';
}

export class DocumentExists extends Error {
  override readonly name = 'DocumentExists';
}

export class DocumentMissing extends Error {
  override readonly name = 'DocumentMissing';
}

export class DocumentLocked extends Error {
  override readonly name = 'DocumentLocked';
}

export class ChecksumMismatch extends Error {
  override readonly name = 'ChecksumMismatch';
}

/** The execution's name is taken by one with another input. */
export class ExecutionExists extends Error {
  override readonly name = 'ExecutionExists';
}

/** The vault cannot or will not open: wrong context, changed bytes, unknown key. */
export class VaultRefused extends Error {
  override readonly name = 'VaultRefused';
}

/** A message could not be handed on: it stays in the outbox and is tried again later. */
export class NotifierUnavailable extends Error {
  override readonly name = 'Notifier.Unavailable';
}

/** A message will not be taken, however often it is tried: a person must look. */
export class NotifierRefused extends Error {
  override readonly name = 'Notifier.Refused';
}

/** The centre could not be reached or asks to come again: worth a retry. */
export class CentreUnavailable extends Error {
  override readonly name = 'Centre.Unavailable';
}

/** The malware scanner could not be reached, or gave no judgement: worth a retry. */
export class ScannerUnavailable extends Error {
  override readonly name = 'Scanner.Unavailable';
}

/** The centre refused the request itself: a retry is pointless, a person must look. */
export class CentreRefused extends Error {
  override readonly name = 'Centre.Refused';
}
