/** Step 2: who belongs to the household. The members of income and of head count are the same. */
import type { Declaration, Member } from './declaration.ts';
import { law, MATERIALS, reading } from './law/clause.ts';
import { called, type Ledger, type Line, line } from './ledger.ts';

export const A_7 = law(
  'A-7',
  MATERIALS,
  '“收入证明材料”第（3）项',
  '（3）家庭人口数认定：以户口本上人数为准，如不在同一户口本上但长期共同居住生活在一起的，需上门走访核实。',
);

export const R_11 = reading(
  'R-11',
  [A_7],
  '不在户口本上、又未经上门走访核实的共同居住人，须先走访核实或从家庭成员中删去，才能作出结论。',
);

/** `self` always; others if on the household register, or confirmed by a visit. */
const counts = (member: Member): boolean =>
  member.relation === 'self' || member.onRegister || member.visitConfirmed;

export type Household = {
  readonly counted: readonly Member[];
  readonly byId: ReadonlyMap<string, Member>;
  /** How many are counted. */
  readonly n: bigint;
};

export const reckonHousehold = ({ members }: Declaration, ledger: Ledger): Household => {
  const counted: Member[] = [];
  const byId = new Map<string, Member>();
  for (const member of members) {
    if (counts(member)) {
      counted.push(member);
      byId.set(member.id, member);
    } else {
      ledger.missing.push({
        clause: R_11,
        detail: `${called(member)}不在户口本上，也没有经上门走访核实共同居住`,
      });
    }
  }
  return { counted, byId, n: BigInt(counted.length) };
};

export const explainHousehold = ({ members }: Declaration, { counted }: Household): Line[] => {
  const size = String(counted.length);
  return [
    line(A_7, `家庭人口按${size}人计算：${counted.map(called).join('、')}。`, { members: size }),
    ...members
      .filter((member) => !counts(member))
      .map((member) =>
        line(
          R_11,
          `${called(member)}不在户口本上，也没有经上门走访核实，暂不计入家庭人口，其收入和支出也不计算；须先走访核实。`,
        ),
      ),
  ];
};
