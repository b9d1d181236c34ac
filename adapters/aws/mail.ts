/**
 * Mail of the cloud edition, in a module of its own: it is loaded when the first mail goes, and not at all where there is no
 * mail server. Its libraries are 300 kB that no cold start has to read.
 */
import { KMSClient } from '@aws-sdk/client-kms';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import { mailServerSchema } from '#adapters/smtp/mail-server.ts';
import { SmtpNotifier } from '#adapters/smtp/notifier.ts';
import { mailAddresses } from '#functions/shared/mail-addresses.ts';
import type { ItemStore, Notifier } from '#functions/shared/ports.ts';
import { CLIENT } from './client.ts';
import type { Configured, MAIL, VAULT } from './configuration.ts';
import { KmsVault } from './vault.ts';

const secretSchema = z.object({ user: z.string().min(1), password: z.string().min(1) });

/** Messages by the mail server; user and password there are read from the secret when they are needed. */
export const smtpNotifier = (
  configured: Configured<typeof MAIL & typeof VAULT>,
  server: string,
  items: ItemStore,
): Notifier => {
  const secrets = new SecretsManagerClient(CLIENT);
  const vault = new KmsVault({
    client: new KMSClient(CLIENT),
    sealKey: configured.SEAL_KEY_ARN,
    indexKey: configured.INDEX_KEY_ARN,
    signingKey: configured.SIGNING_KEY_ARN,
  });
  return new SmtpNotifier({
    server: mailServerSchema.parse(server),
    from: z.email().parse(configured.MAIL_FROM),
    addressesOf: mailAddresses({ items, vault }),
    credentials: async () => {
      const answer = await secrets.send(new GetSecretValueCommand({ SecretId: configured.MAIL_SECRET_ARN }));
      return secretSchema.parse(JSON.parse(z.string().parse(answer.SecretString)));
    },
  });
};
