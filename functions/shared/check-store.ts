/** The repository of cross-checks: requests by their opaque id, and every result that ever came for one. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Case } from '#domain/filing/case.ts';
import {
  CROSS_CHECK_CATEGORIES,
  type CrossCheckResult,
  crossCheckResultSchema,
} from '#domain/filing/cross-check.ts';
import { readAll } from './case-store.ts';
import { keys } from './keys.ts';
import type { ItemOperation, ItemStore } from './ports.ts';

export const checkSchema = z.strictObject({
  requestId: z.string(),
  caseId: z.string(),
  categories: z.array(z.enum(CROSS_CHECK_CATEGORIES)),
  /** The workflow's token that waits for the answer; never leaves the back end. */
  taskToken: z.string(),
  requestedAt: z.string(),
  expiresAt: z.string(),
  /** What was sent, without the ID numbers: those are sealed in the case. */
  caseDate: z.string(),
  authorisationDigest: z.string().nullable(),
});
export type Check = z.infer<typeof checkSchema>;

/** The persons asked about, as a fingerprint: after a change of the household the old answer doesn't serve. */
export const personsDigest = ({ persons, supporters }: Pick<Case, 'persons' | 'supporters'>): string =>
  createHash('sha256')
    .update(JSON.stringify([...persons, ...supporters].map(({ idIndex }) => idIndex)))
    .digest('hex');

export const findCheck = async (
  items: ItemStore,
  requestId: string,
): Promise<{ check: Check; version: number } | undefined> => {
  const item = await items.get(keys.check(requestId));
  return item === undefined ? undefined : { check: checkSchema.parse(item.data), version: item.version };
};

export const putCheck = (check: Check, version: number): ItemOperation => ({
  type: 'put',
  item: { ...keys.check(check.requestId), version: version + 1, schema: 1, data: check },
  condition: version === 0 ? 'absent' : { version },
});

/** All results of a request, in the order of their sequence. */
export const readResults = async (
  items: ItemStore,
  requestId: string,
): Promise<readonly CrossCheckResult[]> =>
  (await readAll(items, keys.check(requestId).pk, 'RESULT#')).map((item) =>
    crossCheckResultSchema.parse(item.data),
  );

export const putResult = (result: CrossCheckResult): ItemOperation => ({
  type: 'put',
  item: {
    ...keys.result(result.requestId, result.sequence, result.resultId),
    version: 1,
    schema: 1,
    data: result,
  },
  condition: 'absent',
});
