/** What happens below HTTP: listening, closing, and answers to what never becomes a request. */
import { type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { AppError } from '#functions/shared/errors.ts';
import { correlationIdFrom } from '#functions/shared/http/correlation.ts';
import { refusalAnswer } from '#functions/shared/http/dispatch.ts';

/** A request that cannot be read as one. */
export const badRequest = (): AppError => new AppError('bad-request', 400, '请求的写法有误。');

/** Answers what node's parser refuses, as a problem document, and hangs up. */
export const refuseConnection = (error: Error & { code?: string }, socket: Duplex): void => {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const refused =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? new AppError('headers-too-large', 431, '请求头过大。')
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? new AppError('too-slow', 408, '请求没有按时传完，请重试。')
        : badRequest();
  const { status, headers, body } = refusalAnswer(refused, correlationIdFrom(undefined));
  const lines = Object.entries({
    ...headers,
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  });
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      ...lines.map(([name, value]) => `${name}: ${value}`),
      '',
      body,
    ].join('\r\n'),
  );
};

/** Resolves with the address, `http://host:port`; rejects where it cannot be had. Port 0 takes a free one. */
export const listen = (server: Server, port: number, host: string): Promise<string> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address();
      const taken = typeof address === 'object' && address !== null ? address.port : port;
      resolve(`http://${host.includes(':') ? `[${host}]` : host}:${taken}`);
    });
  });

/** Stops accepting, lets requests under way finish, and cuts off what is left after `graceMs`. */
export const close = (server: Server, graceMs: number): Promise<void> =>
  new Promise((resolve) => {
    const cutOff = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(cutOff);
      resolve();
    });
  });
