/**
 * Records a meeting: aid measures and funds for several established files at once, all or nothing. The fund of
 * each aid is held against the tier (B-18, C-4); no aid is a decision too and leaves the file standing.
 */
import { beijingDate } from '#domain/calendar/dates.ts';
import { type Aid, type Case, type Opinion, workerOf } from '#domain/filing/case.ts';
import { aidLetter } from '#domain/filing/letters.ts';
import { membersNamed, type Seen } from '#domain/filing/opinions.ts';
import type { OrganisationTree } from '#domain/filing/organisations.ts';
import { AID_NAMES, FUND_NAMES, TIER_NAMES } from '#domain/filing/terms.ts';
import type { Caller } from '#functions/shared/access/policy.ts';
import {
  actorOf,
  type CasePorts,
  findCase,
  readCase,
  untilSettled,
  writeCase,
} from '#functions/shared/case-store.ts';
import { type Fault, fault, InvalidInput } from '#functions/shared/errors.ts';
import { keys } from '#functions/shared/keys.ts';
import type { ItemOperation, Ports } from '#functions/shared/ports.ts';
import { seenOf } from '#functions/shared/seen.ts';
import { signatureOf } from '#functions/shared/signatory.ts';
import {
  alreadyDecided,
  isTaskOf,
  requireIndependent,
  requireUnclaimed,
} from '#functions/shared/task-access.ts';
import { endTask, findTask, type Task } from '#functions/shared/task-store.ts';
import type { MeetingForm } from './schema.ts';

type Needs = CasePorts & Pick<Ports, 'organisations' | 'settings'>;

type Subject = {
  readonly record: Case;
  readonly version: number;
  readonly task: Task;
  readonly taskVersion: number;
  /** The meeting is on the file as it stands when its minutes are recorded. */
  readonly seen: Seen;
};

const fundFaults = (record: Case, aids: readonly Aid[], pointer: string): readonly Fault[] => {
  const { determination } = record;
  const allowed = determination?.allowedFunds ?? [];
  const tier = determination?.tier == null ? '' : TIER_NAMES[determination.tier];
  return aids.flatMap(({ kind, fund }, index) => [
    ...(allowed.includes(fund)
      ? []
      : [
          fault(
            `${pointer}/aids/${index}/fund`,
            'fund-not-allowed',
            `${tier}档案不能使用${FUND_NAMES[fund]}（皖工发〔2017〕51号第十八条、皖工办发〔2018〕75号第四条）。`,
          ),
        ]),
    ...(aids.findIndex((one) => one.kind === kind) === index
      ? []
      : [fault(`${pointer}/aids/${index}/kind`, 'repeated', `${AID_NAMES[kind]}重复列出。`)]),
  ]);
};

/** Why a file cannot be decided on in this meeting. */
const notOnTheAgenda = (pointer: string, record: Case | undefined): Fault => {
  if (record?.meeting != null) {
    return fault(pointer, 'already-held', `该档案已在${record.meeting.heldOn}的会议上研究决定。`);
  }
  if (record?.stage === 'notice' || record?.stage === 'settingNoticeEnd') {
    return fault(pointer, 'notice-running', '公示尚未结束，公示期满且无异议后才能建档和研究。');
  }
  return fault(pointer, 'not-before-meeting', '该档案目前不在待会议研究之列，或不属于您的单位。');
};

