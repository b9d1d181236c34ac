/** The log of a Lambda function. Lines that are JSON already go to the log group as they are. */
import { createLogger, type Logger } from '../log.ts';

export const logger: Logger = createLogger({
  // Not by `console`, which Lambda wraps: it would put the line as a string into a JSON object of its own.
  sink: (line) => void process.stdout.write(`${line}\n`),
  wall: Date.now,
});
