/**
 * The handover when a post changes (B-15: 档案管理人员调离工作岗位时，应办妥档案交接手续): the one who leaves has the list drawn up,
 * of the open work of the own posts and, for a keeper, of every file in custody, and signs it; the one who takes over,
 * another person of the same union with the same posts, signs it too. Nobody signs both sides.
 */
import { beijingDate } from '#domain/calendar/dates.ts';
import { TASKS } from '#domain/filing/tasks.ts';
import { type Caller, type Role, requireAccess } from '#functions/shared/access/policy.ts';
import { type CasePorts, casesOf, untilSettled } from '#functions/shared/case-store.ts';
import { AppError } from '#functions/shared/errors.ts';
import { keys } from '#functions/shared/keys.ts';
import { readAll } from '#functions/shared/pages.ts';
import type { Item, ItemOperation, ItemStore, Ports } from '#functions/shared/ports.ts';
import { isTaskOf } from '#functions/shared/task-access.ts';
import { parseTask } from '#functions/shared/task-store.ts';
import { type Handover, type HandoverForm, handoverSchema, type Line, lineSchema } from './schema.ts';

type Needs = CasePorts & Pick<Ports, 'organisations'>;

/** The posts that have something to hand over. */
const POSTS: readonly Role[] = [
  'grassrootsOfficer',
  'superiorOfficer',
  'centreReviewer',
  'meetingSecretary',
  'keeper',
];
const ROLE_NAMES: Readonly<Partial<Record<Role, string>>> = {
  grassrootsOfficer: '基层工会经办人',
  superiorOfficer: '上级工会审核人',
  centreReviewer: '中心复审人',
  meetingSecretary: '会议秘书',
  keeper: '档案管理员',
};

/** A part holds 500 lines of about 150 bytes. */
const LINES_A_PART = 500;

const itemOf = (handover: Handover, version: number): Item => ({
  ...keys.handover(handover.handoverId),
  version: version + 1,
  schema: 1,
  data: handover,
  index: {
    gsi1: {
      pk: keys.handoversOf(handover.organisation),
      sk: `${handover.leaves.at}#${handover.handoverId}`,
    },
  },
});

const put = (item: Item, before: number): ItemOperation => ({
  type: 'put',
  item,
  condition: before === 0 ? 'absent' : { version: before },
});

const openWork = async (ports: Needs, caller: Caller, organisation: string): Promise<readonly Line[]> => {
  const pk = keys.inbox(organisation);
  const items = [
    ...(await readAll(ports.items, { index: 'gsi1', pk })),
    ...(await readAll(ports.items, { index: 'gsi2', pk })),
  ];
  return items
    .map(parseTask)
    .filter((task) => isTaskOf(caller, task))
    .map(({ taskId, caseId, kind, dueOn }) => ({
      kind: 'task',
      taskId,
      caseId,
      name: TASKS[kind].name,
      dueOn,
    }));
};

const filesKept = async (ports: Needs, organisation: string): Promise<readonly Line[]> => {
  const records = casesOf(await readAll(ports.items, { index: 'gsi2', pk: keys.unionIndex(organisation) }));
  return records.flatMap(({ caseId, file }): Line[] =>
    file === null
      ? []
      : [{ kind: 'file', caseId, fileNumber: file.number, establishedAt: file.establishedAt }],
  );
};

export type Listed = { readonly handover: Handover; readonly lines: readonly Line[] };

/** Draws the list up and signs it for the one who leaves: the caller. Errors: 403. */
export const openHandover = async (ports: Needs, caller: Caller, form: HandoverForm): Promise<Listed> => {
  const { organisation } = caller;
  requireAccess(caller, 'handover.sign', organisation === undefined ? {} : { organisation });
  if (organisation === undefined) throw new Error('someone without a union got past the policy');
  if (form.takesOver === caller.subject) throw samePerson();
  const tree = await ports.organisations.tree();
  const roles = POSTS.filter((role) => caller.roles.includes(role));
  const lines = [
    ...(await openWork(ports, caller, organisation)),
    ...(roles.includes('keeper') ? await filesKept(ports, organisation) : []),
  ];
  const files = lines.filter(({ kind }) => kind === 'file').length;
  const handover: Handover = {
    handoverId: ports.ids.next(),
    organisation,
    organisationName: tree.find(organisation)?.name ?? organisation,
    roles,
    takesOver: form.takesOver ?? null,
    reason: form.reason,
    objects: form.objects,
    counts: { tasks: lines.length - files, files },
    leaves: {
      subject: caller.subject,
      name: caller.name,
      at: new Date(ports.clock.now()).toISOString(),
    },
    accepted: null,
  };
  // The record comes last: a list without one is none.
  for (let from = 0; from < lines.length; from += LINES_A_PART) {
    const data = { lines: lines.slice(from, from + LINES_A_PART) };
    const key = keys.handoverPart(handover.handoverId, from / LINES_A_PART + 1);
    await ports.items.transact([put({ ...key, version: 1, schema: 1, data }, 0)]);
  }
  await ports.items.transact([put(itemOf(handover, 0), 0)]);
  return { handover, lines };
};

const samePerson = (): AppError =>
  new AppError('same-person', 403, '交接双方不能是同一人。', { clause: 'B-15' });

