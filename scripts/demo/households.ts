/**
 * The households of the demonstration: both worked examples of the filing materials, and six made-up ones. All
 * people are synthetic: their ID numbers are valid in form and given to nobody.
 */
import { syntheticCardNumber, syntheticIdNumber } from './synthetic.ts';

/** The day on which everyone applies: the examples' own time, when D in Hefei was 639 yuan. */
export const APPLICATION_DATE = '2018-12-20';

export type Person = {
  readonly memberId: string;
  readonly name: string;
  readonly relationToHouseholder: string;
  readonly idNumber: string;
};

export type Household = {
  readonly route: 'provinceDirect' | 'territorial';
  readonly grassrootsUnion: string;
  readonly employer: string;
  readonly cause: string;
  readonly wishes: readonly string[];
  readonly householderId: string;
  readonly persons: readonly Person[];
  readonly phone: string;
  readonly address: string;
  readonly bankCard: { readonly number: string; readonly bank: string };
  readonly declaration: {
    readonly applicationDate: string;
    readonly region: string;
    readonly incomePeriod: { readonly from: string; readonly to: string };
    readonly worker: {
      readonly kind: 'urban';
      readonly standing: string;
      readonly labourRelationMonths: number;
    };
    readonly crossCheckAuthorised: boolean;
    readonly members: readonly {
      readonly id: string;
      readonly relation: string;
      readonly onRegister: boolean;
      readonly status: string;
      readonly incomes: readonly {
        readonly kind: string;
        readonly amount: string;
        readonly incomeTax?: string;
        readonly socialInsurance?: string;
      }[];
    }[];
    readonly expenditures: readonly {
      readonly kind: string;
      readonly amount: string;
      readonly reimbursed?: string;
      readonly memberId: string;
      readonly majorIllness?: boolean;
    }[];
    readonly assets: {
      readonly homes: readonly { readonly area: string }[];
      readonly vehicles: readonly never[];
    };
  };
};

let serial = 0;

const person = (
  memberId: string,
  name: string,
  relationToHouseholder: string,
  birthDate: string,
  sex: 'male' | 'female',
): Person => {
  serial += 1;
  return { memberId, name, relationToHouseholder, idNumber: syntheticIdNumber({ birthDate, sex, serial }) };
};

const DIRECT = { route: 'provinceDirect', grassrootsUnion: 'ah-direct-1', employer: '示例设计院' } as const;
const TERRITORIAL = {
  route: 'territorial',
  grassrootsUnion: 'hf-1-1',
  employer: '示例街道社区（灵活就业）',
} as const;

/** What every household of the demonstration has alike; their numbers are their own. */
const contact = (number: number) => ({
  phone: `1380000${String(1000 + number)}`,
  address: `安徽省合肥市示例区样例路${number}号`,
  bankCard: { number: syntheticCardNumber(number), bank: '样例银行合肥分行' },
});

const declaration = (
  given: Pick<Household['declaration'], 'members' | 'expenditures'> &
    Partial<Pick<Household['declaration'], 'region' | 'worker' | 'crossCheckAuthorised' | 'assets'>>,
): Household['declaration'] => ({
  applicationDate: APPLICATION_DATE,
  region: '340100',
  incomePeriod: { from: '2017-01', to: '2017-12' },
  worker: { kind: 'urban', standing: 'employed', labourRelationMonths: 60 },
  crossCheckAuthorised: true,
  assets: { homes: [{ area: '68' }], vehicles: [] },
  ...given,
});

const wage = (amount: string) => [{ kind: 'wage', amount }];

