/**
 * The OpenID provider of the one-machine edition: `oidc-provider`, with the code flow and PKCE (S256) alone, one client
 * (the portal), access tokens as JWT (RS256) for this API, refresh tokens that are replaced at each use, and sessions
 * that end when nobody works and at the end of a working day.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Configuration, errors, type KoaContextWithOIDC, Provider } from 'oidc-provider';
import { actingAs } from '#domain/people/person.ts';
import { SECURITY_HEADERS } from '#functions/shared/http/security-headers.ts';
import { errorFields, type Logger } from '#functions/shared/log.ts';
import { findPerson } from '#functions/shared/people-store.ts';
import type { ItemStore } from '#functions/shared/ports.ts';
import type { ExpiringStore } from './expiring-store.ts';
import { AUDIENCE, type SigningKeys } from './issuer.ts';
import { oidcAdapter } from './oidc-adapter.ts';
import { errorPage, pagePolicy, signedOutPage, signOutPage } from './pages.ts';

/** Where the provider is mounted. */
export const PROVIDER_PATH = '/oidc';
/** Names the API in a token request (RFC 8707); it is the default. */
const RESOURCE = 'urn:hardship-filing:api';
const PORTAL_CLIENT = 'portal';
const SCOPES = 'openid profile offline_access';

/** Seconds. Nobody works for half an hour, or the day's work is over: sign in again. */
const IDLE = 30 * 60;
const ABSOLUTE = 12 * 3600;
const ACCESS_TOKEN = 10 * 60;

export type ProviderOptions = {
  /** Where the installation is reached, without a slash at the end. */
  readonly publicUrl: string;
  readonly keys: SigningKeys;
  readonly cookieSecret: string;
  readonly store: ExpiringStore;
  readonly items: ItemStore;
  readonly wall: () => number;
  /** A portal under development may come back to any port of this machine. */
  readonly demo: boolean;
  readonly logger: Logger;
  readonly signedOut: (subject: string, incoming: IncomingMessage) => Promise<void>;
};

export type IdentityProvider = {
  readonly provider: Provider;
  readonly issuer: string;
  /** Answers what comes below `PROVIDER_PATH`. */
  readonly handle: (incoming: IncomingMessage, outgoing: ServerResponse) => void;
};

const epoch = (milliseconds: number): number => Math.floor(milliseconds / 1000);

