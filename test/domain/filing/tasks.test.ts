import { describe, expect, test } from 'vitest';
import { taskKindSchema } from '#domain/filing/task-kinds.ts';
import { DECISION_NAMES, TASKS, taskDecisionSchema } from '#domain/filing/tasks.ts';

const opinion = '同意。';
const sound: readonly Record<string, unknown>[] = [
  { kind: 'supplement', decision: 'supplied' },
  ...['grassrootsReview', 'superiorReview', 'centreReview'].flatMap((kind) => [
    { kind, decision: 'pass', opinion },
    { kind, decision: 'supplement', opinion, papers: [{ paper: 'visitRecord' }] },
    { kind, decision: 'reject', opinion, clauses: ['B-7.1'] },
  ]),
  {
    kind: 'crossCheckByHand',
    decision: 'checked',
    opinion,
    housing: '一套',
    vehicles: '无',
    businessRegistration: '无',
    evidence: ['document'],
  },
  { kind: 'centreReview', decision: 'reassess', opinion },
  {
    kind: 'adjudication',
    decision: 'adjudicated',
    opinion,
    items: [{ id: 'home/1', basis: 'x', choice: 'registry', reason: '属实', clause: 'B-7.1' }],
  },
  { kind: 'facts', decision: 'settled', opinion },
  {
    kind: 'caseStudy',
    decision: 'admit',
    opinion,
    attendees: ['甲', '乙'],
    minutes: 'document',
    tier: 'provincial',
    category: 'accident',
  },
  {
    kind: 'caseStudy',
    decision: 'reject',
    opinion,
    attendees: ['甲', '乙'],
    minutes: 'document',
    clauses: ['C-6'],
  },
  { kind: 'noticeEnd', decision: 'set', opinion, lastDay: '2027-01-06' },
  { kind: 'objections', decision: 'dismissed', opinion },
  { kind: 'objections', decision: 'upheld', opinion, clauses: ['B-7.1'] },
];

const accepts = (decision: Record<string, unknown>): boolean =>
  taskDecisionSchema.safeParse(decision).success;

describe('意见', () => {
  test.each(sound)('$kind 可以 $decision，每一项都不能少，多一项也不行', (decision) => {
    expect(accepts(decision)).toBe(true);
    expect(DECISION_NAMES[String(decision.decision)]).toMatch(/\p{Script=Han}/u);
    for (const key of Object.keys(decision)) {
      const { [key]: _, ...rest } = decision;
      expect({ without: key, accepted: accepts(rest) }).toEqual({ without: key, accepted: false });
    }
    expect(accepts({ ...decision, extra: true })).toBe(false);
    if ('opinion' in decision) expect(accepts({ ...decision, opinion: '  ' })).toBe(false);
  });

  test('会议之外，每一种任务都有可作的意见', () => {
    const kinds = new Set(sound.map(({ kind }) => String(kind)));
    expect(taskKindSchema.options.filter((kind) => !kinds.has(kind))).toEqual(['meeting']);
  });

  test('不予通过必须写明法规条款：没有的条款、本系统的口径、空的都不行', () => {
    const reject = { kind: 'centreReview', decision: 'reject', opinion };
    for (const clauses of [['B-99'], ['R-1'], ['B-7.1', ''], []]) {
      expect(accepts({ ...reject, clauses })).toBe(false);
    }
    expect(accepts({ ...reject, clauses: ['B-7.1', 'C-2'] })).toBe(true);
  });

  test('一事一议须两人以上集体研究', () => {
    const study = sound.find(({ decision }) => decision === 'admit') ?? {};
    expect(accepts({ ...study, attendees: ['甲'] })).toBe(false);
  });
});

test('只有补正会因逾期而终止；其余任务一直催办到办完', () => {
  const lapsing = taskKindSchema.options.filter((kind) => TASKS[kind].lapsesAfterReminders !== null);
  expect(lapsing).toEqual(['supplement']);
});