const getHandover = async (
  items: ItemStore,
  handoverId: string,
): Promise<{ readonly handover: Handover; readonly version: number }> => {
  const item = await items.get(keys.handover(handoverId));
  if (item === undefined) throw new AppError('handover-not-found', 404, '没有找到这份交接单。');
  return { handover: handoverSchema.parse(item.data), version: item.version };
};

const accept = async (ports: Needs, caller: Caller, handoverId: string): Promise<Handover> => {
  const { handover, version } = await getHandover(ports.items, handoverId);
  requireAccess(caller, 'handover.sign', { organisation: handover.organisation });
  if (caller.subject === handover.leaves.subject) throw samePerson();
  if (handover.takesOver !== null && handover.takesOver !== caller.subject) {
    throw new AppError('not-the-one', 403, '这份交接单指定了另一位接收人。');
  }
  const missing = handover.roles.filter((role) => !caller.roles.includes(role));
  if (missing.length > 0) {
    const names = missing.map((role) => ROLE_NAMES[role] ?? role).join('、');
    throw new AppError('post-missing', 403, `接收人还没有被任命为：${names}。请先办理任职，再签收。`, {
      roles: missing,
    });
  }
  if (handover.accepted !== null) {
    if (handover.accepted.subject === caller.subject) return handover;
    throw new AppError('already-accepted', 409, `已由${handover.accepted.name}签收。`);
  }
  const at = new Date(ports.clock.now()).toISOString();
  const signed = { ...handover, accepted: { subject: caller.subject, name: caller.name, at } };
  await ports.items.transact([put(itemOf(signed, version), version)]);
  return signed;
};

/**
 * Signs for the one who takes over. Errors: 404; 403 `same-person`, `not-the-one`, `post-missing`, `not-allowed`; 409
 * `already-accepted`.
 */
export const acceptHandover = (ports: Needs, caller: Caller, handoverId: string): Promise<Handover> =>
  untilSettled(() => accept(ports, caller, handoverId));

export const readHandover = async (ports: Needs, caller: Caller, handoverId: string): Promise<Listed> => {
  const { handover } = await getHandover(ports.items, handoverId);
  const { organisation } = handover;
  const tree = await ports.organisations.tree();
  const organisationPath = tree.find(organisation) === undefined ? [] : tree.path(organisation);
  requireAccess(caller, 'handover.read', { organisation, organisationPath });
  const parts = await readAll(ports.items, { pk: keys.handover(handoverId).pk, sk: { prefix: 'PART#' } });
  return {
    handover,
    lines: parts.flatMap(({ data }) => lineSchema.array().parse(data.lines)),
  };
};

/** Those of the caller's own union, newest first. */
export const listHandovers = async (
  ports: Needs,
  caller: Caller,
  { limit, cursor }: { readonly limit?: number | undefined; readonly cursor?: string | undefined },
): Promise<{ readonly handovers: readonly Handover[]; readonly cursor: string | null }> => {
  const { organisation } = caller;
  requireAccess(
    caller,
    'handover.read',
    organisation === undefined ? {} : { organisation, organisationPath: [organisation] },
  );
  if (organisation === undefined) return { handovers: [], cursor: null };
  const page = await ports.items.query({
    index: 'gsi1',
    pk: keys.handoversOf(organisation),
    direction: 'descending',
    ...(limit === undefined ? {} : { limit }),
    ...(cursor === undefined ? {} : { cursor }),
  });
  return { handovers: page.items.map(({ data }) => handoverSchema.parse(data)), cursor: page.cursor ?? null };
};

const signatureLine = (side: string, signed: Handover['accepted']): string =>
  signed === null
    ? `${side}：（尚未签字）`
    : `${side}：${signed.name}（账号 ${signed.subject}），${beijingDate(Date.parse(signed.at))} 签字`;

/** The list as it is printed and put with the files. */
export const handoverText = ({ handover, lines }: Listed): string => {
  const tasks = lines.flatMap((line) => (line.kind === 'task' ? [line] : []));
  const files = lines.flatMap((line) => (line.kind === 'file' ? [line] : []));
  const numbered = (entries: readonly string[]): readonly string[] =>
    entries.length === 0 ? ['无'] : entries.map((entry, index) => `${index + 1}. ${entry}`);
  return [
    '岗位交接单',
    '',
    `单位：${handover.organisationName}`,
    `岗位：${handover.roles.map((role) => ROLE_NAMES[role] ?? role).join('、')}`,
    `原因：${handover.reason}`,
    `编号：${handover.handoverId}`,
    '依据：皖工发〔2017〕51号第十五条（B-15）',
    '',
    `一、未办结事项（${tasks.length}件）`,
    ...numbered(
      tasks.map(
        ({ name, caseId, dueOn }) => `${name}，申请 ${caseId}，${dueOn === null ? '期限待定' : `${dueOn}前`}`,
      ),
    ),
    '',
    `二、保管的档案（${files.length}份）`,
    ...numbered(
      files.map(({ fileNumber, caseId, establishedAt }) => {
        const day = beijingDate(Date.parse(establishedAt));
        return `${fileNumber}，${day}建档，申请 ${caseId}`;
      }),
    ),
    '',
    '三、其他移交物品',
    ...numbered(handover.objects),
    '',
    signatureLine('移交人', handover.leaves),
    signatureLine('接收人', handover.accepted),
    '',
  ].join('\n');
};
