/**
 * From a call to an answer, the same in both editions: access, parsing and use case are the route's; here errors
 * become problem details and everything becomes text.
 */
import { errorFields, type Logger } from '../log.ts';
import { asAppError, problemOf } from './problem.ts';
import type { Call } from './request.ts';
import type { Route } from './route.ts';

export type Response = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Empty for none. */
  readonly body: string;
};

/** An error as a response; one that is a fault of ours is logged, with all that it says. */
export const problemResponse = (
  error: unknown,
  { correlationId, logger, route }: { correlationId: string; logger: Logger; route: string },
): Response => {
  if (asAppError(error) === undefined) {
    logger.error('a request failed', { correlationId, route, ...errorFields(error) });
  }
  const { status, body } = problemOf(error, correlationId);
  return {
    status,
    headers: {
      'content-type': 'application/problem+json; charset=utf-8',
      ...(status === 401 && { 'www-authenticate': 'Bearer' }),
    },
    body: JSON.stringify(body),
  };
};

/** Never rejects. */
export const dispatch = async <P>(
  route: Route<P>,
  ports: P,
  call: Call,
  logger: Logger,
): Promise<Response> => {
  try {
    const { status = route.status, body, headers = {} } = await route.run(ports, call);
    if (body === undefined) return { status, headers, body: '' };
    return {
      status,
      headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
      body: JSON.stringify(body),
    };
  } catch (error) {
    const { correlationId } = call;
    return problemResponse(error, { correlationId, logger, route: `${route.method} ${route.path}` });
  }
};
