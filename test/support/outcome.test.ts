/** The comparison of outcomes is blind to what must differ, and to nothing else. */
import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { RandomIds } from '#adapters/shared/ids.ts';
import type { JsonObject } from '#domain/json.ts';
import { comparable, outcomeHash } from './outcome.ts';

const ids = new RandomIds({ wall: Date.now });
const hex = () => randomBytes(32).toString('hex');
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

type Facts = {
  readonly tier: string;
  readonly decision: string;
  readonly applicationDate: string;
  readonly publishedAt: string;
  readonly papers: readonly string[];
  readonly number: string;
  readonly masked: string;
};
const FACTS: Facts = {
  tier: 'national',
  decision: 'pass',
  applicationDate: '2018-12-20',
  publishedAt: '2018-12-20T01:00:00.000Z',
  papers: ['promise', 'bankCard'],
  number: 'AH2018-00001',
  masked: '3401**********1234',
};

/** One run of a case, with ids, seals and keys of its own. */
const runOf = (facts: Facts) => {
  const caseId = ids.next();
  const taskId = hex().slice(0, 32);
  const event = (type: string, data: JsonObject, at = facts.publishedAt): JsonObject => ({
    caseId,
    at,
    type,
    actor: { kind: 'system', function: 'test' },
    data,
    sequence: 1,
    previous: hex(),
    hash: hex(),
  });
  return {
    record: {
      caseId,
      applicationDate: facts.applicationDate,
      persons: [{ idNumber: { sealed: hex(), masked: facts.masked }, idIndex: hex() }],
      determination: { tier: facts.tier },
      file: { number: facts.number },
      archive: { prefix: `archive/${caseId}/12/`, manifestSha256: hex() },
      audit: { sequence: 3, hash: hex() },
    },
    tasks: [{ taskId, caseId, kind: 'centreReview', taskToken: hex(), state: { status: 'DECIDED' } }],
    events: [
      ...facts.papers.map((paper) =>
        event('documentReceived', { documentId: ids.next(), paper, sha256: sha256(paper) }),
      ),
      event('decided', { taskId, decision: facts.decision }),
      event('noticePublished', { noticeId: ids.next() }),
    ],
  };
};
const hashOf = (changes: Partial<Facts> = {}) => outcomeHash(comparable(runOf({ ...FACTS, ...changes })));

describe('outcomes', () => {
  it('of two runs that came to the same are the same', () => {
    expect(comparable(runOf(FACTS))).toEqual(comparable(runOf(FACTS)));
    expect(hashOf()).toBe(hashOf());
  });

  it.each<[string, Partial<Facts>]>([
    ['the hour, on the same day in Hefei', { publishedAt: '2018-12-20T15:59:59.999Z' }],
    ['who came first to the counter of files', { number: 'AH2018-00007' }],
    ['the order in which papers arrived together', { papers: ['bankCard', 'promise'] }],
  ])('do not tell %s', (_what, changes) => {
    expect(hashOf(changes)).toBe(hashOf());
  });

  it.each<[string, Partial<Facts>]>([
    ['another tier', { tier: 'provincial' }],
    ['another decision', { decision: 'reject' }],
    ['another date of application', { applicationDate: '2018-12-21' }],
    ['another day in Hefei', { publishedAt: '2018-12-20T16:00:00.000Z' }],
    ['a paper that is missing', { papers: ['promise'] }],
    ['another paper', { papers: ['promise', 'identity'] }],
    ['a number of another series', { number: 'HF2018-00001' }],
    ['another mask', { masked: '3401**********4321' }],
  ])('tell %s', (_what, changes) => {
    expect(hashOf(changes)).not.toBe(hashOf());
  });

  it('tell where an event came earlier than another, or a field is lost', () => {
    const { events, ...rest } = runOf(FACTS);
    expect(outcomeHash(comparable({ ...rest, events: events.toReversed() }))).not.toBe(hashOf());
    const { applicationDate: _, ...record } = rest.record;
    expect(outcomeHash(comparable({ ...rest, events, record }))).not.toBe(hashOf());
    expect(outcomeHash(comparable({ ...rest, events, tasks: [] }))).not.toBe(hashOf());
  });
});
