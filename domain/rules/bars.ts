/** Step 1: whether this worker may have a file at all. */
import type { Declaration } from './declaration.ts';
import { type LawClause, law, NOTICE_75, reading } from './law/clause.ts';
import { type Fact, type Ledger, type Line, line } from './ledger.ts';

export const C_1 = law(
  'C-1',
  NOTICE_75,
  '第一条',
  '一、困难职工、困难农民工的认定。我省职工、农民工建立困难职工档案应当以职工、农民工与用人单位是否建立劳动关系为认定标准，不与职工是否为工会会员，单位是否成立工会挂钩。困难农民工应当以工资收入为主要生活来源、与用人单位建立劳动关系稳定在6个月以上的非城镇户籍人员。证明劳动关系应当提供与用人单位签订的劳动合同或建档前6个月社保缴费证明或工资发放清单。',
);

export const R_17 = reading(
  'R-17',
  [C_1],
  '在职身份申报而与用人单位没有劳动关系的职工，以及劳动关系不满6个月的农民工，不予建档。城镇灵活就业人员、领取失业金的失业人员和未实行社会化管理的退休人员按各自规定办理。',
);

export const C_2 = law(
  'C-2',
  NOTICE_75,
  '第二条',
  '二、城市困难职工和困难农民工家庭经济状况核对的规定。城市困难职工在建档之前，原则上要按照皖工发〔2017〕69 号文件规定进行困难职工家庭信息比对核查，城市困难职工不授权比对的不予建档。若本地对城市困难职工家庭经济状况进行核对存在一定困难，应当协调当地有关部门，对城市困难职工家庭房产信息、车辆信息、工商登记信息做到“三必查”，在核查的基础上，再结合其它信息综合判断。困难农民工原则上由劳动关系所在地工会组织建档帮扶，困难农民工家庭经济状况无法进行核查，县级（含县级）以上总工会应落实专人进行实地走访，综合考量困难农民工家庭经济情况，按照程序建档帮扶。',
);

type Verdict = Fact & { readonly verdict: 'barred' | 'lacking' | 'passed' };

type Bar = { readonly clause: LawClause; readonly judge: (declaration: Declaration) => Verdict };

const LABOUR_RELATION: Bar = {
  clause: C_1,
  judge: ({ worker }) => {
    const months = String(worker.labourRelationMonths);
    const values = { labourRelationMonths: months };
    if (worker.standing === 'employed' && worker.labourRelationMonths === 0) {
      return { verdict: 'barred', detail: '职工与用人单位没有劳动关系' };
    }
    if (worker.kind === 'migrant' && worker.standing !== 'employed') {
      return { verdict: 'barred', detail: '农民工目前没有在用人单位就业' };
    }
    if (worker.kind === 'migrant' && worker.labourRelationMonths < 6) {
      return { verdict: 'barred', detail: `农民工与用人单位的劳动关系为${months}个月，不满6个月`, values };
    }
    return worker.standing === 'employed'
      ? {
          verdict: 'passed',
          detail: `职工与用人单位的劳动关系为${months}个月，符合建档的身份要求（适用口径${R_17.id}）`,
          values,
        }
      : {
          verdict: 'passed',
          detail: `职工不属于在职职工，按其身份的规定办理，不以劳动关系为条件（适用口径${R_17.id}）`,
        };
  },
};

const CROSS_CHECK: Bar = {
  clause: C_2,
  judge: ({ worker, crossCheckAuthorised, onSiteVisit }) => {
    if (crossCheckAuthorised) return { verdict: 'passed', detail: '家庭已授权信息比对' };
    if (worker.kind === 'urban') return { verdict: 'barred', detail: '城市职工没有授权信息比对' };
    return onSiteVisit
      ? { verdict: 'passed', detail: '家庭没有授权信息比对，县级以上总工会已派专人实地走访' }
      : { verdict: 'lacking', detail: '家庭既没有授权信息比对，也没有经县级以上总工会派专人实地走访' };
  },
};

const BARS = [LABOUR_RELATION, CROSS_CHECK] as const;

const CONSEQUENCE = { barred: '，不予建档', lacking: '，须先完成其中一项', passed: '' } as const;

/** Whether the worker is barred, whatever follows. */
export const reckonBars = (declaration: Declaration, ledger: Ledger): boolean => {
  for (const { clause, judge } of BARS) {
    const judged = judge(declaration);
    if (judged.verdict === 'passed') continue;
    const { verdict, ...fact } = judged;
    (verdict === 'barred' ? ledger.exclusions : ledger.missing).push({ clause, ...fact });
  }
  return ledger.exclusions.length > 0;
};

export const explainBars = (declaration: Declaration): Line[] =>
  BARS.map(({ clause, judge }) => {
    const { verdict, detail, values } = judge(declaration);
    return line(clause, `${detail}${CONSEQUENCE[verdict]}。`, values);
  });
