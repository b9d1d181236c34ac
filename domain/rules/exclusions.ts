/**
 * Step 8: what keeps a household out of the national and provincial tiers, article 7, and the two exceptions that
 * 75号 makes. Each exception stands beside the item that it lifts.
 */
import type { Declaration, Member } from './declaration.ts';
import type { Household } from './household.ts';
import { type LawClause, law, NOTICE_75, ORDER_51, reading } from './law/clause.ts';
import { called, type Fact, type Ledger, type Line, line } from './ledger.ts';
import { type Hundredths, twoDecimals } from './money.ts';
import type { FlagName } from './parameters.ts';
import type { Standards } from './standards.ts';
import { VEHICLE_KINDS } from './vocabulary.ts';

export const C_3 = law(
  'C-3',
  NOTICE_75,
  '第三条',
  '三、困难职工房产和车辆是否建档的认定。困难职工家庭信息核对或走访中发现困难职工家庭有2套住房但其有产权证明的住房人均面积不超过当地最低住房保障标准的；困难职工家庭原有一辆购置价格在10万元（含10万元）以下的机动车;此类因困难职工本人、配偶或子女患大病以及重大灾害、事故等造成困难且符合皖工发〔2017〕51 号文件第五条规定建档标准的，可以建档帮扶救助。',
);

/** What the exclusions look at. */
type Scene = {
  readonly declaration: Declaration;
  readonly household: Household;
  readonly standards: Standards;
  /** Both of C-3's conditions hold: a tier of article 5 is met, by a cause that C-3 names. */
  readonly admissible: boolean;
  /** Something of came up missing before: neither condition is settled. */
  readonly unsettled: boolean;
};

/** What becomes of an exclusion that applies. */
type Fate = 'stands' | 'lifted' | 'open';

type Exclusion = {
  readonly clause: LawClause;
  /** What applies; undefined: it doesn't. */
  readonly applies: (
    declaration: Declaration,
    household: Household,
    standards: Standards,
  ) => Fact | undefined;
  /** The words for its not applying. */
  readonly absent: string;
  /** The parameter that it hangs on for this household. Where it is not in force, it does not apply. */
  readonly needs?: (declaration: Declaration) => FlagName | undefined;
  /** Exception: C-3 lifts this exclusion, or may once more is known. */
  readonly exception?: (scene: Scene) => Fate;
};

const article7 = (id: string, item: string, text: string): LawClause =>
  law(id, ORDER_51, `第七条第（${item}）项`, text);

const TWO_HOMES: Exclusion = {
  clause: article7('B-7.1', '一', '（一）职工家庭拥有2套（含）以上住房的；'),
  absent: '家庭拥有的住房不到2套',
  applies: ({ assets: { homes } }) => {
    if (homes.length < 2) return undefined;
    const values = { homes: String(homes.length) };
    return { detail: `家庭拥有${values.homes}套住房`, values };
  },
  /** Exception C-3 (R-9: of exactly two homes): the titled area per head is within the minimum standard. */
  exception: ({ declaration, household, standards, admissible, unsettled }) => {
    const [one, other, third] = declaration.assets.homes;
    if (one === undefined || other === undefined || third !== undefined) return 'stands';
    if (admissible) {
      if (one.area === null || other.area === null) return 'open';
      const limit = standards.need('housingAreaPerHead');
      if (limit === undefined) return 'open';
      if (one.area + other.area <= limit.value * household.n) return 'lifted';
    }
    return unsettled ? 'open' : 'stands';
  },
};

const BUSINESS: Exclusion = {
  clause: article7('B-7.2', '二', '（二）拥有商业店铺、厂房等生产经营房产或雇佣他人从事经营活动的；'),
  absent: '家庭没有生产经营房产，也不雇佣他人从事经营活动',
  applies: ({ assets }) => {
    if (assets.businessPremises) return { detail: '家庭拥有生产经营房产' };
    return assets.employsOthers ? { detail: '家庭雇佣他人从事经营活动' } : undefined;
  },
};

/** 100,000 yuan, the price limit of C-3, in fen. */
export const PRICE_LIMIT: Hundredths = 10_000_000n;

export const VEHICLE_NAMES: Readonly<Record<Declaration['assets']['vehicles'][number]['kind'], string>> = {
  motorVehicle: '机动车',
  ship: '船舶',
  constructionMachine: '工程机械',
  farmMachine: '大型农机具',
};

export const ownUse = ({ assets }: Pick<Declaration, 'assets'>) =>
  assets.vehicles.filter((vehicle) => !vehicle.usedAsEmployee);

