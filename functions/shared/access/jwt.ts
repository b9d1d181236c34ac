/**
 * Bearer tokens of an OpenID provider become callers. Asymmetric algorithms only, so that a published key can never
 * serve as a shared secret. Tokens live by wall time.
 */

import {
  createLocalJWKSet,
  createRemoteJWKSet,
  decodeJwt,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  jwtVerify,
} from 'jose';
import * as z from 'zod';
import { AppError } from '../errors.ts';
import { type Caller, notSignedIn, ROLES } from './policy.ts';

const ALGORITHMS = ['EdDSA', 'ES256', 'RS256'];
/** Clocks of two well-kept machines differ by less; it is added to both ends of a token's life. */
const TOLERANCE_SECONDS = 30;

/** Which claims of a provider's tokens say what: providers name them differently. */
export type ClaimNames = { readonly name: string; readonly roles: string; readonly organisation: string };
const OUR_NAMES: ClaimNames = { name: 'name', roles: 'roles', organisation: 'organisation' };

/** What a token must say. Roles that are not ours are another system's, and open nothing here. */
const claimsSchema = z
  .object({
    sub: z.string().min(1).max(256),
    name: z.string().min(1).max(256),
    roles: z.array(z.string()),
    organisation: z.string().min(1).max(256).optional(),
  })
  .transform(
    ({ sub, name, roles, organisation }): Caller => ({
      subject: sub,
      name,
      roles: ROLES.filter((role) => roles.includes(role)),
      ...(organisation !== undefined && { organisation }),
    }),
  );

export type TokenTrust = {
  /** The provider's keys themselves, or where it publishes them. */
  readonly keys: JSONWebKeySet | URL;
  readonly issuer: string;
  readonly audience: string;
  /** Milliseconds since the epoch. */
  readonly wall: () => number;
};

/** Who the value of an `Authorization` header stands for; `null` where there is none. */
export type Authenticate = (authorization: string | undefined) => Promise<Caller | null>;

const BEARER = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i;

/** A browser calls many times a minute with one token: its signature is verified once a minute. */
const REMEMBERED_TOKENS = 1000;
const REMEMBERED_MS = 60_000;
const Expiry = z.object({ exp: z.number() });

/** A provider signs other things with the same keys: logout tokens, proofs of possession. Their `typ` says so. */
const isAccessToken = (typ: string | undefined): boolean =>
  typ === undefined || /^(application\/)?(at\+)?jwt$/i.test(typ);

/** What a bearer token claims, verified by nobody yet; empty where there is none to be read. */
export const unverifiedClaims = (authorization = ''): Readonly<Record<string, unknown>> => {
  try {
    return decodeJwt(authorization.replace(/^Bearer +/i, ''));
  } catch {
    return {};
  }
};

const invalid = (): AppError => notSignedIn('登录凭证无效，请重新登录。');

/** Who the claims of a verified token stand for; 401 `not-signed-in` where they are not what a token must say. */
export const callerOf = (
  claims: Readonly<Record<string, unknown>>,
  names: ClaimNames = OUR_NAMES,
): Caller => {
  const parsed = claimsSchema.safeParse({
    sub: claims.sub,
    name: claims[names.name],
    roles: claims[names.roles],
    organisation: claims[names.organisation],
  });
  if (!parsed.success) throw invalid();
  return parsed.data;
};

/** The provider's keys could not be had; everything else that jose reports is the token's own fault. */
const isProviderFault = (error: unknown): boolean =>
  !(error instanceof errors.JOSEError) ||
  error instanceof errors.JWKSTimeout ||
  error instanceof errors.JWKSInvalid ||
  error.code === 'ERR_JOSE_GENERIC';

const refusal = (error: unknown): AppError => {
  if (isProviderFault(error)) {
    return new AppError('identity-unavailable', 503, '暂时无法核实登录身份，请稍后重试。');
  }
  return error instanceof errors.JWTExpired ? notSignedIn('登录已过期，请重新登录。') : invalid();
};

/**
 * An authenticator for one provider. It rejects with 401 `not-signed-in` for a token that is malformed, expired, not
 * yet valid, of another issuer, audience, key or algorithm, or without the claims; with 503 `identity-unavailable`
 * where the keys cannot be had.
 */
export const createAuthenticate = ({ keys, issuer, audience, wall }: TokenTrust): Authenticate => {
  const keySet = keys instanceof URL ? createRemoteJWKSet(keys) : createLocalJWKSet(keys);
  const payloadOf = async (token: string): Promise<JWTPayload> => {
    try {
      const { payload, protectedHeader } = await jwtVerify(token, keySet, {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        clockTolerance: TOLERANCE_SECONDS,
        currentDate: new Date(wall()),
        requiredClaims: ['exp'],
      });
      if (!isAccessToken(protectedHeader.typ)) throw invalid();
      return payload;
    } catch (error) {
      throw error instanceof AppError ? error : refusal(error);
    }
  };
  const verified = new Map<string, { readonly caller: Caller; readonly until: number }>();
  return async (authorization) => {
    if (authorization === undefined) return null;
    const token = BEARER.exec(authorization.trim())?.[1];
    if (token === undefined) throw invalid();
    const known = verified.get(token);
    if (known !== undefined && wall() < known.until) return known.caller;
    const payload = await payloadOf(token);
    const caller = callerOf(payload);
    const { exp } = Expiry.parse(payload);
    // The oldest goes first; a provider's withdrawn key is noticed after a minute at the latest.
    for (const oldest of verified.keys()) {
      if (verified.size < REMEMBERED_TOKENS) break;
      verified.delete(oldest);
    }
    verified.set(token, { caller, until: Math.min(exp * 1000, wall() + REMEMBERED_MS) });
    return caller;
  };
};
