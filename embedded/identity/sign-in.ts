/**
 * Signing in: password, then for staff the second factor, step by step; what is between two steps stays on this side. An
 * unknown name, a wrong password and a suspended account get the same answer after the same work.
 */
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { errors, type Provider } from 'oidc-provider';
import * as z from 'zod';
import type { Person } from '#domain/people/person.ts';
import { findPerson } from '#functions/shared/people-store.ts';
import type { ItemStore, Vault } from '#functions/shared/ports.ts';
import type { Pages } from '../http/app.ts';
import type { Credential, LocalAccounts } from './accounts.ts';
import type { ExpiringStore } from './expiring-store.ts';
import { addressOf, type FormContext, type Forms } from './forms.ts';
import type { Lockout } from './lockout.ts';
import {
  codePage,
  enrolPage,
  expiredPage,
  type Fault,
  lockedPage,
  recoveryPage,
  signInPage,
} from './pages.ts';
import type { Passwords } from './passwords.ts';
import { enrol, keyUri, newKey, stepOf, used } from './second-factor.ts';
import type { SignInLog } from './sign-in-log.ts';

/** Hands a person over to the provider. */
export type Finish = (context: FormContext, uid: string, subject: string) => Promise<Response>;

export type SignInOptions = {
  readonly provider: () => Provider;
  readonly items: ItemStore;
  readonly vault: Vault;
  readonly accounts: LocalAccounts;
  readonly passwords: Passwords;
  readonly lockout: Lockout;
  readonly store: ExpiringStore;
  readonly log: SignInLog;
  readonly forms: Forms;
  readonly wall: () => number;
  /** Whether staff need a second factor: off in a demonstration alone. */
  readonly secondFactor: boolean;
  /** A further way to sign in, below the address of each sign-in, given how one ends. */
  readonly upstream: ((finish: Finish) => Pages) | undefined;
};

export const SIGNING_IN = 'signing-in';
const STEP_MS = 15 * 60_000;

/** Between the password and the end. `key` is sealed. */
const stepSchema = z.discriminatedUnion('step', [
  z.strictObject({ step: z.literal('code'), subject: z.string(), account: z.string() }),
  z.strictObject({ step: z.literal('enrol'), subject: z.string(), account: z.string(), key: z.string() }),
  z.strictObject({ step: z.literal('recovery'), subject: z.string(), account: z.string() }),
]);
type Step = z.infer<typeof stepSchema>;

const WRONG: Fault = { message: '登录名或密码不对，或者账号已停用。请核对后再试。' };
const WRONG_CODE: Fault = { message: '验证码不对或已用过，请等待下一个验证码再试。', field: 'code' };

