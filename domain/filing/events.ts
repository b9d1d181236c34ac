/** The kinds of audit events of a case, with the words of its timeline. */
import * as z from 'zod';

export const EVENT_NAMES = {
  opened: '建立申请',
  claimCodeIssued: '发出认领码',
  ownerClaimed: '职工认领申请',
  declarationChanged: '修改申报内容',
  submitted: '提交申请',
  documentReceived: '收到材料',
  documentRefused: '退回不合格材料',
  materialsChecked: '检查材料',
  taskOpened: '转入办理环节',
  reminded: '催办',
  escalated: '逾期上报上一级',
  lapsed: '逾期未补正，申请终止',
  claimed: '认领任务',
  released: '释放任务',
  reassigned: '转交任务',
  commented: '内部备注',
  visited: '入户走访',
  decided: '作出意见',
  crossCheckRequested: '发起信息比对',
  crossCheckDeclined: '未授权信息比对',
  crossCheckAnswered: '收到比对结果',
  crossCheckExported: '导出比对名单',
  crossCheckChased: '催办信息比对',
  differencesFound: '发现待认定的差异',
  assessed: '测算认定',
  noticePublished: '公示',
  noticeClosed: '公示结束',
  objectionRaised: '收到异议',
  established: '建立档案',
  duplicateFound: '发现家庭成员已在档',
  meetingHeld: '会议研究决定',
  archiving: '开始归档',
  archived: '归档',
  rejected: '不予建档',
  fieldOpened: '查看明文',
  paperOpened: '打开材料',
  externalRequested: '登记外单位查阅',
  externalApproved: '同意外单位查阅',
  externalRefused: '不同意外单位查阅',
  externalRevoked: '终止外单位查阅',
  externalOpened: '外单位查阅材料',
  custodyTransferred: '移交保管',
  withdrawn: '撤回申请',
  faulted: '系统处理失败',
  resumed: '恢复办理',
} as const;

/** Between colleagues: on record and in the archive, but no part of the household's timeline. */
const INTERNAL: ReadonlySet<string> = new Set<EventType>(['claimed', 'released', 'reassigned', 'commented']);
export const isInternal = (type: string): boolean => INTERNAL.has(type);

export const eventTypeSchema = z.enum(Object.keys(EVENT_NAMES) as [EventType, ...EventType[]]);
export type EventType = keyof typeof EVENT_NAMES;
