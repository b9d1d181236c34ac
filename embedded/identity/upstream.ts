/**
 * Signing in through somebody else's OpenID provider, such as a province's own: code flow with PKCE, state and nonce. Who
 * comes that way is an applicant whose name that provider vouches for. Staff have accounts here.
 */
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import * as client from 'openid-client';
import * as z from 'zod';
import { sha256 } from '#domain/filing/audit.ts';
import { normalise } from '#domain/identity/checked.ts';
import { newPerson, type Person } from '#domain/people/person.ts';
import { systemActor } from '#functions/shared/case-store.ts';
import { ConditionFailed } from '#functions/shared/errors.ts';
import { keys } from '#functions/shared/keys.ts';
import { errorFields, type Logger } from '#functions/shared/log.ts';
import { createPerson, findPerson } from '#functions/shared/people-store.ts';
import { sealPersonIdNumber } from '#functions/shared/personal-data.ts';
import type { Ports } from '#functions/shared/ports.ts';
import type { Pages } from '../http/app.ts';
import type { ExpiringStore } from './expiring-store.ts';
import type { FormContext } from './forms.ts';
import { errorPage, expiredPage } from './pages.ts';

export type UpstreamSettings = {
  readonly issuer: string;
  readonly clientId: string;
  /** Undefined for a public client. */
  readonly clientSecret?: string | undefined;
  /** The claim that holds the ID number, where the provider tells it: one account a person then holds across both ways. */
  readonly idNumberClaim?: string | undefined;
};

type UpstreamOptions = Pick<Ports, 'items' | 'vault' | 'clock'> & {
  readonly settings: UpstreamSettings;
  readonly store: ExpiringStore;
  readonly publicUrl: () => string;
  readonly logger: Logger;
  /** Hands the person over to our own provider. */
  readonly finish: (context: FormContext, uid: string, subject: string) => Promise<Response>;
};

const KIND = 'upstream';
const PENDING_MS = 15 * 60_000;
const CALLBACK = '/account/upstream';

const pendingSchema = z.strictObject({ uid: z.string(), verifier: z.string(), nonce: z.string() });
const claimsSchema = z.looseObject({ sub: z.string().min(1), name: z.string().trim().min(1).max(50) });
const accountSchema = z.object({ subject: z.string() });

/** Our word for a person of that provider: the same each time, and opaque. */
const subjectOf = (issuer: string, sub: string): string => sha256(JSON.stringify([issuer, sub])).slice(0, 32);

const isLocal = (issuer: string): boolean => ['127.0.0.1', 'localhost'].includes(new URL(issuer).hostname);

export const upstreamApp = (options: UpstreamOptions): Pages => {
  const { items, vault, clock, settings, store, publicUrl, logger, finish } = options;

  let known: Promise<client.Configuration> | undefined;
  /** Asked for at the first sign-in, and again after a failure: their provider may be down when ours starts. */
  const configuration = async (): Promise<client.Configuration> => {
    known ??= client.discovery(
      new URL(settings.issuer),
      settings.clientId,
      undefined,
      settings.clientSecret === undefined ? client.None() : client.ClientSecretBasic(settings.clientSecret),
      { timeout: 10, ...(isLocal(settings.issuer) ? { execute: [client.allowInsecureRequests] } : {}) },
    );
    try {
      return await known;
    } catch (error) {
      known = undefined;
      throw error;
    }
  };

  const idNumberOf = (claims: z.output<typeof claimsSchema>): string | undefined => {
    const value = settings.idNumberClaim === undefined ? undefined : claims[settings.idNumberClaim];
    return typeof value === 'string' ? normalise(value) : undefined;
  };

  /** The account of that person; made at the first sign-in, or the one that the ID number has already. */
  const accountOf = async (claims: z.output<typeof claimsSchema>): Promise<string> => {
    const subject = subjectOf(settings.issuer, claims.sub);
    if ((await findPerson(items, subject)) !== undefined) return subject;
    const idNumber = idNumberOf(claims);
    const idIndex = idNumber === undefined ? null : await vault.blindIndex(idNumber);
    const taken = idIndex === null ? undefined : await items.get(keys.accountGuard(idIndex));
    if (taken !== undefined) return accountSchema.parse(taken.data).subject;
    const sealed: Partial<Person> =
      idNumber === undefined ? {} : { idIndex, idNumber: await sealPersonIdNumber(vault, subject, idNumber) };
    const given = {
      subject,
      name: claims.name,
      kind: 'applicant',
      provedBy: settings.issuer,
      ...sealed,
    } as const;
    try {
      await createPerson(options, {
        next: newPerson(given, clock.wall()),
        event: { type: 'registered', actor: systemActor('upstream'), data: { provedBy: settings.issuer } },
        operations:
          idIndex === null
            ? []
            : [
                {
                  type: 'put',
                  item: { ...keys.accountGuard(idIndex), version: 1, schema: 1, data: { subject } },
                  condition: 'absent',
                },
              ],
      });
      return subject;
    } catch (error) {
      // The same person in two windows: the other one has made it.
      if (!(error instanceof ConditionFailed)) throw error;
      return accountOf(claims);
    }
  };

  const failed = (context: FormContext, error: unknown) => {
    logger.warn('a sign-in by the upstream provider failed', errorFields(error));
    return context.html(errorPage('upstream'), 502);
  };

  const app = new Hono<{ Bindings: HttpBindings }>();
  app.get('/sign-in/:uid/upstream', async (context) => {
    try {
      const config = await configuration();
      const [state, nonce] = [client.randomState(), client.randomNonce()];
      const verifier = client.randomPKCECodeVerifier();
      await store.put({
        kind: KIND,
        id: state,
        data: { uid: context.req.param('uid'), verifier, nonce },
        expires: clock.wall() + PENDING_MS,
      });
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: `${publicUrl()}${CALLBACK}`,
        scope: 'openid profile',
        state,
        nonce,
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      });
      return context.redirect(url.href, 303);
    } catch (error) {
      return failed(context, error);
    }
  });
  // The cookie that ties a sign-in to its browser is sent to that sign-in's own path alone: there it goes on.
  app.get(CALLBACK, (context) => {
    const pending = pendingSchema.safeParse(store.get(KIND, context.req.query('state') ?? ''));
    if (!pending.success) return context.html(expiredPage(), 400);
    const { search } = new URL(context.req.url);
    return context.redirect(`/sign-in/${pending.data.uid}/upstream/return${search}`, 303);
  });
  app.get('/sign-in/:uid/upstream/return', async (context) => {
    const { search, searchParams } = new URL(context.req.url);
    const state = searchParams.get('state') ?? '';
    const pending = pendingSchema.safeParse(store.get(KIND, state));
    const uid = context.req.param('uid');
    if (!pending.success || pending.data.uid !== uid) return context.html(expiredPage(), 400);
    await store.remove(KIND, state);
    try {
      const { verifier, nonce } = pending.data;
      const back = new URL(`${publicUrl()}${CALLBACK}${search}`);
      const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce };
      const tokens = await client.authorizationCodeGrant(await configuration(), back, checks);
      const subject = await accountOf(claimsSchema.parse(tokens.claims()));
      const person = await findPerson(items, subject);
      if (person?.state !== 'active') return context.html(errorPage('suspended'), 403);
      return await finish(context, uid, subject);
    } catch (error) {
      return failed(context, error);
    }
  });
  return app;
};
