/** One application of the demonstration, driven as its people would drive it: by the API alone. */
import * as z from 'zod';
import { DECISION_NAMES } from '#domain/filing/tasks.ts';
import type { ApiClient, Upload } from './client.ts';
import { withConsent } from './consent.ts';
import { APPLICATION_DATE, type Household } from './households.ts';
import { applicationPaper, authorisationPaper, makePaper } from './papers.ts';

const refSchema = z.looseObject({ clause: z.string(), detail: z.string() });

export const caseViewSchema = z.looseObject({
  caseId: z.string(),
  stage: z.string(),
  stageName: z.string(),
  openTask: z.looseObject({ taskId: z.string(), kind: z.string() }).nullable(),
  requested: z.array(z.looseObject({ paper: z.string(), memberId: z.string().nullable() })),
  determination: z
    .looseObject({
      outcome: z.string(),
      tier: z.string().nullable(),
      category: z.string().nullable(),
      proposedAid: z.string().nullable(),
      net: z.string().nullable(),
      exclusions: z.array(z.string()),
    })
    .nullable(),
  settlements: z.array(
    z.looseObject({
      title: z.string(),
      words: z.string(),
      clause: z.string(),
      reason: z.string(),
      by: z.string(),
    }),
  ),
  notice: z.looseObject({ noticeId: z.string(), endsAt: z.string().nullable() }).nullable(),
  refusal: z.looseObject({ clauses: z.array(z.string()), reason: z.string() }).nullable(),
  file: z.looseObject({ number: z.string() }).nullable(),
  meeting: z
    .looseObject({
      aids: z.array(z.looseObject({ kind: z.string(), amount: z.string(), fund: z.string() })),
      resolution: z.string(),
    })
    .nullable(),
  archive: z.looseObject({ prefix: z.string() }).nullable(),
  fault: z.looseObject({ state: z.string(), error: z.string() }).nullable(),
});
export type CaseView = z.infer<typeof caseViewSchema>;

const assessmentSchema = z.looseObject({
  raw: z.string().nullable(),
  net: z.string().nullable(),
  standard: z.string().nullable(),
  clauses: z.array(z.string()),
  exclusions: z.array(refSchema),
  exceptions: z.array(refSchema),
  findings: z.array(refSchema),
  explanation: z.array(z.looseObject({ clause: z.string(), text: z.string() })),
});
const assessedSchema = z.looseObject({
  assessment: assessmentSchema.nullable(),
  provenance: z.array(z.looseObject({ title: z.string(), source: z.string(), words: z.string() })).nullable(),
});

const column = z.looseObject({ words: z.string() }).nullable();
const tableSchema = z.looseObject({
  matters: z.array(
    z.looseObject({
      id: z.string(),
      title: z.string(),
      basis: z.string(),
      open: z.boolean(),
      columns: z.looseObject({ declared: column, registry: column, visit: column }),
      flag: z.looseObject({ clause: z.string(), detail: z.string() }).nullable(),
      suggested: z.string().nullable(),
    }),
  ),
});
type Table = z.infer<typeof tableSchema>;
export type CaseDetail = CaseView & z.infer<typeof assessedSchema>;

const eventsSchema = z.looseObject({
  events: z.array(
    z.looseObject({
      at: z.string(),
      type: z.string(),
      name: z.string(),
      actor: z.discriminatedUnion('kind', [
        z.looseObject({ kind: z.literal('person'), name: z.string(), organisation: z.string().nullable() }),
        z.looseObject({ kind: z.literal('system'), function: z.string() }),
      ]),
      data: z.record(z.string(), z.unknown()),
    }),
  ),
});
export type TimelineEvent = z.infer<typeof eventsSchema>['events'][number];

const lettersSchema = z.looseObject({
  letters: z.array(z.looseObject({ title: z.string(), text: z.string() })),
});
export type LetterView = z.infer<typeof lettersSchema>['letters'][number];

