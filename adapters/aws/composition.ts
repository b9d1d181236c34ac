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
import * as z from 'zod';
import { centreBreaker, HttpCrossCheckCentre } from '#adapters/http/centre.ts';
import { ClamdScanner, noScanner, parseClamdAddress } from '#adapters/shared/clamd.ts';
import { RandomIds } from '#adapters/shared/ids.ts';
import { DEFAULT_CROSS_CHECK_POLICY } from '#domain/filing/cross-check.ts';
import { organisationTreeSchema } from '#domain/filing/organisations.ts';
import type { CasePorts } from '#functions/shared/case-store.ts';
import { AppError } from '#functions/shared/errors.ts';
import { localStandards } from '#functions/shared/local-standards.ts';
import { OrganisationStore } from '#functions/shared/organisation-store.ts';
import { PERSONAL_DATA } from '#functions/shared/personal-data-settings.ts';
import type {
  Accounts,
  CrossCheckCentre,
  DocumentInventory,
  DocumentStore,
  ItemInventory,
  ItemStore,
  Notifier,
  Ports,
  Scanner,
  Vault,
  Workflow,
} from '#functions/shared/ports.ts';
import {
  DEFAULT_WAITING_TIMES,
  OPENING_LIMITS,
  type Settings,
  UPLOAD_LIMITS,
} from '#functions/shared/settings.ts';
import { type KeyRing, parseKeyRing } from '#functions/shared/signature-keys.ts';
import parametersDocument from '#parameters/example-2018.json' with { type: 'json' };
import organisationsDocument from '#parameters/organisations.json' with { type: 'json' };
import { CLIENT } from './client.ts';
import { clock } from './clock.ts';
import type {
  CENTRE,
  CENTRE_KEYS,
  Configured,
  DOCUMENTS,
  NOTIFIER,
  SCANNER,
  SETTINGS,
  TABLE,
  VAULT,
  WORKFLOW,
} from './configuration.ts';
import { S3DocumentStore, type S3Signers } from './documents.ts';
import { DynamoItemInventory, S3DocumentInventory } from './inventory.ts';
import { DynamoItemStore } from './items.ts';
import { EmfMetrics } from './metrics.ts';
import { SnsNotifier } from './notifier.ts';
import { KmsVault } from './vault.ts';
import { StepFunctionsWorkflow } from './workflow.ts';

/** A function that is called all the time lives for hours; a new key of the centre is known to it this soon. */
const KEY_RING_MS = 5 * 60_000;

export const itemStore = ({ TABLE_NAME }: Configured<typeof TABLE>): ItemStore =>
  new DynamoItemStore({ client: new DynamoDBClient(CLIENT), table: TABLE_NAME });

/** What nearly every function works on. */
export const casePorts = (configured: Configured<typeof TABLE>): CasePorts => ({
  items: itemStore(configured),
  clock,
  ids: new RandomIds(clock),
  metrics: new EmfMetrics(),
});

/** A change of the tree is known to all functions this soon. */
const TREE_MS = 5_000;

/** The tree of unions; the shipped one until one is imported. */
const organisations = (items: ItemStore): OrganisationStore =>
  new OrganisationStore({
    items,
    seed: organisationTreeSchema.parse(organisationsDocument),
    wall: Date.now,
    freshMs: TREE_MS,
  });

/** `casePorts` with the tree. */
export const treePorts = (configured: Configured<typeof TABLE>): CasePorts & Pick<Ports, 'organisations'> => {
  const ports = casePorts(configured);
  return { ...ports, organisations: organisations(ports.items) };
};

const signsNothing = (): Promise<never> =>
  Promise.reject(new Error('this function issues neither forms nor links'));

/** The documents; a function that issues forms or links says by what they are signed, so that no other bundles it. */
export const documentStore = (
  configured: Configured<typeof DOCUMENTS>,
  sign: Partial<S3Signers> = {},
): DocumentStore =>
  new S3DocumentStore({
    client: new S3Client(CLIENT),
    uploadsBucket: configured.UPLOADS_BUCKET,
    archiveBucket: configured.ARCHIVE_BUCKET,
    lockMode: configured.ARCHIVE_LOCK_MODE,
    clock,
    sign: { form: signsNothing, link: signsNothing, ...sign },
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

const elsewhere = (): Promise<never> =>
  Promise.reject(
    new AppError('accounts-elsewhere', 409, '密码和二次验证由统一身份认证系统管理，请到该系统办理。'),
  );

/** Accounts are the identity provider's; only posts are kept here. Its sessions end by its own hand. */
export const accountsElsewhere: Accounts = {
  provide: async (account) => ({ subject: account, operations: [], link: null }),
  reset: elsewhere,
  signOut: async () => {},
};

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
  const ids = new RandomIds(clock);
  // Of this environment of Lambda alone; `docs/decisions/cross-check.md`.
  const breaker = centreBreaker();
  return {
    request: async (request) => {
      const { signing: key } = await keys();
      await new HttpCrossCheckCentre({ url: configured.CENTRE_URL, key, clock, ids, breaker }).request(
        request,
      );
    },
  };
};

export const malwareScanner = ({ CLAMD_ADDRESS }: Configured<typeof SCANNER>): Scanner => {
  if (CLAMD_ADDRESS === undefined || CLAMD_ADDRESS === '') return noScanner;
  const address = parseClamdAddress(CLAMD_ADDRESS);
  if (address === undefined) throw new Error('CLAMD_ADDRESS is not host:port');
  return new ClamdScanner(address);
};

/** The settings of a function that takes no callbacks: it trusts no key of the centre. */
export const settings = ({ API_URL, ROLES_FROM }: Configured<typeof SETTINGS>): Settings => ({
  ...PERSONAL_DATA,
  parameters: localStandards(parametersDocument, 'parameters/example-2018.json'),
  waitingTimes: DEFAULT_WAITING_TIMES,
  stampedOpinions: false,
  rolesFrom: ROLES_FROM,
  crossCheck: {
    policy: DEFAULT_CROSS_CHECK_POLICY,
    callbackBase: API_URL.replace(/\/+$/, ''),
    authority: new URL(API_URL).host,
    centreKeys: [],
  },
  upload: UPLOAD_LIMITS,
  openings: OPENING_LIMITS,
});
