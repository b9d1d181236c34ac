/** What a reader sees of a story: its timeline, the decision in words, the letters, its archive, and every check. */
import { isDeepStrictEqual } from 'node:util';
import { taskKindSchema } from '#domain/filing/task-kinds.ts';
import { DECISION_NAMES, TASKS } from '#domain/filing/tasks.ts';
import { AID_NAMES, FUND_NAMES, OUTCOME_NAMES, TIER_NAMES } from '#domain/filing/terms.ts';
import type { CaseDetail, TimelineEvent } from './filing.ts';
import type { Story } from './stories.ts';

export type ArchiveReport = { readonly place: string; readonly ok: boolean; readonly report: string };

const rule = (title: string): void =>
  console.log(`\n${'─'.repeat(8)} ${title} ${'─'.repeat(60 - title.length)}`);

const named = (names: Readonly<Record<string, string>>, key: string): string => names[key] ?? key;

/** Beijing time, minutes. */
const timeOf = (iso: string): string =>
  new Date(Date.parse(iso) + 8 * 3_600_000).toISOString().slice(0, 16).replace('T', ' ');

const word = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const kindOf = (data: TimelineEvent['data']): string => TASKS[taskKindSchema.parse(data.kind)].name;

/** The part of an event's data that a reader wants. */
const noteOf = ({ type, data }: TimelineEvent): string => {
  switch (type) {
    case 'decided':
      return `${kindOf(data)}：${named(DECISION_NAMES, word(data.decision))}`;
    case 'materialsChecked': {
      const missing = Array.isArray(data.missing) ? data.missing.length : 0;
      return missing === 0 ? '材料齐全' : `缺 ${missing} 份`;
    }
    case 'taskOpened':
      return `${kindOf(data)}，办理期限 ${word(data.dueOn)}`;
    case 'assessed':
      return `${named(OUTCOME_NAMES, word(data.outcome))}，人均月收入 ${word(data.net)} 元`;
    case 'visited':
      return `${word(data.visitedOn)}，走访人 ${Array.isArray(data.visitors) ? data.visitors.join('、') : ''}`;
    case 'claimed':
      return `${kindOf(data)}，至 ${word(data.lapsesOn)} 有效`;
    case 'noticePublished':
      return `至 ${word(data.lastDay)} 止`;
    case 'established':
      return `档案编号 ${word(data.fileNumber)}`;
    case 'rejected':
      return word(data.reason);
    default:
      return '';
  }
};

const printTimeline = (events: readonly TimelineEvent[]): void => {
  // Papers come in dozens; their number says enough.
  const papers = events.filter(({ type }) => type === 'documentReceived').length;
  for (const event of events.filter(({ type }) => type !== 'documentReceived')) {
    const who = event.actor.kind === 'person' ? event.actor.name : '系统';
    const note = noteOf(event);
    console.log(`  ${timeOf(event.at)}  ${event.name}${note === '' ? '' : `（${note}）`}  ${who}`);
  }
  console.log(`  共收到材料 ${papers} 份`);
};

const printDecision = (detail: CaseDetail): void => {
  const { assessment, determination, file, meeting, refusal } = detail;
  if (assessment !== null) {
    console.log('测算：');
    for (const { clause, text } of assessment.explanation) console.log(`  · ${text}［${clause}］`);
  }
  if (file !== null && determination?.tier != null) {
    console.log(`决定：建立${named(TIER_NAMES, determination.tier)}档案，编号 ${file.number}`);
  }
  if (meeting !== null) {
    const aids = meeting.aids.map(
      ({ kind, amount, fund }) => `${named(AID_NAMES, kind)} ${amount} 元（${named(FUND_NAMES, fund)}）`,
    );
    console.log(
      `会议：${aids.length === 0 ? '不安排帮扶资金，档案有效' : aids.join('、')}。${meeting.resolution}`,
    );
  }
  if (refusal !== null) console.log(`决定：不予建档（${refusal.clauses.join('、')}）。${refusal.reason}`);
};

/** Prints a story and holds it against what the regulation says; resolves with the number of differences. */
export const printCase = async (
  story: Story,
  archiveOf: (caseId: string) => Promise<ArchiveReport>,
): Promise<number> => {
  const { filing, expected, told } = story;
  const detail = await filing.view();
  rule(`${filing.title} · ${filing.household.persons[0]?.name ?? ''} · ${detail.stageName}`);
  printTimeline(await filing.timeline());
  printDecision(detail);

  const letters = await filing.letters();
  const last = letters.at(-1);
  if (last !== undefined) console.log(`告知（${last.title}）：\n${last.text.replace(/^/gm, '  ')}`);

  let differences = 0;
  const check = (what: string, wanted: unknown, actual: unknown): void => {
    const same = isDeepStrictEqual(wanted, actual);
    if (!same) differences += 1;
    console.log(`  ${same ? '✓' : '✗'} ${what}：${word(actual)}${same ? '' : `（应为 ${word(wanted)}）`}`);
  };
  console.log('核对：');
  for (const { what, wanted, of } of expected) check(what, wanted, of(detail));
  const texts = letters.map(({ text }) => text).join('\n');
  for (const words of told) check(`已告知“${words}”`, true, texts.includes(words));
  if (detail.archive !== null) {
    const { place, ok, report } = await archiveOf(detail.caseId);
    console.log(`档案：${place}\n${report.replace(/^/gm, '  ')}`);
    check('离线核验', true, ok);
  }
  return differences;
};