export const documentsSchema = z.looseObject({
  documents: z.array(z.looseObject({ state: z.looseObject({ status: z.string() }) })),
});
const anything = z.looseObject({});
const seenSchema = z.looseObject({ seen: z.unknown() });
const PATIENCE_MS = 120_000;
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 250;

/** Asks again and again, less and less often, until there is an answer; rejects when it takes too long. */
const asked = async <T>(what: string, ask: () => Promise<T | undefined>): Promise<T> => {
  const started = Date.now();
  for (let pause = FIRST_PAUSE_MS; Date.now() - started < PATIENCE_MS; ) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, pause));
    pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS);
  }
  throw new Error(`${what}超时`);
};

export type People = {
  readonly worker: ApiClient;
  readonly grassroots: ApiClient;
  readonly superior: ApiClient;
  readonly centre: ApiClient;
};

type PaperOf = Upload & { readonly key: string };

export class Filing {
  readonly title: string;
  readonly household: Household;
  readonly people: People;
  caseId = '';
  readonly #say: (line: string) => void;

  constructor(title: string, household: Household, people: People, say: (line: string) => void) {
    this.title = title;
    this.household = household;
    this.people = people;
    this.#say = say;
  }

  say(line: string): void {
    this.#say(line);
  }

  async open(): Promise<void> {
    const application = await withConsent(this.people.worker, this.household);
    const view = await this.people.worker.post('/v1/cases', application, caseViewSchema);
    this.caseId = view.caseId;
    this.say(`建立申请 ${view.caseId}`);
  }

  /** Makes and uploads every paper that the declaration asks for, but the application and those in `without`. */
  async uploadPapers(without: readonly string[] = []): Promise<void> {
    const papers = await this.#papers();
    const sent = papers.filter(({ key }) => !without.includes(key));
    await Promise.all(sent.map(({ key: _, ...paper }) => this.people.worker.upload(this.caseId, paper)));
    await this.#received();
    this.say(`上传材料 ${sent.length} 份`);
  }