export const exampleOne: Household = {
  ...DIRECT,
  ...contact(1),
  cause: '本人患重大疾病、子女就学',
  wishes: ['majorIllness'],
  householderId: 'li',
  persons: [
    person('li', '李样一', '户主', '1972-03-08', 'male'),
    person('spouse', '陈样二', '配偶', '1974-07-19', 'female'),
    person('child', '李样三', '子女', '1999-10-02', 'female'),
  ],
  declaration: declaration({
    members: [
      {
        id: 'li',
        relation: 'self',
        onRegister: true,
        status: 'employed',
        incomes: [{ kind: 'wage', amount: '48200', incomeTax: '180', socialInsurance: '5700' }],
      },
      { id: 'spouse', relation: 'spouse', onRegister: true, status: 'employed', incomes: wage('20000') },
      { id: 'child', relation: 'child', onRegister: true, status: 'student', incomes: [] },
    ],
    expenditures: [
      { kind: 'medical', amount: '80300', reimbursed: '45000', memberId: 'li', majorIllness: true },
      { kind: 'schooling', amount: '4700', memberId: 'child' },
    ],
    assets: { homes: [{ area: '78.5' }], vehicles: [] },
  }),
};

export const exampleTwo: Household = {
  ...DIRECT,
  ...contact(2),
  cause: '家庭成员遭受意外事故、子女就学',
  wishes: ['living'],
  householderId: 'wang',
  persons: [
    person('wang', '王样一', '户主', '1970-01-15', 'male'),
    person('spouse', '赵样二', '配偶', '1971-12-01', 'female'),
    person('mother', '孙样三', '母亲', '1945-05-20', 'female'),
    person('child', '王样四', '子女', '1998-09-09', 'male'),
  ],
  declaration: declaration({
    worker: { kind: 'urban', standing: 'employed', labourRelationMonths: 96 },
    members: [
      { id: 'wang', relation: 'self', onRegister: true, status: 'employed', incomes: wage('60000') },
      { id: 'spouse', relation: 'spouse', onRegister: true, status: 'unableToWork', incomes: [] },
      {
        id: 'mother',
        relation: 'parent',
        onRegister: true,
        status: 'retired',
        incomes: [{ kind: 'transfer', amount: '24000' }],
      },
      { id: 'child', relation: 'child', onRegister: true, status: 'student', incomes: [] },
    ],
    expenditures: [
      { kind: 'accident', amount: '38000', memberId: 'spouse' },
      { kind: 'schooling', amount: '10000', memberId: 'child' },
    ],
    assets: { homes: [{ area: '92' }], vehicles: [] },
  }),
};

/** Territorial route: a flexible worker files with the street's union (B-10). */
export const territorial: Household = {
  ...TERRITORIAL,
  ...contact(3),
  cause: '本人患重大疾病',
  wishes: ['majorIllness'],
  householderId: 'zhou',
  persons: [
    person('zhou', '周样一', '户主', '1968-11-11', 'female'),
    person('son', '吴样二', '子女', '1996-04-04', 'male'),
  ],
  declaration: declaration({
    region: '340104',
    worker: { kind: 'urban', standing: 'flexible', labourRelationMonths: 0 },
    members: [
      { id: 'zhou', relation: 'self', onRegister: true, status: 'employed', incomes: wage('26000') },
      { id: 'son', relation: 'child', onRegister: true, status: 'student', incomes: [] },
    ],
    expenditures: [
      { kind: 'medical', amount: '18000', reimbursed: '6000', memberId: 'zhou', majorIllness: true },
    ],
  }),
};

/** Hands in the proof of the spouse's income and the bank card only when asked. */
export const supplemented: Household = {
  ...DIRECT,
  ...contact(4),
  cause: '子女就学',
  wishes: ['schooling'],
  householderId: 'zheng',
  persons: [
    person('zheng', '郑样一', '户主', '1973-06-30', 'male'),
    person('spouse', '冯样二', '配偶', '1975-02-14', 'female'),
    person('child', '郑样三', '子女', '1999-08-18', 'male'),
  ],
  declaration: declaration({
    members: [
      { id: 'zheng', relation: 'self', onRegister: true, status: 'employed', incomes: wage('18000') },
      { id: 'spouse', relation: 'spouse', onRegister: true, status: 'employed', incomes: wage('12000') },
      { id: 'child', relation: 'child', onRegister: true, status: 'student', incomes: [] },
    ],
    expenditures: [{ kind: 'schooling', amount: '9000', memberId: 'child' }],
  }),
};

