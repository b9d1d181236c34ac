/**
 * A function's rights in the manifest, as statements of its role. Every action is written out: the grants of the
 * CDK's constructs come with wildcards and would change roles from afar.
 */
import { Fn, type Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { FunctionDeclaration, Rights } from '#functions/manifest.ts';
import { INDEXES } from '#functions/shared/ports.ts';
import { failureQueueArn, stateMachineArns } from './names.ts';
import type { Parameters } from './parameters.ts';
import type { DataStack } from './stacks/data.ts';

/** The bucket keeps versions: without the second, what is removed would stay under its version. */
const REMOVAL = ['s3:DeleteObject', 's3:DeleteObjectVersion'];

type Place = { readonly stack: Stack; readonly parameters: Parameters; readonly data: DataStack };

const allow = (actions: string[], resources: string[], conditions: Record<string, unknown> = {}) =>
  new PolicyStatement({ actions, resources, conditions });

/** What the role of a function may do, its logs apart. */
export function statementsFor(declaration: FunctionDeclaration, place: Place): PolicyStatement[] {
  const { rights } = declaration;
  return [
    ...table(rights, place),
    ...documents(rights, place),
    ...vault(rights, place),
    ...workflow(rights, place),
    ...egress(declaration, place),
    ...mail(rights, place),
    ...trigger(declaration, place),
  ];
}

/** Use of the storage key by way of one service only. */
function storageKey({ stack, data }: Place, service: string, actions: string[]): PolicyStatement {
  const viaService = Fn.join('.', [service, stack.region, stack.urlSuffix]);
  return allow(actions, [data.storageKey.keyArn], { StringEquals: { 'kms:ViaService': viaService } });
}

/** A transaction needs the right to each of its operations; there is none to transactions as such. */
function table({ table }: Rights, place: Place): PolicyStatement[] {
  if (!table) return [];
  const { tableArn } = place.data.table;
  const indexArns = INDEXES.map((index) => `${tableArn}/index/${index}`);
  return [
    allow(['dynamodb:Query'], [tableArn, ...indexArns]),
    allow(['dynamodb:GetItem'], [tableArn]),
    storageKey(place, 'dynamodb', ['kms:Decrypt', 'kms:DescribeKey']),
    ...(table === 'write'
      ? [
          allow(
            ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem', 'dynamodb:ConditionCheckItem'],
            [tableArn],
          ),
          storageKey(place, 'dynamodb', ['kms:Encrypt', 'kms:GenerateDataKey']),
        ]
      : []),
  ];
}

/**
 * `s3:ListBucket` also decides whether a document that is not there is "missing" (404) or "forbidden" (403), so
 * whoever reads has it.
 */
function documents({ uploads = [], archive = [] }: Rights, place: Place): PolicyStatement[] {
  const { data } = place;
  const uploadKeys = data.uploads.arnForObjects('uploads/*');
  const archiveKeys = data.archive.arnForObjects('archive/*');
  const reads = uploads.includes('read') || archive.includes('read');
  const writes = uploads.includes('issue') || uploads.includes('replace') || archive.includes('write');
  return [
    // A presigned form carries the rights of who signed it.
    ...(uploads.includes('issue') ? [allow(['s3:PutObject'], [uploadKeys])] : []),
    ...(uploads.includes('replace') ? [allow(['s3:PutObject', ...REMOVAL], [uploadKeys])] : []),
    ...(uploads.includes('remove') ? [allow(REMOVAL, [uploadKeys])] : []),
    ...(uploads.includes('read')
      ? [allow(['s3:GetObject'], [uploadKeys]), allow(['s3:ListBucket'], [data.uploads.bucketArn])]
      : []),
    ...(archive.includes('read')
      ? [
          allow(['s3:GetObject', 's3:GetObjectLegalHold', 's3:GetObjectRetention'], [archiveKeys]),
          allow(['s3:ListBucket'], [data.archive.bucketArn]),
        ]
      : []),
    ...(archive.includes('write') ? [allow(['s3:PutObject', 's3:PutObjectLegalHold'], [archiveKeys])] : []),
    ...(archive.includes('retain') ? [allow(['s3:PutObjectRetention'], [archiveKeys])] : []),
    ...(reads ? [storageKey(place, 's3', ['kms:Decrypt'])] : []),
    ...(writes ? [storageKey(place, 's3', ['kms:GenerateDataKey'])] : []),
  ];
}

/** Sealing takes a data key of KMS's making; the text itself KMS never sees. */
function vault({ vault = [] }: Rights, { data }: Place): PolicyStatement[] {
  return [
    ...(vault.includes('protect')
      ? [
          allow(['kms:GenerateDataKey'], [data.sealKey.keyArn]),
          allow(['kms:GenerateMac'], [data.indexKey.keyArn]),
        ]
      : []),
    ...(vault.includes('open') ? [allow(['kms:Decrypt'], [data.sealKey.keyArn])] : []),
    ...(vault.includes('sign') ? [allow(['kms:Sign', 'kms:GetPublicKey'], [data.signingKey.keyArn])] : []),
  ];
}

/** To start is also to look at what runs under the name already. */
function workflow({ workflow = [] }: Rights, { stack, parameters }: Place): PolicyStatement[] {
  const { machine, alias, executions } = stateMachineArns(stack, parameters);
  return [
    ...(workflow.includes('start')
      ? [
          allow(['states:StartExecution'], [machine, alias]),
          allow(['states:DescribeExecution'], [executions]),
        ]
      : []),
    ...(workflow.includes('stop') ? [allow(['states:StopExecution'], [executions])] : []),
    ...(workflow.includes('answer')
      ? [
          // A task token names its execution itself; the sources disagree on whether a resource could be named.
          allow(['states:SendTaskSuccess', 'states:SendTaskFailure', 'states:SendTaskHeartbeat'], ['*']),
        ]
      : []),
  ];
}

function egress({ trigger, rights: { egress = [] } }: FunctionDeclaration, place: Place): PolicyStatement[] {
  const { data } = place;
  const verifies = trigger.kind === 'routes' && trigger.routes.some((route) => route.access === 'signature');
  return [
    ...(verifies || egress.includes('centre')
      ? [allow(['secretsmanager:GetSecretValue'], [data.centreSecret.secretArn])]
      : []),
    ...(egress.includes('notifier')
      ? [
          allow(['sns:Publish'], [data.messages.topicArn]),
          storageKey(place, 'sns', ['kms:Decrypt', 'kms:GenerateDataKey']),
        ]
      : []),
  ];
}

/** Where there is a mail server: user and password there, and the addresses of people, which stand sealed. */
function mail({ egress = [] }: Rights, { data }: Place): PolicyStatement[] {
  if (data.mailSecret === undefined || !egress.includes('mail')) return [];
  return [
    allow(['secretsmanager:GetSecretValue'], [data.mailSecret.secretArn]),
    allow(['kms:Decrypt'], [data.sealKey.keyArn]),
  ];
}

/** What Lambda does in the function's name: read the stream, put aside what failed. */
function trigger({ trigger }: FunctionDeclaration, place: Place): PolicyStatement[] {
  const { stack, parameters, data } = place;
  switch (trigger.kind) {
    case 'objectCreated':
      return [allow(['sqs:SendMessage'], [failureQueueArn(stack, parameters, 'document-failures')])];
    case 'outbox':
      return [
        allow(['sqs:SendMessage'], [failureQueueArn(stack, parameters, 'relay-failures')]),
        allow(
          ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
          [data.tableStreamArn],
        ),
        // It lists the streams of all tables: there is no resource to name.
        allow(['dynamodb:ListStreams'], ['*']),
      ];
    case 'schedule':
      return [allow(['sqs:SendMessage'], [failureQueueArn(stack, parameters, 'schedule-failures')])];
    case 'workflow':
    case 'routes':
      return [];
  }
}
