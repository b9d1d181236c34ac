/**
 * The cloud edition, put together: which adapter stands behind which port. Each port is a function of its own, so
 * that the bundle of a function holds the clients that it uses and no other. They are called when a handler's module is
 * loaded, once for all its calls.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SNSClient } from '@aws-sdk/client-sns';
import { z } from 'zod';
import { SystemClock } from '#adapters/embedded/clock.ts';
import { RandomIds } from '#adapters/embedded/ids.ts';
import { HttpCrossCheckCentre } from '#adapters/http/centre.ts';
import { OrganisationTree, organisationTreeSchema } from '#domain/filing/organisations.ts';
import type { CasePorts } from '#functions/shared/case-store.ts';
import { localStandards } from '#functions/shared/local-standards.ts';
import type {
  CrossCheckCentre,
  DocumentInventory,
  DocumentStore,
  ItemInventory,
  ItemStore,
  Notifier,
  Vault,
  Workflow,
} from '#functions/shared/ports.ts';
import { DEFAULT_WAITING_TIMES, type Settings, UPLOAD_LIMITS } from '#functions/shared/settings.ts';
import { type KeyRing, parseKeyRing } from '#functions/shared/signature-keys.ts';
import parametersDocument from '#parameters/example-2018.json' with { type: 'json' };
import organisationsDocument from '#parameters/organisations.json' with { type: 'json' };
import type {
  CENTRE,
  CENTRE_KEYS,
  Configured,
  DOCUMENTS,
  NOTIFIER,
  SETTINGS,
  TABLE,
  VAULT,
  WORKFLOW,
} from './configuration.ts';
import { S3DocumentStore } from './documents.ts';
import { DynamoItemInventory, S3DocumentInventory } from './inventory.ts';
import { DynamoItemStore } from './items.ts';
import { SnsNotifier } from './notifier.ts';
import { KmsVault } from './vault.ts';
import { StepFunctionsWorkflow } from './workflow.ts';

/**
 * A connection that isn't there after a second is tried anew, as is one on which nothing has moved for four: without
 * limits one lost packet takes all of the ten seconds that an API function has. Region and credentials are Lambda's.
 */
const CLIENT = { requestHandler: { connectionTimeout: 1_000, socketTimeout: 4_000 } };

/** A function that is called all the time lives for hours; a new key of the centre is known to it this soon. */
const KEY_RING_MS = 5 * 60_000;

export const itemStore = ({ TABLE_NAME }: Configured<typeof TABLE>): ItemStore =>
  new DynamoItemStore({ client: new DynamoDBClient(CLIENT), table: TABLE_NAME });

/** What nearly every function works on. Case time is wall time. */
export const casePorts = (configured: Configured<typeof TABLE>): CasePorts => {
  const clock = new SystemClock();
  return { items: itemStore(configured), clock, ids: new RandomIds(clock) };
};

export const documentStore = (configured: Configured<typeof DOCUMENTS>): DocumentStore =>
  new S3DocumentStore({
    client: new S3Client(CLIENT),
    uploadsBucket: configured.UPLOADS_BUCKET,
    archiveBucket: configured.ARCHIVE_BUCKET,
    lockMode: configured.ARCHIVE_LOCK_MODE,
    clock: new SystemClock(),
  });

/** All that the table and the buckets hold, for who moves it to another edition; no function has the right to it. */
export const inventories = (
  configured: Configured<typeof TABLE & typeof DOCUMENTS>,
): { readonly items: ItemInventory; readonly documents: DocumentInventory } => ({
  items: new DynamoItemInventory({ client: new DynamoDBClient(CLIENT), table: configured.TABLE_NAME }),
  documents: new S3DocumentInventory({
    client: new S3Client(CLIENT),
    uploadsBucket: configured.UPLOADS_BUCKET,
    archiveBucket: configured.ARCHIVE_BUCKET,
  }),
});

export const stateMachine = ({ STATE_MACHINE_ARN }: Configured<typeof WORKFLOW>): Workflow =>
  new StepFunctionsWorkflow({ client: new SFNClient(CLIENT), stateMachineArn: STATE_MACHINE_ARN });

export const keyVault = (configured: Configured<typeof VAULT>): Vault =>
  new KmsVault({
    client: new KMSClient(CLIENT),
    sealKey: configured.SEAL_KEY_ARN,
    indexKey: configured.INDEX_KEY_ARN,
    signingKey: configured.SIGNING_KEY_ARN,
  });

export const messages = ({ MESSAGES_TOPIC_ARN }: Configured<typeof NOTIFIER>): Notifier =>
  new SnsNotifier({ client: new SNSClient(CLIENT), topicArn: MESSAGES_TOPIC_ARN });

/** The keys of the exchange with the centre, read anew after five minutes. A failure is not remembered. */
export const centreKeys = ({
  CENTRE_SECRET_ARN,
}: Configured<typeof CENTRE_KEYS>): (() => Promise<KeyRing>) => {
  const client = new SecretsManagerClient(CLIENT);
  let known: { readonly ring: KeyRing; readonly until: number } | undefined;
  return async () => {
    if (known !== undefined && Date.now() < known.until) return known.ring;
    const answer = await client.send(new GetSecretValueCommand({ SecretId: CENTRE_SECRET_ARN }));
    const ring = parseKeyRing(z.string().parse(answer.SecretString));
    known = { ring, until: Date.now() + KEY_RING_MS };
    return ring;
  };
};

export const crossCheckCentre = (configured: Configured<typeof CENTRE>): CrossCheckCentre => {
  const keys = centreKeys(configured);
  const clock = new SystemClock();
  const ids = new RandomIds(clock);
  return {
    request: async (request) => {
      const { signing: key } = await keys();
      await new HttpCrossCheckCentre({ url: configured.CENTRE_URL, key, clock, ids }).request(request);
    },
  };
};

/** The settings of a function that takes no callbacks: it trusts no key of the centre. */
export const settings = ({ API_URL }: Configured<typeof SETTINGS>): Settings => ({
  parameters: localStandards(parametersDocument, 'parameters/example-2018.json'),
  waitingTimes: DEFAULT_WAITING_TIMES,
  organisations: new OrganisationTree(organisationTreeSchema.parse(organisationsDocument)),
  crossCheck: {
    callbackBase: API_URL.replace(/\/+$/, ''),
    authority: new URL(API_URL).host,
    centreKeys: [],
  },
  upload: UPLOAD_LIMITS,
});
