/** The repository of cross-checks: requests by their opaque id, and every result that ever came for one. */
import * as z from 'zod';
import { sha256 } from '#domain/filing/audit.ts';
import type { Case } from '#domain/filing/case.ts';
import {
  type CategoryResult,
  CROSS_CHECK_CATEGORIES,
  type CrossCheckResult,
  crossCheckResultSchema,
} from '#domain/filing/cross-check.ts';
import type { Caller } from './access/policy.ts';
import { AppError, type Fault } from './errors.ts';
import { keys } from './keys.ts';
import { readAll } from './pages.ts';
import type { ItemOperation, ItemStore } from './ports.ts';

export const checkSchema = z.strictObject({
  requestId: z.string(),
  caseId: z.string(),
  categories: z.array(z.enum(CROSS_CHECK_CATEGORIES)),
  /** Everyone asked about, by the ids under which they travel: they say nothing. */
  persons: z.array(z.strictObject({ personId: z.string(), memberId: z.string(), supporter: z.boolean() })),
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
  sha256(JSON.stringify([...persons, ...supporters].map(({ idIndex }) => idIndex)));

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
  (await readAll(items, { pk: keys.check(requestId).pk, sk: { prefix: 'RESULT#' } })).map((item) =>
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

/**
 * Everyone whom the authorisation names, in the order in which they are asked about: members, then legal
 * supporters. Kept with the request: a visit may strike a member while the centre is still looking.
 */
export const personsToAsk = (record: Pick<Case, 'persons' | 'supporters'>): Check['persons'] =>
  [
    ...record.persons.map(({ memberId }) => ({ memberId, supporter: false })),
    ...record.supporters.map(({ memberId }) => ({ memberId, supporter: true })),
  ].map((one, index) => ({ personId: `p${index + 1}`, ...one }));

/** The faults of results that name anyone who wasn't asked about: nothing of other people is stored. */
export const personFaults = (
  persons: Check['persons'],
  categories: readonly CategoryResult[],
  pointer = '/categories',
): readonly Fault[] => {
  const asked = new Set(persons.map(({ personId }) => personId));
  return categories.flatMap(({ items }, index) =>
    items.flatMap(({ personId }, position) =>
      asked.has(personId)
        ? []
        : [
            {
              pointer: `${pointer}/${index}/items/${position}/personId`,
              code: 'person-not-asked',
              message: '结果中的人员不在查询名单内，不予接收。',
            },
          ],
    ),
  );
};

/** The union that exchanges its checks by file: the caller's. */
export const exchangingUnion = ({ organisation }: Caller): string => {
  if (organisation !== undefined) return organisation;
  throw new AppError('not-allowed', 403, '您不属于任何工会，不能交换比对名单。');
};
