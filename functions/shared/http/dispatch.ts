/**
 * From a call to an answer, the same in both editions: access, parsing and use case are the route's; here errors
 * become problem details and everything becomes text.
 */
import type { AppError } from '../errors.ts';
import { errorFields, type Logger } from '../log.ts';
import { asAppError, INTERNAL, problemOf } from './problem.ts';
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
export const refusalAnswer = (error: AppError, correlationId: string): Answer => ({
  status: error.status,
  headers: {
    'content-type': 'application/problem+json; charset=utf-8',
    ...(error.status === 401 && { 'www-authenticate': 'Bearer' }),
  },
  body: JSON.stringify(problemOf(error, correlationId)),
});

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
    const disposition = `attachment; filename="${file.name}"`;
    return {
      status,
      headers: { 'content-type': file.contentType, 'content-disposition': disposition, ...headers },
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

/** Never rejects. */
export const dispatch = async <P>(route: Route<P>, ports: P, call: Call, logger: Logger): Promise<Answer> => {
  try {
    return replyAnswer({ status: route.status, ...(await route.run(ports, call)) });
  } catch (error) {
    const { correlationId } = call;
    return errorAnswer(error, { correlationId, logger, route: `${route.method} ${route.path}` });
  }
};
