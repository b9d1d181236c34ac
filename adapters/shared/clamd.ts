/**
 * The malware scanner by way of ClamAV's daemon: its INSTREAM command over TCP. The bytes go over the network as they
 * are, so the daemon stands on the same machine or in the same closed network.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { ScannerUnavailable } from '#functions/shared/errors.ts';
import type { Scanner, ScanResult } from '#functions/shared/ports.ts';

export type ClamdAddress = { readonly host: string; readonly port: number };

/** Without an answer for so long (ms) the daemon counts as gone: 20 MiB take it a few seconds. */
const PATIENCE_MS = 30_000;
const CHUNK_BYTES = 1 << 16;

/** An address as it is configured, `host:port`; undefined where it is none. */
export const parseClamdAddress = (text: string): ClamdAddress | undefined => {
  const [, host, digits] = /^([^\s:]+|\[[^\s\]]+\]):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  return host === undefined || port < 1 || port > 65_535
    ? undefined
    : { host: host.replace(/^\[|\]$/g, ''), port };
};

const lengthOf = (chunk: Uint8Array): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(chunk.length);
  return length;
};

/** The command, the content in chunks of stated length, and an empty chunk as its end. */
const messageOf = (content: Uint8Array): Buffer => {
  const parts: Uint8Array[] = [Buffer.from('zINSTREAM\0')];
  for (let start = 0; start < content.length; start += CHUNK_BYTES) {
    const chunk = content.subarray(start, start + CHUNK_BYTES);
    parts.push(lengthOf(chunk), chunk);
  }
  return Buffer.concat([...parts, Buffer.alloc(4)]);
};

export class ClamdScanner implements Scanner {
  readonly #address: ClamdAddress;

  constructor(address: ClamdAddress) {
    this.#address = address;
  }

  async scan(content: Uint8Array): Promise<ScanResult> {
    const answer = await this.#ask(messageOf(content));
    if (answer === 'stream: OK') return 'clean';
    if (/^stream: .+ FOUND$/.test(answer)) return 'infected';
    throw new ScannerUnavailable('the scanner did not judge the content');
  }

  async #ask(message: Buffer): Promise<string> {
    const socket = connect(this.#address);
    socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error('no answer in time')));
    const answer: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => answer.push(chunk));
    try {
      await once(socket, 'connect');
      socket.end(message);
      await once(socket, 'close');
    } catch (error) {
      throw new ScannerUnavailable('the scanner could not be reached', { cause: error });
    }
    return Buffer.concat(answer).toString('utf8').replace(/\0$/, '');
  }
}

/** Where there is no scanner, every paper says so. */
export const noScanner: Scanner = { scan: () => Promise.resolve('unscanned') };