  /** Uploads just these papers, by their keys: `bankCard`, `incomeProof/spouse`. */
  async uploadOnly(keys: readonly string[]): Promise<void> {
    const papers = (await this.#papers()).filter(({ key }) => keys.includes(key));
    await Promise.all(papers.map(({ key: _, ...paper }) => this.people.worker.upload(this.caseId, paper)));
    await this.#received();
    this.say(`补交材料 ${papers.length} 份`);
  }

  /** Submits, signs the application on paper and uploads it: that starts the process. */
  async submitAndSign(): Promise<void> {
    await this.people.worker.post(`/v1/cases/${this.caseId}/submission`, undefined, caseViewSchema);
    const { persons, cause, employer } = this.household;
    const content = await applicationPaper({
      union: `${employer}工会`,
      name: persons[0]?.name ?? '',
      householdSize: persons.length,
      cause,
      date: APPLICATION_DATE,
    });
    await this.people.worker.upload(this.caseId, {
      paper: 'application',
      contentType: 'application/pdf',
      content,
    });
    this.say('提交申请，上传签字的申请书');
  }

  async view(): Promise<CaseDetail> {
    const { centre } = this.people;
    const view = await centre.get(`/v1/cases/${this.caseId}`, caseViewSchema);
    return { ...view, ...(await centre.get(`/v1/cases/${this.caseId}/assessment`, assessedSchema)) };
  }

  async timeline(): Promise<readonly TimelineEvent[]> {
    return (await this.people.centre.get(`/v1/cases/${this.caseId}/events`, eventsSchema)).events;
  }

  async letters(): Promise<readonly LetterView[]> {
    return (await this.people.worker.get(`/v1/cases/${this.caseId}/letters`, lettersSchema)).letters;
  }

  /** Waits until the case stands at one of these stages, as a browser would: by asking. */
  until(...stages: readonly string[]): Promise<CaseView> {
    return asked(`${this.title}：等待“${stages.join('、')}”`, async () => {
      const view = await this.people.worker.get(`/v1/cases/${this.caseId}`, caseViewSchema);
      // A stage of a task is reached once its task is there.
      const ready = !TASK_STAGES.has(view.stage) || view.openTask !== null;
      return stages.includes(view.stage) && ready ? view : undefined;
    });
  }

  /** Decides the open task of this kind as this person. */
  async decide(
    stage: string,
    kind: string,
    by: ApiClient,
    decision: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const view = await this.until(stage);
    if (view.openTask?.kind !== kind) throw new Error(`${this.title}：没有待办的“${kind}”`);
    const path = `/v1/tasks/${view.openTask.taskId}`;
    // An opinion is given on what was read: the task says what that was.
    const opinion = kind === 'supplement' ? {} : { seen: (await by.get(path, seenSchema)).seen };
    await by.post(`${path}/decision`, { kind, ...opinion, ...decision }, anything);
    this.say(`${view.stageName}：${DECISION_NAMES[String(decision.decision)] ?? String(decision.decision)}`);
  }

  /** Takes the open task for oneself, so that colleagues leave it alone. */
  async claim(stage: string, by: ApiClient): Promise<void> {
    const view = await this.until(stage);
    await by.post(`/v1/tasks/${view.openTask?.taskId}/claim`, undefined, anything);
    this.say(`${view.stageName}：认领`);
  }

  /** Visits the household and records it: two visitors, one photo, the record signed by the householder. */
  async visit(by: ApiClient, text: string, findings: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const householder = this.household.persons[0]?.name ?? '';
    const visitors = ['走访人甲（样例）', '走访人乙（样例）'];
    const upload = async (paper: string, title: string, format: 'pdf' | 'jpeg'): Promise<string> =>
      by.upload(this.caseId, {
        paper,
        contentType: format === 'pdf' ? 'application/pdf' : 'image/jpeg',
        content: await makePaper({
          kind: 'visit',
          title,
          lines: [`走访人：${visitors.join('、')}`, APPLICATION_DATE, text, `户主签字：${householder}`],
          format,
        }),
      });
    const document = await upload('visitRecord', '入户走访记录', 'pdf');
    const photo = await upload('visitPhoto', '走访照片（样例）', 'jpeg');
    await this.#received();
    await by.post(
      `/v1/cases/${this.caseId}/visits`,
      {
        visitedOn: APPLICATION_DATE,
        place: 'home',
        visitors,
        findings: { ...findings, text },
        photos: [photo],
        signature: { kind: 'signed', document },
      },
      caseViewSchema,
    );
    this.say('入户走访，记录走访情况');
  }

  /** The reviewer's one screen: what was declared, what the registers hold, what the visit found. */
  async table(): Promise<Table['matters']> {
    return (await this.people.centre.get(`/v1/cases/${this.caseId}/adjudication`, tableSchema)).matters;
  }

  /** Settles all that is open as suggested, each with the reason and the clause given for its kind. */
  async adjudicate(
    opinion: string,
    reasons: Readonly<Record<string, { readonly clause: string; readonly reason: string }>>,
  ): Promise<void> {
    await this.until('adjudicating');
    const open = (await this.table()).filter((matter) => matter.open);
    for (const { title, columns, flag } of open) {
      const { declared, registry, visit } = columns;
      this.say(
        `待认定 ${title}：申报 ${declared?.words ?? '—'} | 比对 ${registry?.words ?? '—'} | 走访 ${visit?.words ?? '—'}［${flag?.clause ?? ''}］`,
      );
    }
    await this.decide('adjudicating', 'adjudication', this.people.centre, {
      decision: 'adjudicated',
      opinion,
      items: open.map(({ id, basis, suggested }) => ({
        id,
        basis,
        choice: suggested,
        ...reasons[id.split('/')[0] ?? ''],
      })),
    });
  }

  async withdraw(reason: string): Promise<void> {
    await this.people.worker.post(`/v1/cases/${this.caseId}/withdrawal`, { reason }, caseViewSchema);
    this.say('撤回申请');
  }

  /** Waits until every paper that was sent has been held against its promise. */
  async #received(): Promise<void> {
    await asked(`${this.title}：等待材料接收`, async () => {
      const path = `/v1/cases/${this.caseId}/documents`;
      const { documents } = await this.people.worker.get(path, documentsSchema);
      return documents.every(({ state }) => state.status === 'received') || undefined;
    });
  }

