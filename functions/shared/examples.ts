/** What the API's description shows as bodies that are accepted: people and numbers that don't exist. */
import type { JsonObject } from './ports.ts';

export const EXAMPLE_DECLARATION = {
  applicationDate: '2019-01-07',
  region: '340100',
  incomePeriod: { from: '2018-01', to: '2018-12' },
  worker: { kind: 'urban', standing: 'employed', labourRelationMonths: 60 },
  crossCheckAuthorised: true,
  members: [
    {
      id: 'worker',
      relation: 'self',
      onRegister: true,
      status: 'employed',
      incomes: [{ kind: 'wage', amount: '18000' }],
    },
  ],
  expenditures: [{ kind: 'accident', amount: '12000' }],
} as const satisfies JsonObject;

export const EXAMPLE_HOUSEHOLD = {
  route: 'provinceDirect',
  grassrootsUnion: 'ah-direct-1',
  employer: '示例设计院',
  cause: '遭受意外事故',
  wishes: ['living'],
  householderId: 'worker',
  persons: [
    { memberId: 'worker', name: '样例职工', relationToHouseholder: '户主', idNumber: '340000197505060034' },
  ],
  phone: '13900000000',
  address: '安徽省合肥市示例区样例路1号303室',
  bankCard: { number: '6222020000000000018', bank: '样例银行合肥分行' },
  declaration: EXAMPLE_DECLARATION,
  consent: {
    notice: '2026-1',
    processing: true,
    sensitive: true,
    persons: [{ memberId: 'worker', given: 'self' }],
  },
} as const satisfies JsonObject;
