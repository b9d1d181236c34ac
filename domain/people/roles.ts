/** The posts of the process. What each may do is `functions/shared/access/policy.ts`. */
export const ROLES = [
  'applicant',
  'grassrootsOfficer',
  'superiorOfficer',
  'centreReviewer',
  'meetingSecretary',
  'keeper',
  'inspector',
  'auditor',
  'administrator',
] as const;
export type Role = (typeof ROLES)[number];

/** The roles that a post gives; an applicant is one by having an account. */
export const STAFF_ROLES = ROLES.filter((role) => role !== 'applicant');
export type StaffRole = (typeof STAFF_ROLES)[number];

export const ROLE_NAMES: Readonly<Record<Role, string>> = {
  applicant: '职工',
  grassrootsOfficer: '基层工会经办人',
  superiorOfficer: '上级工会审核人',
  centreReviewer: '服务中心复审人',
  meetingSecretary: '会议记录人',
  keeper: '档案管理员',
  inspector: '检查员',
  auditor: '审计员',
  administrator: '管理员',
};
