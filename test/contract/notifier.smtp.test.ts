import { createHash } from 'node:crypto';
import { SmtpNotifier } from '#adapters/smtp/notifier.ts';
import type { Message } from '#functions/shared/ports.ts';
import { startLocalSmtp } from '#test/support/local-smtp.ts';
import { notifierContract } from './notifier.contract.ts';

const addressOf = (to: Message['to']): string =>
  'subject' in to ? `person-${to.subject}@example.cn` : `union-${to.organisation}@example.cn`;
const recipientOf = (address = ''): Message['to'] => {
  const [, kind, name = ''] = /^(person|union)-(.*)@example\.cn$/.exec(address) ?? [];
  return kind === 'person' ? { subject: name } : { organisation: name };
};
/** The ids of the contract's messages by the digest that stands in a mail. */
const IDS: ReadonlyMap<string, string> = new Map(
  ['m1', 'm2', 'm3'].map((id) => [createHash('sha256').update(id).digest('hex').slice(0, 32), id]),
);
const idOf = (messageId = ''): string => {
  const [, digest = ''] = /^<([0-9a-f]{32})@union\.example\.cn>$/.exec(messageId) ?? [];
  return IDS.get(digest) ?? 'unknown';
};

// A mail reader folds what has one Message-ID.
notifierContract('SMTP', async () => {
  const server = await startLocalSmtp();
  const notifier = new SmtpNotifier({
    server: { host: '127.0.0.1', port: server.port, security: 'none' },
    from: 'filing@union.example.cn',
    addressesOf: async (to) => [addressOf(to)],
  });
  return {
    notifier,
    sent: async () => {
      const byId = Map.groupBy(server.mails, ({ headers }) => headers.get('message-id'));
      const folded = [...byId.values()].flatMap(([first]) => (first === undefined ? [] : [first]));
      return folded.map(({ recipients, headers, text }) => ({
        id: idOf(headers.get('message-id')),
        to: recipientOf(recipients[0]),
        title: headers.get('subject') ?? '',
        text: text.replaceAll('\r\n', '\n').split('\n\n-- \n')[0] ?? '',
      }));
    },
    close: async () => {
      await notifier.close();
      await server.stop();
    },
  };
});
