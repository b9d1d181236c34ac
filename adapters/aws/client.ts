/** How every client of AWS waits. A module of its own, so that tests on a busy machine can load a more patient one. */

/**
 * A connection that isn't there after a second is tried anew, as is one on which nothing has moved for four: without
 * limits one lost packet takes all of the ten seconds that an API function has. Region and credentials are Lambda's.
 */
export const CLIENT = { requestHandler: { connectionTimeout: 1_000, socketTimeout: 4_000 } };
