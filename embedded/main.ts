/**
 * `npm start`: serves the one-machine edition for good. Options by command line or environment; SIGINT and SIGTERM
 * shut down cleanly, and the next start goes on where this one was.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { parseClamdAddress } from '#adapters/shared/clamd.ts';
import { mailServerSchema } from '#adapters/smtp/mail-server.ts';
import { createLogger } from '#functions/shared/log.ts';
import { type EditionOptions, openEdition } from './composition.ts';
import type { IdentitySettings } from './identity/identity.ts';
import { installLastWords } from './last-words.ts';

const USAGE = `用法：npm start -- [--data 目录] [--port 端口] [其他选项]
  --data        数据目录，默认 ./data                 （环境变量 HARDSHIP_DATA）
  --port        端口，默认 8080                       （环境变量 HARDSHIP_PORT）
  --public-url  对外网址，登录和比对中心回调用，默认本机地址 （环境变量 HARDSHIP_PUBLIC_URL）
  --centre-url  民政信息中心比对接口；不填则人工核查   （环境变量 HARDSHIP_CENTRE_URL）
  --messages-url  消息网关地址；与邮件都不填则写入数据目录 （环境变量 HARDSHIP_MESSAGES_URL）
  --messages-template  消息网关的模板编号              （环境变量 HARDSHIP_MESSAGES_TEMPLATE）
  --mail-server  邮件服务器 smtps://主机:465 或 smtp://主机:587 （环境变量 HARDSHIP_MAIL_SERVER）
  --mail-from   发件地址                              （环境变量 HARDSHIP_MAIL_FROM；用户名 HARDSHIP_MAIL_USER，密码 HARDSHIP_MAIL_PASSWORD）
  --stamped-opinions  审核意见须附签字盖章的扫描件     （环境变量 HARDSHIP_STAMPED_OPINIONS=true）
  --retention-years  未建档、撤回的申请保存几年，默认 3  （环境变量 HARDSHIP_RETENTION_YEARS）
  --parameters  当地标准文件，默认随附的样例           （环境变量 HARDSHIP_PARAMETERS）
  --organisations  首次启动时的工会组织，默认样例        （环境变量 HARDSHIP_ORGANISATIONS）
  --clamd       ClamAV 查毒服务的地址“主机:端口”；不填则不查毒 （环境变量 HARDSHIP_CLAMD）
  --allowed-origins  可调用接口的网页来源，逗号分隔    （环境变量 HARDSHIP_ALLOWED_ORIGINS）
  --trusted-proxies  本单位在前面设了几层代理，默认 0  （环境变量 HARDSHIP_TRUSTED_PROXIES）
  --upstream-issuer  省统一身份认证（OpenID）的地址     （环境变量 HARDSHIP_UPSTREAM_ISSUER）
  --upstream-client  在该系统登记的客户端编号          （环境变量 HARDSHIP_UPSTREAM_CLIENT；密钥 HARDSHIP_UPSTREAM_SECRET）
  --upstream-id-claim  其凭证中身份证号码一项的名称     （环境变量 HARDSHIP_UPSTREAM_ID_CLAIM）
  --demo        建立演示账号并打印口令，只能用于空目录或演示目录
  --new-administrator  管理员都不能登录时，打印一个建立管理员的一次性链接`;

/** As browsers write it: scheme, host, port, and nothing else. */
const originSchema = z
  .url({
    protocol: /^https?$/,
    error: '--allowed-origins 应为网页来源，例如 https://www.example.cn',
    abort: true,
  })
  .refine((text) => new URL(text).origin === text, '--allowed-origins 应只写协议、域名和端口，不带路径');

