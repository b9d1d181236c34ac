/**
 * A mail server as it is written in an option or a parameter: `smtps://host[:465]` speaks TLS from the start,
 * `smtp://host[:587]` must go over to it (STARTTLS) before anything is said. On the machine itself it may do without.
 */
import * as z from 'zod';

export type MailServer = {
  readonly host: string;
  readonly port: number;
  readonly security: 'tls' | 'startTls' | 'none';
};

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]']);

/** A user or a password does not belong there: it would show in lists of processes. */
const isMailServer = (text: string): boolean => {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password, pathname, search, hash } = new URL(text);
  const bare = [username, password, search, hash].every((part) => part === '') && /^\/?$/.test(pathname);
  return ['smtp:', 'smtps:'].includes(protocol) && hostname !== '' && bare;
};

/** Whether a text says a mail server. */
export const mailServerUrlSchema = z
  .string()
  .refine(isMailServer, '邮件服务器应写成 smtps://主机:端口 或 smtp://主机:端口，不带用户名和密码');

/** The server that a text says. */
export const mailServerSchema = mailServerUrlSchema.transform((text): MailServer => {
  const { protocol, hostname, port } = new URL(text);
  const implicit = protocol === 'smtps:';
  const unencrypted = LOOPBACK.has(hostname) ? 'none' : 'startTls';
  return {
    host: hostname.replaceAll(/^\[|\]$/g, ''),
    port: port === '' ? (implicit ? 465 : 587) : Number(port),
    security: implicit ? 'tls' : unencrypted,
  };
});
