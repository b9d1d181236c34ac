/** Pages around an account: a worker's own registration, one-time links, the first administrator. */
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { beijingDate } from '#domain/calendar/dates.ts';
import type { OrganisationTree } from '#domain/filing/organisations.ts';
import { normalise } from '#domain/identity/checked.ts';
import { checkIdNumber } from '#domain/identity/id-number.ts';
import { checkPhone } from '#domain/identity/phone.ts';
import { newPerson } from '#domain/people/person.ts';
import { systemActor } from '#functions/shared/case-store.ts';
import { AppError, ConditionFailed } from '#functions/shared/errors.ts';
import { keys } from '#functions/shared/keys.ts';
import { emailSchema } from '#functions/shared/mail-addresses.ts';
import { createPerson, findPerson } from '#functions/shared/people-store.ts';
import { sealPersonEmail, sealPersonIdNumber, sealPersonPhone } from '#functions/shared/personal-data.ts';
import type { Ports } from '#functions/shared/ports.ts';
import type { Pages } from '../http/app.ts';
import type { LocalAccounts } from './accounts.ts';
import { addressOf, type FormContext, type Forms } from './forms.ts';
import type { Lockout } from './lockout.ts';
import {
  badLinkPage,
  expiredPage,
  type Fault,
  lockedPage,
  newPasswordPage,
  passwordSetPage,
  registeredPage,
  registerPage,
  STYLESHEET,
  setupDonePage,
  setupPage,
} from './pages.ts';
import { type Passwords, passwordFault } from './passwords.ts';
import type { SignInLog } from './sign-in-log.ts';

/**
 * Whether name and ID number belong together, asked of whoever knows (the public security's service, a bank). Gives who
 * vouched for it, or null. Without one every account is unproved, and the officers see that.
 */
export type IdentityProofing = (claim: {
  readonly name: string;
  readonly idNumber: string;
}) => Promise<string | null>;

export type AccountPagesOptions = Pick<Ports, 'items' | 'vault' | 'ids' | 'clock'> & {
  /** The tree as it stands now. */
  readonly organisations: () => Promise<OrganisationTree>;
  readonly accounts: LocalAccounts;
  readonly passwords: Passwords;
  readonly lockout: Lockout;
  readonly log: SignInLog;
  readonly forms: Forms;
  readonly proofing: IdentityProofing;
};

type Field = (name: string) => string;

const newPasswordFault = (field: Field, personal: readonly string[]): Fault | undefined => {
  if (field('password') !== field('again')) return { field: 'again', message: '两次输入的密码不一致。' };
  const message = passwordFault(field('password'), personal);
  return message === undefined ? undefined : { field: 'password', message };
};

const ACCOUNT_NAME = /^[A-Za-z0-9._-]{3,40}$/;

