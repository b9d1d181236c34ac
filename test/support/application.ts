/** One application in a test, driven by its people through the API. */
import * as z from 'zod';
import { addDays } from '#domain/calendar/dates.ts';
import { type ArchiveCheck, checkArchive } from '#domain/filing/archive.ts';
import { type AuditEvent, auditEventSchema } from '#domain/filing/audit.ts';
import { type Case, executionName } from '#domain/filing/case.ts';
import type { TaskKind } from '#domain/filing/task-kinds.ts';
import { findCase, readEvents } from '#functions/shared/case-store.ts';
import type { ExecutionDescription } from '#functions/shared/ports.ts';
import type { Client, Paper } from './client.ts';
import type { Place, TestEdition } from './edition.ts';
import { everyoneConsents, type Household, householdOf, papersOf, pdf, type Wanted } from './households.ts';

/** The people of a route. Their subjects are the same in every application. */
type Staff = {
  readonly grassroots: Client;
  readonly superior: Client;
  readonly centre: Client;
  readonly secretary: Client;
  readonly administrator: Client;
};

const UNIONS = {
  provinceDirect: ['ah-direct-1', 'ah-direct', 'ah'],
  territorial: ['hf-1-1', 'hf-1', 'hf'],
} as const;

const staffOf = async (edition: Place, route: Household['route']): Promise<Staff> => {
  const [grassroots, superior, centre] = UNIONS[route];
  return {
    grassroots: await edition.person('officer-1', 'grassrootsOfficer', grassroots),
    superior: await edition.person('officer-2', 'superiorOfficer', superior),
    centre: await edition.person('reviewer', 'centreReviewer', centre),
    secretary: await edition.person('secretary', 'meetingSecretary', centre),
    administrator: await edition.person('administrator', 'administrator', 'ah'),
  };
};

const LETTERS = z.array(
  z.looseObject({ to: z.record(z.string(), z.string()), title: z.string(), text: z.string() }),
);

const tableRow = z.looseObject({
  id: z.string(),
  basis: z.string(),
  open: z.boolean(),
  suggested: z.string().nullable(),
  flag: z.looseObject({ clause: z.string() }).nullable(),
  columns: z.record(z.string(), z.looseObject({ words: z.string() }).nullable()),
});
export type TableRow = z.infer<typeof tableRow>;
/** Enough for every level that decides collectively. */
const PARTICIPANTS = [
  { name: '甲主席', duty: 'viceChair' },
  { name: '乙委员', duty: 'member' },
] as const;

export const PASS = { decision: 'pass', opinion: '走访属实，同意。' } as const;
const STUDY = {
  decision: 'admit',
  opinion: '同意按省总级建档。',
  attendees: ['甲主席', '乙主席'],
  tier: 'provincial',
  category: 'accident',
} as const;
export const BY_HAND = {
  decision: 'checked',
  opinion: '三必查均无异常。',
  housing: '一套，68平方米',
  vehicles: '无',
  businessRegistration: '无',
} as const;

let workers = 0;

export class Application<P extends Place = TestEdition> {
  readonly edition: P;
  readonly staff: Staff;
  readonly household: Household;
  readonly worker: Client;
  readonly subject: string;
  caseId = '';

  private constructor(edition: P, staff: Staff, household: Household, worker: Client, subject: string) {
    this.edition = edition;
    this.staff = staff;
    this.household = household;
    this.worker = worker;
    this.subject = subject;
  }

  /** A draft of a household made for it, or of the one given. */
  static async open<P extends Place>(
    edition: P,
    wanted: Partial<Wanted> & { household?: Household } = {},
  ): Promise<Application<P>> {
    const { household: given, ...rest } = wanted;
    const household = given ?? householdOf({ today: edition.today, ...rest });
    workers += 1;
    const subject = `worker-${workers}`;
    const application = new Application(
      edition,
      await staffOf(edition, household.route),
      household,
      await edition.person(subject, 'applicant'),
      subject,
    );
    const { caseId } = await application.worker.post('/v1/cases', everyoneConsents(household));
    application.caseId = z.string().parse(caseId);
    return application;
  }

