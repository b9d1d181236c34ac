/** What pages of other origins may send and read: only those that the installation names, and never with cookies. */

export const CORS = {
  methods: ['GET', 'POST', 'PUT'],
  requestHeaders: [
    'authorization',
    'content-type',
    'if-match',
    'if-none-match',
    'idempotency-key',
    'x-correlation-id',
  ],
  responseHeaders: ['etag', 'idempotency-replayed', 'location', 'retry-after', 'x-correlation-id'],
  /** Seconds that a browser remembers a preflight; Chromium remembers two hours at most. */
  maxAgeSeconds: 7200,
} as const;
