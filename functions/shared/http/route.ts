/**
 * A route of the API: one declaration that serves both editions, API Gateway with Lambda and the embedded server.
 * What it asks for is a zod schema per section; the use case receives parsed values only. Method, path and access
 * stand in `functions/manifest.ts` as well, from which the cloud is built; a test holds the two together
 * (`test/functions/http/route-faults.ts`).
 */
import * as z from 'zod';
import type { RouteDeclaration } from '#functions/manifest.ts';
import {
  type Caller,
  type GuardedOperation,
  notSignedIn,
  type Operation,
  type PublicOperation,
  requireRole,
} from '../access/policy.ts';
import type { Json } from '../ports.ts';
import { type RequestKey, requestKeyOf } from './idempotency.ts';
import { type IfMatch, ifMatchOf } from './preconditions.ts';
import {
  type Call,
  type Input,
  type RequestSchemas,
  readFile,
  readSections,
  type Sections,
} from './request.ts';

/** A file as an answer, an attachment: shown under `name` where it is saved. */
export type FileReply = { readonly contentType: string; readonly name: string; readonly bytes: Uint8Array };

/** What a use case answers; the status is the route's where left out, the body is none where left out. */
export type Reply = {
  readonly status?: number;
  readonly body?: Json;
  /** A file instead of JSON. */
  readonly file?: FileReply;
  readonly headers?: Readonly<Record<string, string>>;
  /** The version of what is shown, to be held against `If-Match`; without it a page is told apart by its content. */
  readonly etag?: string;
};

/** The chapters of the API's description. */
export const TAGS = {
  cases: '申请',
  documents: '材料',
  access: '查阅与明文',
  tasks: '办理',
  messages: '消息',
  people: '人员与岗位',
  notices: '公示与异议',
  assessments: '试算',
  crossChecks: '信息比对',
  organisations: '工会组织',
  custody: '档案保管与移交',
  privacy: '个人信息',
  disposals: '销毁',
  sanctions: '弄虚作假处理',
  description: '接口说明',
} as const;

/** The answer of routes that answer nothing, or a file. */
export const NO_BODY = z.undefined();

/** What people and programs are told of a route (`functions/openapi.ts`). */
export type About = {
  /** English, in camel case: what generated clients call it. */
  readonly operationId: string;
  readonly tag: keyof typeof TAGS;
  /** Chinese, a few words. */
  readonly summary: string;
  /** Chinese sentences, where the summary leaves something open. */
  readonly description?: string;
  /** The body of success. Real answers are held against it in tests and while developing. */
  readonly answer: z.ZodType;
  /** Stable codes of what the use case refuses, by status; those that come with access and form are known. */
  readonly refusals: { readonly [status: number]: readonly string[] };
  /** Media types of success, where a file is answered instead of JSON; `answer` is then `NO_BODY`. */
  readonly file?: readonly string[];
  /** The form of a body that the use case itself reads from the raw bytes. */
  readonly rawBody?: z.ZodType;
  /** A body that is accepted. */
  readonly example?: Json;
};

/** The message that a signature covers, to be verified over the raw bytes. */
export type RawMessage = Pick<RouteDeclaration, 'method'> &
  Pick<Call, 'target' | 'headers'> & { readonly body: Uint8Array };

export type CallContext = {
  readonly correlationId: string;
  /** The caller's `Idempotency-Key`, on routes that take one. */
  readonly requestKey?: RequestKey;
  /** The caller's `If-Match`, on routes that take one; there for sure where it is required. */
  readonly ifMatch?: IfMatch;
};
export type SignedInContext = CallContext & { readonly caller: Caller };
/** A route that takes a file: the bytes as they came. */
type FileContext = SignedInContext & { readonly file: Uint8Array };
export type RawContext = CallContext & { readonly message: RawMessage };

/** What a route's headers and size are held against before its use case runs. */
type Demands = {
  /** Of the body, in bytes; `MAX_BODY_BYTES` where left out. */
  readonly maxBodyBytes?: number;
  /** It creates something, and takes an `Idempotency-Key`. */
  readonly idempotent?: true;
  /** It changes what somebody else may have changed; `required`: 428 without `If-Match`. */
  readonly ifMatch?: 'required' | 'accepted';
};

type Common<S> = Demands &
  Pick<RouteDeclaration, 'method' | 'path'> & {
    /** The status of success. */
    readonly status: number;
    readonly about: About;
    readonly request: S & { readonly [section in Exclude<keyof S, keyof Sections>]: never };
  };

type Handle<P, C, S extends RequestSchemas> = (ports: P, context: C, input: Input<S>) => Promise<Reply>;

