/**
 * How often one caller, or one address, may ask: who has signed in is counted by the person, everyone else by the
 * address. In memory, for one process; in the cloud the gateway's throttling stands in its place.
 */
import { isIPv4, isIPv6 } from 'node:net';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { AppError } from '#functions/shared/errors.ts';

/** Requests a minute. */
export type RateLimits = {
  /** Of one person who has signed in. */
  readonly caller: number;
  /** Of one address without a sign-in: public routes, and tokens that are refused. */
  readonly address: number;
  /** Of one address that sends signed messages: the centre answers for many households at once. */
  readonly signature: number;
  /** Of one address that sends uploads. */
  readonly upload: number;
};

/** A page of the portal asks about five things at once; a union's office may sit behind one address. */
export const RATE_LIMITS: RateLimits = { caller: 1200, address: 600, signature: 6000, upload: 600 };

export type RateKind = keyof RateLimits;

/** Takes one of what `key` has left; throws 429 `too-many-requests`, which says when to come again. */
export type Take = (kind: RateKind, key: string) => Promise<void>;

const MINUTE = 60;

export const rateLimits = (limits: RateLimits): Take => {
  const limiter = (kind: RateKind) => new RateLimiterMemory({ points: limits[kind], duration: MINUTE });
  const limiters: Readonly<Record<RateKind, RateLimiterMemory>> = {
    caller: limiter('caller'),
    address: limiter('address'),
    signature: limiter('signature'),
    upload: limiter('upload'),
  };
  return async (kind, key) => {
    try {
      await limiters[kind].consume(key);
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      const retryAfterSeconds = Math.max(1, Math.ceil(refused.msBeforeNext / 1000));
      throw new AppError('too-many-requests', 429, `操作过于频繁，请在 ${retryAfterSeconds} 秒后重试。`, {
        retryAfterSeconds,
        perMinute: limits[kind],
      });
    }
  };
};

/** IPv6 hands a household 2^64 addresses: they count as one. */
const networkOf = (address: string): string => {
  const [plain = ''] = address.split('%');
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = plain.toLowerCase().split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros =
    tail === undefined
      ? []
      : Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0');
  return [...before, ...zeros, ...after]
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
};

/**
 * Where a request comes from: the peer of the connection, or, behind so many proxies of the installation's own, what
 * the outermost of them has written into `X-Forwarded-For`. What stands further left in it the client may have made
 * up. Text that is no address counts as the peer's.
 */
export const addressOf = (
  { peer, forwardedFor }: { readonly peer: string; readonly forwardedFor: string | undefined },
  trustedProxies: number,
): string => {
  const hops = (forwardedFor ?? '').split(',').map((hop) => hop.trim());
  const told = trustedProxies === 0 ? undefined : hops.at(-trustedProxies);
  const address = told !== undefined && (isIPv4(told) || isIPv6(told)) ? told : peer;
  return networkOf(address);
};
