/** A mail server of a test's own, on a free port of this machine. It takes what it is given, and remembers it. */
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** A mail as it came: its headers unfolded, encoded words and the body decoded. */
export type ReceivedMail = {
  readonly raw: string;
  readonly recipients: readonly string[];
  readonly secure: boolean;
  readonly user: string | undefined;
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
};

export type LocalSmtp = {
  readonly port: number;
  readonly mails: readonly ReceivedMail[];
  /** Connections that were made so far. */
  connections(): number;
  stop(): Promise<void>;
};

export type LocalSmtpOptions = Pick<SMTPServerOptions, 'secure' | 'key' | 'cert' | 'hideSTARTTLS'> & {
  /** The reply to a recipient that is not taken; undefined where it is. */
  readonly refuse?: (address: string) => number | undefined;
  /** The reply to the content. */
  readonly refuseData?: () => number | undefined;
  /** Who may send; anyone where left out. */
  readonly password?: () => string;
};

const refusal = (code: number): Error & { responseCode: number } =>
  Object.assign(new Error(`no such mailbox as somebody@example.cn`), { responseCode: code });

/** RFC 2047, base 64 and quoted-printable. White space between two encoded words is not part of the text. */
const decodeWords = (value: string): string =>
  value
    .replaceAll(/\?=\s+=\?/g, '?==?')
    .replaceAll(/=\?UTF-8\?([BQ])\?([^?]*)\?=/gi, (_, kind: string, content: string) =>
      kind.toUpperCase() === 'B'
        ? Buffer.from(content, 'base64').toString('latin1')
        : content
            .replaceAll('_', ' ')
            .replaceAll(/=([0-9A-F]{2})/gi, (_hit, hex: string) =>
              String.fromCharCode(Number.parseInt(hex, 16)),
            ),
    )
    .replaceAll(/[\u0080-\u00ff]+/g, (bytes) => Buffer.from(bytes, 'latin1').toString('utf8'));

const parse = (raw: string): Pick<ReceivedMail, 'headers' | 'text'> => {
  const end = raw.indexOf('\r\n\r\n');
  const lines = raw
    .slice(0, end)
    .replaceAll(/\r\n[ \t]+/g, ' ')
    .split('\r\n');
  const headers = new Map(
    lines.map((line) => {
      const [name = '', ...rest] = line.split(':');
      return [name.toLowerCase(), decodeWords(rest.join(':').trim())] as const;
    }),
  );
  if (headers.size !== lines.length) throw new Error('a header came twice');
  const body = raw.slice(end + 4);
  const plain =
    headers.get('content-transfer-encoding') === 'base64'
      ? Buffer.from(body, 'base64').toString('utf8')
      : body;
  return { headers, text: plain };
};

export const startLocalSmtp = async (options: LocalSmtpOptions = {}): Promise<LocalSmtp> => {
  const { refuse = () => undefined, refuseData = () => undefined, password, ...rest } = options;
  const mails: ReceivedMail[] = [];
  let connections = 0;
  const server = new SMTPServer({
    ...rest,
    authOptional: password === undefined,
    allowInsecureAuth: true,
    logger: false,
    onConnect: (_session, done) => {
      connections += 1;
      done();
    },
    onAuth: ({ username, password: given }, _session, done) => {
      if (given === password?.()) done(null, { user: username ?? '' });
      else done(Object.assign(new Error('wrong'), { responseCode: 535 }));
    },
    onRcptTo: ({ address }, _session, done) => {
      const code = refuse(address);
      done(code === undefined ? null : refusal(code));
    },
    onData: (stream, session, done) => {
      text(stream).then((raw) => {
        const code = refuseData();
        if (code !== undefined) return done(refusal(code));
        const recipients = session.envelope.rcptTo.map(({ address }) => address);
        const user = typeof session.user === 'string' ? session.user : undefined;
        mails.push({ raw, recipients, secure: session.secure, user, ...parse(raw) });
        return done();
      }, done);
    },
  });
  // A client that breaks off is what some tests are about.
  server.on('error', () => undefined);
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const address = listening.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return {
    port: address.port,
    mails,
    connections: () => connections,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
};