const optionsSchema = z
  .strictObject({
    data: z.string().min(1, '数据目录不能为空'),
    port: z.coerce
      .number('端口应为数字')
      .int('端口应为整数')
      .min(0, '端口应在0到65535之间')
      .max(65_535, '端口应在0到65535之间'),
    publicUrl: z
      .url({ protocol: /^https?$/, error: '--public-url 应为网址' })
      .refine((url) => new URL(url).pathname === '/', '--public-url 不能带路径')
      .optional(),
    centreUrl: z.url({ protocol: /^https?$/, error: '--centre-url 应为网址' }).optional(),
    parametersFile: z.string().min(1).optional(),
    organisationsFile: z.string().min(1).optional(),
    upstreamIssuer: z
      .url({ protocol: /^https?$/, error: '--upstream-issuer 应为网址' })
      .refine(
        (url) => url.startsWith('https:') || ['127.0.0.1', 'localhost'].includes(new URL(url).hostname),
        '--upstream-issuer 应为 https 网址',
      )
      .optional(),
    upstreamClient: z.string().min(1).optional(),
    upstreamSecret: z.string().min(1).optional(),
    upstreamIdClaim: z.string().min(1).optional(),
    messagesUrl: z.url({ protocol: /^https?$/, error: '--messages-url 应为网址' }).optional(),
    messagesTemplate: z.string().min(1).default('hardship-filing'),
    mailServer: mailServerSchema.optional(),
    mailFrom: z.email('--mail-from 应为电子邮箱').optional(),
    mailUser: z.string().min(1).optional(),
    mailPassword: z.string().min(1).optional(),
    stampedOpinions: z.boolean(),
    retentionYears: z.coerce
      .number('--retention-years 应为数字')
      .int('--retention-years 应为整数')
      .min(1, '--retention-years 应在1到30之间')
      .max(30, '--retention-years 应在1到30之间')
      .optional(),
    clamd: z
      .string()
      .transform((text, context) => {
        const address = parseClamdAddress(text);
        if (address !== undefined) return address;
        context.addIssue({ code: 'custom', message: '--clamd 应写成“主机:端口”' });
        return z.NEVER;
      })
      .optional(),
    allowedOrigins: z
      .string()
      .transform((text) => text.split(',').map((origin) => origin.trim()))
      .pipe(z.array(originSchema))
      .optional(),
    trustedProxies: z.coerce
      .number('--trusted-proxies 应为数字')
      .int('--trusted-proxies 应为整数')
      .min(0, '--trusted-proxies 应在0到10之间')
      .max(10, '--trusted-proxies 应在0到10之间')
      .optional(),
    demo: z.boolean().default(false),
    newAdministrator: z.boolean().default(false),
  })
  .refine(
    ({ upstreamIssuer, upstreamClient }) => (upstreamIssuer === undefined) === (upstreamClient === undefined),
    '--upstream-issuer 和 --upstream-client 应同时填写',
  )
  .refine(
    ({ mailServer, mailFrom }) => (mailServer === undefined) === (mailFrom === undefined),
    '--mail-server 和 --mail-from 应同时填写',
  )
  .refine(
    ({ mailUser, mailPassword }) => (mailUser === undefined) === (mailPassword === undefined),
    'HARDSHIP_MAIL_USER 和 HARDSHIP_MAIL_PASSWORD 应同时设置',
  );

/** What the person at the terminal can mend; the message says how. */
class UsageError extends Error {
  override readonly name = 'UsageError';
}