export const accountPages = (options: AccountPagesOptions): Pages => {
  const { items, vault, ids, clock, organisations, accounts, passwords, lockout, log, forms } = options;

  const stateOf = (context: FormContext, fault?: Fault) => ({ csrf: forms.token(context), fault });

  // ---- registration

  const registrationFault = (field: Field): Fault | undefined => {
    const name = field('name').trim();
    if (name === '') return { field: 'name', message: '请填写姓名。' };
    const idNumber = checkIdNumber(field('idNumber'), { on: beijingDate(clock.wall()) });
    if (!idNumber.ok) return { field: 'idNumber', message: idNumber.message };
    const phone = checkPhone(field('phone'));
    if (!phone.ok) return { field: 'phone', message: phone.message };
    const email = emailSchema.safeParse(field('email'));
    if (field('email').trim() !== '' && !email.success) {
      return { field: 'email', message: email.error.issues[0]?.message ?? '' };
    }
    return newPasswordFault(field, [name, normalise(field('idNumber')), normalise(field('phone'))]);
  };

  /** False where the ID number has its account already. */
  const register = async (subject: string, field: Field, idIndex: string): Promise<boolean> => {
    const [name, idNumber, phone] = [
      field('name').trim(),
      normalise(field('idNumber')),
      normalise(field('phone')),
    ];
    const email = field('email').trim();
    // The work is the same whether or not there is an account.
    const password = await passwords.hash(field('password'));
    const person = newPerson(
      {
        subject,
        name,
        kind: 'applicant',
        idNumber: await sealPersonIdNumber(vault, subject, idNumber),
        phone: await sealPersonPhone(vault, subject, phone),
        email: email === '' ? null : await sealPersonEmail(vault, subject, email),
        idIndex,
        provedBy: await options.proofing({ name, idNumber }),
      },
      clock.wall(),
    );
    try {
      await createPerson(options, {
        next: person,
        event: {
          type: 'registered',
          actor: { kind: 'person', subject, name, organisation: null, roles: ['applicant'] },
          data: { provedBy: person.provedBy },
        },
        operations: [
          {
            type: 'put',
            item: { ...keys.accountGuard(idIndex), version: 1, schema: 1, data: { subject } },
            condition: 'absent',
          },
          ...(await accounts.open(idNumber, subject, password, null)),
        ],
      });
      return true;
    } catch (error) {
      const taken = error instanceof AppError && error.code === 'account-taken';
      if (!taken && !(error instanceof ConditionFailed)) throw error;
      return false;
    }
  };

  const app = new Hono<{ Bindings: HttpBindings }>();
  app.get('/account/style.css', (context) =>
    context.body(STYLESHEET, 200, {
      'content-type': 'text/css; charset=utf-8',
      'cache-control': 'max-age=3600',
    }),
  );
  app.get('/account/register', (context) => context.html(registerPage(stateOf(context), {})));
  app.post('/account/register', async (context) => {
    const field = await forms.read(context);
    if (field === undefined) return context.html(expiredPage(''), 403);
    const fault = registrationFault(field);
    if (fault !== undefined) {
      const typed = { name: field('name'), phone: field('phone'), email: field('email') };
      return context.html(registerPage(stateOf(context, fault), typed), 422);
    }
    const address = addressOf(context.env.incoming);
    const idIndex = await vault.blindIndex(normalise(field('idNumber')));
    const wait = await lockout.attempt(`register/${idIndex}`, address);
    if (wait > 0) return context.html(lockedPage(wait), 429);
    const subject = ids.next();
    const made = await register(subject, field, idIndex);
    await log.record({
      outcome: made ? 'registered' : 'registered-again',
      address,
      subject: made ? subject : null,
      account: null,
    });
    return context.html(registeredPage());
  });

  // ---- a link that sets a password

  const badLink = async (context: FormContext, subject: string | null) => {
    await log.record({
      outcome: 'wrong-link',
      address: addressOf(context.env.incoming),
      subject,
      account: null,
    });
    return context.html(badLinkPage(), 410);
  };

  app.get('/account/password/:subject/:secret', async (context) => {
    const { subject, secret } = context.req.param();
    if ((await accounts.linkOf(subject, secret)) === undefined) return badLink(context, null);
    return context.html(newPasswordPage(stateOf(context)));
  });
  app.post('/account/password/:subject/:secret', async (context) => {
    const { subject, secret } = context.req.param();
    const field = await forms.read(context);
    if (field === undefined) return context.html(expiredPage(''), 403);
    const found = await accounts.linkOf(subject, secret);
    const person = await findPerson(items, subject);
    if (found === undefined || person === undefined) return badLink(context, null);
    const fault = newPasswordFault(field, [person.name]);
    if (fault !== undefined) return context.html(newPasswordPage(stateOf(context, fault)), 422);
    const { credential, version } = found;
    const next = {
      ...credential,
      password: await passwords.hash(field('password')),
      secondFactor: credential.link?.secondFactor === true ? null : credential.secondFactor,
      link: null,
    };
    if (!(await accounts.replace(subject, next, version))) return badLink(context, subject);
    await accounts.signOut(subject);
    const address = addressOf(context.env.incoming);
    await lockout.succeeded(credential.account, address);
    await log.record({ outcome: 'password-set', address, subject, account: credential.account });
    return context.html(passwordSetPage());
  });

  // ---- the first administrator

  app.get('/account/setup/:secret', async (context) => {
    if ((await accounts.setupOf(context.req.param('secret'))) === undefined) return badLink(context, null);
    return context.html(setupPage(stateOf(context), {}));
  });
  app.post('/account/setup/:secret', async (context) => {
    const field = await forms.read(context);
    if (field === undefined) return context.html(expiredPage(''), 403);
    const spend = await accounts.setupOf(context.req.param('secret'));
    if (spend === undefined) return badLink(context, null);
    const [name, account] = [field('name').trim(), field('account').trim()];
    const refuse = (fault: Fault) => context.html(setupPage(stateOf(context, fault), { name, account }), 422);
    if (name === '') return refuse({ field: 'name', message: '请填写姓名。' });
    if (!ACCOUNT_NAME.test(account)) {
      return refuse({ field: 'account', message: '登录名用3至40个字母、数字、点、下划线或连字符。' });
    }
    const fault = newPasswordFault(field, [name, account]);
    if (fault !== undefined) return refuse(fault);
    const subject = ids.next();
    const password = await passwords.hash(field('password'));
    const from = new Date(clock.wall()).toISOString();
    const post = {
      postId: ids.next(),
      role: 'administrator' as const,
      organisation: (await organisations()).root,
      from,
      until: null,
    };
    try {
      await createPerson(options, {
        next: newPerson({ subject, name, kind: 'staff', posts: [post] }, clock.wall()),
        event: {
          type: 'created',
          actor: systemActor('first-start'),
          data: { role: post.role, organisation: post.organisation },
        },
        operations: [spend, ...(await accounts.open(account, subject, password, null))],
      });
    } catch (error) {
      if (error instanceof AppError && error.code === 'account-taken') {
        return refuse({ field: 'account', message: error.message });
      }
      if (error instanceof ConditionFailed) return badLink(context, null);
      throw error;
    }
    await log.record({
      outcome: 'first-administrator',
      address: addressOf(context.env.incoming),
      subject,
      account: null,
    });
    return context.html(setupDonePage());
  });
  return app;
};
