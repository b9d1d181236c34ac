/** Sign-in of the one-machine edition, put together: keys, provider, local accounts, pages, and who a token stands for. */
import { join } from 'node:path';
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import type { Database } from '#adapters/embedded/database.ts';
import type { OrganisationTree } from '#domain/filing/organisations.ts';
import { type Authenticate, createAuthenticate, unverifiedClaims } from '#functions/shared/access/jwt.ts';
import { keys as itemKeys } from '#functions/shared/keys.ts';
import { errorFields, type Logger } from '#functions/shared/log.ts';
import { withPosts } from '#functions/shared/people-store.ts';
import type { Accounts, OneTimeLink, Ports } from '#functions/shared/ports.ts';
import type { Pages } from '../http/app.ts';
import { accountPages, type IdentityProofing } from './account-pages.ts';
import { LocalAccounts } from './accounts.ts';
import { type DemoAccount, seedDemo } from './demo.ts';
import { ExpiringStore } from './expiring-store.ts';
import { addressOf, Forms } from './forms.ts';
import { AUDIENCE, ISSUER, openIssuer } from './issuer.ts';
import { Lockout } from './lockout.ts';
import { pagePolicy } from './pages.ts';
import { Passwords, type ScryptCost } from './passwords.ts';
import { createProvider, type IdentityProvider, PROVIDER_PATH } from './provider.ts';
import { signInApp } from './sign-in.ts';
import { SignInLog } from './sign-in-log.ts';
import { type UpstreamSettings, upstreamApp } from './upstream.ts';

export type IdentitySettings = {
  /** A folder of made-up people whose passwords everyone knows; no second factor. */
  readonly demo?: boolean;
  readonly scryptCost?: ScryptCost;
  readonly proofing?: IdentityProofing;
  /** Another provider, by which applicants may sign in too. */
  readonly upstream?: UpstreamSettings;
};

export type IdentityOptions = Pick<Ports, 'items' | 'vault' | 'clock' | 'ids'> & {
  readonly folder: string;
  readonly keyFolder: string;
  /** Signs cookies and forms; 32 bytes. */
  readonly secret: Uint8Array;
  readonly database: Database;
  /** The tree as it stands now. */
  readonly organisations: () => Promise<OrganisationTree>;
  readonly logger: Logger;
  readonly settings: IdentitySettings;
};

export type Identity = {
  readonly accounts: Accounts;
  readonly authenticate: Authenticate;
  readonly pages: Pages;
  readonly mount: { readonly prefix: string; readonly handle: IdentityProvider['handle'] };
  /** Called once, when it is known where the installation is reached, before any request is answered. */
  start(publicUrl: string): void;
  /** A link for the first administrator; null where there is one and `another` isn't asked for. */
  administratorLink(another: boolean): Promise<OneTimeLink | null>;
  seedDemo(): Promise<readonly DemoAccount[]>;
  close(): Promise<void>;
};

const SWEEP_MS = 3_600_000;

const noProofing: IdentityProofing = async () => null;

export const openIdentity = async (options: IdentityOptions): Promise<Identity> => {
  const { folder, keyFolder, secret, database, organisations, logger, settings } = options;
  const { items, vault, clock, ids } = options;
  const demo = settings.demo ?? false;
  const { upstream } = settings;
  const wall = (): number => clock.wall();
  const setup = await items.get(itemKeys.setup);
  if (setup !== undefined && (setup.data.demo === true) !== demo) {
    throw new Error(
      demo
        ? '该数据目录不是演示目录，不能用 --demo；请用 --data 另指定一个空目录。'
        : '该数据目录是演示目录，口令公开，不能用于真实人员；请用 --data 另指定一个目录，或加上 --demo。',
    );
  }
  const keys = await openIssuer(keyFolder, wall());
  const store = new ExpiringStore(database, wall);
  const log = await SignInLog.open(join(folder, 'sign-ins.jsonl'), wall);
  const lockout = new Lockout(store, wall);
  const passwords = new Passwords(settings.scryptCost);

  let started: (IdentityProvider & { readonly publicUrl: string; readonly trust: Authenticate }) | undefined;
  const running = () => {
    if (started === undefined) throw new Error('the sign-in has not been started');
    return started;
  };
  const publicUrl = (): string => running().publicUrl;
  const accounts = new LocalAccounts({
    items,
    vault,
    ids,
    clock,
    store,
    publicUrl,
    upstreamIssuer: upstream?.issuer,
  });
  const forms = new Forms(secret, () => publicUrl().startsWith('https:'));
  const shared = { items, vault, ids, clock, accounts, passwords, lockout, log, forms };

  const pages = new Hono<{ Bindings: HttpBindings }>();
  for (const path of ['/sign-in/*', '/account/*']) {
    pages.use(path, async (context, next) => {
      await next();
      context.header('content-security-policy', pagePolicy(new URL(publicUrl()).origin, demo));
    });
  }
  pages.route(
    '/',
    signInApp({
      ...shared,
      store,
      wall,
      provider: () => running().provider,
      secondFactor: !demo,
      upstream:
        upstream === undefined
          ? undefined
          : (finish) =>
              upstreamApp({ items, vault, clock, settings: upstream, store, publicUrl, logger, finish }),
    }),
  );
  pages.route('/', accountPages({ ...shared, organisations, proofing: settings.proofing ?? noProofing }));
  pages.get('/.well-known/jwks.json', (context) =>
    context.json(keys.publicKeys, 200, { 'cache-control': 'public, max-age=300' }),
  );

  const development = createAuthenticate({ keys: keys.publicKeys, issuer: ISSUER, audience: AUDIENCE, wall });
  const sweeping = setInterval(() => {
    store.sweep().catch((error: unknown) => logger.error('expired sign-ins stay', errorFields(error)));
  }, SWEEP_MS).unref();

  return {
    accounts,
    pages,
    mount: {
      prefix: PROVIDER_PATH,
      handle: (incoming, outgoing) => running().handle(incoming, outgoing),
    },
    // The command's tokens speak for themselves: whoever mints them has the keys. People's posts are looked up.
    authenticate: async (authorization) => {
      if (unverifiedClaims(authorization).iss === ISSUER) return development(authorization);
      const caller = await running().trust(authorization);
      if (caller === null) return null;
      const { subject, name } = caller;
      return withPosts(items, { subject, name, roles: [] });
    },
    start: (url) => {
      const provider = createProvider({
        publicUrl: url,
        keys,
        cookieSecret: Buffer.from(secret).toString('base64url'),
        store,
        items,
        wall,
        demo,
        logger,
        signedOut: (subject, incoming) =>
          log.record({ outcome: 'signed-out', address: addressOf(incoming), subject, account: null }),
      });
      const { issuer } = provider;
      const trust = createAuthenticate({ keys: keys.publicKeys, issuer, audience: AUDIENCE, wall });
      started = { ...provider, publicUrl: url, trust };
    },
    administratorLink: async (another) =>
      (await accounts.isSetUp()) && !another ? null : accounts.issueSetup(),
    seedDemo: () => seedDemo({ items, clock, ids, organisations, accounts, passwords }),
    close: async () => {
      clearInterval(sweeping);
      await log.close();
    },
  };
};
