import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import {
  FUNCTION_NAMES,
  FUNCTIONS,
  type FunctionDeclaration,
  type FunctionName,
} from '#functions/manifest.ts';
import { placeholder } from '#statemachines/substitutions.ts';
import {
  DEFINITION,
  line,
  type Resource,
  rightsOf,
  type Statement,
  statementsOf,
  Templates,
} from './templates.ts';

const ENVIRONMENTS = {
  dev: { templates: new Templates('dev'), region: 'ap-southeast-1' },
  prod: { templates: new Templates('prod'), region: 'ap-southeast-1' },
  china: { templates: new Templates('china'), region: 'cn-north-1' },
};

/**
 * The services of both Chinese regions that the templates may use, by their name in CloudFormation. Source: the
 * regional product table of Amazon Web Services China,
 * https://www.amazonaws.cn/en/about-aws/regional-product-services/ (Beijing and Ningxia).
 */
const SERVED_IN_CHINA: ReadonlySet<string> = new Set([
  'ApiGatewayV2',
  'CloudWatch',
  'DynamoDB',
  'Events',
  'IAM',
  'KMS',
  'Lambda',
  'Logs',
  'S3',
  'SNS',
  'SQS',
  'SecretsManager',
  'StepFunctions',
]);

/**
 * What those services lack there, by how a template would write it. Source: the feature differences of each service in
 * https://docs.amazonaws.cn/en_us/aws/latest/userguide/services.html: no Cognito user pools, no function URLs, no tracing
 * of functions, no HTTP task of Step Functions.
 */
const NOT_SERVED_IN_CHINA =
  /AWS::Cognito|AWS::XRay|AWS::CloudFront|AWS::Lambda::Url|TracingConfig|states:::http:invoke/;

const declared = (name: FunctionName): FunctionDeclaration => FUNCTIONS[name];
const strings = z.record(z.string(), z.string());

