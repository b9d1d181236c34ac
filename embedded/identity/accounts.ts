/**
 * Local accounts: the name to sign in with, the password, the second factor, one-time links. A link is kept by its hash
 * alone and is spent in the same transaction that sets the password. The name and the key of the
 * second factor are sealed by the vault; recovery codes are kept by a hash under that key.
 */
import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { sha256 } from '#domain/filing/audit.ts';
import { AppError, ConditionFailed } from '#functions/shared/errors.ts';
import { keys } from '#functions/shared/keys.ts';
import { findPerson } from '#functions/shared/people-store.ts';
import { openPersonIdNumber, type SealedPlace } from '#functions/shared/personal-data.ts';
import type { Accounts, ItemOperation, OneTimeLink, Ports } from '#functions/shared/ports.ts';
import type { ExpiringStore } from './expiring-store.ts';
import { secondFactorContext } from './second-factor.ts';

export const credentialSchema = z.strictObject({
  /** The blind index of the name to sign in with. */
  account: z.string(),
  /** What that index is of. */
  sealedName: z.string(),
  /** As `Passwords` keeps it; null until the first one is set. */
  password: z.string().nullable(),
  secondFactor: z
    .strictObject({
      sealedKey: z.string(),
      /** The last time step that was used: no code works twice. */
      lastStep: z.int(),
      recovery: z.array(z.string()),
    })
    .nullable(),
  link: z.strictObject({ hash: z.string(), expiresAt: z.string(), secondFactor: z.boolean() }).nullable(),
});
export type Credential = z.infer<typeof credentialSchema>;

const loginSchema = z.object({ subject: z.string() });
const setupSchema = z.object({ hash: z.string(), expiresAt: z.string() });

const LINK_MS = 24 * 3_600_000;

const newSecret = (): string => randomBytes(32).toString('base64url');

/** Names are the same whatever their case and width: ID numbers end in x or X. */
const accountName = (typed: string): string =>
  `account/${typed.normalize('NFKC').replaceAll(/\s/g, '').toLowerCase()}`;

const nameContext = (subject: string): string => `account/${subject}/name`;

/** Every sealed field of a credential: whoever changes the vault seals all of these anew. */
export const sealedFieldsOfCredential = (
  subject: string,
  { secondFactor }: Pick<Credential, 'secondFactor'>,
): readonly SealedPlace[] => [
  { pointer: '/sealedName', context: nameContext(subject), index: '/account' },
  ...(secondFactor === null
    ? []
    : [{ pointer: '/secondFactor/sealedKey', context: secondFactorContext(subject) }]),
];

const accountTaken = (): AppError => new AppError('account-taken', 409, '这个登录名已有人使用，请换一个。');

export type LocalAccountsOptions = Pick<Ports, 'items' | 'vault' | 'ids' | 'clock'> & {
  readonly store: ExpiringStore;
  /** Known once the server listens. */
  readonly publicUrl: () => string;
  /** The provider through which workers sign in instead of here, if there is one. */
  readonly upstreamIssuer: string | undefined;
};

export class LocalAccounts implements Accounts {
  readonly #options: LocalAccountsOptions;

  constructor(options: LocalAccountsOptions) {
    this.#options = options;
  }

  /** The blind index of a name as it was typed. */
  indexOf(typed: string): Promise<string> {
    return this.#options.vault.blindIndex(accountName(typed));
  }

  /** Who signs in under this name; undefined where nobody does. */
  async subjectOf(account: string): Promise<string | undefined> {
    const item = await this.#options.items.get(keys.login(account));
    return item === undefined ? undefined : loginSchema.parse(item.data).subject;
  }

  async credential(
    subject: string,
  ): Promise<{ readonly credential: Credential; readonly version: number } | undefined> {
    const item = await this.#options.items.get(keys.credential(subject));
    return item === undefined
      ? undefined
      : { credential: credentialSchema.parse(item.data), version: item.version };
  }

