/**
 * What a filing costs in the cloud: whole filings by the real entries of the functions, every request of theirs counted
 * where it arrives, priced by the dated table `prices.json`; and what a function weighs before its first call.
 *
 * A filing here is the province-direct route without a bend, ten papers uploaded one after the other. Around each
 * decision its officer opens the list of tasks, the task, the case, its papers and its assessment; the worker looks at
 * the case after every step and reads the letters once. Not counted, because nothing here can tell: storage, logs,
 * traffic, what S3 and DynamoDB ask of KMS on their own, months of keys and secrets, and the schedule of the relay
 * (43,200 calls a month whatever the number of filings).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import { endOfDayInstant } from '#domain/calendar/dates.ts';
import { FUNCTION_NAMES, FUNCTIONS } from '#functions/manifest.ts';
import type { Role } from '#functions/shared/access/policy.ts';
import { bundle, entryOf } from '#infra/bundle.ts';
import { bytesAtStart } from '#test/support/bundles.ts';
import { type CloudEdition, type CloudUsage, openCloudEdition } from '#test/support/cloud/edition.ts';
import { whyNoDynamoDbLocal } from '#test/support/dynamodb-local.ts';
import { LAMBDA_ENVIRONMENT } from '#test/support/lambda-environment.ts';
import { ApiClient } from '../../scripts/demo/client.ts';
import { withConsent } from '../../scripts/demo/consent.ts';
import { DEMO_START } from '../../scripts/demo/play.ts';
import { householdOf, NOTICE_LAST_DAY, paper } from './filings.ts';
import pricesDocument from './prices.json' with { type: 'json' };
import type { BenchRow } from './row.ts';

const REGION = 'us-east-1';
const FILINGS = 5;
/** Households of one province in a year, and of a nation. */
const VOLUMES = [13_280, 1_000_000];

// ---------------------------------------------------------------- filings

const viewSchema = z.looseObject({
  caseId: z.string(),
  stage: z.string(),
  openTask: z.looseObject({ taskId: z.string(), kind: z.string() }).nullable(),
  determination: z.looseObject({ tier: z.string().nullable() }).nullable(),
  archive: z.looseObject({ prefix: z.string() }).nullable(),
});
const anything = z.looseObject({});

