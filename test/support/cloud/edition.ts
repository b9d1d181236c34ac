/**
 * The cloud edition on one machine, for tests: the real entries of all functions with the adapters of AWS, and around
 * them what the cloud would be. Nothing of the product is replaced but the clock (`moved-clock.ts`).
 *
 * | in the cloud | here |
 * |---|---|
 * | Lambda | a process that holds the entries (`lambda.ts`) |
 * | API Gateway | `gateway.ts` |
 * | Step Functions | the engine behind the service's protocol (`embedded/step-functions`) |
 * | DynamoDB, its stream | DynamoDB Local, `table.ts` |
 * | S3, EventBridge's `Object Created` | `../s3.ts`; the event is made here |
 * | EventBridge's schedule | `schedule()` |
 * | KMS, SNS, Secrets Manager | `../local-*.ts` |
 * | OpenID provider | an RS256 key |
 * | the cross-check centre | its simulator |
 */
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { paginateScan } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import * as z from 'zod';
import { S3DocumentStore } from '#adapters/aws/documents.ts';
import { DynamoItemStore } from '#adapters/aws/items.ts';
import { KmsVault } from '#adapters/aws/vault.ts';
import { StepFunctionsWorkflow } from '#adapters/aws/workflow.ts';
import { MovableClock } from '#adapters/embedded/clock.ts';
import { ensureCrossCheckKeys } from '#adapters/embedded/cross-check-keys.ts';
import { Database } from '#adapters/embedded/database.ts';
import { SystemClock } from '#adapters/shared/clock.ts';
import { beijingDate } from '#domain/calendar/dates.ts';
import { loadDefinition } from '#embedded/engine/definition.ts';
import { Engine } from '#embedded/engine/engine.ts';
import { lambdaInvocations } from '#embedded/engine/lambda.ts';
import { startEndpoint } from '#embedded/step-functions/endpoint.ts';
import { FUNCTION_NAMES, FUNCTIONS, type FunctionName, type Trigger } from '#functions/manifest.ts';
import type { Role } from '#functions/shared/access/policy.ts';
import type { Ports } from '#functions/shared/ports.ts';
import { parseKeyRing } from '#functions/shared/signature-keys.ts';
import { startSimulator } from '#simulator/simulator.ts';
import { PARTITION, placeholder, substitute } from '#statemachines/substitutions.ts';
import { Client } from '../client.ts';
import { startDynamoDbLocal } from '../dynamodb-local.ts';
import type { Place } from '../edition.ts';
import { temporaryFolder } from '../folder.ts';
import { startLocalKms } from '../local-kms.ts';
import { startLocalSecrets } from '../local-secrets.ts';
import { startLocalSns } from '../local-sns.ts';
import { type S3ForTests, startS3 } from '../s3.ts';
import { type Gateway, startGateway } from './gateway.ts';
import { type Invocation, type Lambda, startLambda } from './lambda.ts';
import { type Capacity, followOutbox, meterTable, type OutboxStream } from './table.ts';

const ROOT = join(import.meta.dirname, '../../..');
const ACCOUNT = 'cn-north-1:123456789012';
const MACHINE = `arn:aws-cn:states:${ACCOUNT}:stateMachine:hardship-filing-test-filing:live`;
const functionArn = (name: FunctionName): string =>
  `arn:aws-cn:lambda:${ACCOUNT}:function:hardship-filing-test-${name}:live`;
const keyArn = (part: string): string => `arn:aws-cn:kms:${ACCOUNT}:key/${part}`;
const CENTRE_SECRET = `arn:aws-cn:secretsmanager:${ACCOUNT}:secret:centre`;
const TABLE = 'filing';
const BUCKETS = { uploads: 'uploads-bucket', archive: 'archive-bucket' };
const ISSUER = 'https://id.example.cn';
const AUDIENCE = 'hardship-filing';
/** EventBridge calls a function that failed again, so often. */
const EVENT_RETRIES = 2;

/** Functions that the demonstration's stories never come to; `test/cloud/paths.test.ts` goes through them. */
export const NOT_IN_STORIES: readonly FunctionName[] = [
  'escalate-task',
  'chase-cross-check',
  'report-fault',
  'edit-declaration',
  'open-field',
  'open-paper',
  'read-accesses',
  'manage-external',
  'open-external',
  'resume-case',
  'read-organisations',
  'export-organisations',
  'change-organisations',
  'import-organisations',
  'transfer-custody',
  'hand-over',
  'read-messages',
  'keep-messages',
  'export-cross-checks',
  'import-cross-checks',
  'try-assessment',
  'read-openapi',
  'manage-people',
  'claim-case',
  'read-own-data',
  'correct-contact',
  'keep-sanctions',
  'dispose-cases',
];

