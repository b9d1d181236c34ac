/** Tokens that are none, and identifiers that reach for what isn't the caller's. */
import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, importJWK, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { AUDIENCE, ISSUER, openIssuer } from '#embedded/identity/issuer.ts';
import { Application } from '../support/application.ts';
import { Client } from '../support/client.ts';
import { openTestEdition, type TestEdition } from '../support/edition.ts';
import { operations } from '../support/openapi.ts';

let edition: TestEdition;
let theirs: Application;
let mine: Application;
beforeAll(async () => {
  edition = await openTestEdition();
  theirs = await (await Application.open(edition, { name: '不得外泄乙' })).file();
  mine = await Application.open(edition);
});
afterAll(() => edition.close());

/** The keys' file, the newest key first. */
const keysForm = z.tuple([z.object({ key: z.looseObject({ kty: z.string() }) })], z.unknown());
const now = (): number => Math.floor(Date.now() / 1000);
const claims = (): JWTPayload => ({
  iss: ISSUER,
  aud: AUDIENCE,
  sub: mine.subject,
  name: '样例',
  roles: ['applicant'],
  iat: now(),
  exp: now() + 600,
});

const without = (claim: 'exp' | 'sub'): JWTPayload =>
  Object.fromEntries(Object.entries(claims()).filter(([name]) => name !== claim));

/** The issuer's own key, as only the machine's owner can read it. */
const issuerKey = async () => {
  const folder = join(edition.folder.path, 'keys');
  const file = await readFile(join(folder, 'identity', 'keys.json'), 'utf8');
  const [{ key: jwk }] = keysForm.parse(JSON.parse(file));
  const [published] = (await openIssuer(folder)).publicKeys.keys;
  return { key: await importJWK(jwk, 'RS256'), kid: published?.kid ?? '', published };
};

const signed = async (payload: JWTPayload, header: Record<string, unknown> = {}): Promise<string> => {
  const { key, kid } = await issuerKey();
  return new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid, ...header }).sign(key);
};

