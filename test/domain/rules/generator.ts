/**
 * Random declarations and parameters that fit the contract, aimed at its boundaries: incomes are topped up so that
 * raw, net, strict or wide lies exactly at, or one fen beside, a multiple of D. All people are made up.
 */
import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { reference } from './reference.ts';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Scenario = {
  readonly declaration: { [key: string]: Json };
  readonly parameters: { [key: string]: Json };
};

const AMOUNTS = ['0', '0.01', '99.99', '600', '3000.5', '7200', '18240', '24000', '100000'] as const;
const amount = fc.constantFrom(...AMOUNTS);
const knownOrNot = fc.oneof({ weight: 12, arbitrary: amount }, { weight: 1, arbitrary: fc.constant(null) });
const rarely = fc.oneof(
  { weight: 9, arbitrary: fc.constant(false) },
  { weight: 1, arbitrary: fc.constant(true) },
);
const seldom = fc.oneof(
  { weight: 3, arbitrary: fc.constant(false) },
  { weight: 1, arbitrary: fc.constant(true) },
);
const often = seldom.map((value) => !value);
const evidence = fc.array(fc.constantFrom('d1', 'd2', 'd3'), { maxLength: 2 });

const wage = fc.record(
  {
    kind: fc.constant('wage'),
    amount: fc.constantFrom('6000', '18240', '24000', null, '600'),
    incomeTax: fc.constantFrom('0', '100', '0.5', '200', null),
    socialInsurance: fc.constantFrom('0', '400', '99.99', null),
    evidence,
  },
  { requiredKeys: ['kind', 'amount'] },
);
const otherIncome = fc.record(
  { kind: fc.constantFrom('business', 'property', 'transfer'), amount: knownOrNot, evidence },
  { requiredKeys: ['kind', 'amount'] },
);

const member = (id: string, relation: fc.Arbitrary<string>) =>
  fc.record(
    {
      id: fc.constant(id),
      relation,
      onRegister: often,
      visitConfirmed: seldom,
      status: fc.constantFrom(
        'employed',
        'employed',
        'unemployed',
        'student',
        'preschool',
        'retired',
        'unableToWork',
      ),
      specialCircumstances: seldom,
      livesInCountryside: seldom,
      incomeUnverifiable: seldom,
      highFeePrivateSchool: rarely,
      selfFundedAbroad: rarely,
      jobRefusals: fc.constantFrom(0, 0, 2, 3, 4),
      incomes: fc.array(fc.oneof(wage, otherIncome), { maxLength: 2 }),
    },
    { requiredKeys: ['id', 'relation', 'onRegister', 'status'] },
  );

const RELATIONS = ['spouse', 'child', 'parent', 'sibling', 'grandparent', 'grandchild', 'other'] as const;

const expenditure = fc.oneof(
  fc.record(
    {
      kind: fc.constant('medical'),
      amount: knownOrNot,
      reimbursed: knownOrNot,
      memberId: fc.constantFrom('m0', 'm1', 'm2'),
      majorIllness: fc.constant(true),
      extraordinary: fc.boolean(),
      evidence,
    },
    { requiredKeys: ['kind', 'amount', 'majorIllness'] },
  ),
  fc.record(
    {
      kind: fc.constant('medical'),
      amount: knownOrNot,
      reimbursed: knownOrNot,
      majorIllness: fc.constant(false),
    },
    { requiredKeys: ['kind', 'amount'] },
  ),
  fc.record(
    {
      kind: fc.constant('accident'),
      amount: knownOrNot,
      memberId: fc.constantFrom('m0', 'm1'),
      extraordinary: fc.boolean(),
    },
    { requiredKeys: ['kind', 'amount'] },
  ),
  fc.record(
    {
      kind: fc.constantFrom('schooling', 'disability', 'singleParent', 'other', 'living'),
      amount: knownOrNot,
      memberId: fc.constantFrom('m0', 'm1', 'm2'),
    },
    { requiredKeys: ['kind', 'amount'] },
  ),
);

