/**
 * A second reckoning, written naively from the contract's sentences with decimal.js on the raw JSON, in another
 * style than the product: one long procedure in the contract's order, nothing shared with the rules, no types to
 * lean on. It gives everything that the contract fixes to the letter, and of details only parameters' names.
 */
import { Decimal } from 'decimal.js';

const Exact = Decimal.clone({ precision: 120, rounding: Decimal.ROUND_HALF_UP });
type Exact = InstanceType<typeof Exact>;

// biome-ignore lint/suspicious/noExplicitAny: raw JSON on purpose; the types are the product's side of the comparison.
type Raw = any;

const ZERO = new Exact(0);
const number = (text: string) => new Exact(text);
const twoPlaces = (value: Exact): string => {
  const text = value.toFixed(2, Decimal.ROUND_HALF_UP);
  return text === '-0.00' ? '0.00' : text;
};

export const reference = (doc: Raw, parameters: Raw) => {
  const exclusions: string[] = [];
  const exceptions: string[] = [];
  const findings: string[] = [];
  const missing: string[] = [];
  const imputations: Raw[] = [];
  const worker = doc.worker;
  const region = doc.region;
  const homeRegion = doc.homeRegion ?? region;
  const day = doc.standardsDate ?? doc.applicationDate;

  // ---- parameters
  const lookup = (name: string): Raw => {
    const home = name === 'minimumWage' || name === 'unprovenIncome' || name === 'ruralDisposableIncome';
    const code: string = home ? homeRegion : region;
    const tries = [code, `${code.substring(0, 4)}00`];
    if (name !== 'subsistenceAllowance') tries.push(`${code.substring(0, 2)}0000`);
    for (const each of tries) {
      let best: Raw;
      for (const place of parameters.places) {
        if (place.code !== each) continue;
        for (const value of place.values) {
          if (value.name === name && value.from <= day && (!best || value.from > best.from)) best = value;
        }
      }
      if (best) return best;
    }
    return undefined;
  };
  const read = (name: string): Raw => {
    const found = lookup(name);
    if (found === undefined && !missing.includes(`R-15 ${name}`)) missing.push(`R-15 ${name}`);
    return found;
  };

  // ---- 1 bars
  let bar = false;
  const migrant = worker.kind === 'migrant';
  if (
    (worker.standing === 'employed' && worker.labourRelationMonths === 0) ||
    (migrant && (worker.standing !== 'employed' || worker.labourRelationMonths < 6))
  ) {
    bar = true;
    exclusions.push('C-1');
  }
  if (!migrant && !doc.crossCheckAuthorised) {
    bar = true;
    exclusions.push('C-2');
  }
  if (migrant && !doc.crossCheckAuthorised && !doc.onSiteVisit) missing.push('C-2');

  // ---- 2 members
  const counted: Raw[] = [];
  for (const m of doc.members) {
    if (m.relation === 'self' || m.onRegister || m.visitConfirmed) counted.push(m);
    else missing.push('R-11');
  }
  const n = new Exact(counted.length);

  // ---- 3 income
  let annual: Exact | null = ZERO;
  for (const m of counted) {
    let wages = ZERO;
    let others = ZERO;
    let unknown = false;
    let unknownWage = false;
    for (const income of m.incomes ?? []) {
      const parts = [income.amount, income.incomeTax ?? '0', income.socialInsurance ?? '0'];
      if (parts[0] === null || income.incomeTax === null || income.socialInsurance === null) {
        if (m.incomeUnverifiable) continue;
        unknown = true;
        if (income.kind === 'wage') unknownWage = true;
        continue;
      }
      const net = number(parts[0]).minus(parts[1]).minus(parts[2]);
      if (income.kind === 'wage') wages = wages.plus(net);
      else others = others.plus(net);
    }
    if (unknown) missing.push('A-5');
    let imputed: Exact | undefined;
    let clause = '';
    let lacking = false;
    const take = (id: string, name: string, times: number) => {
      const value = read(name);
      if (value === undefined) lacking = true;
      else {
        clause = id;
        imputed = number(value.value).times(times);
      }
    };
    if (
      m.status === 'preschool' ||
      m.status === 'student' ||
      (m.relation === 'self' && worker.standing === 'unemployed')
    ) {
      // none
    } else if (migrant && m.relation === 'spouse' && m.livesInCountryside && m.incomeUnverifiable) {
      take('C-5', 'ruralDisposableIncome', 1);
    } else if (m.status === 'unemployed' && !m.specialCircumstances) {
      take('A-6', 'minimumWage', 12);
    } else if (m.incomeUnverifiable && m.relation !== 'self' && migrant) {
      if (lookup('unprovenIncome')) take('B-n4', 'unprovenIncome', 12);
      else take('C-5', 'minimumWage', 12);
    } else if (m.incomeUnverifiable) {
      take('C-5', 'minimumWage', 12);
    }
    if (!unknownWage && imputed !== undefined && imputed.gt(wages)) {
      imputations.push({ memberId: m.id, clause, amount: twoPlaces(imputed) });
      wages = imputed;
    }
    if (unknown || lacking) annual = null;
    else if (annual !== null) annual = annual.plus(wages).plus(others);
  }

  // ---- 4 expenditure
  let rigid = ZERO;
  let suddenCost = ZERO;
  let accident = ZERO;
  let medical = ZERO;
  let schooling = ZERO;
  let extraordinary = false;
  let cause = false;
  let unknownExpenditure = false;
  for (const e of doc.expenditures ?? []) {
    const whose =
      e.memberId === undefined
        ? doc.members.find((m: Raw) => m.relation === 'self')
        : counted.find((m) => m.id === e.memberId);
    if (whose === undefined) continue;
    if (e.kind === 'living') {
      if (!findings.includes('C-5')) findings.push('C-5');
      continue;
    }
    let deductible = ZERO;
    if (e.amount === null || e.reimbursed === null) unknownExpenditure = true;
    else deductible = Exact.max(ZERO, number(e.amount).minus(e.reimbursed ?? '0'));
    rigid = rigid.plus(deductible);
    if (e.kind === 'medical') medical = medical.plus(deductible);
    if (e.kind === 'schooling') schooling = schooling.plus(deductible);
    const major = e.kind === 'medical' && e.majorIllness === true;
    if (e.kind === 'accident' || major) {
      suddenCost = suddenCost.plus(deductible);
      if (e.kind === 'accident') accident = accident.plus(deductible);
      if (deductible.gt(0) && e.extraordinary === true) extraordinary = true;
      if (
        deductible.gt(0) &&
        (e.kind === 'accident' || ['self', 'spouse', 'child'].includes(whose.relation))
      ) {
        cause = true;
      }
    }
  }
  const others = rigid.minus(medical).minus(schooling);
  const sudden = suddenCost.gt(0);

  // ---- 5 figures
  const D = read('subsistenceAllowance');
  const multiple = lookup('municipalMultiple');
  const heads = n.times(12);
  // x / 12 / n ≤ k D, multiplied out
  const atMost = (x: Exact, k: Raw) => x.lte(number(D.value).times(k).times(heads));
  const assets = doc.assets ?? { homes: [], vehicles: [] };

  // ---- 6 and 7
  let tier: string | null = null;
  let category: string | null = null;
  let clauses: string[] = [];
  let stepSix: string[] = [];
  let study = false;
  let municipalHolds = false;
  let municipalCategory: string | null = null;
  const applies: string[] = [];
  const driven = (assets.vehicles ?? []).filter((v: Raw) => !v.usedAsEmployee);
  if (assets.homes.length >= 2) applies.push('B-7.1');
  if (assets.businessPremises || assets.employsOthers) applies.push('B-7.2');
  if (driven.length > 0) applies.push('B-7.3');
  if (
    doc.members.some((m: Raw) => m.relation === 'child' && (m.highFeePrivateSchool || m.selfFundedAbroad))
  ) {
    applies.push('B-7.4');
  }
  if (counted.some((m) => (m.jobRefusals ?? 0) >= 3 && m.status === 'unemployed')) applies.push('B-7.5');
  const admitted = worker.standing === 'retiredUnderUnit' ? lookup('unitRetireesAdmitted') : undefined;
  if (worker.standing === 'retiredUnderCommunity' || admitted?.value === false) applies.push('B-7.6');
  if (doc.otherExclusion !== undefined) applies.push('B-7.7');

  if (annual !== null && D !== undefined) {
    const net = annual.minus(rigid);
    const strict = annual.minus(suddenCost);
    const wide = annual
      .plus(assets.investments ?? '0')
      .plus(assets.savings ?? '0')
      .minus(suddenCost);
    const allowance = doc.subsistenceAllowance === true;
    if (allowance && atMost(annual, 1)) {
      [tier, category, clauses, stepSix] = ['national', 'subsistence', ['B-5.1'], ['B-5.1']];
    } else if (!allowance && (doc.monthsBelowStandard ?? 0) >= 6) {
      [tier, category, clauses, stepSix] = ['national', 'nearSubsistence', ['B-5.2a'], ['B-5.2a']];
    } else if (atMost(annual, '1.5') && rigid.gt(0) && atMost(net, 1)) {
      [tier, category, clauses] = ['national', 'nearSubsistence', ['B-5.2b']];
    } else if (sudden && atMost(annual, 3) && atMost(net, 1)) {
      if (!atMost(strict, 1)) stepSix.push('R-2');
      if (accident.isZero()) stepSix.push('R-4');
      [tier, category, clauses] = ['national', 'accident', ['B-5.3', ...stepSix]];
    } else if (extraordinary && !atMost(annual, 3) && atMost(wide, 1)) {
      stepSix = ['R-6'];
      [tier, category, clauses] = ['national', 'other', ['B-5.4', 'R-6']];
      if (assets.investments === null || assets.savings === null) missing.push('B-5.4');
    }
    const general = (limit: Raw) =>
      atMost(annual as Exact, 3) &&
      atMost(net, limit) &&
      (rigid.gt(0) || allowance || atMost(annual as Exact, '1.5'));
    const generalCategory = atMost(annual, '1.5') ? 'nearSubsistence' : sudden ? 'accident' : 'other';
    if (multiple !== undefined && general(multiple.value)) {
      municipalHolds = true;
      municipalCategory = generalCategory;
    }
    if (tier === null && general('1.5')) {
      [tier, category, clauses] = ['provincial', generalCategory, ['B-5.6']];
    }
    if (tier === null && municipalHolds)
      [tier, category, clauses] = ['municipal', generalCategory, ['B-5.7']];
    if (tier === null) {
      const limit = multiple === undefined ? new Exact('1.5') : Exact.max('1.5', multiple.value);
      study = !atMost(annual, 3) && atMost(net, limit);
    }
    if (unknownExpenditure && (tier !== 'national' || applies.length > 0)) missing.push('A-8');
  }

  // ---- 8 exclusions
  const doubt = missing.some((m) => /^(A-5|A-8|R-11|R-15)/.test(m));
  const ready = tier !== null && cause;
  let stands = false;
  for (const id of ['B-7.1', 'B-7.2', 'B-7.3', 'B-7.4', 'B-7.5', 'B-7.6', 'B-7.7']) {
    if (id === 'B-7.6' && worker.standing === 'retiredUnderUnit') read('unitRetireesAdmitted');
    if (!applies.includes(id)) continue;
    let lifted = false;
    let open = false;
    if (id === 'B-7.1' && assets.homes.length === 2) {
      const known = assets.homes.every((home: Raw) => home.area !== null);
      let lackingLimit = false;
      if (known && ready) {
        const limit = read('housingAreaPerHead');
        lackingLimit = limit === undefined;
        if (!lackingLimit) {
          const total = number(assets.homes[0].area).plus(assets.homes[1].area);
          lifted = total.lte(number(limit.value).times(n));
        }
      }
      open = !lifted && (doubt || (!known && ready) || lackingLimit);
    }
    if (id === 'B-7.3' && driven.length === 1 && driven[0].kind === 'motorVehicle') {
      const price = driven[0].purchasePrice;
      lifted = ready && price !== null && number(price).lte(100000);
      const tooDear = price !== null && number(price).gt(100000);
      open = !lifted && !tooDear && (doubt || (price === null && ready));
    }
    if (lifted) exceptions.push(id);
    else if (open) missing.push('C-3');
    else {
      stands = true;
      exclusions.push(id);
    }
  }
  if (stands) {
    tier = null;
    category = null;
    clauses = [];
    stepSix = [];
    study = false;
    if (municipalHolds && read('excludedMayFileMunicipal')?.value === true) {
      tier = 'municipal';
      category = municipalCategory;
      clauses = ['B-5.7'];
    }
  }
  findings.push(...stepSix);

  // ---- 9 outcome
  let outcome: string;
  const maybe =
    multiple !== undefined && lookup('excludedMayFileMunicipal')?.value !== false && missing.length > 0;
  if (bar) outcome = 'ineligible';
  else if (stands && tier === null && !maybe) outcome = 'ineligible';
  else if (missing.length > 0) outcome = 'incomplete';
  else if (tier !== null) outcome = 'eligible';
  else if (study) outcome = 'study';
  else outcome = 'ineligible';

  // ---- 10 aid and funds
  let aid: string | null = null;
  let funds: string[] = [];
  if (outcome === 'eligible') {
    const sums: [string, Exact][] = [
      ['majorIllness', medical],
      ['schooling', schooling],
      ['living', others],
    ];
    if (worker.registeredRuralPoor) {
      if (schooling.gt(0)) aid = 'schooling';
      else findings.push('C-4');
      funds = ['unionPovertyFunds'];
    } else {
      const most = Exact.max(medical, schooling, others);
      aid = most.isZero() ? 'living' : (sums.find(([, sum]) => sum.eq(most))?.[0] ?? null);
      funds = ['municipalFiscal', 'unionFunds', 'other'];
      if (tier !== 'municipal') funds = ['provincialFiscal', ...funds];
      if (tier === 'national') funds = ['centralFiscal', ...funds];
    }
  }
  const less = (k: Raw) =>
    annual === null || D === undefined || k === undefined
      ? null
      : twoPlaces(annual.minus(rigid).minus(number(D.value).times(k).times(heads)).div(heads));

  const eligible = outcome === 'eligible';
  return {
    outcome,
    tier: eligible ? tier : null,
    category: eligible ? category : null,
    proposedAid: aid,
    allowedFunds: funds,
    clauses: eligible ? clauses : [],
    members: counted.length,
    annualIncome: annual === null ? null : twoPlaces(annual),
    rigidExpenditure: twoPlaces(rigid),
    raw: annual === null ? null : twoPlaces(annual.div(heads)),
    net: annual === null ? null : twoPlaces(annual.minus(rigid).div(heads)),
    standard: D?.value ?? null,
    standardSource: D?.source ?? null,
    standardFrom: D?.from ?? null,
    exclusions,
    exceptions,
    findings,
    missing,
    imputations,
    margins: { national: less(1), provincial: less('1.5'), municipal: less(multiple?.value) },
  };
};
