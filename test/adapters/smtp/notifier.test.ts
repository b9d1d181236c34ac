import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { MailServer } from '#adapters/smtp/mail-server.ts';
import { SmtpNotifier, type SmtpNotifierOptions } from '#adapters/smtp/notifier.ts';
import { NotifierRefused, NotifierUnavailable } from '#functions/shared/errors.ts';
import type { Message } from '#functions/shared/ports.ts';
import { type LocalSmtp, type LocalSmtpOptions, startLocalSmtp } from '#test/support/local-smtp.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const start = async (options?: LocalSmtpOptions): Promise<LocalSmtp> => {
  const server = await startLocalSmtp(options);
  closing.push(server.stop);
  return server;
};
const notifierAt = (server: MailServer, options: Partial<SmtpNotifierOptions> = {}): SmtpNotifier => {
  const notifier = new SmtpNotifier({
    server,
    from: 'filing@union.example.cn',
    addressesOf: async () => ['worker@example.cn'],
    timeout: 2_000,
    ...options,
  });
  closing.unshift(() => notifier.close());
  return notifier;
};
const plain = ({ port }: LocalSmtp): MailServer => ({ host: '127.0.0.1', port, security: 'none' });

const message: Message = {
  id: 'c-1',
  caseId: 'c',
  to: { subject: 'worker-1' },
  title: '办理进展：基层工会初审',
  text: '您有一条新的办理通知，请登录后查看。',
};

describe('a mail', () => {
  it('is plain text in UTF-8 from the union to the recipient, with nothing in it but title and text', async () => {
    const server = await start();
    await notifierAt(plain(server)).send(message);
    const [mail] = server.mails;
    expect(mail?.recipients).toEqual(['worker@example.cn']);
    expect(mail?.headers.get('to')).toBe('worker@example.cn');
    expect(mail?.headers.get('from')).toBe('困难职工建档系统 <filing@union.example.cn>');
    expect(mail?.headers.get('subject')).toBe(message.title);
    expect(mail?.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(mail?.headers.get('auto-submitted')).toBe('auto-generated');
    expect(mail?.text).toContain(message.text);
    // Every byte on the way is ASCII, whatever a server in between can do.
    expect(mail?.raw).not.toMatch(/[^\p{ASCII}]/u);
    expect(mail?.raw).not.toContain('worker-1');
  });

  it('to several goes as one, and shows none the address of another; who is refused is left out', async () => {
    const server = await start({ refuse: (address) => (address.startsWith('gone') ? 550 : undefined) });
    const addresses = ['one@example.cn', 'gone@example.cn', 'two@example.cn'];
    await notifierAt(plain(server), { addressesOf: async () => addresses }).send(message);
    expect(server.mails.map(({ recipients }) => recipients)).toEqual([['one@example.cn', 'two@example.cn']]);
    expect(server.mails[0]?.headers.get('to')).toMatch(/^"?undisclosed-recipients"?:;$/);
    expect(server.mails[0]?.raw).not.toMatch(/one@|two@|gone@/);
  });

  it('goes nowhere where nobody knows an address', async () => {
    const server = await start();
    await notifierAt(plain(server), { addressesOf: async () => [] }).send(message);
    expect(server.connections()).toBe(0);
  });

  it('keeps a title with line breaks in its one header', async () => {
    const server = await start();
    const title = '通知\r\nBcc: spy@example.com\r\n\r\nbody';
    await notifierAt(plain(server)).send({ ...message, title });
    expect(server.mails[0]?.recipients).toEqual(['worker@example.cn']);
    expect(server.mails[0]?.headers.has('bcc')).toBe(false);
    expect(server.mails[0]?.text).not.toContain('spy');
  });

  it('comes by one connection, many as they are', async () => {
    const server = await start();
    const notifier = notifierAt(plain(server));
    await Promise.all([1, 2, 3, 4, 5].map((number) => notifier.send({ ...message, id: `c-${number}` })));
    expect(server.connections()).toBe(1);
    expect(new Set(server.mails.map(({ headers }) => headers.get('message-id'))).size).toBe(5);
  });
});

describe('what the server refuses', () => {
  it.each<[string, LocalSmtpOptions, typeof NotifierRefused | typeof NotifierUnavailable]>([
    ['no such mailbox: for good', { refuse: () => 550 }, NotifierRefused],
    ['a mailbox that is busy: for now', { refuse: () => 450 }, NotifierUnavailable],
    ['the content: for good', { refuseData: () => 554 }, NotifierRefused],
    ['the content: for now', { refuseData: () => 451 }, NotifierUnavailable],
    ['nobody without a password: ours to mend', { password: () => 'right' }, NotifierUnavailable],
  ])('%s', async (_, options, kind) => {
    const server = await start(options);
    const error = await notifierAt(plain(server))
      .send(message)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(kind);
    expect(String(error)).not.toMatch(/@|办理/);
    expect(server.mails).toEqual([]);
  });

  it('of two recipients one for good, one for now: it is tried again', async () => {
    const server = await start({ refuse: (address) => (address.startsWith('gone') ? 550 : 450) });
    const sending = notifierAt(plain(server), {
      addressesOf: async () => ['busy@example.cn', 'gone@example.cn'],
    }).send(message);
    await expect(sending).rejects.toBeInstanceOf(NotifierUnavailable);
  });

  it('a server that isn’t there, or keeps silent: for now', async () => {
    const server = await start();
    const { port } = server;
    await server.stop();
    const sending = notifierAt({ host: '127.0.0.1', port, security: 'none' }).send(message);
    await expect(sending).rejects.toBeInstanceOf(NotifierUnavailable);
  });

  it('a server that keeps silent is left in peace after three mails', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const address = silent.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const notifier = notifierAt({ host: '127.0.0.1', port, security: 'none' }, { timeout: 100 });
    for (let mail = 1; mail <= 5; mail += 1) {
      await expect(notifier.send({ ...message, id: `c-${mail}` })).rejects.toBeInstanceOf(
        NotifierUnavailable,
      );
    }
    expect(sockets).toHaveLength(3);
    for (const socket of sockets) socket.destroy();
    silent.close();
  });

  it('one mailbox after the other that is busy keeps no mail from the next', async () => {
    const server = await start({ refuse: (address) => (address.startsWith('busy') ? 450 : undefined) });
    const notifier = notifierAt(plain(server), {
      addressesOf: async (to) => ['subject' in to ? `${to.subject}@example.cn` : 'union@example.cn'],
    });
    for (let mail = 1; mail <= 5; mail += 1) {
      const sending = notifier.send({ ...message, id: `c-${mail}`, to: { subject: 'busy' } });
      await expect(sending).rejects.toBeInstanceOf(NotifierUnavailable);
    }
    await notifier.send(message);
    expect(server.mails).toHaveLength(1);
  });

  it('a password that was changed is asked for again', async () => {
    let [right, known] = ['first', 'first'];
    const server = await start({ password: () => right });
    const notifier = notifierAt(plain(server), {
      credentials: async () => ({ user: 'filing', password: known }),
    });
    await notifier.send(message);
    await notifier.close();
    right = 'second';
    await expect(notifier.send(message)).rejects.toBeInstanceOf(NotifierUnavailable);
    known = 'second';
    await notifier.send(message);
    expect(server.mails.map(({ user }) => user)).toEqual(['filing', 'filing']);
  });
});