const assets = fc.record(
  {
    homes: fc.oneof(
      {
        weight: 4,
        arbitrary: fc.array(fc.record({ area: fc.constantFrom('60', '78.5') }), { maxLength: 1 }),
      },
      {
        weight: 3,
        arbitrary: fc.array(fc.record({ area: fc.constantFrom('16', '8', '24', '24.01', '40', null) }), {
          minLength: 2,
          maxLength: 3,
        }),
      },
    ),
    businessPremises: rarely,
    employsOthers: rarely,
    vehicles: fc.array(
      fc.record({
        kind: fc.constantFrom('motorVehicle', 'motorVehicle', 'ship', 'farmMachine'),
        purchasePrice: fc.constantFrom('99999.99', '100000', '100000.01', null, '100000'),
        usedAsEmployee: seldom,
      }),
      { maxLength: 2 },
    ),
    investments: knownOrNot,
    savings: knownOrNot,
  },
  { requiredKeys: ['homes', 'vehicles'] },
);

const worker = fc.oneof(
  fc.record(
    {
      kind: fc.constant('urban'),
      standing: fc.constantFrom(
        'employed',
        'employed',
        'flexible',
        'unemployed',
        'retiredUnderUnit',
        'retiredUnderUnit',
        'retiredUnderCommunity',
      ),
      labourRelationMonths: fc.constantFrom(0, 1, 60, 60, 60),
      registeredRuralPoor: rarely,
    },
    { requiredKeys: ['kind', 'standing', 'labourRelationMonths'] },
  ),
  fc.record(
    {
      kind: fc.constant('migrant'),
      standing: fc.constantFrom('employed', 'employed', 'employed', 'employed', 'flexible'),
      labourRelationMonths: fc.constantFrom(5, 6, 7, 12, 12),
      registeredRuralPoor: seldom,
    },
    { requiredKeys: ['kind', 'standing', 'labourRelationMonths'] },
  ),
);

const declaration = fc
  .record({ size: fc.integer({ min: 0, max: 4 }), place: fc.nat({ max: 4 }) })
  .chain(({ size, place }) => {
    const relatives = Array.from({ length: size }, (_, index) =>
      member(`m${index < place ? index : index + 1}`, fc.constantFrom(...RELATIONS)),
    );
    const self = member(`m${Math.min(size, place)}`, fc.constant('self'));
    const family = [...relatives.slice(0, place), self, ...relatives.slice(place)];
    const known = new Set(Array.from({ length: size + 1 }, (_, index) => `m${index}`));
    return fc.record(
      {
        applicationDate: fc.constantFrom('2018-12-18', '2019-06-30', '2020-02-29'),
        standardsDate: fc.constantFrom('2018-06-30', '2018-07-01', '2019-01-01'),
        region: fc.constantFrom('340100', '340102', '340000', '340012'),
        homeRegion: fc.constantFrom('341200', '341203', '340100'),
        worker,
        crossCheckAuthorised: often,
        onSiteVisit: fc.boolean(),
        subsistenceAllowance: seldom,
        monthsBelowStandard: fc.constantFrom(0, 0, 0, 5, 6),
        members: fc.tuple(...family),
        expenditures: fc
          .array(expenditure, { maxLength: 3 })
          .map((items) => items.filter((item) => !('memberId' in item) || known.has(String(item.memberId)))),
        assets,
      },
      {
        requiredKeys: [
          'applicationDate',
          'region',
          'worker',
          'crossCheckAuthorised',
          'members',
          'expenditures',
          'assets',
        ],
      },
    );
  });

/** What is there seldom: the keys that may be left out are left out, the exclusion that the union makes is made. */
const OTHER_EXCLUSION = { reason: '集体研究确定', approvedBy: '市总工会' };

