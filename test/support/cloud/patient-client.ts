/** In the place of `adapters/aws/client.ts`: the test's machine may be busy with other tests, which is no fault of a client's. */
export const CLIENT = { requestHandler: { connectionTimeout: 30_000, socketTimeout: 30_000 } };