  /** The same application, in an edition that its data has been moved to. */
  static async follow(edition: TestEdition, former: Application): Promise<Application> {
    const { household, subject, caseId } = former;
    const staff = await staffOf(edition, household.route);
    const worker = await edition.person(subject, 'applicant');
    const application = new Application(edition, staff, household, worker, subject);
    application.caseId = caseId;
    return application;
  }

  /** Uploads the papers whose keys are not in `without`, submits, and uploads the signed application. */
  async file(without: readonly string[] = []): Promise<this> {
    await this.upload(
      ...[...papersOf(this.household)].flatMap(([key, paper]) => (without.includes(key) ? [] : [paper])),
    );
    await this.submit();
    await this.sign();
    return this;
  }

  /** Uploads these papers and waits until they are taken in. */
  async upload(...papers: readonly Paper[]): Promise<readonly string[]> {
    const ids = await Promise.all(papers.map((paper) => this.worker.upload(this.caseId, paper)));
    await this.edition.settle();
    return ids;
  }

  async submit(): Promise<void> {
    await this.worker.post(`/v1/cases/${this.caseId}/submission`);
  }

  /** The signed application arrives: the process begins. */
  async sign(): Promise<void> {
    await this.upload({ paper: 'application', contentType: 'application/pdf', content: pdf() });
  }

  // ---------------------------------------------------------------- what stands in the store

  async record(): Promise<Case> {
    const found = await findCase(this.edition.ports.items, this.caseId);
    if (found === undefined) throw new Error('the case is gone');
    return found.record;
  }

  events(): Promise<readonly AuditEvent[]> {
    return readEvents(this.edition.ports.items, this.caseId);
  }

  async eventTypes(): Promise<readonly string[]> {
    return (await this.events()).map(({ type }) => type);
  }

  /** How many writes the case has seen, and its chain: what must not change where something is refused. */
  async mark(): Promise<string> {
    const found = await findCase(this.edition.ports.items, this.caseId);
    return `version ${found?.version}, event ${found?.record.audit.sequence} ${found?.record.audit.hash}`;
  }

  async execution(): Promise<ExecutionDescription> {
    const described = await this.edition.ports.workflow.describe(executionName(await this.record()));
    if (described === undefined) throw new Error('the case has no execution');
    return described;
  }

  /** The states that the present execution has been in, in order. */
  async states(): Promise<readonly string[]> {
    const history = await this.edition.ports.workflow.history(executionName(await this.record()));
    return history.flatMap(({ type, state }) => (type.endsWith('StateEntered') ? (state ?? []) : []));
  }

  /** Letters of the case as the centre sees them: all of them. */
  async letters(): Promise<z.infer<typeof LETTERS>> {
    return LETTERS.parse((await this.staff.centre.get(`/v1/cases/${this.caseId}/letters`)).letters);
  }

  /** Whether the archive is sound, by the offline check over its files. */
  async checkArchive(): Promise<ArchiveCheck> {
    const { documents } = this.edition.ports;
    const { archive } = await this.record();
    if (archive === null) throw new Error('the case is not archived');
    const files = new Map<string, Uint8Array>();
    for (const key of await documents.list(archive.prefix)) {
      files.set(key.slice(archive.prefix.length), await documents.read(key));
    }
    return checkArchive(files);
  }

  async timeline(): Promise<readonly AuditEvent[]> {
    const { events } = await this.worker.get(`/v1/cases/${this.caseId}/events`);
    return z.array(auditEventSchema.loose()).parse(events);
  }

  // ---------------------------------------------------------------- what people do

  async taskId(kind: TaskKind): Promise<string> {
    const { openTask, stage } = await this.record();
    if (openTask?.kind !== kind)
      throw new Error(`the case is at ${stage}, its task is ${openTask?.kind ?? 'none'}`);
    return openTask.taskId;
  }