/** Somebody objects during the notice, and is right. */
export const objected: Household = {
  ...DIRECT,
  ...contact(5),
  cause: '子女就学',
  wishes: ['schooling'],
  householderId: 'chu',
  persons: [
    person('chu', '褚样一', '户主', '1976-10-10', 'male'),
    person('child', '褚样二', '子女', '2000-01-01', 'female'),
  ],
  declaration: declaration({
    members: [
      { id: 'chu', relation: 'self', onRegister: true, status: 'employed', incomes: wage('20400') },
      { id: 'child', relation: 'child', onRegister: true, status: 'student', incomes: [] },
    ],
    expenditures: [{ kind: 'schooling', amount: '8000', memberId: 'child' }],
  }),
};

/** Doesn't authorise the cross-check (C-2). */
export const unauthorised: Household = {
  ...DIRECT,
  ...contact(6),
  cause: '本人患病',
  wishes: ['living'],
  householderId: 'wei',
  persons: [person('wei', '卫样一', '户主', '1980-12-12', 'female')],
  declaration: declaration({
    crossCheckAuthorised: false,
    members: [{ id: 'wei', relation: 'self', onRegister: true, status: 'employed', incomes: wage('14400') }],
    expenditures: [{ kind: 'medical', amount: '9000', reimbursed: '1000', memberId: 'wei' }],
  }),
};

/**
 * Two small homes, of which one is declared, and a stall that is registered and not declared. With the stall's 6000 yuan:
 * (33000 + 18000 + 3000 + 6000 − 32000) ÷ 12 ÷ 4 = 583.33 ≤ 639. The homes have 62.5 m² together, 15.625 a head.
 */
export const adjudicated: Household = {
  ...DIRECT,
  ...contact(8),
  cause: '本人患重大疾病',
  wishes: ['majorIllness'],
  householderId: 'shuang',
  persons: [
    person('shuang', '双样店', '户主', '1973-04-16', 'male'),
    person('spouse', '戚样二', '配偶', '1975-09-21', 'female'),
    person('child', '双样三', '子女', '2001-02-12', 'male'),
    person('parent', '双样四', '父亲', '1946-11-30', 'male'),
  ],
  declaration: declaration({
    members: [
      { id: 'shuang', relation: 'self', onRegister: true, status: 'employed', incomes: wage('33000') },
      { id: 'spouse', relation: 'spouse', onRegister: true, status: 'employed', incomes: wage('18000') },
      { id: 'child', relation: 'child', onRegister: true, status: 'student', incomes: [] },
      {
        id: 'parent',
        relation: 'parent',
        onRegister: true,
        status: 'retired',
        incomes: [{ kind: 'transfer', amount: '3000' }],
      },
    ],
    expenditures: [
      { kind: 'medical', amount: '50000', reimbursed: '18000', memberId: 'shuang', majorIllness: true },
    ],
    assets: { homes: [{ area: '38' }], vehicles: [] },
  }),
};

/** Withdraws while the superior union has the case. */
export const withdrawn: Household = {
  ...DIRECT,
  ...contact(7),
  cause: '子女就学',
  wishes: ['schooling'],
  householderId: 'jiang',
  persons: [
    person('jiang', '蒋样一', '户主', '1977-07-07', 'male'),
    person('child', '蒋样二', '子女', '2000-05-05', 'male'),
  ],
  declaration: declaration({
    members: [
      { id: 'jiang', relation: 'self', onRegister: true, status: 'employed', incomes: wage('19200') },
      { id: 'child', relation: 'child', onRegister: true, status: 'student', incomes: [] },
    ],
    expenditures: [{ kind: 'schooling', amount: '6000', memberId: 'child' }],
  }),
};