export const signInApp = (options: SignInOptions): Pages => {
  const { items, vault, accounts, passwords, lockout, store, log, forms, wall } = options;

  const stepOfUid = (uid: string): Step | undefined => {
    const kept = store.get(SIGNING_IN, uid);
    return kept === undefined ? undefined : stepSchema.parse(kept);
  };
  const keep = (uid: string, step: Step): Promise<void> =>
    store.put({ kind: SIGNING_IN, id: uid, data: step, expires: wall() + STEP_MS });
  const keyContext = (uid: string): string => `sign-in/${uid}/key`;

  const upstreamOf = (uid: string): string | undefined =>
    options.upstream === undefined ? undefined : `/sign-in/${uid}/upstream`;

  /** The page of the step at which a sign-in is. */
  const pageOf = async (context: FormContext, uid: string, fault?: Fault) => {
    const state = { csrf: forms.token(context), fault };
    const step = stepOfUid(uid);
    switch (step?.step) {
      case undefined:
        return signInPage(state, { upstream: upstreamOf(uid) });
      case 'code':
        return codePage(state);
      case 'enrol': {
        const key = await vault.open(step.key, keyContext(uid));
        const person = await findPerson(items, step.subject);
        return enrolPage(state, { key, uri: keyUri(key, person?.name ?? '') });
      }
      case 'recovery':
        return recoveryPage(state, []);
    }
  };

  /** Hands the person over to the provider. */
  const finish = async (context: FormContext, uid: string, subject: string, amr: readonly string[]) => {
    const { incoming, outgoing } = context.env;
    await log.record({ outcome: 'signed-in', address: addressOf(incoming), subject, account: null });
    await store.remove(SIGNING_IN, uid);
    const login = { accountId: subject, amr: [...amr], remember: false, ts: Math.floor(wall() / 1000) };
    return context.redirect(await options.provider().interactionResult(incoming, outgoing, { login }), 303);
  };

  const locked = async (context: FormContext, account: string, waitMs: number) => {
    const address = addressOf(context.env.incoming);
    await log.record({ outcome: 'locked', address, subject: null, account });
    return context.html(lockedPage(waitMs), 429, { 'retry-after': String(Math.ceil(waitMs / 1000)) });
  };

  type Known = { readonly person: Person; readonly credential: Credential; readonly version: number };

  /** The account with that password, if it is one that may sign in. The work is the same where it isn't. */
  const check = async (account: string, password: string): Promise<Known | 'wrong' | 'suspended'> => {
    const subject = await accounts.subjectOf(account);
    const [found, person] = await Promise.all([
      accounts.credential(subject ?? 'nobody'),
      findPerson(items, subject ?? 'nobody'),
    ]);
    const { ok, stale } = await passwords.verify(password, found?.credential.password ?? null);
    if (!ok || found === undefined || person === undefined) return 'wrong';
    if (person.state === 'suspended') return 'suspended';
    if (!stale) return { person, ...found };
    const stronger = { ...found.credential, password: await passwords.hash(password) };
    const kept = await accounts.replace(person.subject, stronger, found.version);
    return kept ? { person, credential: stronger, version: found.version + 1 } : { person, ...found };
  };

  const takePassword = async (context: FormContext, uid: string, field: (name: string) => string) => {
    const address = addressOf(context.env.incoming);
    const account = await accounts.indexOf(field('account'));
    const wait = await lockout.attempt(account, address);
    if (wait > 0) return locked(context, account, wait);
    const known = await check(account, field('password'));
    if (typeof known === 'string') {
      const outcome = known === 'wrong' ? 'wrong-password' : 'suspended';
      await log.record({ outcome, address, subject: null, account });
      return context.html(await pageOf(context, uid, WRONG), 401);
    }
    await lockout.succeeded(account, address);
    const { subject, kind } = known.person;
    if (kind === 'applicant' || !options.secondFactor) return finish(context, uid, subject, ['pwd']);
    await keep(
      uid,
      known.credential.secondFactor === null
        ? { step: 'enrol', subject, account, key: await vault.seal(newKey(), keyContext(uid)) }
        : { step: 'code', subject, account },
    );
    return context.redirect(context.req.path, 303);
  };

  /** What a right code makes of the credential; undefined for a wrong one. */
  const judge = async (uid: string, step: Step, credential: Credential, code: string) => {
    if (step.step === 'enrol') {
      const key = await vault.open(step.key, keyContext(uid));
      const at = stepOf(key, code.replaceAll(/\s/g, ''), 0, wall());
      if (at === undefined) return undefined;
      return { ...(await enrol(vault, step.subject, key, at)), outcome: 'second-factor-enrolled' as const };
    }
    if (credential.secondFactor === null) return undefined;
    const after = await used(vault, step.subject, credential.secondFactor, code, wall());
    return after === undefined
      ? undefined
      : {
          secondFactor: after.next,
          recoveryCodes: [],
          outcome: after.recovery ? ('recovery-code-used' as const) : undefined,
        };
  };

  const takeCode = async (context: FormContext, uid: string, step: Step, code: string) => {
    const address = addressOf(context.env.incoming);
    const { subject, account } = step;
    // Counted by itself: whoever has the password must not get a fresh count with it.
    const wait = await lockout.attempt(`code/${account}`, address);
    if (wait > 0) return locked(context, account, wait);
    const found = await accounts.credential(subject);
    const right = found === undefined ? undefined : await judge(uid, step, found.credential, code);
    // Of two who use one code at once, one is too late.
    const kept =
      found !== undefined &&
      right !== undefined &&
      (await accounts.replace(
        subject,
        { ...found.credential, secondFactor: right.secondFactor },
        found.version,
      ));
    if (!kept) {
      await log.record({ outcome: 'wrong-code', address, subject, account });
      return context.html(await pageOf(context, uid, WRONG_CODE), 401);
    }
    await lockout.succeeded(`code/${account}`, address);
    if (right.outcome !== undefined) await log.record({ outcome: right.outcome, address, subject, account });
    if (step.step !== 'enrol') return finish(context, uid, subject, ['pwd', 'otp']);
    await keep(uid, { step: 'recovery', subject, account });
    return context.html(recoveryPage({ csrf: forms.token(context) }, right.recoveryCodes));
  };

  const app = new Hono<{ Bindings: HttpBindings }>();
  app.use('/sign-in/:uid/*', async (context, next) => {
    try {
      await options.provider().interactionDetails(context.env.incoming, context.env.outgoing);
    } catch (error) {
      if (!(error instanceof errors.SessionNotFound)) throw error;
      return context.html(expiredPage(), 400);
    }
    return next();
  });
  if (options.upstream !== undefined) {
    app.route(
      '/',
      options.upstream((context, uid, subject) => finish(context, uid, subject, ['fed'])),
    );
  }
  app.get('/sign-in/:uid', async (context) => context.html(await pageOf(context, context.req.param('uid'))));
  app.post('/sign-in/:uid', async (context) => {
    const uid = context.req.param('uid');
    const field = await forms.read(context);
    if (field === undefined) return context.html(expiredPage(), 403);
    const step = stepOfUid(uid);
    if (step === undefined) return takePassword(context, uid, field);
    if (step.step === 'recovery') return finish(context, uid, step.subject, ['pwd', 'otp']);
    return takeCode(context, uid, step, field('code'));
  });
  return app;
};
