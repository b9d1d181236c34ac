import { afterEach, describe, expect, test } from 'vitest';
import { HttpCrossCheckCentre } from '#adapters/http/centre.ts';
import {
  type CrossCheckRequestBody,
  crossCheckStatus,
  latestResults,
  MUST_CATEGORIES as MUSTS,
} from '#domain/filing/cross-check.ts';
import { crossCheckFindings } from '#domain/filing/cross-check-findings.ts';
import { CentreRefused } from '#functions/shared/errors.ts';
import { type SimulatorEvent, type SimulatorOptions, startSimulator } from '#simulator/simulator.ts';
import { type Callback, makeKeys, requestBody, startUnion } from './union.ts';

const keys = makeKeys();
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

const start = async (answers: (number | 'drop')[] = [], options: Partial<SimulatorOptions> = {}) => {
  const union = await startUnion(keys.ours, answers);
  const pauses: number[] = [];
  const events: SimulatorEvent[] = [];
  const simulator = await startSimulator({
    keys: keys.centre,
    pause: async (milliseconds) => {
      pauses.push(milliseconds);
    },
    report: (event) => events.push(event),
    ...options,
  });
  open.push(union, simulator);
  let count = 0;
  const centre = new HttpCrossCheckCentre({
    url: simulator.url,
    key: keys.ours.signing,
    clock: { wall: Date.now },
    ids: { next: () => `nonce-0000000000-${count++}` },
  });
  const ask = async (overrides: Partial<CrossCheckRequestBody> = {}): Promise<void> => {
    const body = requestBody(union, overrides);
    await centre.request({ requestId: body.requestId, body });
  };
  return { union, simulator, centre, ask, pauses, events };
};

const persons = (name: string): CrossCheckRequestBody['persons'] => [
  { personId: 'p1', name: '张三', idNumber: '11010519491231002X', relation: 'self' },
  { personId: 'p2', name, idNumber: '11010519491231002X', relation: 'spouse' },
];

const resultsOf = (callbacks: readonly Callback[]) =>
  callbacks.flatMap((callback) => ('result' in callback ? [callback.result] : []));
const NOTHING = { homes: [], businessPremises: false, vehicles: [], businessIncome: false };