const VEHICLES: Exclusion = {
  clause: article7('B-7.3', '三', '（三）非受雇佣经常使用机动车、船舶、工程机械以及大型农机具的；'),
  absent: '家庭没有非受雇佣经常使用的机动车、船舶、工程机械或大型农机具',
  applies: (declaration) => {
    const used = ownUse(declaration);
    if (used.length === 0) return undefined;
    // In the order of the article's words, whatever the order of the declaration.
    const named = VEHICLE_KINDS.flatMap((kind) =>
      used.filter((vehicle) => vehicle.kind === kind).map(() => VEHICLE_NAMES[kind]),
    );
    return { detail: `家庭非受雇佣经常使用${named.join('、')}` };
  },
  /** Exception C-3 (R-9: of exactly one vehicle): a motor vehicle bought for 100,000 yuan or less. */
  exception: ({ declaration, admissible, unsettled }) => {
    const [vehicle, second] = ownUse(declaration);
    if (vehicle === undefined || second !== undefined || vehicle.kind !== 'motorVehicle') return 'stands';
    if (vehicle.purchasePrice !== null && vehicle.purchasePrice > PRICE_LIMIT) return 'stands';
    if (admissible) return vehicle.purchasePrice === null ? 'open' : 'lifted';
    return unsettled ? 'open' : 'stands';
  },
};

/** The member named where several fit: by the id, so that the order of the declaration says nothing. */
const leastOf = (members: readonly Member[], fits: (member: Member) => boolean): Member | undefined => {
  let least: Member | undefined;
  for (const member of members) {
    if (fits(member) && (least === undefined || member.id < least.id)) least = member;
  }
  return least;
};

const CHILDREN: Exclusion = {
  clause: article7('B-7.4', '四', '（四）子女进入高收费私立学校或自费出国留学的；'),
  absent: '没有子女就读高收费私立学校或自费出国留学',
  // A child on another register is a child all the same: counted or not.
  applies: ({ members }) => {
    const child = leastOf(
      members,
      (member) => member.relation === 'child' && (member.highFeePrivateSchool || member.selfFundedAbroad),
    );
    if (child === undefined) return undefined;
    return {
      detail: `${called(child)}${child.highFeePrivateSchool ? '就读高收费私立学校' : '自费出国留学'}`,
    };
  },
};

export const REFUSALS = 3;

const REFUSED_WORK: Exclusion = {
  clause: article7(
    'B-7.5',
    '五',
    '（五）本人或家庭成员拥有正常劳动能力，在失业后一年内无故拒绝工会和其他部门3次（含）以上就业推荐的；',
  ),
  absent: '没有失业成员无故拒绝3次以上就业推荐',
  applies: (_, { counted }) => {
    const member = leastOf(counted, (each) => each.status === 'unemployed' && each.jobRefusals >= REFUSALS);
    if (member === undefined) return undefined;
    const values = { jobRefusals: String(member.jobRefusals) };
    return { detail: `${called(member)}失业后一年内无故拒绝就业推荐${values.jobRefusals}次`, values };
  },
};

const RETIRED: Exclusion = {
  clause: article7(
    'B-7.6',
    '六',
    '（六）已实行社会化管理的退休人员不纳入全总、省总建档范围，尚未实行社会化管理的退休人员是否纳入建档范围，由市（直管县）总工会确定；',
  ),
  absent: '职工不是不纳入建档范围的退休人员',
  needs: ({ worker }) => (worker.standing === 'retiredUnderUnit' ? 'unitRetireesAdmitted' : undefined),
  applies: ({ worker }, _, standards) => {
    if (worker.standing === 'retiredUnderCommunity') return { detail: '职工是已实行社会化管理的退休人员' };
    return worker.standing === 'retiredUnderUnit' && standards.peekFlag('unitRetireesAdmitted') === false
      ? { detail: '职工是尚未实行社会化管理的退休人员，当地不纳入建档范围' }
      : undefined;
  },
};

const BY_THE_UNION: Exclusion = {
  clause: article7('B-7.7', '七', '（七）当地工会经集体研究确定且上一级工会认可的不应建档情形。'),
  absent: '没有当地工会确定的其他不应建档情形',
  applies: ({ otherExclusion }) =>
    otherExclusion && { detail: `${otherExclusion.reason}（认可：${otherExclusion.approvedBy}）` },
};

const ARTICLE_7 = [TWO_HOMES, BUSINESS, VEHICLES, CHILDREN, REFUSED_WORK, RETIRED, BY_THE_UNION] as const;

export const EXCLUSION_CLAUSES: readonly LawClause[] = ARTICLE_7.map(({ clause }) => clause);

/** The article itself, for what reads all of it. */
const B_7 = law('B-7', ORDER_51, '第七条', '具有下列情形之一的职工家庭,不建立全总级、省总级档案：');

export const R_7 = reading(
  'R-7',
  [B_7],
  '第七条所列情形不得建全总级、省总级档案；能否建市总级档案由市里规定，没有规定的不推断。',
);

export const R_9 = reading(
  'R-9',
  [C_3],
  '两套住房和一辆机动车的例外可以同时适用；第三套住房、第二辆车没有例外。',
);