/** What the run has asked of each service so far. */
export type CloudUsage = {
  readonly invocations: readonly Invocation[];
  readonly gatewayRequests: number;
  readonly table: Readonly<Capacity>;
  /** By HTTP method, and `LIST`. */
  readonly s3: Readonly<Record<string, number>>;
  readonly kms: Readonly<Record<string, number>>;
  readonly messages: number;
  readonly secretReads: number;
  readonly objectEvents: number;
  /** States entered, and tasks tried again. */
  readonly transitions: number;
};

export type CloudEdition = Place & {
  /** Where the API listens. */
  readonly url: string;
  /** The stores and the workflow of the functions, by the same adapters. */
  readonly ports: Pick<Ports, 'items' | 'documents' | 'workflow' | 'vault'>;
  readonly engine: Engine;
  readonly s3: S3ForTests;
  /** A token as the OpenID provider would give it. */
  token(subject: string, name: string, role: Role | readonly Role[], organisation?: string): Promise<string>;
  /** Calls a function with an event of the test's own. */
  invoke(name: FunctionName, event: unknown): Promise<unknown>;
  /** S3 tells of an object once more. */
  tellAgain(key: string): Promise<void>;
  /** The table's stream stands still (its records are lost), or goes on. */
  holdStream(held: boolean): void;
  /** The schedules come round. */
  schedule(): Promise<void>;
  /** Moves case time, in the functions and the state machine, and lets happen what follows. */
  advanceTo(instant: number | string): Promise<void>;
  /** Resolves when every case waits for a person, a timer, or a centre that keeps silent. */
  settle(): Promise<void>;
  usage(): CloudUsage;
  /** Every item of the table as DynamoDB keeps it, one JSON text each. */
  rows(): Promise<readonly string[]>;
  /** The lines that the functions have written. */
  readonly log: readonly string[];
  /** What no retry helped: events whose function failed for good, rows that the stream's mapping gave up. */
  readonly lost: readonly unknown[];
  close(): Promise<void>;
};

/** Functions by what an upload under the prefix sets going. */
const objectFunctions = FUNCTION_NAMES.flatMap((name) => {
  const trigger: Trigger = FUNCTIONS[name].trigger;
  return trigger.kind === 'objectCreated' ? [{ name, prefix: trigger.prefix }] : [];
});

const objectCreated = (bucket: string, key: string, content: Uint8Array, sequencer: string) => ({
  version: '0',
  id: randomUUID(),
  'detail-type': 'Object Created',
  source: 'aws.s3',
  account: '123456789012',
  time: new Date().toISOString(),
  region: 'cn-north-1',
  resources: [`arn:aws-cn:s3:::${bucket}`],
  detail: {
    version: '0',
    bucket: { name: bucket },
    object: {
      key,
      size: content.length,
      etag: createHash('md5').update(content).digest('hex'),
      'version-id': 'v1',
      sequencer,
    },
    'request-id': randomUUID(),
    requester: '123456789012',
    'source-ip-address': '127.0.0.1',
    reason: 'PostObject',
  },
});

const scheduled = () => ({
  version: '0',
  id: randomUUID(),
  'detail-type': 'Scheduled Event',
  source: 'aws.events',
  account: '123456789012',
  time: new Date().toISOString(),
  region: 'cn-north-1',
  resources: [`arn:aws-cn:events:${ACCOUNT}:rule/relay`],
  detail: {},
});