describe.each(Object.entries(ENVIRONMENTS))('%s', (environment, { templates, region }) => {
  const prefix = `hardship-filing-${environment}`;
  const live = (name: string) =>
    `arn:<AWS::Partition>:lambda:${region}:<AWS::AccountId>:function:${prefix}-${name}:live`;
  const lambdaOf = (name: FunctionName): Resource => {
    const found = templates
      .of('functions', 'AWS::Lambda::Function')
      .find(([, { Properties }]) => Properties.FunctionName === `${prefix}-${name}`);
    if (!found) throw new Error(`no function ${name}`);
    return found[1];
  };
  const roleOf = (name: FunctionName): Resource => {
    const id = line(lambdaOf(name).Properties.Role).replace(/^<(.+)\.Arn>$/, '$1');
    const role = templates.all.functions.Resources[id];
    if (!role) throw new Error(`no role ${id}`);
    return role;
  };

  describe('functions', () => {
    it('are those of the manifest and no other, not even a helper of the CDK', () => {
      const names = templates
        .everything()
        .filter(({ Type }) => Type === 'AWS::Lambda::Function')
        .map(({ Properties }) => Properties.FunctionName);
      expect(names.sort()).toEqual(FUNCTION_NAMES.map((name) => `${prefix}-${name}`).sort());
      expect(templates.everything().filter(({ Type }) => Type.startsWith('Custom::'))).toEqual([]);
    });

    it.each(FUNCTION_NAMES)('%s has its size, role, log group and live alias', (name) => {
      const { Properties } = lambdaOf(name);
      expect(Properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Architectures: [environment === 'china' ? 'x86_64' : 'arm64'],
        MemorySize: declared(name).memoryMb,
        Timeout: declared(name).timeoutSeconds,
        LoggingConfig: { LogFormat: 'JSON' },
      });
      const groupId = line(z.object({ LogGroup: z.unknown() }).parse(Properties.LoggingConfig).LogGroup);
      expect(templates.all.functions.Resources[groupId.slice(1, -1)]).toMatchObject({
        Type: 'AWS::Logs::LogGroup',
        Properties: {
          LogGroupName: `/aws/lambda/${prefix}-${name}`,
          RetentionInDays: 365,
        },
      });
      const aliases = templates
        .of('functions', 'AWS::Lambda::Alias')
        .filter(
          ([, alias]) =>
            templates.all.functions.Resources[line(alias.Properties.FunctionName).slice(1, -1)] ===
            lambdaOf(name),
        );
      expect(aliases.map(([, alias]) => alias.Properties.Name)).toEqual(['live']);
    });

    it('each have their own code', () => {
      for (const [id, { Properties }] of templates.of('functions', 'AWS::Lambda::Function'))
        expect(`${prefix}-${templates.code.get(id)}`).toBe(Properties.FunctionName);
    });

    it('share no role', () => {
      expect(new Set(FUNCTION_NAMES.map((name) => line(lambdaOf(name).Properties.Role))).size).toBe(
        FUNCTION_NAMES.length,
      );
    });

    it('know where things are', () => {
      const { Variables } = z
        .object({ Variables: z.record(z.string(), z.unknown()) })
        .parse(lambdaOf('archive-file').Properties.Environment);
      expect(Object.keys(Variables).sort()).toEqual([
        'API_URL',
        'ARCHIVE_BUCKET',
        'ARCHIVE_LOCK_MODE',
        'CENTRE_SECRET_ARN',
        'CENTRE_URL',
        'CLAMD_ADDRESS',
        'INDEX_KEY_ARN',
        'MAIL_FROM',
        'MAIL_SECRET_ARN',
        'MAIL_SERVER',
        'MESSAGES_TOPIC_ARN',
        'NAME_CLAIM',
        'ORGANISATION_CLAIM',
        'ROLES_CLAIM',
        'ROLES_FROM',
        'SEAL_KEY_ARN',
        'SIGNING_KEY_ARN',
        'STATE_MACHINE_ARN',
        'TABLE_NAME',
        'UPLOADS_BUCKET',
      ]);
      expect(Variables.ARCHIVE_LOCK_MODE).toBe(environment === 'dev' ? 'GOVERNANCE' : 'COMPLIANCE');
      expect(line(Variables.STATE_MACHINE_ARN)).toBe(
        `arn:<AWS::Partition>:states:${region}:<AWS::AccountId>:stateMachine:${prefix}-filing:live`,
      );
    });
  });

  describe('rights', () => {
    const actionsOf = (name: FunctionName) => rightsOf(roleOf(name)).flatMap(({ Action }) => Action);
    const having = (action: string) => FUNCTION_NAMES.filter((name) => actionsOf(name).includes(action));
    const allowed = (name: FunctionName, action: string) =>
      rightsOf(roleOf(name))
        .filter(({ Action }) => Action.includes(action))
        .flatMap(({ Resource = [] }) => Resource);

    it('stand in the role itself', () => {
      const types = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy', 'AWS::IAM::RolePolicy'];
      expect(templates.everything().filter(({ Type }) => types.includes(Type))).toEqual([]);
    });

    it('of a function without any are to write its log', () => {
      expect(rightsOf(roleOf('try-assessment'))).toEqual([
        {
          Effect: 'Allow',
          Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
          Resource: [
            `arn:<AWS::Partition>:logs:${region}:<AWS::AccountId>:log-group:/aws/lambda/${prefix}-try-assessment:*`,
          ],
        },
      ]);
    });

    it.each(FUNCTION_NAMES)('%s may use the services that its declaration names and no other', (name) => {
      const { rights, trigger } = declared(name);
      const services = new Set(['logs']);
      if (rights.table) services.add('dynamodb').add('kms');
      if (rights.uploads || rights.archive) services.add('s3').add('kms');
      if (rights.vault) services.add('kms');
      if (rights.workflow) services.add('states');
      if (rights.egress?.includes('centre')) services.add('secretsmanager');
      if (rights.egress?.includes('notifier')) services.add('sns').add('kms');
      if (name === 'take-cross-check') services.add('secretsmanager');
      if (trigger.kind !== 'workflow' && trigger.kind !== 'routes') services.add('sqs');
      expect([...new Set(actionsOf(name).map((action) => action.split(':')[0]))].sort()).toEqual(
        [...services].sort(),
      );
    });

    it('to write the table are not with those who read it', () => {
      const writers = FUNCTION_NAMES.filter((name) => declared(name).rights.table === 'write');
      const readers = FUNCTION_NAMES.filter((name) => declared(name).rights.table);
      expect(having('dynamodb:GetItem')).toEqual(readers);
      expect(having('dynamodb:Query')).toEqual(readers);
      for (const action of ['PutItem', 'UpdateItem', 'DeleteItem', 'ConditionCheckItem'])
        expect(having(`dynamodb:${action}`)).toEqual(writers);
      expect(allowed('read-case', 'dynamodb:Query').map((arn) => arn.replace(/^<.*>/, ''))).toEqual([
        '',
        '/index/gsi1',
        '/index/gsi2',
        '/index/gsi3',
      ]);
    });

    it('to documents are by area and by what is done there', () => {
      expect(having('s3:PutObjectLegalHold')).toEqual(['archive-file']);
      // What is locked in COMPLIANCE stays so: nobody may who doesn't have to.
      expect(having('s3:PutObjectRetention')).toEqual([]);
      expect(having('s3:PutObject')).toEqual(['archive-file', 'receive-document', 'issue-upload']);
      expect(having('s3:DeleteObject')).toEqual(['receive-document', 'dispose-cases']);
      expect(having('s3:DeleteObjectVersion')).toEqual(['receive-document', 'dispose-cases']);
      expect(having('s3:GetObject')).toEqual([
        'archive-file',
        'receive-document',
        'open-paper',
        'open-external',
        'dispose-cases',
      ]);
      expect(allowed('issue-upload', 's3:PutObject')).toEqual([
        expect.stringMatching(/Uploads.*\/uploads\/\*$/),
      ]);
      expect(allowed('archive-file', 's3:PutObject')).toEqual([
        expect.stringMatching(/Archive.*\/archive\/\*$/),
      ]);
      expect(allowed('receive-document', 's3:DeleteObject')).toEqual([
        expect.stringMatching(/Uploads.*\/uploads\/\*$/),
      ]);
      expect(allowed('receive-document', 's3:GetObject')).toEqual([
        expect.stringMatching(/Uploads.*\/uploads\/\*$/),
      ]);
    });

    it('to hold and to lock documents are with those functions that do it', () => {
      const calling = (method: string) =>
        FUNCTION_NAMES.filter((name) => {
          const folder = join(import.meta.dirname, '..', '..', 'functions', name);
          return readdirSync(folder).some((file) =>
            readFileSync(join(folder, file), 'utf8').includes(`.${method}(`),
          );
        });
      expect(having('s3:PutObjectLegalHold')).toEqual(calling('setLegalHold'));
      expect(having('s3:PutObjectRetention')).toEqual(calling('setRetention'));
    });

    it('to open what is sealed, and to sign, are with few', () => {
      const opens = FUNCTION_NAMES.filter((name) =>
        rightsOf(roleOf(name)).some(
          ({ Action, Condition }) => Action.includes('kms:Decrypt') && Condition === undefined,
        ),
      );
      expect(opens).toEqual(['request-cross-check', 'open-field', 'read-own-data', 'export-cross-checks']);
      expect(having('kms:Sign')).toEqual(['archive-file']);
      expect(having('kms:GenerateMac')).toEqual([
        'open-case',
        'manage-people',
        'correct-contact',
        'raise-objection',
      ]);
    });

    it('to the storage key go by way of the service that stores', () => {
      const conditions = rightsOf(roleOf('receive-document'))
        .filter(({ Action }) => Action.some((action) => action.startsWith('kms:')))
        .map(({ Condition }) => line(Condition?.StringEquals?.['kms:ViaService']));
      expect(new Set(conditions)).toEqual(
        new Set([`dynamodb.${region}.<AWS::URLSuffix>`, `s3.${region}.<AWS::URLSuffix>`]),
      );
    });

    it('to the workflow are with the relay alone, which issues no token', () => {
      for (const action of ['StartExecution', 'StopExecution', 'SendTaskSuccess', 'SendTaskHeartbeat'])
        expect(having(`states:${action}`)).toEqual(['relay-outbox']);
      expect(declared('relay-outbox').trigger.kind).not.toBe('workflow');
    });

    it('come without wildcards in actions, the account’s hold on its keys apart', () => {
      const documents = templates.everything().flatMap((resource) => {
        if (resource.Type === 'AWS::IAM::Role') return rightsOf(resource);
        const { PolicyDocument, KeyPolicy } = resource.Properties;
        return [PolicyDocument, KeyPolicy].filter((document) => document !== undefined).flatMap(statementsOf);
      });
      const wild = documents.filter(
        ({ Effect, Action }) => Effect === 'Allow' && Action.some((action) => action.includes('*')),
      );
      const root = {
        AWS: {
          'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::', { Ref: 'AWS::AccountId' }, ':root']],
        },
      };
      expect(wild.length).toBe(4);
      for (const { Action, Principal } of wild)
        expect({ Action, Principal }).toEqual({ Action: ['kms:*'], Principal: root });
    });

    it('name their resources, where there are any to name', () => {
      const everywhere = (statements: Statement[]) =>
        statements.filter(({ Resource }) => Resource?.includes('*')).flatMap(({ Action }) => Action);
      for (const name of FUNCTION_NAMES.filter((name) => name !== 'relay-outbox'))
        expect([name, everywhere(rightsOf(roleOf(name)))]).toEqual([name, []]);
      expect(everywhere(rightsOf(roleOf('relay-outbox')))).toEqual([
        // A task token names no resource.
        'states:SendTaskSuccess',
        'states:SendTaskFailure',
        'states:SendTaskHeartbeat',
        // It lists all streams.
        'dynamodb:ListStreams',
      ]);
      // Log deliveries have no resources.
      const machine = everywhere(rightsOf(templates.one('workflow', 'AWS::IAM::Role')));
      expect(machine.filter((action) => !action.startsWith('logs:'))).toEqual([]);
    });
  });

  describe('data', () => {
    const kept = ['AWS::DynamoDB::Table', 'AWS::S3::Bucket', 'AWS::KMS::Key', 'AWS::SecretsManager::Secret'];
    it.each(kept)('%s outlives its stack', (type) => {
      const resources = templates.of('data', type);
      expect(resources.length).toBeGreaterThan(0);
      for (const [, resource] of resources) {
        expect(resource.DeletionPolicy).toBe('RetainExceptOnCreate');
        expect(resource.UpdateReplacePolicy).toBe('Retain');
      }
    });

    it('has one table, recoverable to the second, whose stream tells keys only', () => {
      const key = (pk: string, sk: string) => [
        { AttributeName: pk, KeyType: 'HASH' },
        { AttributeName: sk, KeyType: 'RANGE' },
      ];
      expect(templates.one('data', 'AWS::DynamoDB::Table').Properties).toMatchObject({
        KeySchema: key('pk', 'sk'),
        GlobalSecondaryIndexes: [
          { IndexName: 'gsi1', KeySchema: key('gsi1pk', 'gsi1sk'), Projection: { ProjectionType: 'ALL' } },
          { IndexName: 'gsi2', KeySchema: key('gsi2pk', 'gsi2sk'), Projection: { ProjectionType: 'ALL' } },
          { IndexName: 'gsi3', KeySchema: key('gsi3pk', 'gsi3sk'), Projection: { ProjectionType: 'ALL' } },
        ],
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        DeletionProtectionEnabled: environment !== 'dev',
        SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
        StreamSpecification: { StreamViewType: 'KEYS_ONLY' },
        TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      });
    });

    it('has two closed, versioned, encrypted buckets, spoken to by TLS only', () => {
      const [accesses, ...others] = templates
        .of('data', 'AWS::S3::Bucket')
        .filter(([id]) => id.startsWith('Accesses'));
      expect(others).toEqual([]);
      const buckets = templates.of('data', 'AWS::S3::Bucket').filter(([id]) => !id.startsWith('Accesses'));
      expect(buckets).toHaveLength(2);
      for (const [id, { Properties }] of buckets) {
        expect(Properties).toMatchObject({
          VersioningConfiguration: { Status: 'Enabled' },
          LoggingConfiguration: { DestinationBucketName: { Ref: accesses?.[0] } },
          PublicAccessBlockConfiguration: {
            BlockPublicAcls: true,
            BlockPublicPolicy: true,
            IgnorePublicAcls: true,
            RestrictPublicBuckets: true,
          },
          BucketEncryption: {
            ServerSideEncryptionConfiguration: [
              { ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' }, BucketKeyEnabled: true },
            ],
          },
        });
        const policy = templates
          .of('data', 'AWS::S3::BucketPolicy')
          .find(([, { Properties }]) => line(Properties.Bucket) === `<${id}>`);
        const denied = statementsOf(policy?.[1].Properties.PolicyDocument);
        expect(denied).toContainEqual(
          expect.objectContaining({
            Effect: 'Deny',
            Action: ['s3:*'],
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          }),
        );
        // Sealed with the bucket's key, the customer's; a request that names any other seal is refused.
        expect(JSON.stringify(Properties.BucketEncryption)).toContain(
          '"KMSMasterKeyID":{"Fn::GetAtt":["storage',
        );
        for (const header of [
          's3:x-amz-server-side-encryption',
          's3:x-amz-server-side-encryption-aws-kms-key-id',
          's3:x-amz-server-side-encryption-customer-algorithm',
        ]) {
          expect(denied).toContainEqual(
            expect.objectContaining({
              Effect: 'Deny',
              Action: ['s3:PutObject'],
              Principal: { AWS: '*' },
              Condition: { Null: { [header]: 'false' } },
            }),
          );
        }
      }
    });

    it('tells of uploads, and locks the archive', () => {
      const [uploads, archive] = ['Uploads', 'Archive'].map(
        (part) => templates.of('data', 'AWS::S3::Bucket').find(([id]) => id.startsWith(part))?.[1].Properties,
      );
      expect(uploads).toMatchObject({
        NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
        CorsConfiguration: { CorsRules: [{ AllowedMethods: ['POST'] }] },
      });
      expect(uploads).not.toHaveProperty('ObjectLockConfiguration');
      expect(archive).toMatchObject({
        ObjectLockEnabled: true,
        ObjectLockConfiguration: {
          Rule: { DefaultRetention: { Mode: environment === 'dev' ? 'GOVERNANCE' : 'COMPLIANCE', Days: 1 } },
        },
      });
      expect(JSON.stringify(archive)).not.toContain('Expiration');
    });
  });

  describe('workflow', () => {
    const machine = () => templates.one('workflow', 'AWS::StepFunctions::StateMachine').Properties;

    it('runs the definition as it is in the file, by version and alias', () => {
      expect(machine()).toMatchObject({
        StateMachineName: `${prefix}-filing`,
        StateMachineType: 'STANDARD',
        DefinitionString: DEFINITION,
      });
      const version = templates.one('workflow', 'AWS::StepFunctions::StateMachineVersion');
      expect([version.DeletionPolicy, version.UpdateReplacePolicy]).toEqual(['Retain', 'Retain']);
      expect(version.Properties).toEqual({
        StateMachineArn: { 'Fn::GetAtt': ['Filing', 'Arn'] },
        StateMachineRevisionId: { 'Fn::GetAtt': ['Filing', 'StateMachineRevisionId'] },
      });
      expect(templates.one('workflow', 'AWS::StepFunctions::StateMachineAlias').Properties).toMatchObject({
        Name: 'live',
        RoutingConfiguration: [{ StateMachineVersionArn: { 'Fn::GetAtt': ['Version', 'Arn'] }, Weight: 100 }],
      });
    });

    it('may invoke each function that the definition names and none other', () => {
      const invoked = rightsOf(templates.one('workflow', 'AWS::IAM::Role'))
        .filter(({ Action }) => Action.includes('lambda:InvokeFunction'))
        .flatMap(({ Resource = [] }) => Resource);
      const invocable = FUNCTION_NAMES.filter((name) => declared(name).trigger.kind === 'workflow').sort();
      expect(invoked).toEqual(invocable.map(live));
      const substitutions = z.record(z.string(), z.unknown()).parse(machine().DefinitionSubstitutions);
      expect(
        Object.fromEntries(Object.entries(substitutions).map(([key, value]) => [key, line(value)])),
      ).toEqual({
        Partition: '<AWS::Partition>',
        ...Object.fromEntries(invocable.map((name) => [placeholder(name), live(name)])),
      });
      expect(substitutions).toHaveProperty('OpenTaskArn');
    });

    it('logs what happens and not what with', () => {
      expect(machine().LoggingConfiguration).toMatchObject({ Level: 'ALL', IncludeExecutionData: false });
      expect(templates.one('workflow', 'AWS::Logs::LogGroup').Properties.LogGroupName).toBe(
        `/aws/vendedlogs/states/${prefix}-filing`,
      );
    });
  });

  describe('API', () => {
    const expected = FUNCTION_NAMES.flatMap((name) => {
      const { trigger } = declared(name);
      return trigger.kind === 'routes' ? trigger.routes.map((route) => ({ name, ...route })) : [];
    }).filter(({ access }) => access !== 'public' || environment !== 'china');
    const routes = templates.of('api', 'AWS::ApiGatewayV2::Route').map(([, route]) => route.Properties);

    it('has the routes of the manifest, public ones only where the law lets them be', () => {
      expect(routes.map(({ RouteKey }) => RouteKey).sort()).toEqual(
        expected.map(({ method, path }) => `${method} ${path}`).sort(),
      );
      const open = ['POST /v1/assessments', 'GET /v1/notices'].filter((key) =>
        routes.some(({ RouteKey }) => RouteKey === key),
      );
      expect(open).toHaveLength(environment === 'china' ? 0 : 2);
    });

    it.each(expected)('$method $path asks for $access and calls $name', ({ method, path, access, name }) => {
      const route = routes.find(({ RouteKey }) => RouteKey === `${method} ${path}`);
      expect(route?.AuthorizationType).toBe(access === 'jwt' ? 'JWT' : 'NONE');
      expect(route?.AuthorizerId !== undefined).toBe(access === 'jwt');
      const integration = line(route?.Target).replace(/^integrations\/<(.+)>$/, '$1');
      expect(templates.all.api.Resources[integration]?.Properties).toMatchObject({
        PayloadFormatVersion: '2.0',
      });
      expect(line(templates.all.api.Resources[integration]?.Properties.IntegrationUri)).toBe(live(name));
      const permitted = templates
        .of('api', 'AWS::Lambda::Permission')
        .filter(([, { Properties }]) => line(Properties.FunctionName) === live(name))
        .map(([, { Properties }]) => line(Properties.SourceArn).replace(/^.*\/\*\/\*/, ''));
      expect(permitted).toContain(path);
    });

    it('asks the configured issuer', () => {
      const host = { dev: 'id.dev.example.org', prod: 'id.example.org', china: 'id.example.cn' }[environment];
      expect(templates.one('api', 'AWS::ApiGatewayV2::Authorizer').Properties).toMatchObject({
        AuthorizerType: 'JWT',
        IdentitySource: ['$request.header.Authorization'],
        JwtConfiguration: { Issuer: `https://${host}`, Audience: ['hardship-filing'] },
      });
    });

    it('lets the named origins in, with the headers that the routes take and give, and without cookies', () => {
      const { CorsConfiguration } = templates.one('api', 'AWS::ApiGatewayV2::Api').Properties;
      expect(CorsConfiguration).toEqual({
        AllowOrigins: [expect.stringMatching(/^https:\/\/[\w.]+$/)],
        AllowMethods: ['GET', 'POST', 'PUT'],
        AllowHeaders: [
          'authorization',
          'content-type',
          'if-match',
          'if-none-match',
          'idempotency-key',
          'x-correlation-id',
        ],
        ExposeHeaders: ['etag', 'idempotency-replayed', 'location', 'retry-after', 'x-correlation-id'],
        MaxAge: 7200,
      });
    });

    it('throttles all, the open routes more, and logs no one’s address', () => {
      const { Properties, DependsOn } = templates.one('api', 'AWS::ApiGatewayV2::Stage');
      const limits = { dev: [50, 5], prod: [500, 50], china: [500, 50] }[environment];
      expect(Properties).toMatchObject({
        StageName: '$default',
        DefaultRouteSettings: { ThrottlingRateLimit: limits?.[0] },
      });
      const settings = z
        .record(z.string(), z.object({ ThrottlingRateLimit: z.number() }))
        .parse(Properties.RouteSettings);
      expect(Object.keys(settings).sort()).toEqual(
        expected
          .filter(({ access }) => access !== 'jwt')
          .map(({ method, path }) => `${method} ${path}`)
          .sort(),
      );
      for (const { ThrottlingRateLimit } of Object.values(settings))
        expect(ThrottlingRateLimit).toBe(limits?.[1]);
      const routeIds = templates.of('api', 'AWS::ApiGatewayV2::Route').map(([id]) => id);
      expect(DependsOn).toEqual(expect.arrayContaining(routeIds));
      const { Format } = z.object({ Format: z.string() }).parse(Properties.AccessLogSettings);
      expect(Object.keys(strings.parse(JSON.parse(Format)))).toContain('routeKey');
      expect(Format).not.toMatch(/identity|sourceIp|\$context\.path|claims/);
    });
  });

  describe('events', () => {
    const queue = (part: string): string => {
      const found = templates
        .of('events', 'AWS::SQS::Queue')
        .find(([, { Properties }]) => Properties.QueueName === `${prefix}-${part}`);
      return `<${found?.[0]}.Arn>`;
    };
    const rules = templates.of('events', 'AWS::Events::Rule').map(([, rule]) => rule.Properties);
    const Targets = z.array(
      z.object({
        Arn: z.unknown().transform(line),
        DeadLetterConfig: z.object({ Arn: z.unknown().transform(line) }),
      }),
    );

    const scheduled = rules.flatMap(({ ScheduleExpression, Targets: targets }) =>
      ScheduleExpression === undefined ? [] : [[ScheduleExpression, Targets.parse(targets)]],
    );

    it('take an uploaded object to the function that receives it, or put it aside', () => {
      const [rule] = rules.filter(({ EventPattern }) => EventPattern);
      expect(rule?.EventPattern).toEqual({
        source: ['aws.s3'],
        'detail-type': ['Object Created'],
        detail: {
          bucket: { name: [{ 'Fn::ImportValue': expect.stringMatching(/Uploads/) }] },
          object: { key: [{ prefix: 'uploads/' }] },
        },
      });
      expect(Targets.parse(rule?.Targets)).toEqual([
        { Arn: live('receive-document'), DeadLetterConfig: { Arn: queue('document-failures') } },
      ]);
    });

    it('wake the relay by new rows of the outbox, and every minute', () => {
      const { Properties } = templates.one('events', 'AWS::Lambda::EventSourceMapping');
      expect(Properties).toMatchObject({
        BisectBatchOnFunctionError: true,
        // One row that cannot be told must not have the others of its batch told again and again.
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        StartingPosition: 'TRIM_HORIZON',
      });
      expect(line(Properties.FunctionName)).toBe(live('relay-outbox'));
      expect(line(Properties.EventSourceArn)).toMatch(/Table.*StreamArn/);
      expect(Properties.DestinationConfig).toEqual({
        OnFailure: { Destination: { 'Fn::GetAtt': [queue('relay-failures').slice(1, -5), 'Arn'] } },
      });
      const { Filters } = z
        .object({ Filters: z.array(z.object({ Pattern: z.string() })) })
        .parse(Properties.FilterCriteria);
      expect(Filters.map(({ Pattern }) => JSON.parse(Pattern))).toEqual([
        { eventName: ['INSERT'], dynamodb: { Keys: { pk: { S: [{ prefix: 'OUTBOX#' }] } } } },
      ]);
      expect(scheduled).toContainEqual([
        'rate(1 minute)',
        [{ Arn: live('relay-outbox'), DeadLetterConfig: { Arn: queue('relay-failures') } }],
      ]);
    });

    it('have the backlog measured every five minutes', () => {
      expect(scheduled).toContainEqual([
        'rate(5 minutes)',
        [{ Arn: live('measure-backlog'), DeadLetterConfig: { Arn: queue('schedule-failures') } }],
      ]);
    });

    it('put aside what the function was handed and failed on, which its role may do', () => {
      const asides = templates
        .of('events', 'AWS::Lambda::EventInvokeConfig')
        .map(([, { Properties }]) => Properties);
      expect(asides.map(({ Qualifier }) => Qualifier)).toEqual(['live', 'live', 'live']);
      for (const [name, part] of [
        ['receive-document', 'document-failures'],
        ['relay-outbox', 'relay-failures'],
        ['measure-backlog', 'schedule-failures'],
      ] as const) {
        const sends = rightsOf(roleOf(name)).filter(({ Action }) => Action.includes('sqs:SendMessage'));
        expect(sends.flatMap(({ Resource }) => Resource)).toEqual([
          `arn:<AWS::Partition>:sqs:${region}:<AWS::AccountId>:${prefix}-${part}`,
        ]);
      }
    });
  });

  describe('monitoring', () => {
    const alarms = templates.of('monitoring', 'AWS::CloudWatch::Alarm').map(([, alarm]) => alarm.Properties);

    it('can reach somebody: the topic lets the account’s alarms in', () => {
      const topic = templates.of('monitoring', 'AWS::SNS::Topic').map(([id]) => `<${id}>`);
      for (const { AlarmActions } of alarms)
        expect(z.array(z.unknown()).parse(AlarmActions).map(line)).toEqual(topic);
      const policy = templates.one('monitoring', 'AWS::SNS::TopicPolicy').Properties.PolicyDocument;
      expect(statementsOf(policy)).toContainEqual(
        expect.objectContaining({
          Effect: 'Allow',
          Action: ['sns:Publish'],
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
        }),
      );
    });
  });

  describe('place', () => {
    it('is nowhere taken for granted: every ARN takes its partition from the deployment', () => {
      expect(JSON.stringify(templates.all)).not.toMatch(/arn:aws[a-z-]*:/);
    });

    it('lacks nothing in China: no service, no feature that is not served there', () => {
      const services = templates.everything().map(({ Type }) => Type.replace(/^AWS::(\w+)::.*$/, '$1'));
      expect(services.filter((service) => !SERVED_IN_CHINA.has(service))).toEqual([]);
      const types = templates.everything().map(({ Type }) => Type);
      expect(types.filter((type) => NOT_SERVED_IN_CHINA.test(type))).toEqual([]);
      expect(JSON.stringify(templates.all)).not.toMatch(NOT_SERVED_IN_CHINA);
    });
  });
});

describe('a definition', () => {
  it('that invokes what is not in the manifest is refused', () => {
    const definition = DEFINITION.replace('OpenTask', 'CloseTask');
    expect(() => new Templates('dev', definition)).toThrow(
      'the definition invokes close-task, which is not in the manifest',
    );
  });
});
