/**
 * What the process says when it dies of a fault that nobody foresaw. Node would print the error's message, which may quote
 * what it stumbled over, an ID number perhaps; here it is the error's name and places, as in every other line of the log.
 */
import { errorFields, type Logger } from '#functions/shared/log.ts';

/** From here on a fault without a handler ends the process with 1; what is on disk is whole, and the next start goes on. */
export const installLastWords = (logger: Logger): void => {
  process.on('uncaughtException', (error) => {
    logger.error('ended by a fault that nobody foresaw', errorFields(error));
    process.exit(1);
  });
};
