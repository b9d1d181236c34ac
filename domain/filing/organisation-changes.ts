/**
 * Changes of the tree of unions, judged before they are made: the tree stays one tree whatever comes, what has been
 * dissolved stays dissolved, and what was taken in before is not judged again.
 */

import type { Checked } from '#domain/identity/checked.ts';
import { checkCreditCode } from '#domain/identity/credit-code.ts';
import { divisionOf } from '#domain/identity/divisions.ts';
import { checkPhone } from '#domain/identity/phone.ts';
import { canonicalJson } from './audit.ts';
import { type Organisation, type OrganisationTree, type TreeFault, treeFaults } from './organisations.ts';

/** What a change does to one organisation; `before` is null for a new one. */
export type OrganisationChange = { readonly before: Organisation | null; readonly after: Organisation };
export type ChangeType = 'added' | 'changed' | 'dissolved';

export const changeType = ({ before, after }: OrganisationChange): ChangeType => {
  if (before === null) return 'added';
  return before.dissolution === null && after.dissolution !== null ? 'dissolved' : 'changed';
};

const normal = (value: string, check: (text: string) => Checked): string => {
  const checked = check(value);
  return checked.ok ? checked.value : value;
};

/** Numbers in their normal form, as far as they have one. */
export const tidied = (one: Organisation): Organisation => ({
  ...one,
  supervisionPhone: normal(one.supervisionPhone, checkPhone),
  code: one.code === null ? null : normal(one.code, checkCreditCode),
  contact: one.contact === null ? null : { ...one.contact, phone: normal(one.contact.phone, checkPhone) },
});

/** What is really another than before. */
export const changesBetween = (
  tree: OrganisationTree,
  wanted: readonly Organisation[],
): readonly OrganisationChange[] =>
  wanted.flatMap((after) => {
    const before = tree.find(after.id) ?? null;
    return before !== null && canonicalJson(before) === canonicalJson(after) ? [] : [{ before, after }];
  });

type Field = NonNullable<TreeFault['field']>;

const fieldFaults = ({ before, after }: OrganisationChange): readonly TreeFault[] => {
  const fault = (field: Field, code: string, message: string): TreeFault => ({
    id: after.id,
    field,
    code,
    message,
  });
  const checked = (
    field: Field,
    old: string | undefined,
    value: string,
    check: (text: string) => Checked,
  ) => {
    if (value === old) return [];
    const result = check(value);
    return result.ok ? [] : [fault(field, result.code, result.message)];
  };
  const { code, contact, region } = after;
  return [
    ...checked('supervisionPhone', before?.supervisionPhone, after.supervisionPhone, checkPhone),
    ...(contact === null ? [] : checked('contact', before?.contact?.phone, contact.phone, checkPhone)),
    ...(code === null ? [] : checked('code', before?.code ?? undefined, code, checkCreditCode)),
    ...(region === before?.region || divisionOf(region)?.inForce
      ? []
      : [fault('region', 'unknown-region', '没有这个现行的行政区划代码（GB/T 2260），请核对。')]),
  ];
};

/** What no change may do, beside making a tree that is none. `today` is a Beijing date. */
const historyFaults = (
  tree: OrganisationTree,
  { before, after }: OrganisationChange,
  today: string,
): readonly TreeFault[] => {
  const faults: TreeFault[] = [];
  const say = (field: Field, code: string, message: string) =>
    faults.push({ id: after.id, field, code, message });
  if (before?.dissolution != null) {
    say('dissolution', 'dissolved-already', `该单位已于${before.dissolution.on}撤销，不能再修改。`);
    return faults;
  }
  if (before !== null && before.kind !== after.kind) {
    say('kind', 'kind-fixed', '单位类型不能修改；请撤销原单位，另建新单位承接。');
  }
  const { dissolution } = after;
  if (dissolution === null) return faults;
  if (dissolution.on > today) {
    say('dissolution', 'in-future', `撤销日期不能晚于今天（${today}）；到期当日再办理撤销。`);
  }
  if (after.activeFrom !== null && dissolution.on < after.activeFrom) {
    say('dissolution', 'before-start', `撤销日期不能早于设立日期${after.activeFrom}。`);
  }
  if (tree.find(dissolution.successor)?.dissolution != null) {
    say('successor', 'successor-dissolved', '承接单位已撤销，请指定现有的单位。');
  }
  return faults;
};

/** People choose a union by its name: no two under one parent share it; a code belongs to one union alone. */
const sharedFaults = (
  tree: OrganisationTree,
  changes: readonly OrganisationChange[],
): readonly TreeFault[] => {
  const active = tree.all.filter(({ dissolution }) => dissolution === null);
  const byName = Map.groupBy(active, ({ parent, name }) => `${parent} ${name}`);
  const byCode = Map.groupBy(
    active.filter(({ code }) => code !== null),
    ({ code }) => code,
  );
  return changes.flatMap(({ before, after }): readonly TreeFault[] => {
    if (after.dissolution !== null) return [];
    const { id } = after;
    const renamed = before?.name !== after.name || before.parent !== after.parent;
    const recoded = after.code !== null && before?.code !== after.code;
    return [
      ...(renamed && (byName.get(`${after.parent} ${after.name}`)?.length ?? 0) > 1
        ? [{ id, field: 'name', code: 'name-taken', message: '同一上级之下已有同名单位。' } as const]
        : []),
      ...(recoded && (byCode.get(after.code)?.length ?? 0) > 1
        ? [
            {
              id,
              field: 'code',
              code: 'code-taken',
              message: '该统一社会信用代码已属于另一个单位。',
            } as const,
          ]
        : []),
    ];
  });
};

/**
 * Every fault of changes to a tree that has none: of their own fields, against what was, and of the tree that they
 * would make. None: the tree with them is one tree again.
 */
export const changeFaults = (
  tree: OrganisationTree,
  changes: readonly OrganisationChange[],
  today: string,
): readonly TreeFault[] => {
  const next = tree.with(changes.map(({ after }) => after));
  return [
    ...changes.flatMap((change) => [...fieldFaults(change), ...historyFaults(next, change, today)]),
    ...sharedFaults(next, changes),
    ...treeFaults(next),
  ];
};

/**
 * Whose cases lie elsewhere after the changes: what was dissolved, and what stands under another parent with all that is
 * below it.
 */
export const unseated = (
  next: OrganisationTree,
  changes: readonly OrganisationChange[],
): readonly string[] => {
  const ids = new Set<string>();
  const add = (id: string): void => {
    if (ids.has(id)) return;
    ids.add(id);
    for (const child of next.children(id)) add(child.id);
  };
  for (const { before, after } of changes) {
    if (before === null) continue;
    if (before.parent !== after.parent) add(after.id);
    else if (before.dissolution === null && after.dissolution !== null) ids.add(after.id);
  }
  return [...ids];
};
