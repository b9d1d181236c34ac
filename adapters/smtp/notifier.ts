/**
 * Messages by e-mail: plain text, one mail a message, over SMTP. Encrypted, unless the server is on the machine itself.
 * Whom a mail goes to is asked when it goes; what it says is the message's title and text, which name nobody.
 */
import { ConsecutiveBreaker, circuitBreaker, handleWhen } from 'cockatiel';
import { createTransport, type SendMailOptions } from 'nodemailer';
import * as z from 'zod';
import { sha256 } from '#domain/filing/audit.ts';
import { NotifierRefused, NotifierUnavailable } from '#functions/shared/errors.ts';
import type { Message, Notifier } from '#functions/shared/ports.ts';
import type { MailServer } from './mail-server.ts';

export type MailCredentials = { readonly user: string; readonly password: string };

export type SmtpNotifierOptions = {
  readonly server: MailServer;
  /** Asked for at the first mail, and again once the server has refused them. */
  readonly credentials?: () => Promise<MailCredentials>;
  readonly from: string;
  /** The addresses of a recipient; none where nobody knows any. */
  readonly addressesOf: (to: Message['to']) => Promise<readonly string[]>;
  /** Certificates to trust beside those that Node knows, PEM. */
  readonly ca?: string;
  /** Milliseconds that a mail may take. */
  readonly timeout?: number;
};

const SENDER_NAME = '困难职工建档系统';
/** What follows two hyphens and a space is known as a signature (RFC 3676, 4.3). */
const SIGNATURE = '\n\n-- \n本邮件由困难职工建档系统自动发出，请勿回复。\n';
/** A mail server takes a mail in a second or two. What stands behind a mail in the outbox waits as long. */
const TIMEOUT_MS = 8_000;

/**
 * After so many mails in a row without any answer of the server none is tried for so long (wall time), then one: what waits
 * in the outbox is not to wait for a timeout each. As with the centre, the breaker lives in its process.
 */
const BREAKER = { failures: 3, openFor: 30_000 } as const;

/** As nodemailer's errors are. Their text quotes the server, and with it addresses: it is not handed on. */
const failureSchema = z.looseObject({
  code: z.string().optional(),
  command: z.string().optional(),
  responseCode: z.number().optional(),
  permanent: z.boolean().optional(),
});
const rejectionsSchema = z.looseObject({ rejectedErrors: z.array(failureSchema).min(1) });

type Failure = z.output<typeof failureSchema>;

/** The recipient or the content is refused for good. What is wrong with sender or password is ours to mend: it waits. */
const isForGood = ({ command = '', permanent = false }: Failure): boolean =>
  permanent && ['RCPT TO', 'DATA'].includes(command);

const failureOf = (error: unknown): NotifierRefused | NotifierUnavailable => {
  const failure = failureSchema.safeParse(error).data ?? {};
  const rejections = rejectionsSchema.safeParse(error).data?.rejectedErrors ?? [failure];
  const text =
    `the mail could not be sent: ${failure.code ?? 'unknown'} ${failure.responseCode ?? ''}`.trim();
  return rejections.every(isForGood) ? new NotifierRefused(text) : new NotifierUnavailable(text);
};

const connect = (
  { server: { host, port, security }, ca, timeout = TIMEOUT_MS }: SmtpNotifierOptions,
  credentials: MailCredentials | undefined,
) =>
  createTransport({
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'startTls',
    ignoreTLS: security === 'none',
    tls: { minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca }) },
    ...(credentials === undefined ? {} : { auth: { user: credentials.user, pass: credentials.password } }),
    pool: true,
    maxConnections: 1,
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout,
  });
type Transport = ReturnType<typeof connect>;

/** The server has said nothing: it is away, or something between. */
const isSilence = (error: unknown): boolean =>
  failureSchema.safeParse(error).data?.responseCode === undefined;

export class SmtpNotifier implements Notifier {
  readonly #breaker = circuitBreaker(handleWhen(isSilence), {
    halfOpenAfter: BREAKER.openFor,
    breaker: new ConsecutiveBreaker(BREAKER.failures),
  });
  readonly #options: SmtpNotifierOptions;
  #transport: Promise<Transport> | undefined;

  constructor(options: SmtpNotifierOptions) {
    this.#options = options;
  }

  /**
   * A repetition has the `Message-ID` of the first, by which receivers may fold them. Of several recipients at a union none
   * sees another's address, and one who is refused is left out. Errors: `NotifierRefused` where all are refused for
   * good, `NotifierUnavailable`; neither names anybody.
   */
  async send({ id, to, title, text }: Message): Promise<void> {
    const { from, addressesOf, timeout = TIMEOUT_MS } = this.#options;
    const addresses = [...(await addressesOf(to))];
    const [first] = addresses;
    if (first === undefined) return;
    const transport = await this.#connected();
    const mail = {
      from: { name: SENDER_NAME, address: from },
      to: addresses.length === 1 ? { name: '', address: first } : 'undisclosed-recipients:;',
      envelope: { from, to: addresses },
      messageId: `<${sha256(id).slice(0, 32)}@${from.split('@').at(-1)}>`,
      subject: title,
      text: `${text}${SIGNATURE}`,
      // No machine is to answer it (RFC 3834).
      headers: { 'Auto-Submitted': 'auto-generated' },
      textEncoding: 'base64',
      disableFileAccess: true,
      disableUrlAccess: true,
    } satisfies SendMailOptions;
    try {
      await this.#breaker.execute(() =>
        transport.sendMail({ ...mail, signal: AbortSignal.timeout(timeout) }),
      );
    } catch (error) {
      if (failureSchema.safeParse(error).data?.code === 'EAUTH') await this.close();
      throw failureOf(error);
    }
  }

  /** Ends the connection; the next mail makes another. */
  async close(): Promise<void> {
    const transport = this.#transport;
    this.#transport = undefined;
    (await transport)?.close();
  }

  async #connected(): Promise<Transport> {
    this.#transport ??= (async () => connect(this.#options, await this.#options.credentials?.()))();
    try {
      return await this.#transport;
    } catch (error) {
      // The credentials could not be read: that is not remembered.
      this.#transport = undefined;
      throw error;
    }
  }
}