const file = async (cloud: CloudEdition): Promise<void> => {
  const sign = async (subject: string, role: Role, organisation?: string): Promise<ApiClient> =>
    new ApiClient(cloud.url, await cloud.token(subject, subject, role, organisation));
  const officers = [
    await sign('bench-grassroots', 'grassrootsOfficer', 'ah-direct-1'),
    await sign('bench-superior', 'superiorOfficer', 'ah-direct'),
    await sign('bench-centre', 'centreReviewer', 'ah'),
  ];
  const secretary = await sign('bench-secretary', 'meetingSecretary', 'ah');

  const decide = async (by: ApiClient, caseId: string): Promise<void> => {
    await by.get('/v1/tasks', anything);
    const { openTask } = await by.get(`/v1/cases/${caseId}`, viewSchema);
    if (openTask === null) throw new Error(`case ${caseId} waits for nobody`);
    const { seen } = await by.get(`/v1/tasks/${openTask.taskId}`, z.looseObject({ seen: z.unknown() }));
    await by.get(`/v1/cases/${caseId}/documents`, anything);
    await by.get(`/v1/cases/${caseId}/assessment`, anything);
    const decision = { kind: openTask.kind, seen, decision: 'pass', opinion: '同意。' };
    await by.post(`/v1/tasks/${openTask.taskId}/decision`, decision, anything);
    await cloud.settle();
  };

  const filings: { readonly caseId: string; readonly worker: ApiClient }[] = [];
  for (let number = 0; number < FILINGS; number += 1) {
    const worker = await sign(`bench-worker-${number}`, 'applicant');
    const household = householdOf(number);
    const { caseId } = await worker.post('/v1/cases', await withConsent(worker, household), viewSchema);
    const look = () => worker.get(`/v1/cases/${caseId}`, viewSchema);
    const upload = (given: { paper: string; memberId?: string; expenditure?: string }): Promise<string> =>
      worker.upload(caseId, { ...given, contentType: 'application/pdf', content: paper() });
    for (const kind of ['authorisation', 'promise', 'bankCard']) await upload({ paper: kind });
    for (const { memberId } of household.persons) await upload({ paper: 'identity', memberId });
    for (const memberId of ['li', 'spouse']) await upload({ paper: 'incomeProof', memberId });
    for (const expenditure of ['medical', 'schooling'])
      await upload({ paper: 'expenditureProof', expenditure });
    await cloud.settle();
    await look();
    await worker.post(`/v1/cases/${caseId}/submission`, undefined, viewSchema);
    await upload({ paper: 'application' });
    await cloud.settle();
    for (const officer of officers) {
      await look();
      await decide(officer, caseId);
    }
    await look();
    filings.push({ caseId, worker });
  }
  await cloud.advanceTo(endOfDayInstant(NOTICE_LAST_DAY));
  await secretary.post(
    '/v1/meetings',
    {
      heldOn: '2018-12-28',
      attendees: ['甲', '乙'],
      minutes: '同意。',
      agenda: filings.map(({ caseId }) => ({
        caseId,
        aids: [{ kind: 'majorIllness', amount: '8000', fund: 'centralFiscal' }],
        resolution: '同意。',
      })),
    },
    anything,
  );
  await cloud.settle();
  for (const { caseId, worker } of filings) {
    const { stage, determination, archive } = await worker.get(`/v1/cases/${caseId}`, viewSchema);
    if (stage !== 'filed' || determination?.tier !== 'national' || archive === null)
      throw new Error(`case ${caseId} is ${stage}, not filed as it should be`);
    await worker.get(`/v1/cases/${caseId}/letters`, anything);
  }
  if (cloud.lost.length > 0) throw new Error('something got lost on the way');
};

// ---------------------------------------------------------------- prices

const pricesSchema = z.object({
  prices: z.array(
    z.strictObject({
      id: z.string(),
      service: z.string(),
      unit: z.string(),
      per: z.int().min(1),
      price: z.union([z.number().min(0), z.literal('unknown')]),
      currency: z.enum(['USD', 'CNY']),
      region: z.string(),
      source: z.string(),
      asOf: z.string(),
      basis: z.enum(['page', 'known', 'none']),
    }),
  ),
});

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

/** What a run has used, by the ids of the table of prices. */
const quantitiesOf = (usage: CloudUsage): ReadonlyMap<string, number> => {
  const { invocations, table, s3, kms } = usage;
  const { Sign = 0, GetPublicKey = 0, ...symmetric } = kms;
  const { PUT = 0, POST = 0, LIST = 0, DELETE: _free, ...reads } = s3;
  const gbSeconds = invocations.map(
    ({ function: name, milliseconds }) =>
      (FUNCTIONS[name].memoryMb / 1024) * (Math.ceil(milliseconds) / 1000),
  );
  return new Map([
    ['states.transition', usage.transitions],
    ['lambda.request', invocations.length],
    ['lambda.gbSecond', sum(gbSeconds)],
    ['dynamodb.write', table.writeUnits + table.cancelledUnits],
    ['dynamodb.read', table.readUnits],
    ['s3.write', PUT + POST + LIST],
    ['s3.read', sum(Object.values(reads))],
    ['kms.symmetric', sum(Object.values(symmetric))],
    ['kms.asymmetric', Sign + GetPublicKey],
    ['secrets.read', usage.secretReads],
    ['sns.publish', usage.messages],
    ['api.request', usage.gatewayRequests],
    ['events.object', usage.objectEvents],
  ]);
};

