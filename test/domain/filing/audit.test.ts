import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AuditDraft,
  type AuditEvent,
  appendEvent,
  auditEventSchema,
  verifyChain,
} from '#domain/filing/audit.ts';

const draft = (type: string, data: AuditDraft['data'] = {}): AuditDraft => ({
  caseId: 'case-1',
  at: '2026-03-02T01:00:00.000Z',
  actor: { kind: 'system', function: 'check-materials' },
  type,
  data,
});

function chain(drafts: readonly AuditDraft[]): AuditEvent[] {
  const events: AuditEvent[] = [];
  for (const one of drafts) events.push(appendEvent(events.at(-1), one));
  return events;
}

const five = chain(['opened', 'submitted', 'reviewed', 'noticed', 'filed'].map((type) => draft(type)));

/** The event at a position (from 0), so that a test fails loudly where there is none. */
function at(events: readonly AuditEvent[], position: number): AuditEvent {
  const event = events[position];
  if (event === undefined) throw new Error(`no event at ${position}`);
  return event;
}

describe('appending', () => {
  it('hashes the canonical JSON of the event without its hash', () => {
    const event = appendEvent(undefined, {
      ...draft('opened', { b: 1, a: ['汉', 1.5, null, true] }),
      actor: { kind: 'person', subject: 's1', name: '张三', organisation: 'o1', roles: ['keeper'] },
    });
    // Written out by hand: RFC 8785 sorts the keys and leaves no blanks.
    const text =
      '{"actor":{"kind":"person","name":"张三","organisation":"o1","roles":["keeper"],"subject":"s1"},' +
      '"at":"2026-03-02T01:00:00.000Z","caseId":"case-1","data":{"a":["汉",1.5,null,true],"b":1},' +
      `"previous":"${'0'.repeat(64)}","sequence":1,"type":"opened"}`;
    expect(event.hash).toBe(createHash('sha256').update(text, 'utf8').digest('hex'));
    expect(event).toMatchObject({ sequence: 1, previous: '0'.repeat(64) });
  });

  it('counts on and links to the event before', () => {
    expect(five.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5]);
    expect(at(five, 3).previous).toBe(at(five, 2).hash);
  });

  it('refuses an event of another case and data that JSON cannot say', () => {
    expect(() => appendEvent(at(five, 4), { ...draft('x'), caseId: 'case-2' })).toThrow('case-2');
    expect(() => appendEvent(undefined, draft('x', { n: Number.NaN }))).toThrow();
    expect(() => appendEvent(undefined, draft('x', { s: '\ud800' }))).toThrow();
    const nested: AuditDraft['data'] = JSON.parse(`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`);
    expect(() => appendEvent(undefined, draft('x', nested))).toThrow();
  });

  it('survives being stored as JSON, whatever the data', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 4 }),
          { minLength: 1, maxLength: 5 },
        ),
        (datas) => {
          const drafts = datas.map((data) => draft('step', JSON.parse(JSON.stringify(data))));
          const stored = JSON.stringify(chain(drafts));
          const read = auditEventSchema.array().parse(JSON.parse(stored));
          expect(verifyChain(read)).toEqual([]);
        },
      ),
    );
  });
});

describe('verifying', () => {
  it('finds nothing in a sound chain, nor in none', () => {
    expect(verifyChain(five)).toEqual([]);
    expect(verifyChain([])).toEqual([]);
  });

  it('names the event whose content changed', () => {
    const events = five.with(2, { ...at(five, 2), data: { amount: '5000.00' } });
    expect(verifyChain(events)).toMatchObject([{ sequence: 3, code: 'changed' }]);
  });

  it('any field of an event is covered by its hash', () => {
    const event = at(five, 1);
    const changed: AuditEvent[] = [
      { ...event, at: '2026-03-02T01:00:00.001Z' },
      { ...event, type: 'opened' },
      { ...event, actor: { kind: 'system', function: 'open-task' } },
      { ...event, data: { __proto__: null, a: 1 } },
      { ...event, data: JSON.parse('{"__proto__":1}') },
    ];
    for (const one of changed) {
      expect(verifyChain(five.with(1, one))).toMatchObject([{ sequence: 2, code: 'changed' }]);
    }
  });

  it('names the event after one that was changed and hashed anew', () => {
    const forged = appendEvent(at(five, 1), draft('forged'));
    expect(verifyChain(five.with(2, forged))).toMatchObject([{ sequence: 4, code: 'broken-link' }]);
  });

  it('names the number that is missing, at the beginning and inside', () => {
    expect(verifyChain(five.toSpliced(0, 1))).toMatchObject([{ sequence: 1, code: 'gap' }]);
    expect(verifyChain(five.toSpliced(2, 1))).toMatchObject([{ sequence: 3, code: 'gap' }]);
  });

  it('finds events that were exchanged or doubled', () => {
    const [first, second, third] = [at(five, 0), at(five, 1), at(five, 2)];
    expect(verifyChain([first, third, second])[0]).toMatchObject({ sequence: 2, code: 'gap' });
    expect(verifyChain([first, first, second])[0]).toMatchObject({ sequence: 2, code: 'gap' });
  });

  it('names an event of another case', () => {
    const foreign = appendEvent(undefined, { ...draft('opened'), caseId: 'case-2' });
    expect(verifyChain(five.with(0, foreign), 'case-1')).toMatchObject([
      { sequence: 1, code: 'foreign-case' },
      { sequence: 2, code: 'broken-link' },
    ]);
    expect(verifyChain([foreign], 'case-1')).toMatchObject([{ sequence: 1, code: 'foreign-case' }]);
  });

  it('a wrong genesis is a broken link at 1', () => {
    const late = appendEvent({ ...at(five, 0), sequence: 0 }, draft('x'));
    expect(late.sequence).toBe(1);
    expect(verifyChain([late])).toMatchObject([{ sequence: 1, code: 'broken-link' }]);
  });
});