const noOpenssl = spawnSync('openssl', ['version']).status !== 0;
if (noOpenssl) console.warn('SKIPPED: mail over TLS: there is no openssl to make a certificate with');

describe.skipIf(noOpenssl)('encryption', () => {
  const certificate = (): { readonly key: string; readonly cert: string } => {
    const folder = mkdtempSync(join(tmpdir(), 'smtp-'));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
    execFileSync('openssl', ['req', '-x509', ...made, '-keyout', key, '-out', cert, ...subject], {
      stdio: 'ignore',
    });
    const pair = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
    rmSync(folder, { recursive: true });
    return pair;
  };
  const tls = noOpenssl ? { key: '', cert: '' } : certificate();

  it.each([
    ['from the start', true, 'tls'],
    ['by STARTTLS', false, 'startTls'],
  ] as const)('%s', async (_, secure, security) => {
    const server = await start({ ...tls, secure });
    const at = { host: 'localhost', port: server.port, security };
    await notifierAt(at, { ca: tls.cert }).send(message);
    expect(server.mails.map((mail) => mail.secure)).toEqual([true]);
  });

  it.each([
    ['offers none', { hideSTARTTLS: true }, 'startTls', tls.cert],
    ['has a certificate that nobody vouches for, by STARTTLS', {}, 'startTls', undefined],
    ['has a certificate that nobody vouches for, from the start', { secure: true }, 'tls', undefined],
  ] as const)('a server elsewhere that %s is told nothing', async (_, options, security, ca) => {
    const server = await start({ ...tls, ...options });
    const at = { host: 'localhost', port: server.port, security };
    const credentials = async () => ({ user: 'filing', password: 'secret' });
    const sending = notifierAt(at, { credentials, ...(ca === undefined ? {} : { ca }) }).send(message);
    await expect(sending).rejects.toBeInstanceOf(NotifierUnavailable);
    expect(server.mails).toEqual([]);
  });
});