const OPTIONS = {
  data: { type: 'string' },
  port: { type: 'string' },
  'public-url': { type: 'string' },
  'centre-url': { type: 'string' },
  'messages-url': { type: 'string' },
  'messages-template': { type: 'string' },
  'mail-server': { type: 'string' },
  'mail-from': { type: 'string' },
  'stamped-opinions': { type: 'boolean' },
  'retention-years': { type: 'string' },
  parameters: { type: 'string' },
  organisations: { type: 'string' },
  clamd: { type: 'string' },
  'allowed-origins': { type: 'string' },
  'trusted-proxies': { type: 'string' },
  'upstream-issuer': { type: 'string' },
  'upstream-client': { type: 'string' },
  'upstream-id-claim': { type: 'string' },
  demo: { type: 'boolean' },
  'new-administrator': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

const readArguments = () => {
  try {
    return parseArgs({ options: OPTIONS }).values;
  } catch {
    throw new UsageError(`没有这个选项，或者选项缺少内容。\n\n${USAGE}`);
  }
};

const readOptions = (values: ReturnType<typeof readArguments>): z.infer<typeof optionsSchema> => {
  const { env } = process;
  const parsed = optionsSchema.safeParse({
    data: values.data ?? env.HARDSHIP_DATA ?? 'data',
    port: values.port ?? env.HARDSHIP_PORT ?? '8080',
    publicUrl: values['public-url'] ?? env.HARDSHIP_PUBLIC_URL,
    centreUrl: values['centre-url'] ?? env.HARDSHIP_CENTRE_URL,
    messagesUrl: values['messages-url'] ?? env.HARDSHIP_MESSAGES_URL,
    messagesTemplate: values['messages-template'] ?? env.HARDSHIP_MESSAGES_TEMPLATE,
    mailServer: values['mail-server'] ?? env.HARDSHIP_MAIL_SERVER,
    mailFrom: values['mail-from'] ?? env.HARDSHIP_MAIL_FROM,
    mailUser: env.HARDSHIP_MAIL_USER,
    mailPassword: env.HARDSHIP_MAIL_PASSWORD,
    stampedOpinions: values['stamped-opinions'] ?? env.HARDSHIP_STAMPED_OPINIONS === 'true',
    retentionYears: values['retention-years'] ?? env.HARDSHIP_RETENTION_YEARS,
    parametersFile: values.parameters ?? env.HARDSHIP_PARAMETERS,
    organisationsFile: values.organisations ?? env.HARDSHIP_ORGANISATIONS,
    clamd: values.clamd ?? env.HARDSHIP_CLAMD,
    allowedOrigins: values['allowed-origins'] ?? env.HARDSHIP_ALLOWED_ORIGINS,
    trustedProxies: values['trusted-proxies'] ?? env.HARDSHIP_TRUSTED_PROXIES,
    upstreamIssuer: values['upstream-issuer'] ?? env.HARDSHIP_UPSTREAM_ISSUER,
    upstreamClient: values['upstream-client'] ?? env.HARDSHIP_UPSTREAM_CLIENT,
    upstreamSecret: env.HARDSHIP_UPSTREAM_SECRET,
    upstreamIdClaim: values['upstream-id-claim'] ?? env.HARDSHIP_UPSTREAM_ID_CLAIM,
    demo: values.demo,
    newAdministrator: values['new-administrator'],
  });
  if (parsed.success) return parsed.data;
  // Every fault at once, and how it is done.
  const faults = parsed.error.issues.map(({ message }) => message);
  throw new UsageError([...faults, '', USAGE].join('\n'));
};

const upstreamOf = ({
  upstreamIssuer: issuer,
  upstreamClient: clientId,
  upstreamSecret: clientSecret,
  upstreamIdClaim: idNumberClaim,
}: z.infer<typeof optionsSchema>): Pick<IdentitySettings, 'upstream'> =>
  issuer === undefined || clientId === undefined
    ? {}
    : { upstream: { issuer, clientId, clientSecret, idNumberClaim } };

const mailOf = ({
  mailServer: server,
  mailFrom: from,
  mailUser: user,
  mailPassword: password,
}: z.infer<typeof optionsSchema>): Pick<EditionOptions, 'mail'> => {
  if (server === undefined || from === undefined) return {};
  const credentials = user === undefined || password === undefined ? undefined : { user, password };
  return {
    mail: { server, from, ...(credentials === undefined ? {} : { credentials: async () => credentials }) },
  };
};

const serve = async (): Promise<void> => {
  const values = readArguments();
  if (values.help === true) {
    console.log(USAGE);
    return;
  }
  const options = readOptions(values);
  const { data, port, publicUrl, centreUrl, parametersFile, organisationsFile, demo } = options;
  const { retentionYears: endedYears } = options;
  const { messagesUrl, messagesTemplate, stampedOpinions, allowedOrigins, trustedProxies, clamd } = options;
  const folder = resolve(data);
  const logger = createLogger({ sink: (line) => console.error(line), wall: Date.now });
  const edition = await openEdition({
    folder,
    logger,
    centreUrl: centreUrl ?? null,
    clamd: clamd ?? null,
    stampedOpinions,
    ...(messagesUrl === undefined ? {} : { messages: { url: messagesUrl, template: messagesTemplate } }),
    ...mailOf(options),
    identity: { demo, ...upstreamOf(options) },
    ...(endedYears === undefined ? {} : { personalData: { retention: { endedYears } } }),
    ...(parametersFile === undefined ? {} : { parametersFile }),
    ...(organisationsFile === undefined ? {} : { organisationsFile }),
    http: {
      ...(allowedOrigins === undefined ? {} : { allowedOrigins }),
      ...(trustedProxies === undefined ? {} : { trustedProxies }),
    },
  });
  installLastWords(logger);
  const people = demo ? await edition.seedDemo() : [];
  const url = await edition.listen(port, publicUrl);
  console.log(`困难职工建档系统已启动：${url}\n数据目录：${folder}\n按 Ctrl-C 停止。`);
  if (demo) {
    console.log('演示账号（口令公开，不得用于真实人员）：');
    for (const { roleName, organisation, account, password } of people) {
      console.log(
        `  ${account}  ${password}  ${roleName}${organisation === null ? '' : `，${organisation}`}`,
      );
    }
  } else {
    const link = await edition.administratorLink(options.newAdministrator);
    if (link !== null) console.log(`建立管理员的一次性链接，${link.expiresAt} 前有效：\n${link.url}`);
  }
  let stopping = false;
  const stop = (signal: string): void => {
    if (stopping) return;
    stopping = true;
    logger.info('shutting down', { code: signal });
    void edition.close().then(
      () => console.log('已停止，下次启动从此处继续。'),
      (error: unknown) => {
        logger.error('the shutdown failed', { error: error instanceof Error ? error.name : typeof error });
        process.exitCode = 1;
      },
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
};

try {
  await serve();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
