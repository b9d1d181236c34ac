/** The entry of the function that takes uploaded documents: S3's `Object Created` by way of EventBridge. */
import * as z from 'zod';
import { parseDocumentKey } from '../document-store.ts';
import { chain, type LambdaHandler } from './chain.ts';

/** In EventBridge's form the key is plain; it is S3's direct notifications that encode it like a URL. */
const ObjectCreated = z.object({
  source: z.literal('aws.s3'),
  'detail-type': z.literal('Object Created'),
  detail: z.object({ object: z.object({ key: z.string() }) }),
});

/** `receive` is handed the object's key; it may be called more than once for the same object, and in any order. */
export const objectCreatedHandler = (receive: (key: string) => Promise<unknown>): LambdaHandler<void> =>
  chain(
    ObjectCreated.parse,
    async ({ detail: { object } }) => {
      await receive(object.key);
    },
    ({ detail: { object } }) => {
      const caseId = parseDocumentKey(object.key)?.caseId;
      return caseId === undefined ? {} : { caseId };
    },
  );
