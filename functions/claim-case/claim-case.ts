/**
 * A case that an officer has entered for a worker who couldn't (assisted entry) passes to the worker's own account. The
 * officer hands out a code on paper; whoever signs in and types it owns the case from then on. The code is kept by its
 * hash, works once and for 90 days, and a new one voids the former. Where the account's ID number is known, it must be the
 * worker's. The process itself waits in any case for the application with the worker's signature.
 */
import * as z from 'zod';
import { type Case, workerOf } from '#domain/filing/case.ts';
import type { Caller } from '#functions/shared/access/policy.ts';
import { requireCaseAccess } from '#functions/shared/case-access.ts';
import {
  actorOf,
  type CasePorts,
  changeCase,
  isUnregistered,
  untilSettled,
} from '#functions/shared/case-store.ts';
import { AppError } from '#functions/shared/errors.ts';
import { keys } from '#functions/shared/keys.ts';
import { codeHash, newCode } from '#functions/shared/one-time-code.ts';
import { findPerson } from '#functions/shared/people-store.ts';
import { expiryOf } from '#functions/shared/ports.ts';
import { findTask, putTask } from '#functions/shared/task-store.ts';

const CODE_MS = 90 * 86_400_000;

const claimSchema = z.strictObject({ caseId: z.string(), expiresAt: z.string() });
const pointerSchema = z.strictObject({ hash: z.string() });

const alreadyOwned = (): AppError =>
  new AppError('already-claimed', 409, '该申请已属于职工本人的账号，不需要认领。');

/** A new code for a case that nobody's account owns. */
export const issueClaimCode = async (
  ports: CasePorts,
  caller: Caller,
  caseId: string,
): Promise<{ readonly code: string; readonly expiresAt: string }> => {
  const code = newCode(12);
  const hash = codeHash(code);
  const until = ports.clock.wall() + CODE_MS;
  const expiresAt = new Date(until).toISOString();
  await changeCase(ports, caseId, async (current) => {
    requireCaseAccess(caller, 'case.handOver', current);
    if (!isUnregistered(current.applicant)) throw alreadyOwned();
    const before = await ports.items.get(keys.claimOf(caseId));
    return {
      next: current,
      event: { type: 'claimCodeIssued', actor: actorOf(caller), data: { expiresAt } },
      operations: [
        {
          type: 'put',
          item: {
            ...keys.claim(hash),
            version: 1,
            schema: 1,
            data: { caseId, expiresAt },
            expiresAt: expiryOf(until),
          },
          condition: 'absent',
        },
        {
          type: 'put',
          item: {
            ...keys.claimOf(caseId),
            version: (before?.version ?? 0) + 1,
            schema: 1,
            data: { hash },
          },
          condition: before === undefined ? 'absent' : { version: before.version },
        },
        ...(before === undefined
          ? []
          : [{ type: 'delete', key: keys.claim(pointerSchema.parse(before.data).hash) } as const]),
      ],
    };
  });
  return { code, expiresAt };
};

const badCode = (): AppError =>
  new AppError('claim-code-invalid', 404, '认领码不对、已过期或已用过，请到受理工会核对。');

/** The case belongs to the caller's account from now on, its open supplement too. */
export const claimCase = (ports: CasePorts, caller: Caller, code: string): Promise<Case> =>
  untilSettled(async () => {
    const hash = codeHash(code);
    const item = await ports.items.get(keys.claim(hash));
    if (item === undefined) throw badCode();
    const { caseId, expiresAt } = claimSchema.parse(item.data);
    if (Date.parse(expiresAt) <= ports.clock.wall()) throw badCode();
    const person = await findPerson(ports.items, caller.subject);
    const known = person?.idIndex ?? null;
    return changeCase(ports, caseId, async (current) => {
      if (!isUnregistered(current.applicant)) throw badCode();
      if (known !== null && known !== workerOf(current).idIndex) {
        throw new AppError('not-the-worker', 403, '该申请不是以您的身份证号码登记的，请到受理工会核对。');
      }
      const open =
        current.openTask === null ? undefined : await findTask(ports.items, current.openTask.taskId);
      return {
        next: { ...current, applicant: caller.subject },
        event: { type: 'ownerClaimed', actor: actorOf(caller), data: { idNumberCompared: known !== null } },
        operations: [
          { type: 'delete', key: keys.claim(hash), condition: { version: item.version } },
          { type: 'delete', key: keys.claimOf(caseId) },
          ...(open === undefined ? [] : [putTask({ ...open.task, applicant: caller.subject }, open.version)]),
        ],
      };
    });
  });
