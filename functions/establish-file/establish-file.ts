/**
 * Establishes the hardship file: issues its number and takes, for every member, the guard of "one household one
 * file" (B-9). A member who belongs to another open file stands in the way; the application then ends with that reason.
 * A member whom a decision on a false declaration bars by then does too (B-8.1, R-14).
 * So does a difference that a late answer of the centre brought up: it is settled and reckoned first.
 */
import * as z from 'zod';
import { beijingDate, yearOf } from '#domain/calendar/dates.ts';
import { unsettled } from '#domain/filing/adjudication.ts';
import { barOn } from '#domain/filing/bars.ts';
import { type Case, custodyOf, moved } from '#domain/filing/case.ts';
import { establishedLetter } from '#domain/filing/letters.ts';
import { type CasePorts, changeCase, systemActor, untilSettled } from '#functions/shared/case-store.ts';
import { filedDeclaration } from '#functions/shared/declarations.ts';
import { keys } from '#functions/shared/keys.ts';
import { readMatters } from '#functions/shared/matters.ts';
import { releaseApplicant } from '#functions/shared/outbox.ts';
import type { ItemOperation, JsonObject, Ports } from '#functions/shared/ports.ts';
import { readBarGuard } from '#functions/shared/sanction-store.ts';
import {
  requireCurrent,
  type WorkflowPayload,
  workflowPayloadSchema,
} from '#functions/shared/workflow-payload.ts';

type Needs = CasePorts & Pick<Ports, 'organisations'>;

const counterSchema = z.strictObject({ last: z.number().int() });

/** The next number of a series, and the write that takes it: two files at once meet in its condition. */
const takeNumber = async (
  ports: CasePorts,
  series: string,
): Promise<{ readonly number: number; readonly operation: ItemOperation }> => {
  const key = keys.counter(`file/${series}`);
  const stored = await ports.items.get(key);
  const number = (stored === undefined ? 0 : counterSchema.parse(stored.data).last) + 1;
  return {
    number,
    operation: {
      type: 'put',
      item: { ...key, version: (stored?.version ?? 0) + 1, schema: 1, data: { last: number } },
      condition: stored === undefined ? 'absent' : { version: stored.version },
    },
  };
};

/** The other open file that a member belongs to, if any. */
const otherFile = async (ports: CasePorts, record: Case): Promise<string | undefined> => {
  for (const { idIndex } of record.persons) {
    const guard = await ports.items.get(keys.personGuard(idIndex));
    if (guard !== undefined && guard.data.caseId !== record.caseId) return String(guard.data.caseId);
  }
  return undefined;
};

const establish = async (ports: Needs, payload: WorkflowPayload): Promise<JsonObject> => {
  let open = false;
  const record = await changeCase(ports, payload.caseId, async (current) => {
    requireCurrent(current, payload);
    if (current.file !== null || current.refusal !== null) return null;
    open = unsettled(await readMatters(ports.items, current), current.settlements).length > 0;
    if (open) return null;
    if ((await otherFile(ports, current)) !== undefined) {
      return {
        next: {
          ...current,
          refusal: {
            clauses: ['B-9'],
            reason: '经核对，有家庭成员已在另一份有效的困难职工档案中；一户一档，不重复建档。',
            by: null,
          },
        },
        event: { type: 'duplicateFound', actor: systemActor('establish-file'), data: { clause: 'B-9' } },
      };
    }
    const now = ports.clock.now();
    const today = beijingDate(now);
    const guards = await Promise.all(
      current.persons.map(({ idIndex }) => readBarGuard(ports.items, idIndex)),
    );
    const bar = guards.flatMap(({ bars }) => barOn(bars, today) ?? [])[0];
    if (bar !== undefined) {
      return {
        next: {
          ...current,
          refusal: {
            clauses: ['B-8.1', 'R-14'],
            reason: `有家庭成员因弄虚作假被取消申报资格（${bar.number}），至${bar.lastDay}（含当日）止不得申报。`,
            by: null,
          },
        },
        event: {
          type: 'barFound',
          actor: systemActor('establish-file'),
          data: { clause: 'B-8.1', sanctionId: bar.sanctionId, number: bar.number, lastDay: bar.lastDay },
        },
      };
    }
    const series = `${filedDeclaration(current).region}-${yearOf(today)}`;
    const { number, operation } = await takeNumber(ports, series);
    const file = {
      number: `${series}-${String(number).padStart(5, '0')}`,
      establishedAt: new Date(now).toISOString(),
    };
    const next: Case = { ...moved(current, 'established'), file };
    const keeper = (await ports.organisations.tree()).heir(custodyOf(current).organisation);
    return {
      next,
      event: {
        type: 'established',
        actor: systemActor('establish-file'),
        data: { fileNumber: file.number, tier: current.determination?.tier ?? null, clause: 'B-9' },
      },
      operations: [
        operation,
        ...current.persons.map(
          ({ idIndex }): ItemOperation => ({
            type: 'put',
            item: {
              ...keys.personGuard(idIndex),
              version: 1,
              schema: 1,
              data: { caseId: current.caseId },
            },
            condition: 'absent',
          }),
        ),
        ...current.persons
          .filter(({ memberId }) => memberId === current.workerId)
          .map(({ idIndex }) => releaseApplicant(idIndex)),
        // Nobody is sanctioned between the look and the file.
        ...guards.map(({ unchanged }) => unchanged),
      ],
      letters: [{ to: 'household', ...establishedLetter(next, keeper) }],
    };
  });
  if (open) return { outcome: 'unsettled' };
  if (record.file !== null) return { outcome: 'established' };
  return { outcome: record.refusal?.clauses.includes('B-9') ? 'duplicate' : 'barred' };
};

/** Another file may take the number, or a member, first. */
export const establishFile = (ports: Needs, input: unknown): Promise<JsonObject> => {
  const payload = workflowPayloadSchema.parse(input);
  return untilSettled(() => establish(ports, payload));
};
