/**
 * What differs between the places that the cloud edition is deployed to, typed and checked before anything is
 * built. `cdk synth -c environment=china` picks one; whoever deploys edits this file: hosts under `example.org`
 * and `example.cn` stand for those of the union that runs the system.
 */
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import * as z from 'zod';
import { mailServerUrlSchema } from '#adapters/smtp/mail-server.ts';
import { METRICS } from '#functions/shared/metrics.ts';

/** Requests a second, and how many may come at once above that. */
const Throttle = z.strictObject({ rate: z.int().positive(), burst: z.int().positive() });

/**
 * CloudWatch keeps logs for certain numbers of days only. Six months at least (article 21(3) of the Cybersecurity Law),
 * which may have 184 days: CloudWatch's 180 are too few, its next number is a year.
 */
const SIX_MONTHS_DAYS = 184;
const KeptDays = z
  .enum(RetentionDays)
  .refine((days) => days >= SIX_MONTHS_DAYS, { error: `shorter than six months (${SIX_MONTHS_DAYS} days)` });

/** The levels at which tasks lie, and grow old. */
export const OLDEST_TASK_LEVELS = METRICS.OldestOpenTask.dimension.values;

const Https = z.url({ protocol: /^https$/ });

const Parameters = z
  .strictObject({
    /** Part of every name. */
    environment: z.string().regex(/^[a-z][a-z0-9]{1,11}$/),
    partition: z.enum(['aws', 'aws-cn']),
    region: z.string().regex(/^[a-z]{2}-[a-z]+-\d$/),
    architecture: z.enum(['arm64', 'x86_64']),
    /** The table refuses to be deleted. Its data outlives a deleted stack in any case. */
    deletionProtection: z.boolean(),
    logDays: KeptDays,
    archive: z.strictObject({
      /** GOVERNANCE can be lifted by an administrator, COMPLIANCE by nobody before its day. */
      lockMode: z.enum(['GOVERNANCE', 'COMPLIANCE']),
      /** Days that an object is locked from its writing on, until its legal hold or retention is set. */
      lockDays: z.int().min(1).max(3650),
    }),
    /** Days that a replaced version of an upload can still be brought back. */
    replacedUploadDays: z.int().min(1).max(3650),
    jwt: z.strictObject({
      issuer: Https,
      audience: z.array(z.string().min(1)).min(1),
      /** `claims`: the provider's tokens say who may act as what, by these claims; `posts`: the posts kept here do. */
      rolesFrom: z.enum(['claims', 'posts']).default('claims'),
      nameClaim: z.string().min(1).default('name'),
      rolesClaim: z.string().min(1).default('roles'),
      organisationClaim: z.string().min(1).default('organisation'),
    }),
    /** The origins of the portal, for the API and for uploads from the browser. */
    allowedOrigins: z.array(Https).min(1),
    throttling: z.strictObject({ all: Throttle, public: Throttle }),
    alarms: z.strictObject({
      /** Natural days that a task may lie open, by the level it lies with, before an operator is called. */
      oldestTaskDays: z.record(z.enum(OLDEST_TASK_LEVELS), z.int().min(1).max(365)),
    }),
    /**
     * Whether routes that anyone may call are made. In China an API without authorisation may only be served
     * under an ICP licence.
     */
    publicRoutes: z.boolean(),
    /**
     * Where the API is reached from outside: a domain of the union's own that is mapped to it, or the address that the
     * first deployment tells. The centre sends its results there, and its signatures cover this host.
     */
    apiUrl: Https,
    /** `host:port` of ClamAV's daemon in a network that the functions reach; null: papers are taken in unscanned. */
    clamdAddress: z
      .string()
      .regex(/^[^\s:]+:\d{1,5}$/)
      .nullable(),
    /**
     * A mail server of any provider, by which messages go as well, in the form of `adapters/smtp/mail-server.ts`: Amazon's
     * SES has one (`smtps://email-smtp.<region>.amazonaws.com:465`), but none in China. User and password are put into the
     * secret `Mail` by hand, as `{"user": …, "password": …}`. null: messages go to the topic alone.
     */
    mail: z.strictObject({ server: mailServerUrlSchema, from: z.email() }).nullable(),
    /** Where requests for a cross-check go. */
    centreUrl: Https,
  })
  .refine(({ partition, region }) => region.startsWith('cn-') === (partition === 'aws-cn'), {
    path: ['region'],
    error: 'the region lies in another partition',
  })
  .readonly();