export const createProvider = (options: ProviderOptions): IdentityProvider => {
  const { publicUrl, keys, store, items, wall, demo, logger } = options;
  const { origin, host, protocol } = new URL(publicUrl);
  const issuer = `${publicUrl}${PROVIDER_PATH}`;

  const comesHome = (uri: string): boolean => {
    if (!URL.canParse(uri)) return false;
    const url = new URL(uri);
    return url.origin === origin || (demo && url.protocol === 'http:' && url.hostname === '127.0.0.1');
  };
  /** Seconds that a session lives on, by the time of its sign-in. */
  const left = (signedInAt: number | undefined): number => {
    const now = epoch(wall());
    return Math.max(1, Math.min(IDLE, (signedInAt ?? now) + ABSOLUTE - now));
  };
  const claimsOf = async (subject: string) => {
    const person = await findPerson(items, subject);
    if (person === undefined || person.state === 'suspended') return undefined;
    const { roles, organisation } = actingAs(person);
    return { name: person.name, roles: [...roles], ...(organisation === undefined ? {} : { organisation }) };
  };
  const policy = pagePolicy(origin, demo);
  const page = (context: KoaContextWithOIDC, body: { toString(): string | Promise<string> }): void => {
    context.set('content-security-policy', policy);
    context.type = 'html';
    context.body = String(body);
  };

  const configuration: Configuration = {
    adapter: oidcAdapter(store, wall),
    jwks: { keys: keys.privateKeys.map((key) => ({ ...key })) },
    cookies: {
      keys: [options.cookieSecret],
      long: { signed: true, httpOnly: true, sameSite: 'lax', path: '/' },
      short: { signed: true, httpOnly: true, sameSite: 'lax' },
    },
    clients: [
      {
        client_id: PORTAL_CLIENT,
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        redirect_uris: [`${publicUrl}/`],
        post_logout_redirect_uris: [`${publicUrl}/`],
      },
    ],
    responseTypes: ['code'],
    pkce: { required: () => true },
    scopes: ['openid', 'offline_access'],
    claims: { openid: ['sub'], profile: ['name', 'roles', 'organisation'] },
    // The portal reads name and posts of its ID token.
    conformIdTokenClaims: false,
    clientBasedCORS: (_context, from) => comesHome(from),
    clockTolerance: 5,
    enabledJWA: { idTokenSigningAlgValues: ['RS256'], userinfoSigningAlgValues: ['RS256'] },
    features: {
      devInteractions: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      dPoP: { enabled: false },
      revocation: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (context, form) => page(context, signOutPage(form)),
        postLogoutSuccessSource: (context) => page(context, signedOutPage()),
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => RESOURCE,
        useGrantedResource: () => true,
        getResourceServerInfo: (_context, resource) => {
          if (resource !== RESOURCE) throw new errors.InvalidTarget();
          return {
            scope: '',
            audience: AUDIENCE,
            accessTokenFormat: 'jwt',
            accessTokenTTL: ACCESS_TOKEN,
            jwt: { sign: { alg: 'RS256' } },
          };
        },
      },
    },
    interactions: { url: (_context, { uid }) => `/sign-in/${uid}` },
    ttl: {
      AccessToken: ACCESS_TOKEN,
      AuthorizationCode: 60,
      Grant: ABSOLUTE,
      IdToken: ACCESS_TOKEN,
      Interaction: 15 * 60,
      Session: (_context, session) => left(session.loginTs),
      RefreshToken: (_context, token) => left(token.authTime),
    },
    issueRefreshToken: () => true,
    rotateRefreshToken: () => true,
    // Signing out ends everything that came of the session.
    expiresWithSession: () => true,
    // The one client is our own portal: nobody has to consent to it.
    loadExistingGrant: async ({ oidc }) => {
      const { client, session, provider: own } = oidc;
      if (client === undefined || session?.accountId === undefined) return undefined;
      const granted = session.grantIdFor(client.clientId);
      const known = granted === undefined ? undefined : await own.Grant.find(granted);
      if (known !== undefined) return known;
      const grant = new own.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope(SCOPES);
      await grant.save();
      return grant;
    },
    findAccount: async (_context, subject) => {
      const claims = await claimsOf(subject);
      return claims === undefined
        ? undefined
        : { accountId: subject, claims: async () => ({ sub: subject, ...claims }) };
    },
    extraTokenClaims: async (_context, token) =>
      'accountId' in token && token.accountId !== undefined ? claimsOf(token.accountId) : undefined,
    renderError: (context, out) => page(context, errorPage(out.error)),
  };

  const provider = new Provider(issuer, configuration);
  // What this says is not for the console: faults go to the log by `server_error`.
  provider.silent = true;
  provider.proxy = true;
  provider.Client.prototype.redirectUriAllowed = comesHome;
  provider.Client.prototype.postLogoutRedirectUriAllowed = comesHome;
  provider.on('server_error', (_context, error) =>
    logger.error('the OpenID provider met a fault', errorFields(error)),
  );
  provider.on('end_session.success', ({ oidc, req }) => {
    const subject = oidc.session?.accountId;
    if (subject === undefined) return;
    options
      .signedOut(subject, req)
      .catch((error: unknown) => logger.error('a sign-out could not be recorded', errorFields(error)));
  });
  // Who works with the portal refreshes tokens only: that keeps the session alive too.
  provider.use(async (context, next) => {
    await next();
    // It is there from the routes on.
    const { oidc, status } = context;
    if (oidc?.route !== 'token' || status !== 200) return;
    const token = oidc.entities.RefreshToken ?? oidc.entities.AuthorizationCode;
    if (token?.sessionUid === undefined) return;
    const session = await provider.Session.findByUid(token.sessionUid);
    await session?.save(left(session.loginTs));
  });

  const answer = provider.callback();
  return {
    provider,
    issuer,
    handle: (incoming, outgoing) => {
      for (const [name, value] of Object.entries(SECURITY_HEADERS)) outgoing.setHeader(name, value);
      // Its own page for a sign-out without a session posts itself; the hash of that script it adds here.
      outgoing.setHeader('content-security-policy', `${policy}; script-src 'self'`);
      // The provider speaks of itself as it is reached from outside, whatever a client writes here.
      incoming.headers.host = host;
      incoming.headers['x-forwarded-host'] = host;
      incoming.headers['x-forwarded-proto'] = protocol.slice(0, -1);
      Object.assign(incoming, { originalUrl: incoming.url });
      incoming.url = (incoming.url ?? '').slice(PROVIDER_PATH.length) || '/';
      answer(incoming, outgoing).catch((error: unknown) =>
        logger.error('the OpenID provider met a fault', errorFields(error)),
      );
    },
  };
};
