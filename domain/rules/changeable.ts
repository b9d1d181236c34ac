/**
 * The facts that verification, or a paper handed in, may yet change: what a household can be told to prove. Never
 * advice to change one's life: a known income, a third home, a retirement stay as they are; so do the union's own
 * decision (B-7.7) and what the place has not published (R-15). `docs/decisions/rules.md` gives the list's reasons.
 */
import type { Decision } from './decide.ts';
import type { Declaration, Expenditure, Income, Member } from './declaration.ts';
import { ownUse, PRICE_LIMIT, REFUSALS, VEHICLE_NAMES } from './exclusions.ts';
import { EXPENDITURE_NAMES, isSudden, NEAREST } from './expenditure.ts';
import { ONE_AND_A_HALF, rawWithin } from './figures.ts';
import { called } from './ledger.ts';
import type { Hundredths } from './money.ts';
import { MONTHS_BELOW } from './national.ts';

export type ChangeKind =
  | 'crossCheckAuthorised'
  | 'onSiteVisit'
  | 'labourRelation'
  | 'memberConfirmed'
  | 'memberStruck'
  | 'specialCircumstances'
  | 'unknownIncome'
  | 'incomeProved'
  | 'unknownExpenditure'
  | 'moreExpenditure'
  | 'moreSuddenCost'
  | 'majorIllness'
  | 'extraordinary'
  | 'wealth'
  | 'allowance'
  | 'monthsBelowStandard'
  | 'homesArea'
  | 'oneHome'
  | 'vehiclePrice'
  | 'vehicleOfAnother'
  | 'noBusiness'
  | 'ordinarySchool'
  | 'jobRefusals';

/** How an amount may turn out: from what helps most to what helps least; what holds at one holds nearer to the best. */
export type Range = {
  readonly sense: 'atMost' | 'atLeast';
  readonly best: Hundredths;
  readonly worst: Hundredths;
  /** The amount that people are told, where it isn't the one that varies. */
  readonly shown?: (at: Hundredths, after: Decision) => Hundredths;
};

/** One way in which one fact may turn out otherwise. */
export type Changeable = {
  /** Two changes of one fact exclude each other. */
  readonly fact: string;
  readonly kind: ChangeKind;
  /** Whose or what, in Chinese; null where the household's. */
  readonly subject: string | null;
  readonly range: Range | null;
  /** The declaration with it; `at` is within the range, or of no meaning where there is none. */
  readonly apply: (declaration: Declaration, at: Hundredths) => Declaration;
};

/** The greatest amount that the contract's decimal string can hold. */
const GREATEST: Hundredths = 99_999_999_999_999_999n;

const fixed = (
  kind: ChangeKind,
  fact: string,
  subject: string | null,
  apply: (declaration: Declaration) => Declaration,
): Changeable => ({ fact, kind, subject, range: null, apply });

const atMost = (worst: Hundredths, shown?: Range['shown']): Range => ({
  sense: 'atMost',
  best: 0n,
  worst,
  ...(shown === undefined ? {} : { shown }),
});

const changedMember =
  (id: string, change: (member: Member) => Partial<Member>) =>
  (declaration: Declaration): Declaration => ({
    ...declaration,
    members: declaration.members.map((member) =>
      member.id === id ? { ...member, ...change(member) } : member,
    ),
  });

const smaller = (one: bigint, other: bigint): bigint => (one < other ? one : other);

/** Who may have a file: the worker's own standing before the law (C-1, C-2). */
const ofTheWorker = ({ worker, crossCheckAuthorised, onSiteVisit }: Declaration): Changeable[] => {
  const found: Changeable[] = [];
  if (!crossCheckAuthorised) {
    found.push(
      fixed('crossCheckAuthorised', 'crossCheck', null, (given) => ({
        ...given,
        crossCheckAuthorised: true,
      })),
    );
    if (worker.kind === 'migrant' && !onSiteVisit) {
      found.push(fixed('onSiteVisit', 'crossCheck', null, (given) => ({ ...given, onSiteVisit: true })));
    }
  }
  const wanted = worker.kind === 'migrant' ? 6 : 1;
  if (worker.standing === 'employed' && worker.labourRelationMonths < wanted) {
    found.push(
      fixed('labourRelation', 'labourRelation', wanted > 1 ? `满${wanted}个月` : null, (given) => ({
        ...given,
        worker: { ...given.worker, labourRelationMonths: wanted },
      })),
    );
  }
  return found;
};

