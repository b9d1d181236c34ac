/** Where the embedded issuer publishes its keys, as any OpenID provider does. */
import { Hono } from 'hono';
import type { JSONWebKeySet } from 'jose';

export const identityApp = (keys: JSONWebKeySet): Hono =>
  new Hono().get('/.well-known/jwks.json', (context) =>
    context.json(keys, 200, { 'cache-control': 'public, max-age=300' }),
  );