const completed = ([document, bare, excluded]: [{ applicationDate: string }, boolean, boolean]) => {
  const year = Number(document.applicationDate.slice(0, 4)) - 1;
  const whole = {
    ...document,
    incomePeriod: { from: `${year}-01`, to: `${year}-12` },
    ...(excluded ? { otherExclusion: OTHER_EXCLUSION } : {}),
  };
  if (!bare) return whole;
  return Object.fromEntries(
    Object.entries(whole).filter(([key]) => key !== 'assets' && key !== 'expenditures'),
  );
};

const value = (name: string, from: string, given: fc.Arbitrary<Json>) =>
  fc.record({
    name: fc.constant(name),
    from: fc.constant(from),
    value: given,
    source: fc.constant(`样例${from}`),
  });

const sometimes = <Value>(arbitrary: fc.Arbitrary<Value>, weight: number) =>
  fc.oneof({ weight, arbitrary: arbitrary.map((each) => [each]) }, { weight: 1, arbitrary: fc.constant([]) });

const place = (code: string, values: readonly fc.Arbitrary<readonly Json[]>[]) =>
  fc.tuple(...values).map((lists) => ({ code, name: `样例${code}`, values: lists.flat() }));

const D = fc.constantFrom('639', '600', '633.33', '0', '1000.01');
const wageStandard = fc.constantFrom('1520', '1180.5', '50');

const parameters = fc
  .tuple(
    place('340100', [
      sometimes(value('subsistenceAllowance', '2018-01-01', D), 12),
      sometimes(value('subsistenceAllowance', '2018-07-01', D), 1),
      sometimes(value('minimumWage', '2018-01-01', wageStandard), 6),
      sometimes(value('housingAreaPerHead', '2018-01-01', fc.constantFrom('16', '12', '8')), 5),
      sometimes(value('unitRetireesAdmitted', '2018-01-01', fc.boolean()), 4),
      sometimes(value('excludedMayFileMunicipal', '2018-01-01', fc.boolean()), 2),
    ]),
    place('340102', [sometimes(value('subsistenceAllowance', '2019-01-01', D), 1)]),
    place('341200', [
      sometimes(value('minimumWage', '2018-01-01', wageStandard), 3),
      sometimes(value('unprovenIncome', '2018-01-01', fc.constantFrom('1000', '1600.55')), 1),
    ]),
    place('340000', [
      sometimes(value('ruralDisposableIncome', '2018-01-01', fc.constantFrom('12758', '13996.02')), 6),
      sometimes(
        value('municipalMultiple', '2017-01-01', fc.constantFrom('2', '1.25', '1.5', '3.33', '0')),
        4,
      ),
      sometimes(value('minimumWage', '2018-07-01', wageStandard), 1),
      sometimes(value('subsistenceAllowance', '2018-01-01', D), 1),
    ]),
  )
  .map((places) => ({ version: '样例', places }));

const mostly = fc.integer({ min: 1, max: 100 }).map((roll) => roll <= 86);

/** Which disorders are taken out again: left alone, hardly any household would get as far as a tier. */
const order = fc.record({
  bars: mostly,
  register: mostly,
  incomes: mostly,
  expenditures: mostly,
  work: mostly,
  homes: seldom,
  vehicles: seldom,
  exclusions: mostly,
  standards: mostly,
  lean: fc.boolean(),
});

type Order = Record<
  'bars' | 'register' | 'incomes' | 'expenditures' | 'work' | 'homes' | 'vehicles',
  boolean
> &
  Record<'exclusions' | 'standards' | 'lean', boolean>;

// biome-ignore lint/suspicious/noExplicitAny: raw JSON, shaped by the arbitraries above.
type Raw = any;