  /** Papers in the form in which people have them: prints as PDF, photos as JPEG. */
  async #papers(): Promise<readonly PaperOf[]> {
    const { persons, declaration, employer, phone, bankCard } = this.household;
    const name = (id: string): string => persons.find(({ memberId }) => memberId === id)?.name ?? id;
    const paper = async (
      key: string,
      given: Omit<Upload, 'content' | 'contentType'>,
      made: Omit<Parameters<typeof makePaper>[0], 'format'>,
      format: 'pdf' | 'jpeg',
    ): Promise<PaperOf> => ({
      key,
      ...given,
      contentType: format === 'pdf' ? 'application/pdf' : 'image/jpeg',
      content: await makePaper({ ...made, format }),
    });
    const worker = persons[0]?.name ?? '';
    const authorisation = async (): Promise<PaperOf> => ({
      key: 'authorisation',
      paper: 'authorisation',
      contentType: 'application/pdf',
      content: await authorisationPaper({
        worker,
        unit: `${employer}工会`,
        phone,
        members: persons.map(({ name, relationToHouseholder, idNumber }) => ({
          name,
          relation: relationToHouseholder,
          idNumber,
        })),
        date: APPLICATION_DATE,
      }),
    });
    return Promise.all([
      ...(declaration.crossCheckAuthorised ? [authorisation()] : []),
      paper(
        'promise',
        { paper: 'promise' },
        {
          kind: 'promise',
          title: '承诺书',
          lines: ['本人承诺所提交材料真实有效，愿意接受审核。', `承诺人：${worker}`, APPLICATION_DATE],
        },
        'pdf',
      ),
      ...persons.map(({ memberId, name: of, idNumber }) =>
        paper(
          `identity/${memberId}`,
          { paper: 'identity', memberId },
          {
            kind: 'identity',
            title: '居民身份证（复印件）',
            lines: [`姓名：${of}`, `公民身份号码：${idNumber}`],
          },
          'jpeg',
        ),
      ),
      ...declaration.members
        .filter(({ incomes }) => incomes.length > 0)
        .map(({ id, incomes }) =>
          paper(
            `incomeProof/${id}`,
            { paper: 'incomeProof', memberId: id },
            {
              kind: 'income',
              title: '收入证明',
              lines: [`姓名：${name(id)}`, ...incomes.map(({ amount }) => `2017年收入：${amount}元`)],
            },
            'pdf',
          ),
        ),
      ...declaration.expenditures.map(({ kind, amount, reimbursed }) =>
        paper(
          `expenditureProof/${kind}`,
          { paper: 'expenditureProof', expenditure: kind },
          {
            kind: 'expenditure',
            title: '支出凭证',
            lines: [`金额：${amount}元`, ...(reimbursed === undefined ? [] : [`已报销：${reimbursed}元`])],
          },
          'jpeg',
        ),
      ),
      paper(
        'bankCard',
        { paper: 'bankCard' },
        { kind: 'bankCard', title: '银行卡（复印件）', lines: [bankCard.bank, bankCard.number] },
        'jpeg',
      ),
    ]);
  }
}

const TASK_STAGES: ReadonlySet<string> = new Set([
  'awaitingSupplement',
  'grassrootsReview',
  'superiorReview',
  'adjudicating',
  'centreReview',
  'objections',
  'established',
]);
