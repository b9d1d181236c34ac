import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ClamdScanner, noScanner, parseClamdAddress } from '#adapters/shared/clamd.ts';
import { ScannerUnavailable } from '#functions/shared/errors.ts';
import { pdfWith } from '#test/support/papers.ts';

const HOST = '127.0.0.1';
const MALICIOUS = 'synthetic-malware-for-tests';
const installed = spawnSync('clamd', ['--version']).status === 0;
if (!installed) console.warn('SKIPPED: clamd is not installed, so the scanner is tried on a stand-in only');

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, HOST);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
};

describe.skipIf(!installed)('a real daemon', () => {
  let folder = '';
  let daemon: ChildProcess;
  let scanner: ClamdScanner;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'clamd-'));
    const port = await freePort();
    // One signature of our own: the public ones are not there on a closed network.
    writeFileSync(join(folder, 'test.ndb'), `Test.Synthetic:0:*:${Buffer.from(MALICIOUS).toString('hex')}\n`);
    const settings = {
      DatabaseDirectory: folder,
      TCPSocket: port,
      TCPAddr: HOST,
      Foreground: 'yes',
      ConcurrentDatabaseReload: 'no',
      User: 'root',
    };
    const file = join(folder, 'clamd.conf');
    writeFileSync(
      file,
      Object.entries(settings)
        .map(([name, value]) => `${name} ${value}\n`)
        .join(''),
    );
    daemon = spawn('clamd', ['--config-file', file], { stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const line of daemon.stdout ?? []) if (String(line).includes('Self checking')) break;
    scanner = new ClamdScanner({ host: HOST, port });
  }, 60_000);

  afterAll(async () => {
    const gone = once(daemon, 'exit');
    daemon.kill();
    await gone;
    rmSync(folder, { recursive: true });
  });

  test('lets a clean paper pass', async () => expect(await scanner.scan(pdfWith('clean'))).toBe('clean'));
  test('finds what it knows', async () => {
    expect(await scanner.scan(pdfWith('bad', `% ${MALICIOUS}`))).toBe('infected');
  });
  test('takes a paper of the largest size', async () => {
    expect(await scanner.scan(Buffer.alloc(20 * 1024 * 1024, 'a'))).toBe('clean');
  }, 30_000);
  test('takes many at once', async () => {
    const all = Array.from({ length: 20 }, (_, n) => scanner.scan(pdfWith(`${n}`, n % 2 ? MALICIOUS : '')));
    expect(await Promise.all(all)).toEqual(
      Array.from({ length: 20 }, (_, n) => (n % 2 ? 'infected' : 'clean')),
    );
  });
});

describe('a daemon that fails', () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.close();
    server = undefined;
  });

  const answering = async (answer: string): Promise<ClamdScanner> => {
    server = createServer((socket) => socket.on('data', () => undefined).on('end', () => socket.end(answer)));
    server.listen(0, HOST);
    await once(server, 'listening');
    return new ClamdScanner({ host: HOST, port: (server.address() as AddressInfo).port });
  };

  test.each([
    ['gives up the size', 'INSTREAM size limit exceeded. ERROR\0'],
    ['says nothing', ''],
    ['is none', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
  ])('because it %s is unavailable: nothing passes for clean', async (_, answer) => {
    await expect((await answering(answer)).scan(pdfWith('x'))).rejects.toThrow(ScannerUnavailable);
  });

  test('because it is not there is unavailable', async () => {
    const scanner = new ClamdScanner({ host: HOST, port: await freePort() });
    await expect(scanner.scan(pdfWith('x'))).rejects.toThrow(ScannerUnavailable);
  });
});

test('without a scanner every paper says so', async () =>
  expect(await noScanner.scan(pdfWith('x'))).toBe('unscanned'));

test.each([
  ['clamd:3310', { host: 'clamd', port: 3310 }],
  ['[::1]:3310', { host: '::1', port: 3310 }],
  ['clamd', undefined],
  ['clamd:0', undefined],
  ['clamd:99999', undefined],
  [':3310', undefined],
  ['a b:1', undefined],
])('the address %s', (text, address) => expect(parseClamdAddress(text)).toEqual(address));