const tidied = (given: Raw, standards: Raw, tidy: Order): Raw => {
  const plain = structuredClone(given);
  if (tidy.bars) {
    plain.crossCheckAuthorised = true;
    plain.worker.labourRelationMonths = 60;
    if (plain.worker.kind === 'migrant') plain.worker.standing = 'employed';
  }
  for (const each of plain.members) {
    if (tidy.register) each.onRegister = true;
    if (tidy.lean) each.incomes = [];
    if (tidy.incomes) {
      for (const income of each.incomes ?? []) {
        if (income.kind === 'wage') [income.incomeTax, income.socialInsurance] = ['100', '0.5'];
        if (income.amount === null) income.amount = '600';
      }
    }
    if (tidy.work) {
      if (each.status === 'unemployed') each.status = 'employed';
      each.incomeUnverifiable = false;
    }
    if (tidy.exclusions) {
      [each.highFeePrivateSchool, each.selfFundedAbroad, each.jobRefusals] = [false, false, 0];
    }
  }
  if (tidy.expenditures) {
    for (const item of plain.expenditures ?? []) {
      if (item.amount === null) item.amount = '7200';
      if (item.reimbursed === null) item.reimbursed = '99.99';
    }
  }
  if (plain.assets !== undefined) {
    if (!tidy.homes) plain.assets.homes.splice(1);
    if (!tidy.vehicles) plain.assets.vehicles = [];
    if (tidy.exclusions) [plain.assets.businessPremises, plain.assets.employsOthers] = [false, false];
  }
  if (tidy.exclusions) delete plain.otherExclusion;
  if (tidy.standards) {
    plain.region = '340102';
    const everywhere = { from: '2016-01-01', source: '样例' };
    standards.places[0].values.push({ ...everywhere, name: 'subsistenceAllowance', value: '639' });
    standards.places[3].values.push({ ...everywhere, name: 'minimumWage', value: '1520' });
  }
  return plain;
};

/** Tops up the worker's transfer income so that a figure comes to lie at, or one fen beside, a multiple of D. */
const aim = fc.record({
  figure: fc.constantFrom('raw', 'net', 'strict', 'wide'),
  times: fc.constantFrom('1', '1.5', '2', '3', '3', '1.25', '3.33'),
  beside: fc.constantFrom(-1, 0, 0, 1),
});

type Aim = { figure: 'raw' | 'net' | 'strict' | 'wide'; times: string; beside: number };

const aimed = (plain: Raw, standards: Raw, { figure, times, beside }: Aim): Raw => {
  const now = reference(plain, standards);
  if (now.annualIncome === null || now.standard === null) return plain;
  const cost = (plain.expenditures ?? [])
    .filter((item: Raw) => item.kind === 'accident' || item.majorIllness === true)
    .filter((item: Raw) => item.amount !== null && item.reimbursed !== null)
    .reduce(
      (sum: Decimal, item: Raw) =>
        sum.plus(Decimal.max(0, new Decimal(item.amount).minus(item.reimbursed ?? 0))),
      new Decimal(0),
    );
  const held = new Decimal(plain.assets?.investments ?? 0).plus(plain.assets?.savings ?? 0);
  const shift = {
    raw: new Decimal(0),
    net: new Decimal(now.rigidExpenditure),
    strict: cost,
    wide: cost.minus(held),
  }[figure];
  const target = new Decimal(now.standard)
    .times(times)
    .times(12 * now.members)
    .plus(shift);
  const extra = target
    .toDecimalPlaces(2, Decimal.ROUND_DOWN)
    .plus(beside / 100)
    .minus(now.annualIncome);
  if (extra.lte(0)) return plain;
  const self = plain.members.find((each: Raw) => each.relation === 'self');
  self.incomes = [...(self.incomes ?? []), { kind: 'transfer', amount: extra.toFixed(2) }];
  return plain;
};

export const scenario: fc.Arbitrary<Scenario> = fc
  .record({
    document: fc.tuple(declaration, rarely, rarely).map(completed),
    given: parameters,
    tidy: order,
    at: aim,
  })
  .map(({ document, given, tidy, at }) => {
    const standards = structuredClone(given);
    return {
      declaration: aimed(tidied(document, standards, tidy), standards, at),
      parameters: JSON.parse(JSON.stringify(standards)),
    };
  });
