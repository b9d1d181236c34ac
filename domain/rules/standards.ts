/** Which local standards are in force for a declaration, and what is missing of them. */
import type { Declaration } from './declaration.ts';
import { law, ORDER_51, reading } from './law/clause.ts';
import type { Mark } from './ledger.ts';
import type { Hundredths } from './money.ts';
import {
  type Dated,
  type DecimalName,
  decimalInForce,
  type FlagName,
  flagInForce,
  type ParameterName,
  type ParameterSet,
  placesOf,
} from './parameters.ts';

const NOTE_2 = law(
  'B-n2',
  ORDER_51,
  '附件有关说明注二',
  '注二：当地最低生活保障标准，以当地设区的市政府公布的最新标准为准。',
);

export const R_15 = reading(
  'R-15',
  [NOTE_2],
  '低保标准取职工申报地（农民工为务工地）所在设区的市最新公布、评估当日有效的数值；最低工资和农村居民可支配收入取家庭所在地的数值。没有有效标准的，不作结论，并指明缺少哪一项。',
);

/** What each parameter is called among people. */
export const PARAMETER_NAMES: Readonly<Record<ParameterName, string>> = {
  subsistenceAllowance: '低保标准',
  minimumWage: '最低工资标准',
  unprovenIncome: '低保办法的核定收入标准',
  ruralDisposableIncome: '上年度农村居民人均可支配收入',
  housingAreaPerHead: '最低住房保障标准（人均面积）',
  municipalMultiple: '市总级建档倍数',
  unitRetireesAdmitted: '未实行社会化管理的退休人员是否纳入建档范围',
  excludedMayFileMunicipal: '有第七条所列情形的家庭是否可建市总级档案',
};

const OF_THE_FAMILYS_PLACE: ReadonlySet<ParameterName> = new Set([
  'minimumWage',
  'unprovenIncome',
  'ruralDisposableIncome',
]);

/** The standards in force for one declaration. `need…` writes down, once a name, what is not in force. */
export type Standards = {
  peek(name: DecimalName): Dated<Hundredths> | undefined;
  peekFlag(name: FlagName): boolean | undefined;
  need(name: DecimalName): Dated<Hundredths> | undefined;
  needFlag(name: FlagName): boolean | undefined;
};

export const standardsFor = (
  declaration: Declaration,
  parameters: ParameterSet,
  missing: Mark[],
): Standards => {
  const { region, homeRegion, standardsDate } = declaration;
  const places = placesOf(parameters, region);
  const familysPlaces = homeRegion === region ? places : placesOf(parameters, homeRegion);
  const peek = (name: DecimalName) =>
    decimalInForce(OF_THE_FAMILYS_PLACE.has(name) ? familysPlaces : places, name, standardsDate);
  const peekFlag = (name: FlagName) => flagInForce(places, name, standardsDate)?.value;
  const needed = <Value>(name: ParameterName, value: Value | undefined): Value | undefined => {
    if (value === undefined && !missing.some(({ clause, detail }) => clause === R_15 && detail === name)) {
      missing.push({ clause: R_15, detail: name });
    }
    return value;
  };
  return {
    peek,
    peekFlag,
    need: (name) => needed(name, peek(name)),
    needFlag: (name) => needed(name, peekFlag(name)),
  };
};