/** Who belongs to the household (R-11). */
const ofTheMembers = ({ declaration, household }: Decision): Changeable[] =>
  declaration.members
    .filter(({ id }) => !household.byId.has(id))
    .flatMap((member) => [
      fixed(
        'memberConfirmed',
        `member ${member.id}`,
        called(member),
        changedMember(member.id, () => ({ visitConfirmed: true })),
      ),
      fixed('memberStruck', `member ${member.id}`, called(member), (given) => ({
        ...given,
        members: given.members.filter(({ id }) => id !== member.id),
      })),
    ]);

const isUnknown = ({ amount, incomeTax, socialInsurance }: Income): boolean =>
  amount === null || incomeTax === null || socialInsurance === null;

/** The most that an income which is not yet known in full can turn out to be, net. */
const mostOf = ({ amount, incomeTax, socialInsurance }: Income): Hundredths =>
  amount === null ? GREATEST : amount - (incomeTax ?? 0n) - (socialInsurance ?? 0n);

/** The same income, its net amount known. */
const settled = (income: Income, net: Hundredths): Income => {
  const deducted = (income.incomeTax ?? 0n) + (income.socialInsurance ?? 0n);
  if (income.amount === null) {
    return {
      ...income,
      amount: net + deducted,
      incomeTax: income.incomeTax ?? 0n,
      socialInsurance: income.socialInsurance ?? 0n,
    };
  }
  const rest = income.amount - deducted - net;
  return income.incomeTax === null
    ? { ...income, incomeTax: rest, socialInsurance: income.socialInsurance ?? 0n }
    : { ...income, socialInsurance: rest };
};

/** A-5: all that is unknown of the incomes turns out to be so much together; C-5's unverifiable apart. */
const unknownIncome = ({ members }: Declaration): Changeable[] => {
  const unknown = members
    .filter(({ incomeUnverifiable }) => !incomeUnverifiable)
    .flatMap(({ incomes }) => incomes.filter(isUnknown));
  if (unknown.length === 0) return [];
  const most = unknown.reduce((sum, income) => sum + mostOf(income), 0n);
  return [
    {
      fact: 'unknownIncome',
      kind: 'unknownIncome',
      subject: null,
      // The annual income, imputed wages and all, is what the tiers hang on, however it is spread.
      range: atMost(smaller(most, GREATEST), (at, { income }) => income.annual ?? at),
      apply: (given, at) => {
        let rest = at;
        return {
          ...given,
          members: given.members.map((member) =>
            member.incomeUnverifiable
              ? member
              : {
                  ...member,
                  incomes: member.incomes.map((income) => {
                    if (!isUnknown(income)) return income;
                    const net = smaller(rest, mostOf(income));
                    rest -= net;
                    return settled(income, net);
                  }),
                },
          ),
        };
      },
    },
  ];
};

/** C-5, B-n4: an income that could not be verified is verified after all. A-6: a proof that lifts the imputed wage. */
const imputedIncome = ({ income: { members } }: Decision): Changeable[] =>
  members.flatMap(({ member, imputation }) => {
    const found: Changeable[] = [];
    if (member.status === 'unemployed' && !member.specialCircumstances) {
      found.push(
        fixed(
          'specialCircumstances',
          `special ${member.id}`,
          called(member),
          changedMember(member.id, () => ({ specialCircumstances: true })),
        ),
      );
    }
    if (member.incomeUnverifiable && imputation !== undefined) {
      const others = member.incomes.filter((income) => income.kind !== 'wage' && !isUnknown(income));
      const known = others.reduce((sum, { amount }) => sum + (amount ?? 0n), 0n);
      found.push({
        fact: `income ${member.id}`,
        kind: 'incomeProved',
        subject: called(member),
        range: atMost(GREATEST, (at) => known + at),
        apply: (given, at) =>
          changedMember(member.id, () => ({
            incomeUnverifiable: false,
            incomes: [
              ...others,
              { kind: 'wage', amount: at, incomeTax: 0n, socialInsurance: 0n, evidence: [] },
            ],
          }))(given),
      });
    }
    return found;
  });

const isUnsettled = ({ kind, amount, reimbursed }: Expenditure): boolean =>
  kind !== 'living' && (amount === null || reimbursed === null);

