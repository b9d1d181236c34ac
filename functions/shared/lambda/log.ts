/**
 * The log of a Lambda function: Powertools writes it, one JSON object a line, with the function, the request and
 * whether it was a cold start. What we add is the closed list of `../log.ts`, so nothing personal gets in by the way.
 */
import { Logger as Powertools } from '@aws-lambda-powertools/logger';
import { knownFields, type LogFields, type Logger, type LogLevel } from '../log.ts';
import { SERVICE } from '../metrics.ts';

/** For the chain alone, which sets what every line of an invocation says. */
export const powertools = new Powertools({ serviceName: SERVICE, logLevel: 'INFO' });

const at =
  (level: LogLevel) =>
  (message: string, fields: LogFields = {}): void =>
    powertools[level](message, knownFields(fields));

export const logger: Logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };

/** From here on every line of this invocation says this too. */
export const aboutInvocation = (fields: LogFields): void => powertools.appendKeys(knownFields(fields));
