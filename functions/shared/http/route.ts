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
import { type Call, type Input, type RequestSchemas, readSections, type Sections } from './request.ts';

/** What a use case answers; the status is the route's where left out, the body is none where left out. */
export type Reply = {
  readonly status?: number;
  readonly body?: Json;
  readonly headers?: Readonly<Record<string, string>>;
};

/** The message that a signature covers, to be verified over the raw bytes. */
export type RawMessage = Pick<RouteDeclaration, 'method'> &
  Pick<Call, 'target' | 'headers'> & { readonly body: Uint8Array };

export type CallContext = { readonly correlationId: string };
export type SignedInContext = CallContext & { readonly caller: Caller };
export type SignedMessageContext = CallContext & { readonly message: RawMessage };

type Common<S> = Pick<RouteDeclaration, 'method' | 'path'> & {
  /** The status of success. */
  readonly status: number;
  readonly request: S & { readonly [section in Exclude<keyof S, keyof Sections>]: never };
};

type Handle<P, C, S extends RequestSchemas> = (ports: P, context: C, input: Input<S>) => Promise<Reply>;

type JwtDefinition<P, S extends RequestSchemas> = Common<S> & {
  readonly access: 'jwt';
  /** Refused at the door where no role of the caller holds it; the use case checks the resource. */
  readonly operation: GuardedOperation;
  readonly handle: Handle<P, SignedInContext, S>;
};

type PublicDefinition<P, S extends RequestSchemas> = Common<S> & {
  readonly access: 'public';
  readonly operation: PublicOperation;
  readonly handle: Handle<P, CallContext, S>;
};

/** The body stays raw: the use case verifies the signature first and then parses with `readJson`. */
type SignatureDefinition<P, S extends RequestSchemas> = Common<S> & {
  readonly access: 'signature';
  readonly request: { readonly body?: never };
  readonly handle: Handle<P, SignedMessageContext, S>;
};

/** A route over ports `P`, ready for `dispatch`. */
export type Route<P> = RouteDeclaration & {
  /** `null`: the signature is the permission. */
  readonly operation: Operation | null;
  readonly status: number;
  readonly request: RequestSchemas;
  /** Access, parsing, use case. Rejects with what any of them throws. */
  readonly run: (ports: P, call: Call) => Promise<Reply>;
};

/** Makes a route of its declaration; the types of `input` come from the schemas. */
export const defineRoute = <P, const S extends RequestSchemas>(
  definition: JwtDefinition<P, S> | PublicDefinition<P, S> | SignatureDefinition<P, S>,
): Route<P> => {
  const { method, path, access, status } = definition;
  const request: S = definition.request;
  const schema = z.strictObject(request);
  const run = async (ports: P, call: Call): Promise<Reply> => {
    const { correlationId } = call;
    switch (definition.access) {
      case 'jwt': {
        const { caller } = call;
        if (caller === null) throw notSignedIn();
        requireRole(caller, definition.operation);
        return definition.handle(ports, { caller, correlationId }, readSections(schema, request, call));
      }
      case 'public':
        return definition.handle(ports, { correlationId }, readSections(schema, request, call));
      case 'signature': {
        const { target, headers, rawBody: body } = call;
        const message = { method, target, headers, body };
        return definition.handle(
          ports,
          { correlationId, message },
          readSections(schema, request, call, { rawBody: true }),
        );
      }
    }
  };
  const operation = definition.access === 'signature' ? null : definition.operation;
  return { method, path, access, operation, status, request, run };
};
