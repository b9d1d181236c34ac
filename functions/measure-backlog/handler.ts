import { casePorts } from '#adapters/aws/composition.ts';
import { configuration, TABLE } from '#adapters/aws/configuration.ts';
import { scheduledHandler } from '#functions/shared/lambda/scheduled.ts';
import { measureBacklog } from './measure-backlog.ts';

const ports = casePorts(configuration(TABLE));

export const handler = scheduledHandler(() => measureBacklog(ports));
