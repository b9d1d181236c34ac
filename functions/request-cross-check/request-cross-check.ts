/**
 * Asks the civil-affairs information centre (A-10, C-2) about every person of the household and every legal
 * supporter. The request, token and all, is written before it is sent; sending it again is harmless. Without an
 * authorisation nothing is asked and nothing leaves the house: the refusal or the visit of C-2 follows from that.
 */

import * as z from 'zod';
import { beijingDate } from '#domain/calendar/dates.ts';
import { type Case, moved } from '#domain/filing/case.ts';
import {
  type CrossCheckRequestBody,
  categoriesAsked,
  crossCheckRequestSchema,
} from '#domain/filing/cross-check.ts';
import { crossCheckLetter } from '#domain/filing/letters.ts';
import { type CasePorts, changeCase, readCase, systemActor } from '#functions/shared/case-store.ts';
import {
  type Check,
  findCheck,
  personsDigest,
  personsToAsk,
  putCheck,
} from '#functions/shared/check-store.ts';
import { filedDeclaration } from '#functions/shared/declarations.ts';
import { receivedDocuments } from '#functions/shared/document-store.ts';
import { outboxOperation } from '#functions/shared/outbox.ts';
import { idNumberContext } from '#functions/shared/personal-data.ts';
import type { JsonObject, Ports } from '#functions/shared/ports.ts';
import { secondsOf } from '#functions/shared/settings.ts';
import { requireCurrent, workflowPayloadSchema } from '#functions/shared/workflow-payload.ts';

const payloadSchema = workflowPayloadSchema.extend({ taskToken: z.string().min(1) });

type Needs = CasePorts & Pick<Ports, 'settings' | 'vault' | 'centre'>;

const relationSchema = crossCheckRequestSchema.shape.persons.element.shape.relation;

/** The body as it is sent. ID numbers are opened here, for this purpose, and go nowhere else. */
export const requestBody = async (
  ports: Pick<Ports, 'vault' | 'settings'>,
  record: Case,
  check: Check,
): Promise<CrossCheckRequestBody> => {
  const relations = new Map(filedDeclaration(record).members.map((member) => [member.id, member.relation]));
  return {
    requestId: check.requestId,
    authorisationDigest: check.authorisationDigest,
    caseDate: check.caseDate,
    categories: check.categories,
    persons: await Promise.all(
      check.persons.map(async ({ personId, memberId, supporter }) => {
        const person = [...record.persons, ...record.supporters].find((one) => one.memberId === memberId);
        if (person === undefined) throw new Error(`${memberId} was asked about and is no longer there`);
        return {
          personId,
          name: person.name,
          idNumber: await ports.vault.open(person.idNumber.sealed, idNumberContext(record.caseId, memberId)),
          relation: relationSchema.parse(supporter ? 'supporter' : (relations.get(memberId) ?? 'other')),
        };
      }),
    ),
    callback: `${ports.settings.crossCheck.callbackBase}/v1/cross-checks/${check.requestId}/results`,
    expiresAt: check.expiresAt,
  };
};

const instant = (milliseconds: number): string => new Date(milliseconds).toISOString();

export const requestCrossCheck = async (ports: Needs, input: unknown): Promise<JsonObject> => {
  const payload = payloadSchema.parse(input);
  const { caseId, taskToken } = payload;
  const before = await readCase(ports.items, caseId);
  requireCurrent(before, payload);

  if (!filedDeclaration(before).crossCheckAuthorised) {
    await changeCase(ports, caseId, (current) => {
      requireCurrent(current, payload);
      return {
        next: {
          ...moved(current, 'crossCheck'),
          visit: payload.visit,
          crossCheck: { requestId: '', personsDigest: '', status: 'declined', chased: 0, findings: [] },
        },
        event: {
          type: 'crossCheckDeclined',
          actor: systemActor('request-cross-check'),
          data: { clause: 'C-2' },
        },
        outbox: [{ kind: 'answer', taskToken, output: { outcome: 'declined' } }],
        letters: [{ to: 'household', ...crossCheckLetter(current, false) }],
      };
    });
    return { outcome: 'declined' };
  }

  const authorisation = (await receivedDocuments(ports.items, caseId)).find(
    ({ paper }) => paper === 'authorisation',
  );
  const fresh = ports.ids.next();
  const record = await changeCase(ports, caseId, async (current) => {
    requireCurrent(current, payload);
    const digest = personsDigest(current);
    const former = current.crossCheck?.personsDigest === digest ? current.crossCheck : null;
    const settled = former !== null && (former.status === 'complete' || former.status === 'byHand');
    if (former !== null && settled) {
      return {
        next: { ...moved(current, 'crossCheck'), visit: payload.visit },
        event: {
          type: 'crossCheckRequested',
          actor: systemActor('request-cross-check'),
          data: { requestId: former.requestId, again: true, answered: true },
        },
        outbox: [{ kind: 'answer', taskToken, output: { outcome: 'complete' } }],
      };
    }
    const now = ports.clock.now();
    const requestId = former?.requestId ?? fresh;
    const stored = await findCheck(ports.items, requestId);
    const check: Check = {
      ...(stored?.check ?? {
        requestId,
        caseId,
        persons: personsToAsk(current),
        categories: categoriesAsked(ports.settings.crossCheck.policy),
        requestedAt: instant(now),
        expiresAt: instant(now + secondsOf(ports.settings.waitingTimes.crossCheck.deadline) * 1000),
        caseDate: beijingDate(now),
        authorisationDigest: authorisation?.sha256 ?? null,
      }),
      taskToken,
    };
    return {
      next: {
        ...moved(current, 'crossCheck'),
        visit: payload.visit,
        crossCheck: {
          requestId,
          personsDigest: digest,
          status: 'requested',
          chased: former?.chased ?? 0,
          findings: [],
        },
      },
      event: {
        type: 'crossCheckRequested',
        actor: systemActor('request-cross-check'),
        data: {
          requestId,
          again: stored !== undefined,
          categories: check.categories,
          persons: current.persons.length + current.supporters.length,
          opened: { field: 'idNumber', purpose: '信息比对（A-10）' },
        },
      },
      operations: [putCheck(check, stored?.version ?? 0)],
      letters: stored === undefined ? [{ to: 'household', ...crossCheckLetter(current, true) }] : [],
    };
  });
  if (record.crossCheck?.status !== 'requested') return { outcome: 'complete' };

  const { requestId } = record.crossCheck;
  const found = await findCheck(ports.items, requestId);
  if (found === undefined) throw new Error(`cross-check ${requestId} has no record`);
  const body = await requestBody(ports, record, found.check);
  try {
    await ports.centre.request({ requestId, body });
  } catch (error) {
    ports.metrics.count('CrossCheckFailures');
    throw error;
  }
  // The centre's acknowledgement is a sign of life; the relay tells the workflow.
  await ports.items.transact([outboxOperation(ports.ids, caseId, { kind: 'heartbeat', taskToken })]);
  return { outcome: 'requested', requestId };
};