/** What is unknown of these items (A-8) turns out to be deductible by so much together. */
const unknownExpenditure = ({
  declaration: { expenditures, members },
  household,
}: Decision): Changeable[] => {
  const relations = new Map(members.map(({ id, relation }) => [id, relation]));
  /** Items by what they can open: they are settled together, so that it doesn't matter how the sum is spread. */
  const opens = ({ kind, majorIllness, extraordinary, memberId }: Expenditure): string => {
    // Of a member who may yet be struck, nothing would count.
    const whose = memberId === undefined || household.byId.has(memberId) ? '' : ` ${memberId}`;
    if (!isSudden({ kind, majorIllness })) return `rigid${whose}`;
    const near = kind === 'accident' || memberId === undefined || NEAREST.includes(relations.get(memberId));
    return `${near ? 'exceptional' : 'sudden'}${extraordinary ? ' extraordinary' : ''}${whose}`;
  };
  const groups = Map.groupBy(expenditures.filter(isUnsettled), opens);
  const most = ({ amount }: Expenditure): Hundredths => amount ?? GREATEST;
  return [...groups].map(([group, items]) => ({
    fact: `expenditure ${group}`,
    kind: 'unknownExpenditure',
    subject: [...new Set(items.map(({ kind }) => EXPENDITURE_NAMES[kind]))].join('、'),
    range: {
      sense: 'atLeast',
      best: smaller(
        items.reduce((sum, item) => sum + most(item), 0n),
        GREATEST,
      ),
      worst: 0n,
    },
    apply: (given, at) => {
      let rest = at;
      return {
        ...given,
        expenditures: given.expenditures.map((item) => {
          if (!items.includes(item)) return item;
          const deductible = smaller(rest, most(item));
          rest -= deductible;
          return item.amount === null
            ? { ...item, amount: deductible + (item.reimbursed ?? 0n), reimbursed: item.reimbursed ?? 0n }
            : { ...item, reimbursed: item.amount - deductible };
        }),
      };
    },
  }));
};

/** Expenditure beyond what is declared, or less reimbursed than declared; as rigid, or as a cause that C-3 names. */
const moreExpenditure = (kind: 'moreExpenditure' | 'moreSuddenCost'): Changeable => ({
  fact: 'more',
  kind,
  subject: null,
  range: { sense: 'atLeast', best: GREATEST, worst: 0n },
  apply: (given, at) => ({
    ...given,
    expenditures: [
      ...given.expenditures,
      {
        kind: kind === 'moreSuddenCost' ? 'accident' : 'other',
        amount: at,
        reimbursed: 0n,
        majorIllness: false,
        extraordinary: false,
        evidence: [],
      },
    ],
  }),
});

/** What the expenditure is recognised as. */
const causes = ({ declaration: { expenditures, members } }: Decision): Changeable[] => {
  const byId = new Map(members.map((member) => [member.id, member]));
  const found = expenditures.flatMap((item, index) => {
    // What an unknown sum would open must be certain before it is shared out (`unknownExpenditure`).
    if (item.kind !== 'medical' || item.majorIllness || isUnsettled(item)) return [];
    const member = item.memberId === undefined ? undefined : byId.get(item.memberId);
    return fixed(
      'majorIllness',
      `illness ${index}`,
      `${member === undefined ? '' : called(member)}医疗支出（第${index + 1}项支出）`,
      (given) => ({
        ...given,
        expenditures: given.expenditures.map((each, position) =>
          position === index ? { ...each, majorIllness: true } : each,
        ),
      }),
    );
  });
  if (expenditures.some((item) => isSudden(item) && !item.extraordinary)) {
    found.push(
      fixed('extraordinary', 'extraordinary', null, (given) => ({
        ...given,
        expenditures: given.expenditures.map((item) =>
          isSudden(item) ? { ...item, extraordinary: true } : item,
        ),
      })),
    );
  }
  return found;
};

/** B-5.4's investments and savings, as far as unknown. */
const wealth = ({ assets: { investments, savings } }: Declaration): Changeable[] =>
  investments !== null && savings !== null
    ? []
    : [
        {
          fact: 'wealth',
          kind: 'wealth',
          subject: null,
          range: atMost(GREATEST, (at) => (investments ?? 0n) + (savings ?? 0n) + at),
          apply: (given, at) => ({
            ...given,
            assets: {
              ...given.assets,
              investments: investments ?? at,
              savings: savings ?? (investments === null ? 0n : at),
            },
          }),
        },
      ];

