/** What must not be lost: the table, the documents, the keys, the centre's credentials. All of it is retained. */
import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { AttributeType, BillingMode, StreamViewType, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { AnyPrincipal, Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  CfnBucket,
  HttpMethods,
  ObjectLockRetention,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { TIME_TO_LIVE } from '#adapters/aws/table.ts';
import { INDEXES } from '#functions/shared/ports.ts';
import { KEEP, nameOf } from '../names.ts';
import type { Parameters } from '../parameters.ts';

export class DataStack extends Stack {
  /** Encrypts what is stored. */
  readonly storageKey: Key;
  /** Seals personal fields. */
  readonly sealKey: Key;
  /** The keyed hash of the blind index. It cannot be rotated: every index made with it would be void. */
  readonly indexKey: Key;
  /** Signs manifests and daily audit heads. */
  readonly signingKey: Key;
  readonly table: Table;
  /** Of the table's changes, keys only: sealed data stays out of events and of queues of failures. */
  readonly tableStreamArn: string;
  readonly uploads: Bucket;
  readonly archive: Bucket;
  /** The keys of the exchange with the centre; its value is set by hand after the first deployment. */
  readonly centreSecret: Secret;
  /** User and password at the mail server, where there is one; set by hand as the centre's. */
  readonly mailSecret: Secret | undefined;
  /** Messages to people; the union's message service subscribes. */
  readonly messages: Topic;

  constructor(scope: Construct, id: string, parameters: Parameters, props: StackProps) {
    super(scope, id, props);
    const retained = { removalPolicy: KEEP };

    const key = (part: string, description: string, spec: KeySpec, usage: KeyUsage) =>
      new Key(this, part, {
        ...retained,
        alias: nameOf(parameters, part),
        description,
        keySpec: spec,
        keyUsage: usage,
        enableKeyRotation: spec === KeySpec.SYMMETRIC_DEFAULT,
      });
    const symmetric = [KeySpec.SYMMETRIC_DEFAULT, KeyUsage.ENCRYPT_DECRYPT] as const;
    this.storageKey = key('storage', 'Table, documents, messages', ...symmetric);
    this.sealKey = key('seal', 'Personal fields', ...symmetric);
    this.indexKey = key('index', 'Blind index', KeySpec.HMAC_256, KeyUsage.GENERATE_VERIFY_MAC);
    this.signingKey = key(
      'signing',
      'Manifests, audit heads',
      KeySpec.ECC_NIST_EDWARDS25519,
      KeyUsage.SIGN_VERIFY,
    );

    this.table = new Table(this, 'Table', {
      ...retained,
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: this.storageKey,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: parameters.deletionProtection,
      stream: StreamViewType.KEYS_ONLY,
      timeToLiveAttribute: TIME_TO_LIVE,
    });
    for (const index of INDEXES) {
      this.table.addGlobalSecondaryIndex({
        indexName: index,
        partitionKey: { name: `${index}pk`, type: AttributeType.STRING },
        sortKey: { name: `${index}sk`, type: AttributeType.STRING },
      });
    }
    if (!this.table.tableStreamArn) throw new Error('the table has no stream');
    this.tableStreamArn = this.table.tableStreamArn;

    const documents = {
      ...retained,
      versioned: true,
      encryption: BucketEncryption.KMS,
      encryptionKey: this.storageKey,
      bucketKeyEnabled: true,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    } satisfies BucketProps;
    // Who read or wrote which document, whether by a function or by hand. S3 writes these logs with its own key only.
    const accesses = new Bucket(this, 'Accesses', {
      ...retained,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      lifecycleRules: [{ id: 'old', expiration: Duration.days(parameters.logDays) }],
    });
    const abandoned = { id: 'abandoned', abortIncompleteMultipartUploadAfter: Duration.days(1) };
    this.uploads = new Bucket(this, 'Uploads', {
      ...documents,
      lifecycleRules: [
        abandoned,
        { id: 'replaced', noncurrentVersionExpiration: Duration.days(parameters.replacedUploadDays) },
      ],
      cors: [
        {
          allowedOrigins: [...parameters.allowedOrigins],
          allowedMethods: [HttpMethods.POST],
          allowedHeaders: ['*'],
          maxAge: 3600,
        },
      ],
    });
    notifyEventBridge(this.uploads);

    const { lockMode, lockDays } = parameters.archive;
    const days = Duration.days(lockDays);
    this.archive = new Bucket(this, 'Archive', {
      ...documents,
      lifecycleRules: [abandoned],
      objectLockEnabled: true,
      objectLockDefaultRetention:
        lockMode === 'COMPLIANCE'
          ? ObjectLockRetention.compliance(days)
          : ObjectLockRetention.governance(days),
    });
    for (const bucket of [this.uploads, this.archive]) {
      refuseOtherSeals(bucket);
      logAccesses(bucket, accesses);
    }

    this.centreSecret = new Secret(this, 'Centre', {
      ...retained,
      description: 'The keys of the exchange with the cross-check centre',
    });
    this.mailSecret =
      parameters.mail === null
        ? undefined
        : new Secret(this, 'Mail', { ...retained, description: 'User and password at the mail server' });
    this.messages = new Topic(this, 'Messages', { masterKey: this.storageKey, enforceSSL: true });
    // For whoever sets the secret and subscribes the message service.
    new CfnOutput(this, 'CentreSecretArn', { value: this.centreSecret.secretArn });
    if (this.mailSecret !== undefined) {
      new CfnOutput(this, 'MailSecretArn', { value: this.mailSecret.secretArn });
    }
    new CfnOutput(this, 'MessagesTopicArn', { value: this.messages.topicArn });
  }
}

/**
 * As a property of the bucket. The construct's own switch would add a function whose role may change the
 * notifications of every bucket of the account.
 */
function notifyEventBridge(bucket: Bucket): void {
  resourceOf(bucket).notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
}

/** Headers by which an upload would choose how it is sealed. */
const SEAL_HEADERS = [
  's3:x-amz-server-side-encryption',
  's3:x-amz-server-side-encryption-aws-kms-key-id',
  's3:x-amz-server-side-encryption-customer-algorithm',
] as const;

/**
 * What doesn't say how it is to be sealed is sealed with the bucket's own key, posted forms as well. To say anything else
 * is refused: even `aws:kms` without a key id would mean a key of Amazon's.
 */
function refuseOtherSeals(bucket: Bucket): void {
  for (const header of SEAL_HEADERS) {
    bucket.addToResourcePolicy(
      new PolicyStatement({
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['s3:PutObject'],
        resources: [bucket.arnForObjects('*')],
        conditions: { Null: { [header]: 'false' } },
      }),
    );
  }
}

/**
 * As a property of the bucket, and a right of S3's by policy. The construct's own way grants by access control lists, which
 * the buckets don't have, or asks for a flag of the application that its tests would have to repeat.
 */
function logAccesses(bucket: Bucket, accesses: Bucket): void {
  const prefix = `${bucket.node.id.toLowerCase()}/`;
  resourceOf(bucket).loggingConfiguration = {
    destinationBucketName: accesses.bucketName,
    logFilePrefix: prefix,
  };
  accesses.addToResourcePolicy(
    new PolicyStatement({
      actions: ['s3:PutObject'],
      principals: [new ServicePrincipal('logging.s3.amazonaws.com')],
      resources: [accesses.arnForObjects(`${prefix}*`)],
      conditions: {
        ArnLike: { 'aws:SourceArn': bucket.bucketArn },
        StringEquals: { 'aws:SourceAccount': bucket.stack.account },
      },
    }),
  );
}

function resourceOf(bucket: Bucket): CfnBucket {
  const resource = bucket.node.defaultChild;
  if (!(resource instanceof CfnBucket)) throw new Error('not a bucket');
  return resource;
}
