/** With which stable codes a route may refuse: what its use case says, and what comes with its access and its form. */
import type { Route } from './route.ts';

type Refusals = { readonly [status: number]: readonly string[] };

const FILE_BODY: Refusals = { 400: ['empty-file'], 415: ['unsupported-media-type'] };

type Declared = Pick<
  Route<never>,
  'access' | 'method' | 'request' | 'about' | 'accepts' | 'idempotent' | 'ifMatch'
>;

const EVERYWHERE: Refusals = {
  400: ['bad-path', 'bad-request', 'incomplete'],
  413: ['too-large'],
  429: ['too-many-requests'],
  500: ['internal'],
  503: ['too-slow'],
};
const SIGNED_IN: Refusals = {
  401: ['not-signed-in'],
  403: ['not-allowed'],
  503: ['identity-unavailable'],
};
const JSON_BODY: Refusals = {
  400: ['not-json', 'too-deep', 'too-many-values', 'duplicate-key'],
  415: ['unsupported-media-type'],
};

/** The codes by status, in the order of the statuses. */
export const refusalsOf = ({
  access,
  method,
  request,
  about,
  accepts,
  idempotent,
  ifMatch,
}: Declared): ReadonlyMap<number, ReadonlySet<string>> => {
  const raw = about.rawBody !== undefined || accepts !== undefined;
  const lists: readonly Refusals[] = [
    EVERYWHERE,
    about.refusals,
    ...(access === 'jwt' ? [SIGNED_IN] : []),
    ...(request.body === undefined ? [] : [JSON_BODY]),
    ...(accepts === undefined ? [] : [FILE_BODY]),
    ...(request.body === undefined && !raw ? [{ 400: ['unexpected-body'] }] : []),
    // Query parameters that nobody asked for are a fault as well.
    { 422: ['invalid-input'] },
    ...(method === 'GET' ? [] : [{ 409: ['conflict'] }]),
    ...(idempotent === undefined
      ? []
      : [{ 400: ['invalid-idempotency-key'], 409: ['case-busy'], 422: ['idempotency-key-reused'] }]),
    ...(ifMatch === undefined ? [] : [{ 400: ['invalid-if-match'], 412: ['changed-meanwhile'] }]),
    ...(ifMatch === 'required' ? [{ 428: ['precondition-required'] }] : []),
  ];
  const all = lists.flatMap((list) =>
    Object.entries(list).flatMap(([status, codes]: [string, readonly string[]]) =>
      codes.map((code) => ({ status: Number(status), code })),
    ),
  );
  const byStatus = Map.groupBy(all, ({ status }) => status);
  return new Map(
    [...byStatus]
      .sort(([one], [other]) => one - other)
      .map(([status, codes]) => [status, new Set(codes.map(({ code }) => code))]),
  );
};