type JwtDefinition<P, S extends RequestSchemas> = Common<S> & {
  readonly access: 'jwt';
  /** Refused at the door where no role of the caller holds it; the use case checks the resource. */
  readonly operation: GuardedOperation;
  readonly handle: Handle<P, SignedInContext, S>;
};

/** The body is a file of one of these types, no longer than `maxBytes`; the use case reads it. */
type FileDefinition<P, S extends RequestSchemas> = Common<S> & {
  readonly operation: GuardedOperation;
  readonly accepts: { readonly types: readonly string[]; readonly maxBytes: number };
  readonly request: { readonly body?: never };
  readonly handle: Handle<P, FileContext, S>;
};

type PublicDefinition<P, S extends RequestSchemas> = Common<S> & {
  readonly access: 'public';
  readonly operation: PublicOperation;
  /** The body stays raw: the use case has a parser of its own for it, and `request` no schema. */
  readonly raw?: true;
  readonly handle: Handle<P, RawContext, S>;
};

/** The body stays raw: the use case verifies the signature first and then parses with `readJson`. */
type SignatureDefinition<P, S extends RequestSchemas> = Common<S> & {
  readonly access: 'signature';
  readonly request: { readonly body?: never };
  readonly handle: Handle<P, RawContext, S>;
};

/** A route over ports `P`, ready for `dispatch`. */
export type Route<P> = RouteDeclaration &
  Demands & {
    /** `null`: the signature is the permission. */
    readonly operation: Operation | null;
    readonly status: number;
    readonly request: RequestSchemas;
    readonly about: About;
    /** Media types of the file that it takes. */
    readonly accepts?: readonly string[];
    /** Access, parsing, use case. Rejects with what any of them throws. */
    readonly run: (ports: P, call: Call) => Promise<Reply>;
  };

/** Makes a route of its declaration; the types of `input` come from the schemas. */
export const defineRoute = <P, const S extends RequestSchemas>(
  definition: JwtDefinition<P, S> | PublicDefinition<P, S> | SignatureDefinition<P, S>,
): Route<P> => {
  const { method, path, access, status, about, maxBodyBytes, idempotent, ifMatch } = definition;
  const request: S = definition.request;
  const schema = z.strictObject(request);
  const contextOf = (call: Call, subject: string): CallContext => {
    const { correlationId, headers } = call;
    const requestKey =
      idempotent === true ? requestKeyOf({ subject, route: `${method} ${path}`, call }) : undefined;
    const match = ifMatch === undefined ? undefined : ifMatchOf(headers, ifMatch);
    return {
      correlationId,
      ...(requestKey === undefined ? {} : { requestKey }),
      ...(match === undefined ? {} : { ifMatch: match }),
    };
  };
  const read = (call: Call, rawBody: boolean) =>
    readSections(schema, request, call, {
      rawBody,
      ...(maxBodyBytes === undefined ? {} : { maxBodyBytes }),
    });
  const rawOf = (call: Call): RawContext => {
    const { target, headers, rawBody: body } = call;
    return { ...contextOf(call, ''), message: { method, target, headers, body } };
  };
  const run = async (ports: P, call: Call): Promise<Reply> => {
    if (definition.access === 'jwt') {
      const { caller } = call;
      if (caller === null) throw notSignedIn();
      requireRole(caller, definition.operation);
      const context = { ...contextOf(call, caller.subject), caller };
      return definition.handle(ports, context, read(call, false));
    }
    const rawBody = definition.access === 'signature' || definition.raw === true;
    return definition.handle(ports, rawOf(call), read(call, rawBody));
  };
  return {
    method,
    path,
    access,
    operation: definition.access === 'signature' ? null : definition.operation,
    status,
    request,
    about,
    run,
    ...(maxBodyBytes === undefined ? {} : { maxBodyBytes }),
    ...(idempotent === undefined ? {} : { idempotent }),
    ...(ifMatch === undefined ? {} : { ifMatch }),
  };
};

/** Makes a route whose body is a file; whoever may not do it is refused before the file is looked at. */
export const defineFileRoute = <P, const S extends RequestSchemas>(
  definition: FileDefinition<P, S>,
): Route<P> => {
  const { method, path, operation, status, accepts, about } = definition;
  const request: S = definition.request;
  const schema = z.strictObject(request);
  const run = async (ports: P, call: Call): Promise<Reply> => {
    const { caller, correlationId } = call;
    if (caller === null) throw notSignedIn();
    requireRole(caller, operation);
    const file = readFile(accepts, call);
    const input = readSections(schema, request, call, { rawBody: true, maxBodyBytes: accepts.maxBytes });
    return definition.handle(ports, { caller, correlationId, file }, input);
  };
  return {
    method,
    path,
    access: 'jwt',
    operation,
    status,
    request,
    about,
    maxBodyBytes: accepts.maxBytes,
    accepts: accepts.types,
    run,
  };
};
