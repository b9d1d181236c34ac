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
import { keys } from './keys.ts';
import type { ItemOperation, JsonObject, Ports } from './ports.ts';

export type OpeningPorts = CasePorts & Pick<Ports, 'settings'>;

/** Why something is opened. */
export const reasonShape = {
  purpose: purposeSchema,
  /** Shown to the household with the purpose. */
  note: z.string().trim().min(1).max(200).optional(),
};
export type Reason = { readonly purpose: Purpose; readonly note?: string | undefined };

const HOUR_MS = 3_600_000;
const BEIJING_MS = 8 * HOUR_MS;

/** Windows of wall time: the hour, and the day in Beijing. */
const WINDOWS = [
  { name: 'hour', ms: HOUR_MS, limit: 'perHour', words: '每小时' },
  { name: 'day', ms: 24 * HOUR_MS, limit: 'perDay', words: '每天' },
] as const;

const countSchema = z.strictObject({ window: z.int(), count: z.int() });

class TooMany extends AppError {}

/**
 * Counts one more opening of a person, as operations of the transaction that records it: of two at once one fails its
 * condition and looks again. Throws `TooMany` (429), which says when to come again.
 */
const countOne = async (
  { items, clock, settings }: Pick<Ports, 'items' | 'clock' | 'settings'>,
  subject: string,
): Promise<readonly ItemOperation[]> => {
  const local = clock.wall() + BEIJING_MS;
  return Promise.all(
    WINDOWS.map(async ({ name, ms, limit, words }): Promise<ItemOperation> => {
      const key = keys.openings(subject, name);
      const item = await items.get(key);
      const window = Math.floor(local / ms);
      const before = item === undefined ? undefined : countSchema.parse(item.data);
      const count = before?.window === window ? before.count : 0;
      const most = settings.openings[limit];
      if (count >= most) {
        const retryAfterSeconds = Math.max(1, Math.ceil(((window + 1) * ms - local) / 1000));
        throw new TooMany(
          'too-many-openings',
          429,
          `您${words}最多可以查看明文或打开材料 ${most} 次，请在 ${retryAfterSeconds} 秒后再试。`,
          { retryAfterSeconds, limit: most, clause: 'B-16' },
        );
      }
      return {
        type: 'put',
        item: { ...key, version: (item?.version ?? 0) + 1, schema: 1, data: { window, count: count + 1 } },
        condition: item === undefined ? 'absent' : { version: item.version },
      };
    }),
  );
};

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
          operations: [...(await countOne(ports, caller.subject)), putAccess(access, ports.ids.next())],
        };
      }),
    );
  } catch (error) {
    if (error instanceof TooMany) await recordRefusal(ports, caller, caseId);
    throw error;
  }
};