/** Government aid that is received, or six months without it. */
const aid = ({ declaration, merits }: Decision): Changeable[] => {
  if (declaration.subsistenceAllowance) return [];
  const found = [fixed('allowance', 'aid', null, (given) => ({ ...given, subsistenceAllowance: true }))];
  // B-5.2a asks for six months whatever raw is. Above 1.5 D, the range of its own category, the year's figures
  // speak against them so plainly that the household isn't sent to prove it.
  const near = merits !== undefined && rawWithin(ONE_AND_A_HALF, merits.of.figures);
  if (near && declaration.monthsBelowStandard < MONTHS_BELOW) {
    found.push(
      fixed('monthsBelowStandard', 'aid', `${MONTHS_BELOW}`, (given) => ({
        ...given,
        monthsBelowStandard: MONTHS_BELOW,
      })),
    );
  }
  return found;
};

/** What the check found of homes, vehicles and business (A-10), and what article 7 asks of members. */
const exclusions = ({ declaration, household }: Decision): Changeable[] => {
  const { assets, members } = declaration;
  const { homes, vehicles } = assets;
  const holding = (change: Partial<Declaration['assets']>) => (given: Declaration) => ({
    ...given,
    assets: { ...given.assets, ...change },
  });
  const found: Changeable[] = [];
  if (homes.length === 2) {
    found.push({
      fact: 'homes',
      kind: 'homesArea',
      subject: null,
      range: atMost(GREATEST, (at, after) => at / after.household.n),
      apply: (given, at) =>
        holding({ homes: homes.map((home, index) => ({ ...home, area: index === 0 ? at : 0n })) })(given),
    });
  }
  if (homes.length >= 2) found.push(fixed('oneHome', 'homes', null, holding({ homes: homes.slice(0, 1) })));
  for (const vehicle of ownUse(declaration)) {
    const index = vehicles.indexOf(vehicle);
    const name = `${VEHICLE_NAMES[vehicle.kind]}${vehicles.length > 1 ? `（第${index + 1}辆）` : ''}`;
    const changed =
      (change: Partial<typeof vehicle>) =>
      (given: Declaration): Declaration => ({
        ...given,
        assets: {
          ...given.assets,
          vehicles: given.assets.vehicles.map((each, position) =>
            position === index ? { ...each, ...change } : each,
          ),
        },
      });
    if (vehicle.kind === 'motorVehicle' && (vehicle.purchasePrice ?? GREATEST) > PRICE_LIMIT) {
      found.push({
        fact: `vehicle ${index}`,
        kind: 'vehiclePrice',
        subject: name,
        range: atMost(GREATEST),
        apply: (given, at) => changed({ purchasePrice: at })(given),
      });
    }
    found.push(fixed('vehicleOfAnother', `vehicle ${index}`, name, changed({ usedAsEmployee: true })));
  }
  if (assets.businessPremises || assets.employsOthers) {
    found.push(
      fixed('noBusiness', 'business', null, holding({ businessPremises: false, employsOthers: false })),
    );
  }
  for (const member of members) {
    if (member.relation === 'child' && (member.highFeePrivateSchool || member.selfFundedAbroad)) {
      found.push(
        fixed(
          'ordinarySchool',
          `school ${member.id}`,
          called(member),
          changedMember(member.id, () => ({ highFeePrivateSchool: false, selfFundedAbroad: false })),
        ),
      );
    }
    if (household.byId.has(member.id) && member.status === 'unemployed' && member.jobRefusals >= REFUSALS) {
      found.push(
        fixed(
          'jobRefusals',
          `refusals ${member.id}`,
          called(member),
          changedMember(member.id, () => ({ jobRefusals: REFUSALS - 1 })),
        ),
      );
    }
  }
  return found;
};

/** Every change that verification may yet make to a decision's facts, in the order of the reckoning. */
export const changeables = (decision: Decision): readonly Changeable[] => [
  ...ofTheWorker(decision.declaration),
  ...ofTheMembers(decision),
  ...imputedIncome(decision),
  ...unknownExpenditure(decision),
  ...unknownIncome(decision.declaration),
  ...causes(decision),
  ...aid(decision),
  ...exclusions(decision),
  ...wealth(decision.declaration),
  moreExpenditure('moreExpenditure'),
  moreExpenditure('moreSuddenCost'),
];
