import { afterAll, beforeAll, expect, test } from 'vitest';
import { MemoryMetrics } from '#adapters/embedded/metrics.ts';
import { measureBacklog } from '#functions/measure-backlog/measure-backlog.ts';
import { requestCrossCheck } from '#functions/request-cross-check/request-cross-check.ts';
import { CentreUnavailable } from '#functions/shared/errors.ts';
import { timeOfId } from '#functions/shared/id-time.ts';
import { outboxPartition } from '#functions/shared/keys.ts';
import { Application, PASS } from '#test/support/application.ts';
import { openTestEdition, type TestEdition } from '#test/support/edition.ts';

let edition: TestEdition;
beforeAll(async () => {
  edition = await openTestEdition();
});
afterAll(() => edition.close());

/** The metrics as the edition serves them, by series. */
const served = async (): Promise<ReadonlyMap<string, number>> => {
  const text = await (await fetch(`${edition.url}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.replace(/ \d+$/, ''), Number(/\d+$/.exec(line)?.[0])]));
};
const NAME = 'hardship_filing_';

test('what waits, since when and with whom; what went where', async () => {
  const first = await Application.open(edition);
  await first.file();
  await edition.advanceDays(3);
  const second = await Application.open(edition);
  await second.file();

  const before = await served();
  expect(before.get(`${NAME}open_tasks{level="grassroots"}`)).toBe(2);
  expect(before.get(`${NAME}open_tasks{level="centre"}`)).toBe(0);
  expect(before.get(`${NAME}oldest_open_task_seconds{level="centre"}`)).toBe(0);
  const oldest = before.get(`${NAME}oldest_open_task_seconds{level="grassroots"}`) ?? 0;
  expect(Math.floor(oldest / 86_400)).toBe(3);
  expect(before.get(`${NAME}cross_checks_waiting`)).toBe(0);
  expect(before.get(`${NAME}stage_entered_total{stage="grassrootsReview"}`)).toBe(2);
  expect(before.get(`${NAME}stage_left_total{stage="grassrootsReview"}`)).toBe(0);

  await first.decide('grassrootsReview', { decision: 'reject', opinion: '不符合条件', clauses: ['B-5.6'] });
  await second.passBelow();
  const after = await served();
  expect(after.get(`${NAME}stage_left_total{stage="grassrootsReview"}`)).toBe(2);
  expect(after.get(`${NAME}decisions_total{tier="refused"}`)).toBe(1);
  expect(after.get(`${NAME}open_tasks{level="grassroots"}`)).toBe(0);

  await second.decide('centreReview', PASS);
  await second.noticeEnds();
  const tier = (await second.record()).determination?.tier;
  expect((await served()).get(`${NAME}decisions_total{tier="${tier}"}`)).toBe(1);
});

test('a centre that cannot be reached', async () => {
  const application = await Application.open(edition);
  await application.file();
  await application.decide('grassrootsReview', PASS);
  const { caseId, submission, visit } = await application.record();
  const metrics = new MemoryMetrics();
  const centre = { request: () => Promise.reject(new CentreUnavailable('no answer')) };
  const payload = { version: 1, caseId, submission, visit, taskToken: 'token' };
  await expect(requestCrossCheck({ ...edition.ports, centre, metrics }, payload)).rejects.toThrow(
    CentreUnavailable,
  );
  expect(metrics.text()).toContain(`${NAME}cross_check_failures_total 1\n`);
});

test('rows of the outbox that nobody took, and how old they are', async () => {
  const { items, clock, ids } = edition.ports;
  await edition.settle();
  const metrics = new MemoryMetrics();
  const id = ids.next();
  const row = { pk: outboxPartition('c1'), sk: id, version: 1, schema: 1, data: { kind: 'unknown' } };
  await items.transact([{ type: 'put', item: row, condition: 'absent' }]);
  await measureBacklog({
    items,
    metrics,
    clock: { now: () => clock.now(), wall: () => timeOfId(id) + 61_500, at: () => () => undefined },
  });
  expect(metrics.text()).toContain(`${NAME}outbox_rows 1\n`);
  expect(metrics.text()).toContain(`${NAME}outbox_age_seconds 61\n`);
  await items.transact([{ type: 'delete', key: row }]);
});

test('an id tells when it was made', () => {
  expect(Math.abs(timeOfId(edition.ports.ids.next()) - Date.now())).toBeLessThan(60_000);
  // The example of the ULID specification.
  expect(timeOfId(`01aryz6s41${'0'.repeat(16)}`)).toBe(1_469_918_176_385);
  expect(() => timeOfId('not an id')).toThrow(RangeError);
});
