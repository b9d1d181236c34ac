/**
 * An S3 for tests: fauxqs keeps the objects; in front of it stands what it leaves out and this project leans on,
 * by S3's API reference: POST policies (every field covered by a condition, sizes, expiry), SHA-256 checksums,
 * `If-None-Match`, version ids, legal hold and retention, expiry and headers of presigned links. Signatures are not checked. Every request is recorded.
 */
import { hash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { S3Client } from '@aws-sdk/client-s3';
import { buildApp } from 'fauxqs';
import * as z from 'zod';
import { type LocalServer, startLocalServer } from './local-server.ts';

type Received = {
  readonly method: string;
  /** `/bucket/key`, decoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
};
type Answer = { readonly status: number; readonly headers?: Record<string, string>; readonly body?: Buffer };
type Lock = { hold?: string; mode?: string; until?: string };

const Policy = z.object({
  expiration: z.iso.datetime(),
  conditions: z.array(
    z.union([
      z.tuple([z.literal('content-length-range'), z.int(), z.int()]),
      z.record(z.string(), z.string()),
    ]),
  ),
});

const refusal = (status: number, code: string): Answer => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`,
  ),
});
const element = (body: Buffer, name: string): string | undefined =>
  new RegExp(`<${name}>([^<]*)</${name}>`).exec(body.toString())?.[1];
const base64Hash = (content: Uint8Array): string => hash('sha256', content, 'base64');

export type S3ForTests = LocalServer & {
  readonly requests: Received[];
  client(): S3Client;
  /** Is told, from now on, of every object that a form has put there: S3 itself would tell EventBridge. */
  onPosted(listener: (bucket: string, key: string, content: Uint8Array) => void): void;
};

export async function startS3(...buckets: readonly string[]): Promise<S3ForTests> {
  const app = buildApp({ logger: false });
  const requests: Received[] = [];
  const locks = new Map<string, Lock>();
  const checksums = new Map<string, string>();
  const versions = new Map<string, number>();
  let posted: Parameters<S3ForTests['onPosted']>[0] = () => {};

  const pass = async ({ method, path, query, headers, body }: Received): Promise<Answer> => {
    const { host: _host, 'content-length': _length, ...rest } = headers;
    const search = query.size === 0 ? '' : `?${query}`;
    const url = encodeURI(path).replaceAll('#', '%23').replaceAll('?', '%3F') + search;
    const answer = await app.inject({
      method: z.enum(['GET', 'HEAD', 'PUT', 'POST', 'DELETE']).parse(method),
      url,
      headers: { ...rest, host: 'localhost' },
      payload: body,
    });
    const passed = Object.entries(answer.headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)]],
    );
    return { status: answer.statusCode, headers: Object.fromEntries(passed), body: answer.rawPayload };
  };
  const exists = async (path: string): Promise<boolean> => {
    const { statusCode } = await app.inject({
      method: 'HEAD',
      url: encodeURI(path),
      headers: { host: 'localhost' },
    });
    return statusCode === 200;
  };
  const stored = (path: string, content: Uint8Array) => {
    checksums.set(path, base64Hash(content));
    locks.delete(path);
    versions.set(path, (versions.get(path) ?? 0) + 1);
  };

  const post = async (received: Received): Promise<Answer> => {
    const type = received.headers['content-type'] ?? '';
    const form = await new Response(new Uint8Array(received.body), {
      headers: { 'content-type': type },
    }).formData();
    const file = form.get('file');
    const fields = new Map(
      [...form].flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
    );
    if (!(file instanceof Blob)) return refusal(400, 'InvalidArgument');
    const content = Buffer.from(await file.arrayBuffer());
    const policy = Policy.parse(JSON.parse(Buffer.from(fields.get('Policy') ?? '', 'base64').toString()));
    if (Date.parse(policy.expiration) <= Date.now()) return refusal(403, 'AccessDenied');
    const covered = new Set(['Policy', 'X-Amz-Signature']);
    for (const condition of policy.conditions) {
      if (Array.isArray(condition)) {
        const [, least, most] = condition;
        if (content.length > most) return refusal(400, 'EntityTooLarge');
        if (content.length < least) return refusal(400, 'EntityTooSmall');
        continue;
      }
      for (const [name, value] of Object.entries(condition)) {
        covered.add(name);
        const given = name === 'bucket' ? received.path.slice(1) : fields.get(name);
        if (given !== value) return refusal(403, 'AccessDenied');
      }
    }
    if ([...fields.keys()].some((name) => !covered.has(name))) return refusal(403, 'AccessDenied');
    if (fields.get('x-amz-checksum-sha256') !== base64Hash(content)) return refusal(400, 'BadDigest');
    const answer = await pass(received);
    const key = fields.get('key') ?? '';
    stored(`${received.path}/${key}`, content);
    if (answer.status < 300) posted(received.path.slice(1), key, content);
    return answer;
  };

  const lock = async (received: Received, change: (standing: Lock) => Answer): Promise<Answer> => {
    if (!(await exists(received.path))) return refusal(404, 'NoSuchKey');
    const standing = locks.get(received.path) ?? {};
    locks.set(received.path, standing);
    return change(standing);
  };

  const put = async (received: Received): Promise<Answer> => {
    const { path, query, headers, body } = received;
    if (query.has('legal-hold')) {
      return lock(received, (standing) => {
        standing.hold = element(body, 'Status') ?? '';
        return { status: 200 };
      });
    }
    if (query.has('retention')) {
      return lock(received, (standing) => {
        const until = element(body, 'RetainUntilDate') ?? '';
        if (standing.until !== undefined && Date.parse(until) < Date.parse(standing.until)) {
          return refusal(403, 'AccessDenied');
        }
        standing.mode = element(body, 'Mode') ?? '';
        standing.until = until;
        return { status: 200 };
      });
    }
    if (headers['if-none-match'] === '*' && (await exists(path))) return refusal(412, 'PreconditionFailed');
    if (headers['x-amz-checksum-sha256'] !== base64Hash(body)) return refusal(400, 'BadDigest');
    const answer = await pass(received);
    stored(path, body);
    return answer;
  };

  const head = async (received: Received): Promise<Answer> => {
    const answer = await pass(received);
    if (answer.status !== 200) return answer;
    const { hold, mode, until } = locks.get(received.path) ?? {};
    return {
      ...answer,
      headers: {
        ...answer.headers,
        'x-amz-checksum-sha256': checksums.get(received.path) ?? '',
        'x-amz-version-id': `v${versions.get(received.path)}`,
        ...(hold === undefined ? {} : { 'x-amz-object-lock-legal-hold': hold }),
        ...(mode === undefined ? {} : { 'x-amz-object-lock-mode': mode }),
        ...(until === undefined ? {} : { 'x-amz-object-lock-retain-until-date': until }),
      },
    };
  };

  const remove = async (received: Received): Promise<Answer> => {
    const { hold, until } = locks.get(received.path) ?? {};
    // Without its version, a delete would only lay a marker over the object, locked or not.
    if (received.query.get('versionId') !== `v${versions.get(received.path)}`)
      return refusal(400, 'InvalidArgument');
    if (hold === 'ON' || (until !== undefined && Date.parse(until) > Date.now()))
      return refusal(403, 'AccessDenied');
    return pass(received);
  };

  const AMZ_DATE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

  /** A link answers with the headers that it asks for, as long as it lives. */
  const get = async (received: Received): Promise<Answer> => {
    const { query } = received;
    const signedAt = query.get('X-Amz-Date');
    if (signedAt !== null) {
      const began = Date.parse(signedAt.replace(AMZ_DATE, '$1-$2-$3T$4:$5:$6Z'));
      const lives = Number(query.get('X-Amz-Expires')) * 1000;
      if (!(Date.now() < began + lives)) return refusal(403, 'AccessDenied');
    }
    const answer = await pass(received);
    if (answer.status !== 200) return answer;
    const wanted = ['content-type', 'content-disposition', 'cache-control'].flatMap((name) => {
      const value = query.get(`response-${name}`);
      return value === null ? [] : [[name, value] as const];
    });
    return { ...answer, headers: { ...answer.headers, ...Object.fromEntries(wanted) } };
  };

  const handle = (received: Received): Promise<Answer> => {
    if (received.method === 'POST') return post(received);
    if (received.method === 'PUT' && received.path.split('/').length > 2) return put(received);
    if (received.method === 'HEAD') return head(received);
    if (received.method === 'GET') return get(received);
    if (received.method === 'DELETE') return remove(received);
    return pass(received);
  };

  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const received: Received = {
      method: request.method ?? '',
      path: decodeURIComponent(url.pathname).replace(/\/$/, ''),
      query: url.searchParams,
      headers: request.headers,
      body: await buffer(request),
    };
    requests.push(received);
    // One after another: what stands between a look and a write must not be overtaken.
    const answered = queue.then(() => handle(received));
    queue = Promise.allSettled([answered]);
    const answer = await answered;
    response.writeHead(answer.status, answer.headers);
    response.end(answer.body);
  };
  let queue: Promise<unknown> = Promise.resolve();

  await app.ready();
  for (const bucket of buckets)
    await app.inject({ method: 'PUT', url: `/${bucket}`, headers: { host: 'localhost' } });
  const { url, stop } = await startLocalServer(respond);
  return {
    url,
    requests,
    client: () =>
      new S3Client({
        endpoint: url,
        forcePathStyle: true,
        region: 'cn-north-1',
        credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
        maxAttempts: 1,
      }),
    onPosted: (listener) => {
      posted = listener;
    },
    stop: async () => {
      await stop();
      await app.close();
    },
  };
}

/** Sends a form as a browser does: its fields first, the file last. */
export async function sendForm(
  form: { readonly url: string; readonly fields: Readonly<Record<string, string>> },
  content: Uint8Array,
): Promise<Response> {
  const body = new FormData();
  for (const [name, value] of Object.entries(form.fields)) body.append(name, value);
  body.append('file', new Blob([new Uint8Array(content)]), 'file');
  return fetch(form.url, { method: 'POST', body });
}
