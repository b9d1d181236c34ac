/** What an execution may be called and carry: the service's own limits, refused alike by every adapter of `Workflow`. */
import { LimitExceeded } from '#functions/shared/errors.ts';
import type { Json } from '#functions/shared/ports.ts';

/** UTF-8 bytes of an input, an output or a result as JSON. */
export const PAYLOAD_BYTES = 256 * 1024;

/** Step Functions' form of an execution name. */
const NAME = /^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]{1,80}$/u;

/** Throws `LimitExceeded` for what is no name of an execution. */
export function checkExecutionName(name: string): void {
  if (!NAME.test(name))
    throw new LimitExceeded('an execution name has 1 to 80 characters and no special ones');
}

/** Throws `LimitExceeded` for a value that is too large; `what` names it in the message. */
export function checkPayload(value: Json, what: string): void {
  const bytes = Buffer.byteLength(JSON.stringify(value));
  if (bytes > PAYLOAD_BYTES) throw new LimitExceeded(`${what} has ${bytes} bytes, over ${PAYLOAD_BYTES}`);
}