describe('scenarios', () => {
  test('clean: one final answer about everything that was asked, signed for our address', async () => {
    const { union, simulator, ask } = await start();
    await ask({ categories: [...MUSTS, 'tax', 'marriage'] });
    await simulator.settled();
    expect(union.callbacks).toHaveLength(1);
    expect(union.callbacks[0]).toMatchObject({
      path: '/v1/cross-checks/r-1/results',
      verified: { keyId: keys.centre.signing.keyId },
      result: { requestId: 'r-1', sequence: 1, final: true },
    });
    const [result] = resultsOf(union.callbacks);
    expect(result?.categories.map(({ category, status, asOf }) => [category, status, asOf])).toEqual(
      [...MUSTS, 'tax', 'marriage'].map((category) => [category, 'clean', '2026-05-06']),
    );
  });

  test.each([
    ['程双房', 'housing', ['B-7.1', 'C-3']],
    ['车有财', 'vehicles', ['B-7.3', 'C-3']],
    ['尚开店', 'businessRegistration', ['R-12']],
  ])('%s: a hit in %s, of that person', async (name, category, clauses) => {
    const { union, simulator, ask } = await start();
    await ask({ persons: persons(name) });
    await simulator.settled();
    const results = resultsOf(union.callbacks);
    expect(crossCheckStatus(MUSTS, results)).toEqual({ complete: true, missing: [], hits: [category] });
    expect(crossCheckFindings(latestResults(results), NOTHING).map(({ clause }) => clause)).toEqual(clauses);
    const hits = results.flatMap(({ categories }) => categories.flatMap(({ items }) => [...items]));
    expect(new Set(hits.map(({ personId }) => personId))).toEqual(new Set(['p2']));
  });

  test('双样店: two small homes and a shop', async () => {
    const { union, simulator, ask } = await start();
    await ask({ persons: persons('双样店') });
    await simulator.settled();
    const results = resultsOf(union.callbacks);
    expect(crossCheckStatus(MUSTS, results)).toMatchObject({ complete: true });
    expect(crossCheckFindings(latestResults(results), NOTHING).map(({ clause }) => clause)).toEqual([
      'B-7.1',
      'C-3',
      'R-12',
    ]);
  });

  test('卓更正: a home, and then a correction that there is none', async () => {
    const { union, simulator, ask } = await start();
    await ask({ persons: persons('卓更正') });
    await simulator.settled();
    const results = resultsOf(union.callbacks);
    expect(results.map(({ sequence }) => sequence)).toEqual([1, 2]);
    expect(crossCheckStatus(MUSTS, results.slice(0, 1)).hits).toEqual(['housing']);
    expect(crossCheckStatus(MUSTS, results).hits).toEqual([]);
  });

  test('查不到: the register of homes could not be asked', async () => {
    const { union, simulator, ask } = await start();
    await ask({ persons: persons('查不到') });
    await simulator.settled();
    expect(crossCheckStatus(MUSTS, resultsOf(union.callbacks))).toMatchObject({
      complete: false,
      missing: ['housing'],
    });
  });

  test.each([
    ['梅问过', [...MUSTS], ['p99']],
    ['亡登记', [...MUSTS, 'death'] as const, ['p2']],
  ] as const)('%s: a hit of the person meant', async (name, categories, wanted) => {
    const { union, simulator, ask } = await start();
    await ask({ categories: [...categories], persons: persons(name) });
    await simulator.settled();
    const items = resultsOf(union.callbacks).flatMap((result) =>
      result.categories.flatMap(({ items: all }) => [...all]),
    );
    expect(items.map(({ personId }) => personId)).toEqual(wanted);
  });

  test('温分批: the musts come in two answers, complete with the second', async () => {
    const { union, simulator, ask } = await start();
    await ask({ persons: persons('温分批') });
    await simulator.settled();
    const results = resultsOf(union.callbacks);
    expect(results.map(({ sequence, final }) => [sequence, final])).toEqual([
      [1, false],
      [2, true],
    ]);
    expect(crossCheckStatus(MUSTS, results.slice(0, 1))).toMatchObject({ complete: false });
    expect(crossCheckStatus(MUSTS, results)).toMatchObject({ complete: true });
  });

  test('池来信: nothing before the poke over HTTP', async () => {
    const { union, simulator, ask } = await start();
    await ask({ persons: persons('池来信') });
    await ask({ requestId: 'r-2', persons: persons('池来信') });
    const poke = async (body?: string): Promise<unknown> =>
      (
        await fetch(`${simulator.url}/control/release`, {
          method: 'POST',
          ...(body === undefined ? {} : { body }),
        })
      ).json();
    expect(union.callbacks).toEqual([]);
    expect(await poke('{"requestId":"r-9"}')).toEqual({ released: 0 });
    expect(await poke('{"requestId":"r-2"}')).toEqual({ released: 1 });
    expect(await poke('{"all":true}')).toEqual({ code: 'invalid-input' });
    expect(await poke()).toEqual({ released: 1 });
    await simulator.settled();
    expect(new Set(resultsOf(union.callbacks).map(({ requestId }) => requestId))).toEqual(
      new Set(['r-1', 'r-2']),
    );
    expect(await poke()).toEqual({ released: 0 });
  });

  test('双回音: the same answer twice, with the same nonce and bytes', async () => {
    const { union, simulator, ask } = await start();
    await ask({ persons: persons('双回音') });
    await simulator.settled();
    const [first, second, ...others] = union.callbacks.map((callback) =>
      'verified' in callback ? [callback.verified.nonce, callback.verified.digest] : callback,
    );
    expect(others).toEqual([]);
    expect(first).toHaveLength(2);
    expect(second).toEqual(first);
  });

  test('莫无声: taken, never answered, also when asked again', async () => {
    const { union, simulator, ask } = await start();
    await ask({ persons: persons('莫无声') });
    await ask({ persons: persons('莫无声') });
    await simulator.settled();
    expect(union.callbacks).toEqual([]);
  });

  test('贾签名: a false signature first, then the right one', async () => {
    const { union, simulator, ask } = await start();
    await ask({ persons: persons('贾签名') });
    await simulator.settled();
    const [forged, right, ...others] = union.callbacks;
    expect(forged).toMatchObject({ refused: 'invalid' });
    expect(right).toMatchObject({ result: { final: true } });
    expect(others).toEqual([]);
    // The forgery leaves the nonce of the right one unused.
    if (forged === undefined || !('input' in forged) || right === undefined || !('verified' in right)) return;
    expect(forged.input).toMatch(/;nonce="[^"]{16,}"/);
    expect(forged.input).not.toContain(right.verified.nonce);
  });

  test('rules come before the names; the first that fits counts', async () => {
    const { union, simulator, ask } = await start([], {
      rules: [
        { requestId: /^quiet-/u, scenario: 'silent' },
        { personId: 'p1', name: '李四', scenario: 'silent' },
        { name: '张三', scenario: 'vehicle' },
        { personId: 'p1', scenario: 'silent' },
      ],
    });
    await ask({ persons: persons('程双房') });
    await ask({ requestId: 'quiet-1' });
    await simulator.settled();
    const results = resultsOf(union.callbacks);
    expect(crossCheckStatus(MUSTS, results).hits).toEqual(['vehicles']);
    expect(results).toHaveLength(1);
  });
});

