/**
 * What is common to opening a field and opening a paper (B-16): access, purpose, the bound on how much one person
 * may open, and the record, which stands in the case's audit chain before anything leaves.
 */
import * as z from 'zod';
import { type Opened, type Purpose, purposeSchema, withoutNumbers } from '#domain/filing/accesses.ts';
import type { Case } from '#domain/filing/case.ts';
import type { EventType } from '#domain/filing/events.ts';
import type { Caller, GuardedOperation } from './access/policy.ts';
import { requirePurpose } from './access/purposes.ts';
import { accessBy, putAccess, recordRefusal } from './access-log.ts';
import { requireCaseAccess } from './case-access.ts';
import { actorOf, type CasePorts, changeCase, readCase, untilSettled } from './case-store.ts';
import { AppError } from './errors.ts';
import { countOpening, TooManyOpenings } from './opening-limit.ts';
import type { JsonObject, Ports } from './ports.ts';
import type { Settings } from './settings.ts';

/** Of the settings the bound alone: the rest would double the bundles. */
export type OpeningPorts = CasePorts & { readonly settings: Pick<Settings, 'openings'> };

/** Why something is opened. */
export const reasonShape = {
  purpose: purposeSchema,
  /** Shown to the household with the purpose. */
  note: z.string().trim().min(1).max(200).optional(),
};
export type Reason = { readonly purpose: Purpose; readonly note?: string | undefined };

export type Opening = {
  readonly operation: Extract<GuardedOperation, 'field.open' | 'paper.open'>;
  readonly opened: Opened;
  readonly reason: Reason;
  readonly event: Extract<EventType, 'fieldOpened' | 'paperOpened'>;
  /** What is opened, for the record: nothing of its content. `name` is for people. */
  readonly what: { readonly name: string; readonly data: JsonObject };
};

/** The case, where the caller may open what is asked for this purpose. Throws 403, 404. */
export const caseToOpen = async (
  { items }: Pick<Ports, 'items'>,
  caller: Caller,
  caseId: string,
  { operation, opened, reason }: Pick<Opening, 'operation' | 'opened' | 'reason'>,
): Promise<Case> => {
  const record = await readCase(items, caseId);
  requireMay(caller, record, { operation, opened, reason });
  return record;
};

const requireMay = (
  caller: Caller,
  record: Case,
  { operation, opened, reason }: Pick<Opening, 'operation' | 'opened' | 'reason'>,
): void => {
  requireCaseAccess(caller, operation, record);
  // Who works for a union is a worker like others in the own case, and learns there no more than others would.
  const roles = caller.subject === record.applicant ? (['applicant'] as const) : caller.roles;
  requirePurpose({ ...caller, roles }, reason.purpose, opened);
};

/** Records an opening; once it resolves, what was asked for may leave. Throws 403, 404, 409 `case-busy`, 429. */
export const recordOpening = async (
  ports: OpeningPorts,
  caller: Caller,
  caseId: string,
  opening: Opening,
): Promise<void> => {
  const { reason, what, event } = opening;
  const note = reason.note === undefined ? null : withoutNumbers(reason.note);
  try {
    await untilSettled(() =>
      changeCase(ports, caseId, async (current) => {
        requireMay(caller, current, opening);
        // The archive is closed with what it began with.
        if (current.stage === 'archiving')
          throw new AppError('archiving', 409, '档案正在归档，请稍后再查看。');
        const at = new Date(ports.clock.now()).toISOString();
        const access = accessBy(caller, {
          caseId,
          kind: event === 'fieldOpened' ? 'field' : 'paper',
          at,
          what: what.name,
          purpose: reason.purpose,
          note,
        });
        return {
          next: current,
          event: {
            type: event,
            actor: actorOf(caller),
            data: { ...what.data, purpose: reason.purpose, note, clause: 'B-16' },
          },
          operations: [...(await countOpening(ports, caller.subject)), putAccess(access, ports.ids.next())],
        };
      }),
    );
  } catch (error) {
    if (error instanceof TooManyOpenings) await recordRefusal(ports, caller, caseId);
    throw error;
  }
};
