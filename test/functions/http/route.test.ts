/** What the compiler promises of `defineRoute`: each `@ts-expect-error` fails `tsc` once the promise is broken. */
import { expectTypeOf, test } from 'vitest';
import * as z from 'zod';
import { defineRoute, type Route } from '#functions/shared/http/route.ts';
import type { Clock, Ports } from '#functions/shared/ports.ts';
import { ABOUT } from '#test/support/toy-route.ts';

const base = { method: 'POST', path: '/v1/cases', status: 201, about: ABOUT } as const;
const Body = z.strictObject({ amount: z.string().transform(Number), note: z.string().optional() });

test('a use case gets its sections parsed, its caller for sure, and asks for the ports that it needs', () => {
  const route = defineRoute({
    ...base,
    access: 'jwt',
    operation: 'case.open',
    request: { body: Body },
    handle: async (_ports: Pick<Ports, 'clock'>, context, input) => {
      expectTypeOf(context.caller.subject).toEqualTypeOf<string>();
      expectTypeOf(input).toEqualTypeOf<{ body: { amount: number; note?: string | undefined } }>();
      return {};
    },
  });
  expectTypeOf(route).toEqualTypeOf<Route<Pick<Ports, 'clock'>>>();
  expectTypeOf(route).toExtend<Route<Ports>>();
  expectTypeOf<Route<{ clock: Clock }>>().not.toExtend<Route<Pick<Ports, 'items'>>>();
});

test('a signed message comes raw: there is no caller and no parsed body', () => {
  defineRoute({
    ...base,
    access: 'signature',
    request: {},
    handle: async (_ports: object, context) => {
      expectTypeOf(context.message.body).toEqualTypeOf<Uint8Array>();
      expectTypeOf(context).not.toHaveProperty('caller');
      return {};
    },
  });
  const handle = async (_ports: object) => ({});
  // @ts-expect-error a signature is verified over raw bytes before anything is parsed
  defineRoute({ ...base, access: 'signature', request: { body: Body }, handle });
});

test('a jwt route names a guarded operation, a public one a public operation', () => {
  const handle = async (_ports: object) => ({});
  // @ts-expect-error the operation is missing
  defineRoute({ ...base, access: 'jwt', request: {}, handle });
  // @ts-expect-error nobody needs to sign in for it
  defineRoute({ ...base, access: 'jwt', operation: 'notice.read', request: {}, handle });
  // @ts-expect-error it needs a signed-in caller
  defineRoute({ ...base, access: 'public', operation: 'case.read', request: {}, handle });
});

test('a section that there is not is refused', () => {
  const handle = async (_ports: object) => ({});
  // @ts-expect-error a slip of the pen
  defineRoute({ ...base, access: 'jwt', operation: 'case.open', request: { bdy: Body }, handle });
});
