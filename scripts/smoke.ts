/**
 * `npm run -s smoke -- --api URL --token-file FILE [--route ROUTE] [--union CODE] [--region CODE] [--date DATE]
 * [--timeout SECONDS]` proves that a deployed system is alive: files one synthetic application through its API up to the
 * grassroots union's open task, and withdraws it. The token's person needs the roles `applicant` and `administrator`.
 * Prints what it sees; exit 1 with what failed and which section of the runbook to read, 2 for arguments that don't fit.
 */
import { randomInt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { beijingDate } from '#domain/calendar/dates.ts';
import { routeSchema } from '#domain/filing/terms.ts';
import { zodFaults } from '#functions/shared/faults.ts';
import { ApiClient, type Upload } from './demo/client.ts';
import { withConsent } from './demo/consent.ts';
import { caseViewSchema, documentsSchema } from './demo/filing.ts';
import { applicationPaper, makePaper } from './demo/papers.ts';
import { syntheticCardNumber, syntheticIdNumber } from './demo/synthetic.ts';

const USAGE = `用法：npm run -s smoke -- --api 接口网址 --token-file 令牌文件 [其他选项]
  --route     办理路径：provinceDirect（默认）或 territorial
  --union     受理的基层工会代码，默认 ah-direct-1
  --region    该工会所在的行政区划代码，默认 340100
  --date      申请日期，默认今天（北京时间）
  --timeout   每一步最多等多少秒，默认 120`;

const Arguments = z.strictObject({
  api: z.url({ protocol: /^https?$/, error: '应为网址' }),
  tokenFile: z.string().min(1),
  route: routeSchema.default('provinceDirect'),
  union: z.string().min(1).max(40).default('ah-direct-1'),
  region: z
    .string()
    .regex(/^\d{6}$/, '应为六位数字')
    .default('340100'),
  date: z.iso.date('应为日期，例如 2026-01-05').optional(),
  timeout: z
    .string()
    .regex(/^[1-9]\d{0,3}$/, '应为秒数，例如 120')
    .transform(Number)
    .default(120),
});
type Arguments = z.output<typeof Arguments>;

const read = (): Record<string, unknown> => {
  const { 'token-file': tokenFile, ...values } = parseArgs({
    options: {
      api: { type: 'string' },
      'token-file': { type: 'string' },
      route: { type: 'string' },
      union: { type: 'string' },
      region: { type: 'string' },
      date: { type: 'string' },
      timeout: { type: 'string' },
    },
  }).values;
  return { ...values, tokenFile };
};

/** A step that did not come to its end: what failed, and where to read on. */
class Failed extends Error {
  override readonly name = 'Failed';
  readonly step: string;
  readonly section: string;
  constructor(step: string, section: string, cause: unknown) {
    super(sentence(cause), { cause });
    this.step = step;
    this.section = section;
  }
}

/** What happened, in one sentence; of a connection that failed, the reason below it. */
const sentence = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}（${error.cause.message}）` : error.message;
};

const started = performance.now();
const say = (line: string): void =>
  console.log(`${((performance.now() - started) / 1000).toFixed(1).padStart(6)}秒  ${line}`);

const attempt = async <T>(step: string, section: string, run: () => Promise<T>): Promise<T> => {
  try {
    return await run();
  } catch (error) {
    throw new Failed(step, section, error);
  }
};

const POLL_MS = 500;
const PROGRESS_MS = 10_000;

/** Asks again and again until there is an answer; `waiting` says what for, at most once in ten seconds. */
const until = async <T>(seconds: number, waiting: string, ask: () => Promise<T | undefined>): Promise<T> => {
  const begun = performance.now();
  let told = begun;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    const now = performance.now();
    if (now - begun > seconds * 1000) throw new Error(`等了${seconds}秒：${waiting}`);
    if (now - told > PROGRESS_MS) {
      told = now;
      say(`……${waiting}`);
    }
    await setTimeout(POLL_MS);
  }
};

/** One worker living alone, made anew each time: a leftover of an earlier run is in nobody's way. */
const householdOf = ({ route, union, region }: Arguments, today: string) => {
  const year = Number(today.slice(0, 4));
  const day = `${1960 + randomInt(40)}-${String(1 + randomInt(12)).padStart(2, '0')}-${String(1 + randomInt(28)).padStart(2, '0')}`;
  return {
    synthetic: true,
    route,
    grassrootsUnion: union,
    employer: '合成样例单位',
    cause: '系统检验，非真实申请',
    wishes: [],
    householderId: 'worker',
    persons: [
      {
        memberId: 'worker',
        name: '合成样例',
        relationToHouseholder: '户主',
        idNumber: syntheticIdNumber({ birthDate: day, sex: 'male', serial: randomInt(500) }),
      },
    ],
    phone: '13800000000',
    address: '合成样例地址',
    bankCard: { number: syntheticCardNumber(randomInt(10_000)), bank: '合成样例银行' },
    declaration: {
      applicationDate: today,
      region,
      incomePeriod: { from: `${year - 1}-01`, to: `${year - 1}-12` },
      worker: { kind: 'urban', standing: 'employed', labourRelationMonths: 60 },
      // Nobody is asked about a person who doesn't exist.
      crossCheckAuthorised: false,
      members: [
        {
          id: 'worker',
          relation: 'self',
          onRegister: true,
          status: 'employed',
          incomes: [{ kind: 'wage', amount: '18000' }],
        },
      ],
      expenditures: [],
      assets: { homes: [{ area: '68' }], vehicles: [] },
    },
  };
};

const papersOf = async (): Promise<readonly Upload[]> => {
  const made = async (
    upload: Pick<Upload, 'paper' | 'memberId'>,
    kind: Parameters<typeof makePaper>[0]['kind'],
    title: string,
  ): Promise<Upload> => ({
    ...upload,
    contentType: 'application/pdf',
    content: await makePaper({ kind, title, lines: ['系统检验，非真实材料。'], format: 'pdf' }),
  });
  return Promise.all([
    made({ paper: 'promise' }, 'promise', '承诺书'),
    made({ paper: 'identity', memberId: 'worker' }, 'identity', '居民身份证（复印件）'),
    made({ paper: 'incomeProof', memberId: 'worker' }, 'income', '收入证明'),
    made({ paper: 'bankCard' }, 'bankCard', '银行卡（复印件）'),
  ]);
};

const withdrawn = async (client: ApiClient, caseId: string): Promise<void> => {
  const view = await client.post(
    `/v1/cases/${caseId}/withdrawal`,
    { reason: '系统检验结束。' },
    caseViewSchema,
  );
  if (view.stage !== 'withdrawn' || view.openTask !== null) throw new Error(`撤回后仍在“${view.stageName}”`);
};

/** From the draft to the open task of the first review; `Failed` where it gets stuck. */
const file = async (client: ApiClient, caseId: string, given: Arguments, today: string): Promise<void> => {
  const show = () => client.get(`/v1/cases/${caseId}`, caseViewSchema);
  await attempt('上传材料', 'document-failures', async () => {
    const papers = await papersOf();
    for (const paper of papers) await client.upload(caseId, paper);
    say(`上传：${papers.length}份材料已送达存储`);
  });
  await attempt('接收材料（上传事件）', 'document-failures', () =>
    until(given.timeout, '等待系统接收材料', async () => {
      const { documents } = await client.get(`/v1/cases/${caseId}/documents`, documentsSchema);
      return documents.every(({ state }) => state.status === 'received') ? true : undefined;
    }),
  );
  say('事件：材料均已接收');
  await attempt('提交申请', 'api-faults', async () => {
    await client.post(`/v1/cases/${caseId}/submission`, undefined, caseViewSchema);
    const content = await applicationPaper({
      union: '合成样例工会',
      name: '合成样例',
      householdSize: 1,
      cause: '系统检验，非真实申请',
      date: today,
    });
    await client.upload(caseId, { paper: 'application', contentType: 'application/pdf', content });
  });
  say('提交：签字的申请书已送达存储');
  await attempt('接收申请书（上传事件）', 'document-failures', () =>
    until(given.timeout, '等待系统接收申请书', async () =>
      (await show()).stage === 'awaitingApplication' ? undefined : true,
    ),
  );
  await attempt('启动流程（发件箱转发）', 'outbox-age', () =>
    until(given.timeout, '等待流程启动', async () => {
      const { stage, fault } = await show();
      // A fault is a sign of life as well: the next step tells it.
      return stage === 'checkingMaterials' && fault === null ? undefined : true;
    }),
  );
  await attempt('流程办理', 'executions-failed', () =>
    until(given.timeout, '等待基层工会初审的任务', async () => {
      const { stage, stageName, fault, openTask } = await show();
      if (fault !== null) throw new Error(`流程在“${fault.state}”失败：${fault.error}`);
      if (stage !== 'grassrootsReview') throw new Error(`流程走到了“${stageName}”`);
      return openTask?.kind === 'grassrootsReview' ? true : undefined;
    }),
  );
  say('流程：基层工会初审的任务已建立');
};

/** A signed token of three parts; anything else is refused without being quoted: it may be a secret of another kind. */
const readToken = (path: string): Promise<string> =>
  attempt('读取令牌', 'api-faults', async () => {
    const token = (await readFile(path, 'utf8')).trim();
    if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) throw new Error('令牌文件里不是一个令牌');
    return token;
  });

const smoke = async (given: Arguments): Promise<void> => {
  const client = new ApiClient(given.api, await readToken(given.tokenFile));
  const today = given.date ?? beijingDate(Date.now());
  const { caseId } = await attempt('建立申请', 'api-faults', async () =>
    client.post('/v1/cases', await withConsent(client, householdOf(given, today)), caseViewSchema),
  );
  say(`接口：合成申请 ${caseId} 已建立`);
  try {
    await file(client, caseId, given, today);
  } catch (error) {
    // What is left behind is only the trace of a failure that is told already.
    await withdrawn(client, caseId).catch((also: unknown) => say(`撤回合成申请未成：${sentence(also)}`));
    throw error;
  }
  await attempt('撤回申请', 'api-faults', () => withdrawn(client, caseId));
  say('撤回：合成申请已撤回，任务已关闭');
};

const refuse = (lines: readonly string[]): void => {
  for (const line of lines) console.error(line);
  process.exitCode = 2;
};

const readArguments = (): Record<string, unknown> | undefined => {
  try {
    return read();
  } catch {
    return undefined;
  }
};

const values = readArguments();
const parsed = values === undefined ? undefined : Arguments.safeParse(values);
if (parsed === undefined) {
  refuse([USAGE]);
} else if (!parsed.success) {
  const faults = zodFaults(parsed.error, values);
  const option = (pointer: string) => `--${pointer.split('/')[1]}`.replace('tokenFile', 'token-file');
  refuse([...faults.map(({ pointer, message }) => `${option(pointer)}：${message}`), USAGE]);
} else {
  try {
    await smoke(parsed.data);
    say('系统正常。');
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    console.error(
      `检验失败：${error.step}。${error.message}\n请看 docs/runbook.md 的“${error.section}”一节。`,
    );
    process.exitCode = 1;
  }
}
