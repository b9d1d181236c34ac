/** What the callback of the cross-check takes, and what it doesn't: nothing refused changes anything, all is counted. */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keys } from '#functions/shared/keys.ts';
import { Application } from '../support/application.ts';
import { Centre, homeItem, resultOf, type Sending } from '../support/centre.ts';
import { openTestEdition, type TestEdition } from '../support/edition.ts';

let edition: TestEdition;
let centre: Centre;
beforeAll(async () => {
  edition = await openTestEdition();
  centre = new Centre(edition);
});
afterAll(() => edition.close());

const asked = async () => {
  const application = await (await Application.open(edition, { name: '莫无声' })).file();
  await application.passBelow();
  const requestId = (await application.record()).crossCheck?.requestId ?? '';
  return { application, requestId };
};

const refusedSoFar = async (): Promise<number> => {
  const text = await (await fetch(`${edition.url}/metrics`)).text();
  return Number(/^hardship_filing_callbacks_refused_total (\d+)$/m.exec(text)?.[1]);
};

const NOBODY = '0'.repeat(26);
const MINUTE = 60_000;

describe('callbacks', () => {
  test.each<[string, () => Sending, number, string]>([
    [
      'forged with another key under the known id',
      () => ({ key: { ...centre.key, key: generateKeyPairSync('ed25519').privateKey } }),
      401,
      'signature-invalid',
    ],
    [
      'of a key that nobody trusts',
      () => ({ key: { ...centre.key, keyId: 'other' } }),
      401,
      'signature-unknown-key',
    ],
    ['older than five minutes', () => ({ created: Date.now() - 6 * MINUTE }), 401, 'signature-expired'],
    ['from the future', () => ({ created: Date.now() + 2 * MINUTE }), 401, 'signature-future'],
    ['truncated', () => ({ sent: '{"requestId":' }), 401, 'signature-digest-mismatch'],
    [
      'changed on the way',
      () => ({ sent: JSON.stringify({ requestId: 'x' }) }),
      401,
      'signature-digest-mismatch',
    ],
  ])('%s: refused, counted, nothing changed', async (_, how, status, code) => {
    const { application, requestId } = await asked();
    const [mark, before] = [await application.mark(), await refusedSoFar()];
    const answer = await centre.send(requestId, resultOf(requestId, 1), how());
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(await application.mark()).toBe(mark);
    expect(await refusedSoFar()).toBe(before + 1);
    // The true one is taken all the same.
    expect(await centre.send(requestId, resultOf(requestId, 1))).toMatchObject({ status: 200 });
    expect(await application.record()).toMatchObject({ stage: 'centreReview' });
  });

  test('the same nonce with the same bytes: the recorded answer, once on record, also after the case went on', async () => {
    const { application, requestId } = await asked();
    const nonce = randomUUID();
    const first = await centre.send(requestId, resultOf(requestId, 1), { nonce });
    const mark = await application.mark();
    expect(await centre.send(requestId, resultOf(requestId, 1), { nonce })).toEqual(first);
    expect(await application.mark()).toBe(mark);
  });

  test('the same nonce with other bytes: 409, nothing changed, the centre union is warned', async () => {
    const { application, requestId } = await asked();
    const nonce = randomUUID();
    await centre.send(requestId, resultOf(requestId, 1), { nonce });
    const [mark, before] = [await application.mark(), await refusedSoFar()];
    const other = resultOf(requestId, 2, { housing: [homeItem('a', '60')] });
    expect(await centre.send(requestId, other, { nonce })).toMatchObject({
      status: 409,
      body: { code: 'nonce-reused' },
    });
    expect(await application.mark()).toBe(mark);
    expect(await refusedSoFar()).toBe(before + 1);
    expect(
      edition
        .messages()
        .filter(({ caseId }) => caseId === application.caseId)
        .at(-1),
    ).toMatchObject({
      to: { organisation: 'ah' },
      title: '比对回调异常',
    });
  });

  test('a nonce is on record for a quarter of an hour; after that, swept or not, it is free', async () => {
    const { application, requestId } = await asked();
    const [fresh, former] = [randomUUID(), randomUUID()];
    await edition.ports.items.transact([
      {
        type: 'put',
        item: {
          ...keys.nonce(centre.key.keyId, former),
          version: 1,
          schema: 1,
          data: { digest: 'of something else', reply: { received: true, complete: false } },
          expiresAt: Math.floor(Date.now() / 1000) - 1,
        },
        condition: 'absent',
      },
    ]);
    expect(await centre.send(requestId, resultOf(requestId, 1), { nonce: former })).toMatchObject({
      status: 200,
    });
    expect(await application.record()).toMatchObject({ stage: 'centreReview' });
    await centre.send(requestId, resultOf(requestId, 1), { nonce: fresh });
    for (const nonce of [fresh, former]) {
      const kept = await edition.ports.items.get(keys.nonce(centre.key.keyId, nonce));
      const seconds = (kept?.expiresAt ?? 0) - Date.now() / 1000;
      // Longer than a signature is good for twice over.
      expect(seconds).toBeGreaterThan(2 * 300);
      expect(seconds).toBeLessThanOrEqual(901);
    }
  });

  test('the same result under a new nonce: taken without a second record, and that nonce is used up', async () => {
    const { application, requestId } = await asked();
    await centre.send(requestId, resultOf(requestId, 1));
    const mark = await application.mark();
    const nonce = randomUUID();
    expect(await centre.send(requestId, resultOf(requestId, 1), { nonce })).toMatchObject({
      status: 200,
      body: { complete: true },
    });
    expect(await application.mark()).toBe(mark);
    expect(await centre.send(requestId, resultOf(requestId, 2), { nonce })).toMatchObject({
      status: 409,
      body: { code: 'nonce-reused' },
    });
  });

  test('the same result id with other content: 409', async () => {
    const { requestId } = await asked();
    await centre.send(requestId, resultOf(requestId, 1));
    const changed = resultOf(requestId, 1, { housing: [homeItem('a', '60')] });
    expect(await centre.send(requestId, changed)).toMatchObject({
      status: 409,
      body: { code: 'result-changed' },
    });
  });

  test('an unknown request, another request, a category that was not asked for', async () => {
    const { application, requestId } = await asked();
    const mark = await application.mark();
    expect(await centre.send(NOBODY, resultOf(NOBODY, 1))).toMatchObject({ status: 404 });
    expect(await centre.send(requestId, resultOf(NOBODY, 1))).toMatchObject({
      status: 422,
      body: { faults: [{ pointer: '/requestId', code: 'other-request' }] },
    });
    expect(await centre.send(requestId, resultOf(requestId, 1, { tax: [] }))).toMatchObject({
      status: 422,
      body: { faults: [{ pointer: '/categories/3/category', code: 'not-asked' }] },
    });
    expect(await application.mark()).toBe(mark);
  });
});