/** The agenda with what stands in the store; every fault of it at once. */
const examine = async (ports: Needs, caller: Caller, form: MeetingForm): Promise<readonly Subject[]> => {
  const faults: Fault[] = [];
  const subjects: Subject[] = [];
  const today = beijingDate(ports.clock.now());
  if (form.heldOn > today) faults.push(fault('/heldOn', 'in-future', '会议日期不能晚于今天。'));
  for (const [index, item] of form.agenda.entries()) {
    const pointer = `/agenda/${index}`;
    if (form.agenda.findIndex(({ caseId }) => caseId === item.caseId) !== index) {
      faults.push(fault(`${pointer}/caseId`, 'repeated', '同一档案重复列出。'));
      continue;
    }
    const found = await findCase(ports.items, item.caseId);
    const open = found?.record.openTask;
    const stored = open?.kind === 'meeting' ? await findTask(ports.items, open.taskId) : undefined;
    if (found === undefined || stored === undefined || !isTaskOf(caller, stored.task)) {
      faults.push(notOnTheAgenda(`${pointer}/caseId`, found?.record));
      continue;
    }
    if (stored.task.state.status !== 'OPEN') throw alreadyDecided(stored.task);
    requireUnclaimed(caller, stored.task, ports.clock.now());
    await requireIndependent(ports.items, caller, found.record, stored.task);
    const established = beijingDate(Date.parse(found.record.file?.establishedAt ?? stored.task.openedAt));
    if (form.heldOn < established) {
      faults.push(
        fault('/heldOn', 'before-establishment', `会议日期不能早于建档日期${established}，先建档后研究。`),
      );
    }
    faults.push(...fundFaults(found.record, item.aids, pointer));
    subjects.push({
      ...found,
      task: stored.task,
      taskVersion: stored.version,
      seen: await seenOf(ports.items, found.record),
    });
  }
  if (faults.length > 0) throw new InvalidInput(faults);
  return subjects;
};

const operationsFor = (
  ports: Needs,
  caller: Caller,
  meetingId: string,
  form: MeetingForm,
  subject: Subject,
  tree: OrganisationTree,
  signature: Awaited<ReturnType<typeof signatureOf>>,
): readonly ItemOperation[] => {
  const { record, version, task, taskVersion } = subject;
  const item = form.agenda.find(({ caseId }) => caseId === record.caseId);
  if (item === undefined) throw new Error('a subject that is not on the agenda');
  const decision = item.aids.length === 0 ? 'noAid' : 'aid';
  const opinion: Opinion = {
    task: 'meeting',
    taskId: task.taskId,
    visit: task.visit,
    decision,
    opinion: item.resolution,
    ...signature,
    seen: subject.seen,
    stampedOpinion: null,
    participants: membersNamed(form.attendees),
  };
  const { heldOn, attendees, minutes } = form;
  const { aids, resolution } = item;
  const next: Case = {
    ...record,
    openTask: null,
    opinions: [...record.opinions, opinion],
    meeting: { meetingId, heldOn, attendees, minutes, resolution, aids },
  };
  const decided: Task = {
    ...task,
    state: { status: 'DECIDED', output: { decision }, by: caller.name, at: signature.at },
  };
  return writeCase(ports, version, record, {
    next,
    event: {
      type: 'meetingHeld',
      actor: actorOf(caller),
      data: { meetingId, heldOn, attendees, resolution, aids },
    },
    operations: endTask(decided, taskVersion),
    outbox: [{ kind: 'answer', taskToken: task.taskToken, output: { decision } }],
    letters: [{ to: 'household', ...aidLetter(next, tree.get(task.organisation)) }],
  }).operations;
};

type Held = { readonly meetingId: string; readonly workers: readonly string[] };

/** Where one of the files changes in between, the whole agenda is examined again. */
export const holdMeeting = (
  ports: Needs,
  caller: Caller,
  form: MeetingForm,
  meetingId: string,
): Promise<Held> =>
  untilSettled(async () => {
    const subjects = await examine(ports, caller, form);
    const tree = await ports.organisations.tree();
    const signature = await signatureOf(ports, caller);
    await ports.items.transact([
      {
        type: 'put',
        item: {
          ...keys.meeting(meetingId),
          version: 1,
          schema: 1,
          data: {
            ...form,
            meetingId,
            recordedBy: caller.subject,
            organisation: caller.organisation ?? null,
          },
        },
        condition: 'absent',
      },
      ...subjects.flatMap((subject) =>
        operationsFor(ports, caller, meetingId, form, subject, tree, signature),
      ),
    ]);
    return { meetingId, workers: subjects.map(({ record }) => workerOf(record).name) };
  });

/** What was answered when this meeting was recorded: the form is the one of then. */
export const heldMeeting = async (
  ports: Pick<CasePorts, 'items'>,
  meetingId: string,
  form: MeetingForm,
): Promise<Held> => {
  const records = await Promise.all(form.agenda.map(({ caseId }) => readCase(ports.items, caseId)));
  return { meetingId, workers: records.map((record) => workerOf(record).name) };
};