  /** The writes of a new account; 409 `account-taken` where the name is in use (it can still be lost to another writer). */
  async open(typed: string, subject: string, password: string | null, link: Credential['link']) {
    const account = await this.indexOf(typed);
    if ((await this.subjectOf(account)) !== undefined) throw accountTaken();
    const sealedName = await this.#options.vault.seal(accountName(typed), nameContext(subject));
    return this.#openOperations(account, subject, {
      account,
      sealedName,
      password,
      secondFactor: null,
      link,
    });
  }

  async provide(typed: string): ReturnType<Accounts['provide']> {
    const subject = this.#options.ids.next();
    const { link, kept } = this.#newLink(subject, true);
    return { subject, operations: await this.open(typed, subject, null, kept), link };
  }

  async reset(
    subject: string,
    { secondFactor }: { readonly secondFactor: boolean },
  ): ReturnType<Accounts['reset']> {
    const found = await this.credential(subject);
    const { link, kept } = this.#newLink(subject, secondFactor);
    if (found === undefined) {
      return { operations: await this.open(await this.#newName(subject), subject, null, kept), link };
    }
    return { operations: [this.put(subject, { ...found.credential, link: kept }, found.version)], link };
  }

  /**
   * What somebody signs in with who has come from an edition without local accounts: the ID number where it is known, as a
   * worker who registers here, else the subject. 409 `no-local-account` where passwords are the upstream provider’s business.
   */
  async #newName(subject: string): Promise<string> {
    const { items, vault, upstreamIssuer } = this.#options;
    const person = await findPerson(items, subject);
    if (person === undefined || (upstreamIssuer !== undefined && person.provedBy === upstreamIssuer)) {
      throw new AppError('no-local-account', 409, '此人没有本机账号，请到其登录的系统重设密码。');
    }
    return person.idNumber === null ? subject : openPersonIdNumber(vault, subject, person.idNumber);
  }

  signOut(subject: string): Promise<void> {
    return this.#options.store.removeAccount(subject);
  }

  /** The write of a changed credential over the version that was read. */
  put(subject: string, credential: Credential, version: number): ItemOperation {
    return {
      type: 'put',
      item: { ...keys.credential(subject), version: version + 1, schema: 1, data: credential },
      condition: version === 0 ? 'absent' : { version },
    };
  }

  /** Writes a changed credential; false where somebody else changed it first. */
  async replace(subject: string, credential: Credential, version: number): Promise<boolean> {
    try {
      await this.#options.items.transact([this.put(subject, credential, version)]);
      return true;
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      return false;
    }
  }

  /** Whose link this is, if it can still be used. */
  async linkOf(subject: string, secret: string) {
    const found = await this.credential(subject);
    const link = found?.credential.link ?? null;
    if (found === undefined || link === null || link.hash !== sha256(secret)) return undefined;
    return Date.parse(link.expiresAt) > this.#options.clock.wall() ? found : undefined;
  }

  /** A new link for the first administrator; the former one is void. */
  async issueSetup(): Promise<OneTimeLink> {
    const { items, clock, publicUrl } = this.#options;
    const secret = newSecret();
    const expiresAt = new Date(clock.wall() + LINK_MS).toISOString();
    const before = await items.get(keys.setup);
    await items.transact([
      {
        type: 'put',
        item: {
          ...keys.setup,
          version: (before?.version ?? 0) + 1,
          schema: 1,
          data: { hash: sha256(secret), expiresAt },
        },
        condition: before === undefined ? 'absent' : { version: before.version },
      },
    ]);
    return { url: `${publicUrl()}/account/setup/${secret}`, expiresAt };
  }

  /** What spends the first administrator's link; undefined where it isn't one, or not any more. */
  async setupOf(secret: string): Promise<ItemOperation | undefined> {
    const item = await this.#options.items.get(keys.setup);
    const kept = setupSchema.safeParse(item?.data);
    if (item === undefined || !kept.success || kept.data.hash !== sha256(secret)) return undefined;
    if (Date.parse(kept.data.expiresAt) <= this.#options.clock.wall()) return undefined;
    return {
      type: 'put',
      item: { ...keys.setup, version: item.version + 1, schema: 1, data: { done: true } },
      condition: { version: item.version },
    };
  }

  /** Whether the first administrator has been made. */
  async isSetUp(): Promise<boolean> {
    const item = await this.#options.items.get(keys.setup);
    return item?.data.done === true;
  }

  #newLink(subject: string, secondFactor: boolean) {
    const secret = newSecret();
    const expiresAt = new Date(this.#options.clock.wall() + LINK_MS).toISOString();
    const link: OneTimeLink = {
      url: `${this.#options.publicUrl()}/account/password/${subject}/${secret}`,
      expiresAt,
    };
    return { link, kept: { hash: sha256(secret), expiresAt, secondFactor } };
  }

  #openOperations(account: string, subject: string, credential: Credential): readonly ItemOperation[] {
    return [
      {
        type: 'put',
        item: { ...keys.login(account), version: 1, schema: 1, data: { subject } },
        condition: 'absent',
      },
      this.put(subject, credential, 0),
    ];
  }
}