describe('requests', () => {
  test('the same again is taken and answered again, with the same bytes', async () => {
    const { union, simulator, ask } = await start();
    await ask();
    await simulator.settled();
    await ask();
    await simulator.settled();
    const digests = union.callbacks.map((callback) => 'verified' in callback && callback.verified.digest);
    expect(digests).toHaveLength(2);
    expect(new Set(digests).size).toBe(1);
  });

  test('the same again while the answer is under way does not double it', async () => {
    const { union, simulator, ask } = await start();
    await ask({ persons: persons('池来信') });
    await ask({ persons: persons('池来信') });
    expect(simulator.release()).toBe(1);
    await simulator.settled();
    expect(union.callbacks).toHaveLength(1);
  });

  test('a simulator that was started again repeats itself to the byte', async () => {
    const digests: string[] = [];
    for (let run = 0; run < 2; run += 1) {
      const { union, simulator, ask } = await start();
      await ask({ persons: persons('程双房'), callback: `${union.url}/v1/cross-checks/r-1/results` });
      await simulator.settled();
      digests.push(
        ...union.callbacks.map((callback) => ('verified' in callback ? callback.verified.digest : '')),
      );
    }
    expect(digests).toHaveLength(2);
    expect(digests[0]).toBe(digests[1]);
  });

  test('another body under the same id is refused: 409', async () => {
    const { simulator, ask } = await start();
    await ask();
    const other = ask({ caseDate: '2026-05-07' });
    await expect(other).rejects.toThrow(CentreRefused);
    await expect(other).rejects.toThrow('409');
    await simulator.settled();
  });

  test('without our signature, or for another authority, it is refused: 401', async () => {
    const { simulator, union } = await start();
    const plain = await fetch(`${simulator.url}/requests`, {
      method: 'POST',
      body: JSON.stringify(requestBody(union)),
    });
    expect([plain.status, await plain.json()]).toMatchObject([401, { code: 'signature-missing' }]);
    const elsewhere = await start([], { authority: 'centre.example' });
    await expect(elsewhere.ask()).rejects.toThrow('401');
    await elsewhere.simulator.settled();
    expect(elsewhere.union.callbacks).toEqual([]);
  });

  test('signed nonsense is refused: 422', async () => {
    const { centre } = await start();
    await expect(centre.request({ requestId: 'r-1', body: { requestId: 'r-1' } })).rejects.toThrow('422');
  });

  test('a large one is refused before it is read: 413', async () => {
    const { simulator } = await start();
    const response = await fetch(`${simulator.url}/requests`, {
      method: 'POST',
      body: 'x'.repeat(1024 * 1024 + 1),
    });
    expect(response.status).toBe(413);
  });
});

describe('delivery', () => {
  test('is tried again, ever more slowly, until it is taken', async () => {
    const answers: (number | 'drop')[] = [503, 'drop', 429, 408, 425, 500, 502, 504, 503];
    const { union, simulator, ask, pauses, events } = await start([...answers]);
    await ask();
    await simulator.settled();
    expect(pauses).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
    expect(events.flatMap((event) => (event.event === 'sent' ? [event.status] : []))).toEqual([
      503,
      null,
      429,
      408,
      425,
      500,
      502,
      504,
      503,
      204,
    ]);
    expect(
      new Set(union.callbacks.map((callback) => 'verified' in callback && callback.verified.nonce)).size,
    ).toBe(1);
  });

  test('ends at a final refusal; what would follow is not sent', async () => {
    const { union, simulator, ask, pauses } = await start([409]);
    await ask({ persons: persons('温分批') });
    await simulator.settled();
    expect(union.callbacks).toHaveLength(1);
    expect(pauses).toEqual([]);
  });

  test('stops with the simulator, waiting or trying', async () => {
    const gone = await startUnion(keys.ours);
    await gone.close();
    const trying = Promise.withResolvers<void>();
    const { simulator, ask } = await start([], {
      pause: (_, signal) => {
        trying.resolve();
        return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
      },
    });
    await ask({ requestId: 'late-1', persons: persons('池来信') });
    await ask({ requestId: 'lost-1', callback: `${gone.url}/v1/cross-checks/lost-1/results` });
    await trying.promise;
    await simulator.close();
    open.pop();
    await expect(fetch(simulator.url)).rejects.toThrow();
  });

  test('reports without personal data', async () => {
    const { simulator, ask, events } = await start();
    await ask({ persons: persons('程双房') });
    await simulator.settled();
    expect(events).toEqual([
      { event: 'requested', requestId: 'r-1', scenario: 'secondHome' },
      { event: 'sent', requestId: 'r-1', resultId: 'result-1', forged: false, status: 204 },
    ]);
  });
});
