/**
 * All seven stories of the demonstration in the cloud edition, by the real entries of its functions; and that they end
 * as in the embedded edition.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { JsonObject } from '#domain/json.ts';
import { FUNCTION_NAMES } from '#functions/manifest.ts';
import { outboxPartitions } from '#functions/shared/keys.ts';
import { METRICS, METRICS_NAMESPACE } from '#functions/shared/metrics.ts';
import { type CloudEdition, NOT_IN_STORIES, openCloudEdition } from '#test/support/cloud/edition.ts';
import { whyNoDynamoDbLocal } from '#test/support/dynamodb-local.ts';
import { openTestEdition } from '#test/support/edition.ts';
import { type Folder, temporaryFolder } from '#test/support/folder.ts';
import { Leaks } from '#test/support/leaks.ts';
import { outcomeHash, outcomeOf } from '#test/support/outcome.ts';
import { ApiClient } from '../../scripts/demo/client.ts';
import { DEMO_START, playStories } from '../../scripts/demo/play.ts';
import type { Story } from '../../scripts/demo/stories.ts';
import { run as verify } from '../../scripts/verify.ts';

const silent = (): void => {};
const casesOf = (stories: readonly Story[]): ReadonlyMap<string, string> =>
  new Map(stories.map(({ filing }) => [filing.title, filing.caseId]));

const reason = whyNoDynamoDbLocal();
if (reason !== undefined) console.warn(`SKIPPED: the stories in the cloud edition: ${reason}`);

// The limits are for a machine that does much else.
describe.skipIf(reason !== undefined)('the cloud edition', { timeout: 180_000 }, () => {
  let cloud: CloudEdition;
  let folder: Folder;
  let stories: readonly Story[];
  let outcome: JsonObject;
  beforeAll(async () => {
    folder = await temporaryFolder();
    cloud = await openCloudEdition({ start: DEMO_START });
    stories = await playStories(
      {
        base: cloud.url,
        sign: async (...who) => new ApiClient(cloud.url, await cloud.token(...who)),
        idle: () => cloud.settle(),
        advanceTo: (instant) => cloud.advanceTo(instant),
      },
      silent,
    ).catch((error: unknown) => {
      const why = cloud.log.slice(-20).join('\n');
      throw new AggregateError(
        [error, ...cloud.lost],
        `the stories came to no end; the functions' log: ${why}`,
      );
    });
    outcome = await outcomeOf(cloud.ports.items, casesOf(stories));
  }, 300_000);
  afterAll(async () => {
    await cloud.close();
    await folder.remove();
  });

  it('takes every story to the end that the regulation demands', async () => {
    for (const { filing, expected, told } of stories) {
      const detail = await filing.view();
      for (const { what, wanted, of } of expected)
        expect(of(detail), `${filing.title}: ${what}`).toEqual(wanted);
      const letters = (await filing.letters()).map(({ text }) => text).join('\n');
      for (const words of told) expect(letters, filing.title).toContain(words);
    }
  });

  it('ends each as the embedded edition does: cases, tasks and audit events', async () => {
    const embedded = await openTestEdition({ start: DEMO_START });
    const played = await playStories(
      {
        base: embedded.url,
        sign: async (subject, name, role, organisation) =>
          new ApiClient(embedded.url, await embedded.token(subject, name, role, organisation)),
        idle: () => embedded.edition.idle(),
        advanceTo: (instant) => embedded.edition.advanceTo(instant),
      },
      silent,
    );
    const wanted = await outcomeOf(embedded.ports.items, casesOf(played));
    await embedded.close();
    expect(outcome).toEqual(wanted);
    expect(outcomeHash(outcome)).toBe(outcomeHash(wanted));
  });

  it('leaves archives that anyone can check offline', async () => {
    const keyFile = join(folder.path, 'key.json');
    const { publicKey } = await cloud.ports.vault.sign(Buffer.from('the public key, to be published'));
    await writeFile(keyFile, JSON.stringify(publicKey));
    const filed = z.looseObject({ archive: z.looseObject({ prefix: z.string() }).nullable() });
    let checked = 0;
    for (const { filing } of stories) {
      const { archive } = filed.parse(await filing.view());
      if (archive === null) continue;
      for (const key of await cloud.ports.documents.list(archive.prefix)) {
        const path = join(folder.path, key);
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, await cloud.ports.documents.read(key));
        expect(await cloud.ports.documents.head(key)).toMatchObject({ legalHold: true });
      }
      const lines: string[] = [];
      const say = (line: string) => lines.push(line);
      const code = await verify([join(folder.path, archive.prefix), '--key', keyFile], say, say);
      expect(code, lines.join('\n')).toBe(0);
      checked += 1;
    }
    expect(checked).toBe(5);
  });

  it('leaves nothing untold: every event came through, the outbox is empty', async () => {
    await cloud.schedule();
    for (const pk of outboxPartitions) expect((await cloud.ports.items.query({ pk })).items).toEqual([]);
    expect(cloud.lost).toEqual([]);
    const failures = cloud.usage().invocations.filter(({ failed }) => failed);
    expect(failures).toEqual([]);
  });

  it('calls every function of the manifest but those that have paths of their own', () => {
    const called = new Set(cloud.usage().invocations.map(({ function: name }) => name));
    expect(FUNCTION_NAMES.filter((name) => !called.has(name)).toSorted()).toEqual(NOT_IN_STORIES.toSorted());
  });

  it('emits every metric of the dashboard, but for those of what goes wrong', () => {
    const line = z.object({
      _aws: z.object({
        CloudWatchMetrics: z.array(
          z.object({ Namespace: z.string(), Metrics: z.array(z.object({ Name: z.string() })) }),
        ),
      }),
    });
    const emitted = new Set(
      cloud.log
        .filter((text) => text.includes('"_aws"'))
        .flatMap((text) => line.parse(JSON.parse(text))._aws.CloudWatchMetrics)
        .filter(({ Namespace }) => Namespace === METRICS_NAMESPACE)
        .flatMap(({ Metrics }) => Metrics.map(({ Name }) => Name)),
    );
    expect(Object.keys(METRICS).filter((name) => !emitted.has(name))).toEqual([
      'CrossCheckFailures',
      'CallbacksRefused',
    ]);
  });

  it('writes no one’s data into its logs, executions and, in plain, its table', async () => {
    const sealed = stories.flatMap(({ filing: { household } }) => [
      household.phone,
      household.bankCard.number,
      household.address,
      ...household.persons.map(({ idNumber }) => idNumber),
    ]);
    const names = stories.flatMap(({ filing: { household } }) => household.persons.map(({ name }) => name));
    const executions = [];
    for (const { executions: page } of [cloud.engine.list('any', { limit: 1000 })]) {
      for (const { name } of page) executions.push(await cloud.engine.history(name));
    }
    expect(executions.length).toBeGreaterThanOrEqual(stories.length);
    const written = [JSON.stringify(executions), ...cloud.log].join('\n');
    expect(new Leaks([...sealed, ...names]).search(written)).toEqual([]);
    // The table holds names, but nothing that is to be sealed; and the search does reach it.
    const rows = (await cloud.rows()).join('\n');
    expect(new Leaks(sealed).search(rows)).toEqual([]);
    const cases = new Leaks(stories.map(({ filing }) => filing.caseId));
    expect(cases.search(rows)).toHaveLength(stories.length);
  });
});
