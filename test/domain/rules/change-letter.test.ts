/** The letter of a refusal tells the household what would change the result, where the reckoning refused. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Application, PASS } from '../../support/application.ts';
import { openTestEdition, type TestEdition } from '../../support/edition.ts';

let edition: TestEdition;
beforeAll(async () => {
  edition = await openTestEdition();
});
afterAll(() => edition.close());

const refusal = (clause: string) => ({ decision: 'reject', opinion: '不予通过。', clauses: [clause] });

const letterOf = async (application: Application): Promise<string> =>
  (await application.letters()).find(({ title }) => title === '不予建档通知')?.text ?? '';

describe('不予建档通知', () => {
  test('C-2：测算不予建档的，写明什么情况经核实会改变结果', async () => {
    const application = await (
      await Application.open(edition, { declaration: { crossCheckAuthorised: false } })
    ).file();
    await application.passBelow();
    await application.decide('centreReview', refusal('C-2'));
    const letter = await letterOf(application);
    expect(letter).toContain('按测算，以下情况如经核实，结果会改变：\n· 若签署授权书、同意信息比对，可以建');
    expect(letter.match(/^· 若/gm)?.length).toBeLessThanOrEqual(5);
  });

  test('不是测算拒绝的，不说', async () => {
    const application = await (await Application.open(edition, {})).file();
    await application.decide('grassrootsReview', refusal('B-7.1'));
    const letter = await letterOf(application);
    expect(letter).toContain('理由：不予通过。');
    expect(letter).not.toContain('结果会改变');
  });

  test('测算符合而由人拒绝的，也不说', async () => {
    const application = await (await Application.open(edition, {})).file();
    await application.decide('grassrootsReview', PASS);
    await application.decide('superiorReview', PASS);
    await application.decide('centreReview', refusal('B-7.7'));
    expect(await letterOf(application)).not.toContain('结果会改变');
  });
});
