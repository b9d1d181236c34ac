import { messages, stateMachine, treePorts } from '#adapters/aws/composition.ts';
import { configuration, NOTIFIER, TABLE, WORKFLOW } from '#adapters/aws/configuration.ts';
import { outboxHandler } from '#functions/shared/lambda/outbox.ts';
import { relayRows, sweepOutbox } from './relay-outbox.ts';

const configured = configuration({ ...TABLE, ...WORKFLOW, ...NOTIFIER });
const ports = {
  ...treePorts(configured),
  workflow: stateMachine(configured),
  notifier: messages(configured),
};

export const handler = outboxHandler({
  find: (key) => ports.items.get(key),
  relay: (rows) => relayRows(ports, rows),
  sweep: () => sweepOutbox(ports),
});