/** A token whose header jose would not write, signed by HMAC with what is public. */
const byHmac = async (secretOf: (x: string) => string): Promise<string> => {
  const { kid, published } = await issuerKey();
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: 'HS256', typ: 'JWT', kid })}.${part(claims())}`;
  return `${text}.${createHmac('sha256', secretOf(String(published?.n)))
    .update(text)
    .digest('base64url')}`;
};

const stranger = async (header: (jwk: object) => Record<string, unknown>): Promise<string> => {
  const pair = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const { kid } = await issuerKey();
  const jwk = await exportJWK(pair.publicKey);
  return new SignJWT(claims())
    .setProtectedHeader({ alg: 'EdDSA', kid, ...header(jwk) })
    .sign(pair.privateKey);
};

describe('a token', () => {
  test('as it should be opens the own case', async () => {
    for (const typ of [undefined, 'JWT', 'at+jwt']) {
      const token = await signed(claims(), typ === undefined ? {} : { typ });
      expect(await new Client(edition.url, token).get(`/v1/cases/${mine.caseId}`)).toHaveProperty(
        'stage',
        'draft',
      );
    }
  });

  test.each<[string, () => Promise<string>]>([
    ['of another issuer', () => signed({ ...claims(), iss: 'https://elsewhere.example' })],
    ['for another audience', () => signed({ ...claims(), aud: 'another-system' })],
    ['signed by another key under the same id', () => stranger(() => ({}))],
    ['with a key of its own inside', () => stranger((jwk) => ({ jwk }))],
    ['with the address of a key of its own', () => stranger(() => ({ jku: 'http://127.0.0.1:1/keys' }))],
    ['without a signature', async () => new UnsecuredJWT(claims()).encode()],
    ['signed by HMAC with the public key', () => byHmac((x) => x)],
    ['signed by HMAC with nothing', () => byHmac(() => '')],
    ['that has expired', () => signed({ ...claims(), exp: now() - 60 })],
    ['without an end', () => signed(without('exp'))],
    ['that is not valid yet', () => signed({ ...claims(), nbf: now() + 600 })],
    ['of another kind', () => signed(claims(), { typ: 'logout+jwt' })],
    [
      'that demands an extension',
      async () => {
        const { key, kid } = await issuerKey();
        return new SignJWT(claims())
          .setProtectedHeader({ alg: 'RS256', kid, crit: ['exp2'], exp2: 1 })
          .sign(key, { crit: { exp2: true } });
      },
    ],
    ['without a subject', () => signed(without('sub'))],
    ['cut short', async () => (await signed(claims())).slice(0, -5)],
    [
      'with a changed payload',
      async () => {
        const [head, , signature] = (await signed(claims())).split('.');
        return [
          head,
          Buffer.from(JSON.stringify({ ...claims(), roles: ['auditor'] })).toString('base64url'),
          signature,
        ].join('.');
      },
    ],
  ])('%s: 401, and says nothing of why', async (_, make) => {
    const token = await make();
    const client = new Client(edition.url, token);
    const problem = await client.refused('GET', `/v1/cases/${mine.caseId}`);
    expect(problem).toMatchObject({ status: 401, code: 'not-signed-in' });
    expect(JSON.stringify(problem)).not.toContain(token);
    const [head = ''] = token.split('.');
    expect(edition.log.join('\n')).not.toContain(head);
  });
});

/** Sends the path as it is; no client library tidies it up. */
const raw = (method: string, path: string, token: string): Promise<{ status: number; text: string }> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(edition.url);
    const body = method === 'GET' ? undefined : '{}';
    const headers = {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json', 'if-match': '*' }),
    };
    const sent = request({ hostname, port, method, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });

describe('an identifier', () => {
  const HOSTILE: readonly [string, (theirs: string) => string][] = [
    ["another's", (id) => id],
    ["another's behind the own", (id) => `${mine.caseId}%2f..%2f${id}`],
    ["another's by a parent", (id) => `x%2f..%2f${id}`],
    ["another's as a key", (id) => `CASE%23${id}`],
    ["another's in capitals", (id) => id.toUpperCase()],
    [
      "another's in full width",
      (id) =>
        encodeURIComponent(
          [...id].map((c) => String.fromCodePoint((c.codePointAt(0) ?? 0) + 0xfee0)).join(''),
        ),
    ],
    ["another's with a NUL", (id) => `${id}%00`],
    ["another's with a space", (id) => `${id}%20`],
    ["another's with a line", (id) => `${id}%0a`],
    [
      "another's encoded twice",
      (id) => encodeURIComponent([...id].map((c) => `%${c.charCodeAt(0).toString(16)}`).join('')),
    ],
    ["another's with a zero-width joiner", (id) => `${id}%e2%80%8d`],
    ["another's with a parameter", (id) => `${id};a=b`],
    ["another's as a list", (id) => `${mine.caseId},${id}`],
    ['a prefix', (id) => id.slice(0, 10)],
    ['a wildcard', () => '%25'],
    ['a path upwards', () => '..%2f..%2f..%2fetc%2fpasswd'],
    ['a key of the table', () => 'COUNTER%23file'],
    ['SQL', () => "'%20OR%20'1'='1"],
    ['a prototype', () => '__proto__'],
    ['very long', () => 'a'.repeat(8_000)],
    ['empty', () => ''],
    ['a dot', () => '.'],
    ['an unpaired surrogate', () => '%ed%a0%80'],
    ['broken encoding', () => '%zz'],
  ];

  const withParameter = operations.filter(({ path, security }) => path.includes('{') && security.length > 0);

  test.each(HOSTILE)('%s: refused on every route, and nothing of it is told', async (_, write) => {
    const token = await signed(claims());
    const taskId = await theirs.taskId('grassrootsReview');
    const before = await theirs.mark();
    for (const { method, path } of withParameter) {
      const id = path.includes('{taskId}') ? taskId : theirs.caseId;
      const { status, text } = await raw(
        method,
        path.replace(/\{\w+\}/, () => write(id)),
        token,
      );
      expect([400, 401, 403, 404, 405, 422], `${method} ${path}: ${status}`).toContain(status);
      for (const secret of ['不得外泄乙', theirs.household.employer, theirs.subject])
        expect(text).not.toContain(secret);
    }
    expect(await theirs.mark()).toBe(before);
  });

  test("another's in a body, a cursor or a query reaches nothing either", async () => {
    const worker = mine.worker;
    const officer = await edition.person('elsewhere', 'grassrootsOfficer', 'hf-1-1');
    expect(await officer.refused('GET', '/v1/cases?union=ah-direct-1')).toMatchObject({ status: 403 });
    // A cursor of one list does not open another.
    await Application.open(edition, { route: 'provinceDirect' });
    const { cursor } = await theirs.staff.grassroots.get('/v1/cases?limit=1');
    expect(cursor).toEqual(expect.any(String));
    const { status, body } = await worker.call(
      'GET',
      `/v1/cases?cursor=${encodeURIComponent(String(cursor))}`,
    );
    expect([200, 400]).toContain(status);
    expect(JSON.stringify(body)).not.toContain(theirs.caseId);
    const meeting = { heldOn: edition.today, attendees: ['甲', '乙'], minutes: '研究。' };
    const secretary = await edition.person('other-secretary', 'meetingSecretary', 'hf');
    expect(
      await secretary.refused('POST', '/v1/meetings', {
        ...meeting,
        agenda: [{ caseId: theirs.caseId, aids: [], resolution: '同意。' }],
      }),
    ).toMatchObject({ status: 422, faults: [{ pointer: '/agenda/0/caseId', code: 'not-before-meeting' }] });
  });
});