const costRows = (usage: CloudUsage): readonly BenchRow[] => {
  const quantities = quantitiesOf(usage);
  const { prices } = pricesSchema.parse(pricesDocument);
  const lines = prices
    .filter(({ region }) => region === REGION)
    .map(({ id, service, unit, per, price }) => {
      const quantity = (quantities.get(id) ?? 0) / FILINGS;
      return { service, unit, quantity, cost: price === 'unknown' ? undefined : (quantity / per) * price };
    });
  const total = sum(lines.map(({ cost = 0 }) => cost));
  const byCost = lines.toSorted((a, b) => (b.cost ?? 0) - (a.cost ?? 0));
  return [
    ...lines.map(({ service, unit, quantity, cost }) => ({
      measure: `${service}: ${unit}`,
      value: quantity,
      unit: cost === undefined ? 'a filing, price unknown' : `a filing, $${cost.toPrecision(3)}`,
      aim: '',
    })),
    {
      measure: 'of the writes: cancelled transactions, at the most',
      value: usage.table.cancelledUnits / FILINGS,
      unit: `units a filing, of ${usage.table.cancelled} transactions in all`,
      aim: '',
    },
    { measure: `cost of a filing, ${REGION}`, value: total, unit: 'USD', aim: '' },
    ...byCost.slice(0, 3).map(({ service, unit, cost = 0 }) => ({
      measure: `  of which ${service}: ${unit}`,
      value: (cost / total) * 100,
      unit: '%',
      aim: '',
    })),
    ...VOLUMES.map((volume) => ({
      measure: `cost of ${volume.toLocaleString('en')} filings, ${REGION}`,
      value: total * volume,
      unit: 'USD',
      aim: '',
    })),
  ];
};

// ---------------------------------------------------------------- weight

const STARTS = 5;

/** Milliseconds from the start of a Node process to its end, an entry loaded in between. */
const load = async (entry: string): Promise<number> => {
  const from = performance.now();
  const code = `await import(${JSON.stringify(pathToFileURL(entry).href)})`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    env: LAMBDA_ENVIRONMENT,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [status] = await once(child, 'exit');
  if (status !== 0) throw new Error(`${entry} cannot be loaded`);
  return performance.now() - from;
};

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;

const weightRows = async (): Promise<readonly BenchRow[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'bench-cloud-'));
  try {
    const empty = join(folder, 'empty', 'index.mjs');
    await mkdir(join(folder, 'empty'));
    await writeFile(empty, 'export const handler = async () => ({});\n');
    const folders = await bundle(new Map(FUNCTION_NAMES.map((name) => [name, entryOf(name)])), folder);
    const rows: BenchRow[] = [];
    for (const [name, place] of folders) {
      const entry = join(place, 'index.mjs');
      const times: number[] = [];
      const ofEmpty: number[] = [];
      // In turns, so that both meet the same neighbours on the machine.
      for (let start = 0; start < STARTS; start += 1) {
        ofEmpty.push(await load(empty));
        times.push(await load(entry));
      }
      rows.push(
        { measure: `${name}: bundle`, value: bytesAtStart(place) / 1000, unit: 'kB', aim: '≤ 600' },
        {
          measure: `${name}: start of a process with it`,
          value: median(times) / median(ofEmpty),
          unit: '× with an empty one',
          aim: '≤ 3',
        },
      );
    }
    return rows;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** Needs Java for the table; without it only the functions' weight is told. */
export const benchCloud = async (): Promise<readonly BenchRow[]> => {
  const reason = whyNoDynamoDbLocal();
  if (reason !== undefined) {
    console.error(`the cost of a filing is left out: ${reason}`);
    return weightRows();
  }
  const cloud = await openCloudEdition({ start: DEMO_START });
  try {
    await file(cloud);
    return [...costRows(cloud.usage()), ...(await weightRows())];
  } finally {
    await cloud.close();
  }
};
