/** What all forms of the sign-in share: who asks, what was typed, and that it came from our own page. */

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { MAX_BODY_BYTES } from '#functions/shared/http/json.ts';
import { readBody } from '../http/body.ts';

type Environment = { Bindings: HttpBindings };
export type FormContext = Context<Environment>;

const COOKIE = 'form';
const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

/**
 * The network address of whoever asks. Behind a proxy on the same machine it is the last one that the proxy names; from
 * anywhere else that header is worth nothing.
 */
export const addressOf = ({
  headers,
  socket,
}: Pick<HttpBindings['incoming'], 'headers' | 'socket'>): string => {
  const peer = socket.remoteAddress ?? 'unknown';
  if (!LOOPBACK.has(peer)) return peer;
  const named = headers['x-forwarded-for'];
  const last = (Array.isArray(named) ? named.join(',') : (named ?? '')).split(',').at(-1)?.trim();
  return last === undefined || last === '' ? peer : last.slice(0, 64);
};

export class Forms {
  readonly #secret: Uint8Array;
  readonly #secure: () => boolean;

  /** `secure`: whether the installation is reached by https. */
  constructor(secret: Uint8Array, secure: () => boolean) {
    this.#secret = secret;
    this.#secure = secure;
  }

  /** The token that a form carries: bound to a cookie of this browser, and to the form's address. */
  token(context: FormContext): string {
    let seed = getCookie(context, COOKIE);
    if (seed === undefined || !/^[\w-]{43}$/.test(seed)) {
      seed = randomBytes(32).toString('base64url');
      setCookie(context, COOKIE, seed, {
        httpOnly: true,
        sameSite: 'Lax',
        secure: this.#secure(),
        path: '/',
      });
    }
    return this.#tokenOf(context, seed);
  }

  /** The fields of a form of ours; undefined where it came from another page. Throws 413 and 400 as `readBody`. */
  async read(context: FormContext): Promise<((name: string) => string) | undefined> {
    const fields = new URLSearchParams(
      Buffer.from(await readBody(context.env.incoming, MAX_BODY_BYTES)).toString('utf8'),
    );
    const site = context.req.header('sec-fetch-site');
    if (site !== undefined && site !== 'same-origin') return undefined;
    const seed = getCookie(context, COOKIE);
    if (seed === undefined) return undefined;
    const given = Buffer.from(fields.get('csrf') ?? '');
    const right = Buffer.from(this.#tokenOf(context, seed));
    if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
    return (name) => (fields.get(name) ?? '').slice(0, 200);
  }

  #tokenOf(context: FormContext, seed: string): string {
    return createHmac('sha256', this.#secret).update(`${seed}\n${context.req.path}`).digest('base64url');
  }
}
