/**
 * Passwords: what a good one is, and how it is kept (scrypt, its parameters beside the hash, so that a stronger setting
 * takes over at the next sign-in).
 */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { BulkheadRejectedError, bulkhead } from 'cockatiel';
import { AppError } from '#functions/shared/errors.ts';

/** scrypt's cost: N = 2^logN, blocks of 128·r bytes, p rounds. Memory: 128·N·r bytes. */
export type ScryptCost = { readonly logN: number; readonly r: number; readonly p: number };

/** 128 MiB and a third of a second on one core: OWASP's first choice. */
export const SCRYPT_COST: ScryptCost = { logN: 17, r: 8, p: 1 };

const SALT_BYTES = 16;
const HASH_BYTES = 32;
const FORM = /^scrypt\$(\d{1,2})\$(\d{1,2})\$(\d{1,2})\$([\w-]{22})\$([\w-]{43})$/;

/** As typed on any keyboard: the same sign may come composed or not (NIST SP 800-63B). */
const normalised = (password: string): string => password.normalize('NFKC');

const derive = (password: string, salt: Buffer, { logN, r, p }: ScryptCost): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const N = 2 ** logN;
    const done = (error: Error | null, hash: Buffer): void =>
      error === null ? resolve(hash) : reject(error);
    scrypt(normalised(password), salt, HASH_BYTES, { N, r, p, maxmem: 256 * N * r }, done);
  });

const formOf = ({ logN, r, p }: ScryptCost, salt: Buffer, hash: Buffer): string =>
  `scrypt$${logN}$${r}$${p}$${salt.toString('base64url')}$${hash.toString('base64url')}`;

export type Verdict = {
  readonly ok: boolean /** Kept with another cost than today's. */;
  readonly stale: boolean;
};

/** Error of all methods: 503 `busy` where too many wait already. */
export class Passwords {
  readonly #cost: ScryptCost;
  /** Two at once take 256 MiB; who would wait longer than some ten seconds is sent away. */
  readonly #turns = bulkhead(2, 40);
  /** What nobody's password is: compared with where there is no account, which takes as long. */
  readonly #nobody: string;

  constructor(cost: ScryptCost = SCRYPT_COST) {
    this.#cost = cost;
    this.#nobody = formOf(cost, randomBytes(SALT_BYTES), randomBytes(HASH_BYTES));
  }

  async hash(password: string): Promise<string> {
    const salt = randomBytes(SALT_BYTES);
    return formOf(this.#cost, salt, await this.#inTurn(() => derive(password, salt, this.#cost)));
  }

  /** `kept` is what `hash` gave; null where there is nothing to compare with: never ok, and just as slow. */
  async verify(password: string, kept: string | null): Promise<Verdict> {
    const [, logN, r, p, salt, hash] = FORM.exec(kept ?? this.#nobody) ?? [];
    if (salt === undefined || hash === undefined) throw new Error('a kept password has no known form');
    const cost = { logN: Number(logN), r: Number(r), p: Number(p) };
    const derived = await this.#inTurn(() => derive(password, Buffer.from(salt, 'base64url'), cost));
    const same = timingSafeEqual(derived, Buffer.from(hash, 'base64url'));
    const stale = cost.logN !== this.#cost.logN || cost.r !== this.#cost.r || cost.p !== this.#cost.p;
    return { ok: same && kept !== null, stale };
  }

  async #inTurn<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await this.#turns.execute(run);
    } catch (error) {
      if (!(error instanceof BulkheadRejectedError)) throw error;
      throw new AppError('busy', 503, '登录的人太多，请稍后再试。');
    }
  }
}

const MIN_LENGTH = 12;
const MAX_LENGTH = 128;
const MIN_DISTINCT = 5;
/** The hearts of passwords that are tried first; what is left of a password without them must still be one. */
const COMMON = [
  ...['password', 'passw0rd', 'admin', 'administrator', 'root', 'welcome', 'letmein', 'iloveyou', 'woaini'],
  ...[
    'qwertyuiop',
    'qwerty',
    'asdfghjkl',
    'asdfgh',
    'zxcvbnm',
    '1qaz2wsx',
    'qazwsx',
    'abc123',
    '5201314',
    '1314520',
  ],
  ...['gonghui', 'zonggonghui', 'anhui', 'hefei', 'kunnan', 'bangfu', 'zhigong'],
];

/** Runs such as 123456 or aaaa count as one sign. */
const withoutRuns = (text: string): string =>
  [...text]
    .filter((sign, index, all) => {
      const before = all[index - 1]?.codePointAt(0);
      const step = (sign.codePointAt(0) ?? 0) - (before ?? -9);
      return Math.abs(step) > 1;
    })
    .join('');

/**
 * Why a password cannot be taken, as a Chinese sentence; undefined where it can. `personal` are the person's own names
 * and numbers, which must not be most of it. Length decides, not classes of signs (NIST SP 800-63B).
 */
export const passwordFault = (password: string, personal: readonly string[]): string | undefined => {
  const text = normalised(password).toLowerCase();
  const length = [...text].length;
  if (length < MIN_LENGTH) return `密码至少${MIN_LENGTH}个字符。`;
  if (length > MAX_LENGTH) return `密码最多${MAX_LENGTH}个字符。`;
  if (new Set(text).size < MIN_DISTINCT) return '密码中重复的字符太多。';
  const own = personal.map((each) => each.toLowerCase()).filter((each) => [...each].length >= 2);
  let rest = text;
  for (const word of [...own, ...COMMON]) rest = rest.replaceAll(word, '');
  return [...withoutRuns(rest)].length < MIN_DISTINCT
    ? '密码太常见或含有您的个人信息，容易被猜中，请换一个。'
    : undefined;
};