  /** Decides the open task, which must be of this kind, and lets the process go on. */
  async decide(kind: TaskKind, decision: Readonly<Record<string, unknown>>, by?: Client): Promise<void> {
    const taskId = await this.taskId(kind);
    const client = by ?? this.#whose(kind);
    await client.post(`/v1/tasks/${taskId}/decision`, await this.opinion(client, taskId, kind, decision));
    await this.edition.settle();
  }

  /** The body of a decision as the law wants it: over what was seen, and collective where it has to be. */
  async opinion(
    by: Client,
    taskId: string,
    kind: TaskKind,
    decision: Readonly<Record<string, unknown>>,
  ): Promise<Readonly<Record<string, unknown>>> {
    if (kind === 'supplement') return { kind, ...decision };
    const collective =
      this.household.route === 'territorial' && ['grassrootsReview', 'centreReview'].includes(kind);
    return {
      kind,
      seen: await by.seen(taskId),
      ...(collective ? { participants: PARTICIPANTS } : {}),
      ...decision,
    };
  }

  #whose(kind: TaskKind): Client {
    const { grassroots, superior, centre } = this.staff;
    if (kind === 'supplement') return this.worker;
    if (kind === 'grassrootsReview') return grassroots;
    return kind === 'superiorReview' || kind === 'objections' ? superior : centre;
  }

  /** The reviewer's table. */
  async table(): Promise<readonly TableRow[]> {
    const { matters } = await this.staff.centre.get(`/v1/cases/${this.caseId}/adjudication`);
    return z.array(tableRow).parse(matters);
  }

  /** What settles all that is open, as suggested, or as declared where nothing is; `more` changes single ones. */
  async settlements(
    more: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {},
  ): Promise<readonly Record<string, unknown>[]> {
    return (await this.table())
      .filter(({ open }) => open)
      .map(({ id, basis, suggested, flag }) => ({
        id,
        basis,
        choice: suggested ?? 'declared',
        reason: '经核实属实。',
        clause: flag?.clause,
        ...more[id],
      }));
  }

  async adjudicate(more: Parameters<Application['settlements']>[0] = {}): Promise<void> {
    const items = await this.settlements(more);
    await this.decide('adjudication', { decision: 'adjudicated', opinion: '逐项认定。', items });
  }

  /** Both reviews below the centre. */
  async passBelow(): Promise<void> {
    await this.decide('grassrootsReview', PASS);
    if (this.household.route === 'territorial') await this.noticeEnds();
    await this.decide('superiorReview', PASS);
    await this.answered();
  }

  /** Waits until the centre's answer is in; where none is on its way, at once. */
  async answered(): Promise<void> {
    for (;;) {
      await this.edition.settle();
      const { crossCheck } = await this.record();
      if (crossCheck?.status !== 'requested' || !this.edition.willAnswer(crossCheck.requestId)) break;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await this.edition.settle();
  }

  /** Everything up to the established file. */
  async establish(): Promise<void> {
    await this.passBelow();
    await this.decide('centreReview', PASS);
    if (this.household.route === 'provinceDirect') await this.noticeEnds();
  }

  /** Moves case time to the end of the notice. */
  async noticeEnds(): Promise<void> {
    const { notice } = await this.record();
    if (notice?.endsAt == null) throw new Error('no notice is running');
    await this.edition.advanceTo(notice.endsAt);
  }

  /** A visit with a signed record and one photo; the findings given beside a word on the whole. */
  async visit(
    by: Client,
    findings: Readonly<Record<string, unknown>> = {},
    more: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    await by.post(`/v1/cases/${this.caseId}/visits`, await this.visitForm(findings, more));
    await this.edition.settle();
  }

  async visitForm(
    findings: Readonly<Record<string, unknown>> = {},
    more: Readonly<Record<string, unknown>> = {},
  ): Promise<Readonly<Record<string, unknown>>> {
    const paper = { contentType: 'application/pdf', content: pdf() } as const;
    const [record, photo] = await this.upload(
      { paper: 'visitRecord', ...paper },
      { paper: 'visitPhoto', ...paper },
    );
    return {
      visitedOn: this.edition.today,
      place: 'home',
      visitors: ['甲走访', '乙走访'],
      findings: { text: '家中情况与申报一致。', ...findings },
      photos: [photo],
      signature: { kind: 'signed', document: record },
      ...more,
    };
  }

  async object(text = '该户另有住房出租，没有申报。'): Promise<void> {
    const { notice } = await this.record();
    await this.edition.anyone().post(`/v1/notices/${notice?.noticeId}/objections`, { text });
    await this.edition.settle();
  }

  /** The minutes of a meeting on this file alone. */
  minutes(aids: readonly unknown[] = [], heldOn: string = this.edition.today): Record<string, unknown> {
    return {
      heldOn,
      attendees: ['甲主任', '乙主任'],
      minutes: '会议逐户研究。',
      agenda: [{ caseId: this.caseId, aids, resolution: '按研究意见办理。' }],
    };
  }

  async meet(aids: readonly unknown[] = []): Promise<void> {
    await this.staff.secretary.post('/v1/meetings', this.minutes(aids));
    await this.edition.settle();
  }

  withdraw(by: Client = this.worker): Promise<unknown> {
    return by.post(`/v1/cases/${this.caseId}/withdrawal`, { reason: '家庭情况好转。' });
  }

  /** Does what the people of the case would do next, until it is filed. */
  async finish(): Promise<void> {
    for (let step = 0; step < 20; step += 1) {
      if ((await this.record()).stage === 'filed') return;
      await this.step();
    }
    throw new Error(`the case does not come to its end: ${(await this.record()).stage}`);
  }

  /** Does what is to be done at the present stage. */
  async step(): Promise<void> {
    const { stage } = await this.record();
    const paper = { contentType: 'application/pdf', content: pdf() } as const;
    switch (stage) {
      case 'awaitingSupplement':
        await this.upload(...papersOf(this.household).values());
        return this.decide('supplement', { decision: 'supplied' });
      case 'grassrootsReview':
      case 'superiorReview':
      case 'centreReview':
        await this.decide(stage, PASS);
        return this.answered();
      case 'crossCheck':
        this.edition.release();
        return this.answered();
      case 'crossCheckByHand': {
        const evidence = await this.upload({ paper: 'crossCheckEvidence', ...paper });
        return this.decide('crossCheckByHand', { ...BY_HAND, evidence });
      }
      case 'adjudicating':
        return this.adjudicate();
      case 'awaitingFacts':
        await this.staff.centre.put(`/v1/cases/${this.caseId}/declaration`, {
          declaration: householdOf({ today: this.household.declaration.applicationDate }).declaration,
          reason: '单位出具工资证明。',
        });
        return this.decide('facts', { decision: 'settled', opinion: '已核实。' });
      case 'caseStudy': {
        const [minutes] = await this.upload({ paper: 'studyMinutes', ...paper });
        return this.decide('caseStudy', { ...STUDY, minutes });
      }
      case 'settingNoticeEnd':
        return this.decide('noticeEnd', {
          decision: 'set',
          opinion: '按通知确定。',
          lastDay: addDays(this.edition.today, 14),
        });
      case 'notice':
        return this.noticeEnds();
      case 'objections':
        return this.decide('objections', { decision: 'dismissed', opinion: '不属实。' });
      case 'established':
        return this.meet();
      default:
        throw new Error(`nobody can do anything at ${stage}`);
    }
  }

  async resume(): Promise<void> {
    await this.staff.administrator.post(`/v1/cases/${this.caseId}/resumption`, { reason: '恢复办理。' });
    await this.edition.settle();
    await this.answered();
  }
}
