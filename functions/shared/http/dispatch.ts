/**
 * From a call to an answer, the same in both editions: access, parsing and use case are the route's; here errors
 * become problem details and everything becomes text.
 */
import { createHash } from 'node:crypto';
import type { AppError } from '../errors.ts';
import { errorFields, type Logger } from '../log.ts';
import { attachment } from './disposition.ts';
import { isKnown, tagOf } from './preconditions.ts';
import { asAppError, INTERNAL, problemOf } from './problem.ts';
import { refusalsOf } from './refusals.ts';
import type { Call } from './request.ts';
import type { Reply, Route } from './route.ts';

/** What goes over the wire. */
export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Empty for none. */
  readonly body: string;
  /** The body is bytes, in this form. */
  readonly base64?: true;
};

/** The answer for an error that callers may be told. */
export const refusalAnswer = (error: AppError, correlationId: string): Answer => {
  const { retryAfterSeconds } = error.details;
  return {
    status: error.status,
    headers: {
      'content-type': 'application/problem+json; charset=utf-8',
      ...(error.status === 401 && { 'www-authenticate': 'Bearer' }),
      ...(typeof retryAfterSeconds === 'number' && { 'retry-after': String(retryAfterSeconds) }),
    },
    body: JSON.stringify(problemOf(error, correlationId)),
  };
};

/** The answer for anything that was thrown; what is a fault of ours is logged and not told. */
export const errorAnswer = (
  error: unknown,
  { correlationId, logger, route }: { correlationId: string; logger: Logger; route: string },
): Answer => {
  const told = asAppError(error);
  if (told === undefined) logger.error('a request failed', { correlationId, route, ...errorFields(error) });
  return refusalAnswer(told ?? INTERNAL, correlationId);
};

/** The answer for a use case's reply. */
export const replyAnswer = ({
  status,
  body,
  file,
  headers = {},
}: Reply & { readonly status: number }): Answer => {
  if (file !== undefined) {
    return {
      status,
      headers: { 'content-type': file.contentType, 'content-disposition': attachment(file.name), ...headers },
      body: Buffer.from(file.bytes).toString('base64'),
      base64: true,
    };
  }
  return body === undefined
    ? { status, headers, body: '' }
    : {
        status,
        headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
        body: JSON.stringify(body),
      };
};

/** The tag of an answer that names no version: of its content. */
const contentTag = (body: string): string =>
  tagOf(createHash('sha256').update(body).digest('base64url').slice(0, 27));

/** The answer with its entity tag; 304 without a body for a reader who has it already. */
const tagged = (
  answer: Answer,
  etag: string | undefined,
  { method }: Pick<Route<never>, 'method'>,
  call: Call,
): Answer => {
  if (method !== 'GET' && etag === undefined) return answer;
  const tag = etag === undefined ? contentTag(answer.body) : tagOf(etag);
  const headers = { ...answer.headers, etag: tag };
  return method === 'GET' && answer.status === 200 && isKnown(call.headers, tag)
    ? { status: 304, headers: { etag: tag }, body: '' }
    : { ...answer, headers };
};

/** A route says something else than what the API's description promises. */
class Undescribed extends Error {
  override readonly name = 'Undescribed';
}

/**
 * A route's answers, held against its description: for development and tests. An answer, or the code of a refusal,
 * that is not described becomes a fault of ours.
 */
export const checkedRoute = <P>(route: Route<P>): Route<P> => {
  const known = refusalsOf(route);
  return {
    ...route,
    run: async (ports, call) => {
      try {
        const reply = await route.run(ports, call);
        const parsed = route.about.answer.safeParse(reply.body);
        if (!parsed.success) throw new Undescribed(`${route.method} ${route.path}: ${parsed.error.message}`);
        return reply;
      } catch (error) {
        const told = asAppError(error);
        if (told === undefined || known.get(told.status)?.has(told.code) === true) throw error;
        throw new Undescribed(`${route.method} ${route.path}: ${told.status} ${told.code}`);
      }
    },
  };
};

/** Never rejects. */
export const dispatch = async <P>(route: Route<P>, ports: P, call: Call, logger: Logger): Promise<Answer> => {
  try {
    const reply = await route.run(ports, call);
    return tagged(replyAnswer({ status: route.status, ...reply }), reply.etag, route, call);
  } catch (error) {
    const { correlationId } = call;
    return errorAnswer(error, { correlationId, logger, route: `${route.method} ${route.path}` });
  }
};