export type Parameters = z.output<typeof Parameters>;

const dev = {
  environment: 'dev',
  partition: 'aws',
  region: 'ap-southeast-1',
  architecture: 'arm64',
  deletionProtection: false,
  logDays: RetentionDays.ONE_YEAR,
  archive: { lockMode: 'GOVERNANCE', lockDays: 1 },
  replacedUploadDays: 7,
  jwt: { issuer: 'https://id.dev.example.org', audience: ['hardship-filing'] },
  allowedOrigins: ['https://dev.example.org'],
  throttling: { all: { rate: 50, burst: 100 }, public: { rate: 5, burst: 10 } },
  // A review has ten working days, two weeks; a reminder later the level above may decide. A meeting has twenty.
  alarms: { oldestTaskDays: { grassroots: 21, superior: 21, centre: 35 } },
  publicRoutes: true,
  clamdAddress: null,
  mail: null,
  apiUrl: 'https://api.dev.example.org',
  centreUrl: 'https://centre.dev.example.org',
} satisfies z.input<typeof Parameters>;

const prod = {
  ...dev,
  environment: 'prod',
  deletionProtection: true,
  archive: { lockMode: 'COMPLIANCE', lockDays: 1 },
  replacedUploadDays: 90,
  jwt: { issuer: 'https://id.example.org', audience: ['hardship-filing'] },
  allowedOrigins: ['https://www.example.org'],
  throttling: { all: { rate: 500, burst: 1000 }, public: { rate: 50, burst: 100 } },
  apiUrl: 'https://api.example.org',
  centreUrl: 'https://centre.example.org',
} satisfies z.input<typeof Parameters>;

const china = {
  ...prod,
  environment: 'china',
  partition: 'aws-cn',
  region: 'cn-north-1',
  architecture: 'x86_64',
  jwt: { issuer: 'https://id.example.cn', audience: ['hardship-filing'] },
  allowedOrigins: ['https://www.example.cn'],
  publicRoutes: false,
  apiUrl: 'https://api.example.cn',
  centreUrl: 'https://centre.example.cn',
} satisfies z.input<typeof Parameters>;

const ENVIRONMENTS: ReadonlyMap<unknown, unknown> = new Map(Object.entries({ dev, prod, china }));

const PLACEHOLDER_HOST = /(^|\.)example\.(org|cn)$/;

/** The addresses that nobody has put in yet: those below `example.org` and `example.cn`. */
export function placeholdersIn({
  jwt,
  allowedOrigins,
  apiUrl,
  centreUrl,
  mail,
}: Parameters): readonly string[] {
  const mailServer = mail === null ? [] : [mail.server];
  return [jwt.issuer, ...allowedOrigins, apiUrl, centreUrl, ...mailServer].filter((url) =>
    PLACEHOLDER_HOST.test(new URL(url).hostname),
  );
}

/** The parameters of an environment. Throws where there is none of that name, or it contradicts itself. */
export function parametersOf(environment: unknown): Parameters {
  if (!ENVIRONMENTS.has(environment)) {
    const names = [...ENVIRONMENTS.keys()].join(', ');
    throw new Error(`no environment ${JSON.stringify(environment)}: there are ${names}`);
  }
  return parseParameters(ENVIRONMENTS.get(environment));
}

export function parseParameters(value: unknown): Parameters {
  const parsed = Parameters.safeParse(value);
  if (!parsed.success) throw new Error(`parameters: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
