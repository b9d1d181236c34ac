/** The id that ties a request, its log lines and its error message together. */
import { randomUUID } from 'node:crypto';

export const CORRELATION_HEADER = 'x-correlation-id';

/** The client's own id where it is a plain one, else a new one: it is written into headers and logs. */
export const correlationIdFrom = (header: string | undefined): string =>
  header !== undefined && /^[\w.:-]{1,64}$/.test(header) ? header : randomUUID();
