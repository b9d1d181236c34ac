import { messages, stateMachine, treePorts } from '#adapters/aws/composition.ts';
import { configuration, MAIL, NOTIFIER, TABLE, VAULT, WORKFLOW } from '#adapters/aws/configuration.ts';
import { mailNotifier } from '#adapters/aws/mail-on-demand.ts';
import { outboxHandler } from '#functions/shared/lambda/outbox.ts';
import { relayRows, sweepOutbox } from './relay-outbox.ts';

const configured = configuration({ ...TABLE, ...WORKFLOW, ...NOTIFIER, ...MAIL, ...VAULT });
const shared = treePorts(configured);
const mail = mailNotifier(configured, shared.items);
const ports = {
  ...shared,
  workflow: stateMachine(configured),
  channels: { topic: messages(configured), ...(mail === undefined ? {} : { mail }) },
};

export const handler = outboxHandler({
  find: (key) => ports.items.get(key),
  relay: (rows) => relayRows(ports, rows),
  sweep: () => sweepOutbox(ports),
});
