/** What follows from a result of the cross-check, whichever way it came: by callback or by file. */
import * as z from 'zod';
import type { Actor } from '#domain/filing/audit.ts';
import type { Case } from '#domain/filing/case.ts';
import {
  CATEGORY_NAMES,
  type CrossCheckResult,
  contradicted,
  crossCheckFailures,
  crossCheckStatus,
  latestResults,
} from '#domain/filing/cross-check.ts';
import { crossCheckFindings, type DeclaredAssets } from '#domain/filing/cross-check-findings.ts';
import { isSealed } from '#domain/filing/stages.ts';
import { type CasePorts, changeCase } from './case-store.ts';
import { type Check, putCheck, putResult } from './check-store.ts';
import type { ItemOperation, JsonObject, Ports } from './ports.ts';

type Needs = CasePorts & Pick<Ports, 'settings'>;

const assetsSchema = z.looseObject({
  homes: z.array(z.looseObject({ area: z.string().nullable() })).default([]),
  businessPremises: z.boolean().default(false),
  vehicles: z
    .array(
      z.looseObject({
        kind: z.enum(['motorVehicle', 'ship', 'constructionMachine', 'farmMachine']),
        purchasePrice: z.string().nullable(),
      }),
    )
    .default([]),
});

const membersSchema = z.array(
  z.looseObject({ incomes: z.array(z.looseObject({ kind: z.string() })).default([]) }),
);

const declaredAssets = ({ declaration }: Case): DeclaredAssets => {
  const members = membersSchema.parse(declaration.members);
  return {
    ...assetsSchema.parse(declaration.assets ?? {}),
    businessIncome: members.some(({ incomes }) => incomes.some(({ kind }) => kind === 'business')),
  };
};

/** Supporters outside the household were asked about as well; what is theirs isn't the household's. */
const memberIds = ({ persons }: Check): ReadonlySet<string> =>
  new Set(persons.flatMap(({ personId, supporter }) => (supporter ? [] : [personId])));

type Recorded = { readonly complete: boolean };

type Taking = {
  readonly check: Check;
  readonly version: number;
  readonly result: CrossCheckResult;
  readonly former: readonly CrossCheckResult[];
  /** Who brought it, and what goes on record with it. */
  readonly origin: {
    readonly actor: Actor;
    readonly data: JsonObject;
    readonly operations: (recorded: Recorded) => readonly ItemOperation[];
  };
};

/** Writes the result with everything that follows from it, in one transaction. */
export const recordResult = async (ports: Needs, taking: Taking): Promise<Recorded> => {
  const { check, version, result, former, origin } = taking;
  const all = [...former, result];
  const { policy } = ports.settings.crossCheck;
  const status = crossCheckStatus(check.categories, all, policy);
  const failures = crossCheckFailures(check.categories, all, policy);
  const recorded: Recorded = { complete: status.complete };
  const operations = [...origin.operations(recorded), putResult(result), putCheck(check, version)];
  let sealed = false;
  await changeCase(ports, check.caseId, (current) => {
    sealed = isSealed(current.stage);
    if (sealed) return null;
    const waiting = current.crossCheck?.requestId === check.requestId;
    const findings = [
      ...crossCheckFindings(latestResults(all), declaredAssets(current), memberIds(check)),
      ...failures.findings.map((category) => ({
        clause: 'A-10',
        detail: `${CATEGORY_NAMES[category]}未能比对，请在审核时另行核实。`,
      })),
      ...contradicted(all).map((category) => ({
        clause: 'A-10',
        detail: `${CATEGORY_NAMES[category]}先后的比对结果不一致，以序号最大的一份为准，请核实。`,
      })),
    ].map((one) => ({ ...one }));
    const asked = waiting && current.crossCheck?.status === 'requested';
    const answered = asked && status.complete;
    const byHand = asked && !status.complete && failures.byHand.length > 0;
    return {
      next:
        waiting && current.crossCheck !== null
          ? {
              ...current,
              crossCheck: {
                ...current.crossCheck,
                findings,
                status: answered ? 'complete' : current.crossCheck.status,
              },
            }
          : current,
      event: {
        type: 'crossCheckAnswered',
        actor: origin.actor,
        data: {
          requestId: check.requestId,
          resultId: result.resultId,
          sequence: result.sequence,
          complete: status.complete,
          missing: status.missing,
          byHand: byHand ? [...failures.byHand] : [],
          hits: status.hits,
          findings,
          ...origin.data,
        },
      },
      operations,
      // A partial result is a sign of life; the last one ends the wait. A late one tells nobody.
      outbox: answered
        ? [{ kind: 'answer', taskToken: check.taskToken, output: { outcome: 'complete' } }]
        : byHand
          ? [{ kind: 'answer', taskToken: check.taskToken, output: { outcome: 'byHand' } }]
          : waiting
            ? [{ kind: 'heartbeat', taskToken: check.taskToken }]
            : [],
    };
  });
  if (status.complete && status.hits.length > 0) ports.metrics.count('CrossCheckHits');
  // Too late for the case, which stays as it is; the record of the check is kept all the same.
  if (sealed) await ports.items.transact(operations);
  return recorded;
};
