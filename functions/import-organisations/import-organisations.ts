/**
 * Takes the tree of unions from a sheet: the report says what would be added, changed and dissolved, and every fault by
 * row and column; asked to apply it, it does so in one go or not at all.
 */
import { beijingDate } from '#domain/calendar/dates.ts';
import { type ChangeType, changeType } from '#domain/filing/organisation-changes.ts';
import {
  type ReadSheet,
  readOrganisationSheet,
  type SheetFault,
  sheetFault,
} from '#domain/filing/organisation-sheet.ts';
import type { OrganisationTree } from '#domain/filing/organisations.ts';
import {
  type Change,
  changeTree,
  type OrganisationPorts,
  planChange,
  type TreeChange,
} from '#functions/shared/organisation-store.ts';
import { readSheet } from '#functions/shared/sheet.ts';

/** A line for each union of a kind of change, to be looked at before it is applied. */
type Line = { readonly row: number | null; readonly id: string; readonly name: string };

export type ImportReport = {
  readonly applied: boolean;
  /** By row, then as found. */
  readonly faults: readonly SheetFault[];
  readonly counts: { readonly [type in ChangeType | 'unchanged' | 'faults']: number };
  /** The first of each kind. */
  readonly changes: { readonly [type in ChangeType]: readonly Line[] };
};

/** An answer that lists ten thousand lines helps nobody; the counts are whole. */
const MAX_LINES = 200;

const report = (sheet: ReadSheet, plan: Change, applied: boolean): ImportReport => {
  const faults = [...sheet.faults, ...plan.faults.map(sheetFault(plan.tree, sheet.rows))].sort(
    (one, other) => (one.row ?? 0) - (other.row ?? 0),
  );
  const lines = (type: ChangeType): readonly Line[] =>
    plan.changes
      .filter((change) => changeType(change) === type)
      .map(({ after: { id, name } }) => ({ row: sheet.rows.get(id) ?? null, id, name }));
  const changes = { added: lines('added'), changed: lines('changed'), dissolved: lines('dissolved') };
  return {
    applied,
    faults: faults.slice(0, MAX_LINES * 5),
    counts: {
      added: changes.added.length,
      changed: changes.changed.length,
      dissolved: changes.dissolved.length,
      unchanged: sheet.wanted.length - plan.changes.length,
      faults: faults.length,
    },
    changes: {
      added: changes.added.slice(0, MAX_LINES),
      changed: changes.changed.slice(0, MAX_LINES),
      dissolved: changes.dissolved.slice(0, MAX_LINES),
    },
  };
};

/**
 * Reads the sheet and says what it would do; with `apply` it does it where there is no fault. The sheet is judged by the
 * tree as it is when it is written. Throws 422 `unreadable-sheet`.
 */
export const importOrganisations = async (
  ports: OrganisationPorts,
  by: TreeChange['by'],
  file: Uint8Array,
  { apply, reason }: { readonly apply: boolean; readonly reason: string },
): Promise<ImportReport> => {
  const rows = await readSheet(file);
  const read = (tree: OrganisationTree): ReadSheet => readOrganisationSheet(tree, rows);
  const { tree } = await ports.organisations.snapshot();
  const today = beijingDate(ports.clock.now());
  const sheet = read(tree);
  const plan = planChange(tree, sheet.wanted, today);
  if (!apply || sheet.faults.length > 0 || plan.faults.length > 0) return report(sheet, plan, false);
  let judged = sheet;
  const change = await changeTree(ports, by, reason, (present) => {
    judged = read(present);
    return judged.faults.length > 0 ? [] : judged.wanted;
  });
  return report(judged, change, judged.faults.length === 0 && change.faults.length === 0);
};