/** An item of article 7 that applies to the household. */
export type Applying = { readonly exclusion: Exclusion; readonly fact: Fact };

export const applyingExclusions = (
  declaration: Declaration,
  household: Household,
  standards: Standards,
): readonly Applying[] => {
  const applying: Applying[] = [];
  for (const exclusion of ARTICLE_7) {
    const fact = exclusion.applies(declaration, household, standards);
    if (fact !== undefined) applying.push({ exclusion, fact });
  }
  return applying;
};

/** An item of article 7 that applies, and what becomes of it. */
export type Judged = Applying & { readonly fate: Fate };

/** Judges each item that applies, in the article's order, and writes down where it belongs. */
export const judgeExclusions = (
  applying: readonly Applying[],
  scene: Scene,
  ledger: Ledger,
): readonly Judged[] => {
  const judged: Judged[] = [];
  for (const exclusion of ARTICLE_7) {
    const needed = exclusion.needs?.(scene.declaration);
    if (needed !== undefined) scene.standards.needFlag(needed);
    const found = applying.find((each) => each.exclusion === exclusion);
    if (found === undefined) continue;
    const { clause } = exclusion;
    const { detail } = found.fact;
    const fate = exclusion.exception?.(scene) ?? 'stands';
    if (fate === 'stands') ledger.exclusions.push({ clause, ...found.fact });
    if (fate === 'lifted')
      ledger.exceptions.push({ clause, ...found.fact, detail: `${detail}，符合例外规定` });
    if (fate === 'open') {
      ledger.missing.push({ clause: C_3, ...found.fact, detail: `${detail}，能否适用例外规定还不能确定` });
    }
    judged.push({ ...found, fate });
  }
  return judged;
};

type Circumstances = { readonly values: Line['values']; readonly phrase: string };

const homesInWords = (
  { assets: { homes } }: Declaration,
  { n }: Household,
  standards: Standards,
): Circumstances => {
  const areas = homes.flatMap(({ area }) => (area === null ? [] : [area]));
  if (homes.length === 0) return { values: {}, phrase: '' };
  if (areas.length < homes.length) return { values: {}, phrase: '，住房面积还没有全部查明' };
  const area = twoDecimals(areas.reduce((sum, each) => sum + each, 0n));
  const limit = standards.peek('housingAreaPerHead')?.written;
  return limit === undefined || homes.length < 2
    ? { values: { area }, phrase: `，住房面积共${area}平方米` }
    : {
        values: { area, members: String(n), areaPerHeadLimit: limit },
        phrase: `，住房面积共${area}平方米、由${n}人居住，当地最低住房保障标准为人均${limit}平方米`,
      };
};

const vehiclesInWords = (declaration: Declaration): Circumstances => {
  const [vehicle, second] = ownUse(declaration);
  if (vehicle === undefined || second !== undefined) return { values: {}, phrase: '' };
  if (vehicle.purchasePrice === null) return { values: {}, phrase: '，购置价格还没有查明' };
  const values = { price: twoDecimals(vehicle.purchasePrice), priceLimit: twoDecimals(PRICE_LIMIT) };
  return { values, phrase: `，购置价格${values.price}元，例外的限额为${values.priceLimit}元` };
};

const CONSEQUENCE: Readonly<Record<Fate, string>> = {
  stands: '不得建全总级、省总级档案',
  lifted: '但困难由大病、灾害或事故造成，且符合第五条的标准和例外的条件，仍可建档（适用口径R-9）',
  open: '能否适用75号文第三条的例外还不能确定，须先查明有关情况',
};

/** A sentence for each item of article 7. */
export const explainExclusions = (
  judged: readonly Judged[],
  declaration: Declaration,
  household: Household,
  standards: Standards,
): Line[] => {
  const { homes, vehicles } = declaration.assets;
  return ARTICLE_7.flatMap((exclusion) => {
    const { clause, absent } = exclusion;
    const needed = exclusion.needs?.(declaration);
    // Nobody can say yet: the sentence on what is missing does.
    if (needed !== undefined && standards.peekFlag(needed) === undefined) return [];
    const [circumstances, papers] =
      exclusion === TWO_HOMES
        ? [homesInWords(declaration, household, standards), homes]
        : exclusion === VEHICLES
          ? [vehiclesInWords(declaration), vehicles]
          : [{ values: {}, phrase: '' }, []];
    const evidence = papers.flatMap((paper) => paper.evidence);
    const found = judged.find((each) => each.exclusion === exclusion);
    if (found === undefined) {
      return line(clause, `${absent}${circumstances.phrase}。`, circumstances.values, evidence);
    }
    return line(
      found.fate === 'stands' ? clause : C_3,
      `${found.fact.detail}${circumstances.phrase}；${CONSEQUENCE[found.fate]}。`,
      { ...found.fact.values, ...circumstances.values },
      evidence,
    );
  });
};