/** Starts all of it; case time begins at `start` and runs on with wall time. Needs Java. */
export async function openCloudEdition({ start }: { readonly start: number }): Promise<CloudEdition> {
  const closing: (() => Promise<unknown> | unknown)[] = [];
  const folder = await temporaryFolder();
  closing.push(() => folder.remove());
  const keyFiles = ensureCrossCheckKeys(join(folder.path, 'cross-check'));
  /** What the centre makes of each request, by its id. */
  const scenarios = new Map<string, string>();
  const simulator = await startSimulator({
    keys: parseKeyRing(readFileSync(keyFiles.centre, 'utf8')),
    report: (event) => {
      if (event.event === 'requested' && !scenarios.has(event.requestId))
        scenarios.set(event.requestId, event.scenario);
    },
  });
  const dynamo = await startDynamoDbLocal();
  closing.push(() => dynamo.stop());
  const streamArn = await dynamo.createTable(TABLE);
  const s3 = await startS3(BUCKETS.uploads, BUCKETS.archive);
  const kms = await startLocalKms();
  const sns = await startLocalSns();
  const secrets = await startLocalSecrets(new Map([[CENTRE_SECRET, readFileSync(keyFiles.ours, 'utf8')]]));
  closing.push(
    () => s3.stop(),
    () => kms.stop(),
    () => sns.stop(),
    () => secrets.stop(),
  );

  // Each of these calls the others, so they are made first and bound later.
  let lambda: Lambda | undefined;
  let stream: OutboxStream | undefined;
  const invoke = (name: FunctionName, event: unknown): Promise<unknown> => {
    if (lambda === undefined) throw new Error('a function is called before there are any');
    return lambda.invoke(name, event);
  };
  let held = false;
  const table = await meterTable(dynamo.url, (rows) => {
    if (!held) stream?.expect(rows);
  });
  closing.push(() => table.stop());

  const provider = await generateKeyPair('RS256');
  const gateway: Gateway = await startGateway({
    invoke,
    keys: { keys: [{ ...(await exportJWK(provider.publicKey)), kid: 'test', alg: 'RS256', use: 'sig' }] },
    issuer: ISSUER,
    audience: AUDIENCE,
  });

  const database = new Database(':memory:');
  const clock = new MovableClock({ offset: start - Date.now(), persist: async () => {} });
  const byArn = new Map(FUNCTION_NAMES.map((name) => [functionArn(name), name]));
  const faults: unknown[] = [];
  const engine = new Engine({
    database,
    clock,
    stateMachineName: 'hardship-filing-test-filing',
    machine: loadDefinition(
      substitute(readFileSync(join(ROOT, 'statemachines/filing.asl.json'), 'utf8'), {
        [PARTITION]: 'aws-cn',
        ...Object.fromEntries(FUNCTION_NAMES.map((name) => [placeholder(name), functionArn(name)])),
      }),
    ),
    perform: lambdaInvocations(async (arn, payload) => {
      const name = byArn.get(arn);
      if (name === undefined) throw new Error(`no function ${arn}`);
      return z.json().parse(await invoke(name, payload));
    }),
    onFault: (error) => faults.push(error),
  });
  await engine.resume();
  const endpoint = await startEndpoint({
    engine,
    stateMachineArn: MACHINE,
    onFault: (error) => faults.push(error),
  });
  closing.push(() => endpoint.close());

  const functions = await startLambda({
    start,
    environment: {
      TABLE_NAME: TABLE,
      UPLOADS_BUCKET: BUCKETS.uploads,
      ARCHIVE_BUCKET: BUCKETS.archive,
      ARCHIVE_LOCK_MODE: 'GOVERNANCE',
      STATE_MACHINE_ARN: MACHINE,
      SEAL_KEY_ARN: keyArn('seal'),
      INDEX_KEY_ARN: keyArn('index'),
      SIGNING_KEY_ARN: keyArn('signing'),
      API_URL: gateway.url,
      CENTRE_URL: simulator.url,
      CENTRE_SECRET_ARN: CENTRE_SECRET,
      MESSAGES_TOPIC_ARN: `arn:aws-cn:sns:${ACCOUNT}:messages`,
      AWS_REGION: 'cn-north-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      // A machine that is busy with everything at once answers later than the service would.
      AWS_MAX_ATTEMPTS: '10',
      AWS_ENDPOINT_URL_DYNAMODB: table.url,
      AWS_ENDPOINT_URL_S3: s3.url,
      AWS_ENDPOINT_URL_KMS: kms.url,
      AWS_ENDPOINT_URL_SNS: sns.url,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
      AWS_ENDPOINT_URL_SFN: endpoint.url,
    },
  });
  lambda = functions;
  closing.push(() => functions.stop());
  const outbox = await followOutbox(dynamo.url, streamArn, (event) => invoke('relay-outbox', event));
  stream = outbox;

  const lost: unknown[] = [];
  let objectEvents = 0;
  const events = new Set<Promise<void>>();
  const handled = async (name: FunctionName, event: unknown): Promise<void> => {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await invoke(name, event);
        return;
      } catch (error) {
        if (attempt === EVENT_RETRIES) {
          lost.push({ name, event, error });
          return;
        }
      }
    }
  };
  const told = async (bucket: string, key: string, content: Uint8Array): Promise<void> => {
    const called = objectFunctions.filter(
      ({ prefix }) => bucket === BUCKETS.uploads && key.startsWith(prefix),
    );
    await Promise.all(
      called.map(async ({ name }) => {
        objectEvents += 1;
        const sequencer = String(objectEvents).padStart(16, '0');
        const event = handled(name, objectCreated(bucket, key, content, sequencer));
        events.add(event);
        await event;
        events.delete(event);
      }),
    );
  };
  s3.onPosted((...object) => void told(...object));

  const tableClient = dynamo.client();
  const s3Client = s3.client();
  const sfnClient = new SFNClient({
    endpoint: endpoint.url,
    region: 'cn-north-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  closing.push(
    () => sfnClient.destroy(),
    () => tableClient.destroy(),
    () => s3Client.destroy(),
  );

  const settle = async (): Promise<void> => {
    for (let seen = -1; seen !== functions.invocations.length; ) {
      seen = functions.invocations.length;
      do {
        await Promise.all(events);
        await outbox.idle();
        await engine.idle();
        await setImmediate();
      } while (functions.underWay > 0 || gateway.underWay > 0 || events.size > 0);
      // One that waits to be released is never settled.
      if (![...scenarios.values()].includes('late')) await simulator.settled();
      await outbox.idle();
    }
    if (faults.length > 0) throw new AggregateError(faults, 'the state machine met faults');
  };

  const token: CloudEdition['token'] = (subject, name, role, organisation) =>
    new SignJWT({
      name,
      roles: [role].flat(),
      ...(organisation === undefined ? {} : { organisation }),
    })
      .setProtectedHeader({ alg: 'RS256', kid: 'test' })
      .setSubject(subject)
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(provider.privateKey);
  const advanceTo: CloudEdition['advanceTo'] = async (given) => {
    const instant = typeof given === 'number' ? given : Date.parse(given);
    await settle();
    // The functions first: what a timer sets going must find its time come.
    await functions.advanceTo(instant);
    await clock.advanceTo(instant);
    await settle();
  };

  return {
    url: gateway.url,
    ports: {
      items: new DynamoItemStore({ client: tableClient, table: TABLE }),
      documents: new S3DocumentStore({
        client: s3Client,
        uploadsBucket: BUCKETS.uploads,
        archiveBucket: BUCKETS.archive,
        lockMode: 'GOVERNANCE',
        clock: new SystemClock(),
        sign: { form: createPresignedPost, link: getSignedUrl },
      }),
      workflow: new StepFunctionsWorkflow({ client: sfnClient, stateMachineArn: MACHINE }),
      vault: new KmsVault({
        client: kms.client,
        sealKey: keyArn('seal'),
        indexKey: keyArn('index'),
        signingKey: keyArn('signing'),
      }),
    },
    engine,
    s3,
    get today() {
      return beijingDate(clock.now());
    },
    token,
    person: async (subject, role, organisation) =>
      new Client(gateway.url, await token(subject, `${subject}（样例）`, role, organisation)),
    anyone: () => new Client(gateway.url),
    invoke,
    tellAgain: (key) => told(BUCKETS.uploads, key, new Uint8Array()),
    holdStream: (hold) => {
      held = hold;
    },
    schedule: async () => {
      for (const name of FUNCTION_NAMES) {
        const { kind } = FUNCTIONS[name].trigger;
        if (kind === 'outbox' || kind === 'schedule') await invoke(name, scheduled());
      }
    },
    rows: async () => {
      const rows: string[] = [];
      for await (const page of paginateScan({ client: tableClient }, { TableName: TABLE })) {
        rows.push(...(page.Items ?? []).map((item) => JSON.stringify(item)));
      }
      return rows;
    },
    willAnswer: (requestId) => !['silent', 'late'].includes(scenarios.get(requestId) ?? 'silent'),
    release: () => {
      simulator.release();
      for (const [id, scenario] of scenarios) if (scenario === 'late') scenarios.set(id, 'clean');
    },
    advanceTo,
    advanceDays: (days) => advanceTo(clock.now() + days * 86_400_000),
    settle,
    usage: () => ({
      invocations: functions.invocations,
      gatewayRequests: gateway.requests,
      table: { ...table.capacity },
      s3: countBy(s3.requests, ({ method, path, query }) =>
        method === 'GET' && (query.has('list-type') || path.split('/').length === 2) ? 'LIST' : method,
      ),
      kms: countBy(kms.requests, ({ operation }) => operation),
      messages: sns.requests.length,
      secretReads: secrets.reads,
      objectEvents,
      transitions: transitionsOf(database),
    }),
    log: functions.log,
    get lost() {
      return [...lost, ...outbox.failed];
    },
    close: async () => {
      await gateway.stop();
      await simulator.close();
      await engine.close();
      for (const close of closing.reverse()) await close();
      database.close();
    },
  };
}

const countBy = <T>(list: readonly T[], keyOf: (one: T) => string): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(list, keyOf)].map(([key, ofKey]) => [key, ofKey.length]));

/** As Step Functions bills a Standard workflow: each state that is entered, and each retry. */
const transitionsOf = (database: Database): number => {
  const count = (where: string): number =>
    z
      .object({ count: z.number() })
      .parse(database.prepare(`SELECT COUNT(*) AS count FROM workflow_history WHERE ${where}`).get()).count;
  const entered = count("type LIKE '%StateEntered'");
  const retried = count("type = 'TaskScheduled'") - count("type = 'TaskStateEntered'");
  return entered + retried;
};
