/**
 * The cloud edition behind an OpenID provider: the very one of the one-machine edition, by its discovery document. The
 * gateway's authorizer is configured as `infra/stacks/api.ts` does it, by issuer and audience, and takes the provider's keys
 * from where it publishes them.
 */
import { generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { managePeopleRoutes } from '#functions/manage-people/route.ts';
import { callerSource } from '#functions/shared/access/source.ts';
import { apiHandler } from '#functions/shared/lambda/api.ts';
import { Client } from '../support/client.ts';
import { type Gateway, startGateway } from '../support/cloud/gateway.ts';
import { openTestEdition, type TestEdition } from '../support/edition.ts';
import { newPerson } from '../support/households.ts';
import {
  ADMINISTRATOR,
  enrolling,
  makeAdministrator,
  PASSWORD,
  register,
  type SignIn,
  signIn,
} from '../support/sign-in.ts';

const discoverySchema = z.looseObject({ issuer: z.string(), jwks_uri: z.string() });
const jwksSchema = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) });
const CONTEXT = { awsRequestId: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef' };

let provider: TestEdition;
let administrator: SignIn;
let worker: SignIn;
beforeAll(async () => {
  // Weak on purpose: a test is no place to wait for scrypt.
  const scryptCost = { logN: 10, r: 8, p: 1 };
  provider = await openTestEdition({ centre: 'none', identity: { scryptCost } });
  await makeAdministrator(provider, ADMINISTRATOR);
  administrator = await signIn(provider, ADMINISTRATOR, PASSWORD, enrolling({ key: '', recovery: [] }));
  const { idNumber } = newPerson('m1', '本人');
  await register(provider, { idNumber, phone: '13900000000' });
  worker = await signIn(provider, idNumber, PASSWORD);
}, 60_000);
afterAll(() => provider.close());

const json = async (url: string): Promise<unknown> => (await fetch(url)).json();

describe.each(['claims', 'posts'])('roles from the provider’s %s', (from) => {
  let gateway: Gateway;
  beforeAll(async () => {
    const discovery = discoverySchema.parse(
      await json(`${provider.url}/oidc/.well-known/openid-configuration`),
    );
    const handler = apiHandler(managePeopleRoutes, provider.ports, callerSource({ ROLES_FROM: from }));
    gateway = await startGateway({
      issuer: discovery.issuer,
      audience: 'hardship-filing',
      keys: jwksSchema.parse(await json(discovery.jwks_uri)),
      invoke: (_name, event) => handler(event, CONTEXT),
    });
  });
  afterAll(() => gateway.stop());

  const as = (token?: string): Client => new Client(gateway.url, token);

  test('an administrator’s token opens what an administrator may do', async () => {
    const { people } = await as(administrator.token).get('/v1/people?organisation=ah');
    expect(people).toMatchObject([{ subject: administrator.subject, name: '张管理（样例）' }]);
  });

  test('a worker’s does not', async () => {
    expect(await as(worker.token).refused('GET', '/v1/people?organisation=ah')).toMatchObject({
      status: 403,
      code: 'not-allowed',
    });
    expect((await as(worker.token).call('GET', '/v1/account')).status).toBe(200);
  });

  test('no token, a changed one, one under another key: 401, and no function is asked', async () => {
    const asked = gateway.requests;
    const [head = '', , signature = ''] = administrator.token.split('.');
    const claims = Buffer.from(administrator.token.split('.')[1] ?? '', 'base64url').toString();
    const changed = Buffer.from(claims.replace(worker.subject, 'x').replace('"administrator"', '"auditor"'));
    // Under a key of one's own, with everything else right.
    const { privateKey } = await generateKeyPair('RS256');
    const other = await new SignJWT(JSON.parse(claims)).setProtectedHeader({ alg: 'RS256' }).sign(privateKey);
    for (const token of [undefined, `${head}.${changed.toString('base64url')}.${signature}`, other]) {
      expect((await as(token).call('GET', '/v1/account')).status).toBe(401);
    }
    expect(gateway.requests).toBe(asked);
  });
});
