/**
 * What the registers say, held against what was declared (A-10, C-3, R-12): each difference is a finding that a person
 * must settle.
 */
import { type Hundredths, hundredths, twoDecimals } from '#domain/rules/money.ts';
import {
  type CategoryResult,
  type MustCategory,
  type ResultOf,
  resultOf,
  type Vehicle,
} from './cross-check.ts';

/** What the household declared of the same matters (the `assets` of the declaration, and its incomes). */
export type DeclaredAssets = {
  /** Titled floor area, m². */
  readonly homes: readonly { readonly area: string | null }[];
  readonly businessPremises: boolean;
  readonly vehicles: readonly {
    readonly kind: Vehicle['kind'];
    readonly purchasePrice: string | null;
  }[];
  readonly businessIncome: boolean;
};

/** Something that a person must settle before the case goes on. `detail` names nobody. */
export type CrossCheckFinding = { readonly clause: string; readonly detail: string };

/**
 * Holds what the registers say against the declaration; what was declared alike gives no finding. `members`: who of
 * those asked about belongs to the household; everyone where left out.
 */
export function crossCheckFindings(
  latest: readonly CategoryResult[],
  declared: DeclaredAssets,
  members?: ReadonlySet<string>,
): readonly CrossCheckFinding[] {
  const ours = <Item extends { readonly personId: string }>(items: readonly Item[] = []): readonly Item[] =>
    members === undefined ? items : items.filter(({ personId }) => members.has(personId));
  return [
    ...housingFindings(ours(resultOf(latest, 'housing')?.items), declared),
    ...vehicleFindings(ours(resultOf(latest, 'vehicles')?.items), declared),
    ...businessFindings(ours(resultOf(latest, 'businessRegistration')?.items), declared),
  ];
}

type Items<Category extends MustCategory> = readonly ResultOf<Category>['items'][number][];

function* housingFindings(items: Items<'housing'>, declared: DeclaredAssets): Generator<CrossCheckFinding> {
  const properties = [...new Map(items.map((item) => [item.propertyId, item])).values()];
  const homes = properties.filter(({ kind }) => kind === 'home');
  const found = homes.length;
  const stated = declared.homes.length;
  if (found > stated) {
    const counts = `经比对查得住房${found}套，申报${stated}套`;
    yield found >= 2
      ? { clause: 'B-7.1', detail: `${counts}；拥有2套（含）以上住房的，不予建立全总级、省级档案，请核实。` }
      : { clause: 'B-8.1', detail: `${counts}；申报与比对结果不一致，请核实。` };
  }
  // With exactly two homes the exception hangs on their area, so a larger count or another area decides.
  const area = totalArea(homes);
  if (found === 2 && (stated !== 2 || area !== totalArea(declared.homes))) {
    yield {
      clause: 'C-3',
      detail: `经比对查得的两套住房产权面积合计${area === null ? '不详' : `${twoDecimals(area)}平方米`}；人均面积是否不超过当地最低住房保障标准，请按此核实。`,
    };
  }
  const premises = properties.filter(({ kind }) => kind === 'businessPremises').length;
  if (premises > 0 && !declared.businessPremises) {
    yield {
      clause: 'B-7.2',
      detail: `经比对查得生产经营用房${premises}处，未申报；拥有商业店铺、厂房等生产经营房产的，不予建立全总级、省级档案，请核实。`,
    };
  }
}

const VEHICLE_NAMES = {
  motorVehicle: '机动车辆',
  ship: '船舶',
  constructionMachine: '工程机械',
  farmMachine: '大型农机具',
} as const;
const VEHICLE_KINDS = ['motorVehicle', 'ship', 'constructionMachine', 'farmMachine'] as const;

function* vehicleFindings(items: Items<'vehicles'>, declared: DeclaredAssets): Generator<CrossCheckFinding> {
  for (const kind of VEHICLE_KINDS) {
    const found = items.filter((item) => item.kind === kind).length;
    const stated = declared.vehicles.filter((vehicle) => vehicle.kind === kind).length;
    if (found > stated) {
      yield {
        clause: 'B-7.3',
        detail: `经比对查得${VEHICLE_NAMES[kind]}${found}，申报${stated}；非受雇佣经常使用的，不予建立全总级、省级档案，请核实。`,
      };
    }
  }
  // One vehicle alone may be excepted, by its price: to settle where it wasn't declared, or at another price.
  const [only] = items;
  const [stated, ...others] = declared.vehicles;
  if (items.length !== 1 || only?.kind !== 'motorVehicle' || others.length > 0) return;
  const price = known(only.purchasePrice);
  const differs = stated?.kind === 'motorVehicle' && price !== null && price !== known(stated.purchasePrice);
  if (stated === undefined || differs) {
    yield {
      clause: 'C-3',
      detail: `经比对查得机动车一辆，登记的购置价格${price === null ? '不详' : `${twoDecimals(price)}元`}；是否为原有且购置价格在10万元（含）以下，请核实。`,
    };
  }
}

const STATUS_NAMES = { active: '存续', revoked: '吊销' } as const;

function* businessFindings(
  items: Items<'businessRegistration'>,
  declared: DeclaredAssets,
): Generator<CrossCheckFinding> {
  // Two members in one company are one registration.
  for (const { status } of new Map(items.map((item) => [item.creditCode, item])).values()) {
    if (status === 'deregistered') continue;
    yield {
      clause: 'R-12',
      detail: `经比对查得工商登记一户（${STATUS_NAMES[status]}），${declared.businessIncome ? '已' : '未'}申报经营收入；请核实有无经营用房、是否雇佣他人，经营收入须如实申报。`,
    };
  }
}

const known = (value: string | null): Hundredths | null => (value === null ? null : hundredths(value));

/** Null as soon as one of them is unknown: unknown is not zero. */
const totalArea = (homes: readonly { readonly area: string | null }[]): Hundredths | null =>
  homes.reduce<Hundredths | null>(
    (sum, { area }) => (sum === null || area === null ? null : sum + hundredths(area)),
    0n,
  );
