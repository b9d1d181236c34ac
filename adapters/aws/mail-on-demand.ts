/** Mail of the cloud edition, as long as none has gone: apart from `composition.ts`, so that no other function knows of it. */
import type { ItemStore, Notifier } from '#functions/shared/ports.ts';
import type { Configured, MAIL, VAULT } from './configuration.ts';

/** By the mail server, where there is one. What it takes is loaded with the first mail. */
export const mailNotifier = (
  configured: Configured<typeof MAIL & typeof VAULT>,
  items: ItemStore,
): Notifier | undefined => {
  const { MAIL_SERVER: server = '' } = configured;
  if (server === '') return undefined;
  let loading: Promise<Notifier> | undefined;
  const load = async (): Promise<Notifier> =>
    (await import('./mail.ts')).smtpNotifier(configured, server, items);
  return {
    send: async (message) => {
      loading ??= load();
      return (await loading).send(message);
    },
  };
};
