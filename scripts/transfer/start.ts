/**
 * Starts what was under way, in the edition that a bundle was imported into. Executions and their task tokens don't move:
 * each case begins anew at its stage, as after a resumption, and the state that it enters gives its open task a new token.
 * What people had still to be told goes into the outbox.
 */
import { type Case, caseSchema } from '#domain/filing/case.ts';
import { resumption } from '#functions/resume-case/resume-case.ts';
import { changeCase, systemActor } from '#functions/shared/case-store.ts';
import type { Item } from '#functions/shared/ports.ts';
import type { WaitingTimes } from '#functions/shared/settings.ts';
import { itemParts, knownKind } from './bundle.ts';
import type { Side } from './edition.ts';
import { TransferFault } from './fault.ts';
import { type Bundle, ImportRecord, isForStart } from './import.ts';

const REASON = '数据迁移后恢复办理';

/** One that has been started here, or has gone on otherwise, has had a further attempt: it is left alone. */
const startCase = async (target: Side, moved: Case, waiting: WaitingTimes): Promise<boolean> => {
  let started = false;
  await changeCase(target, moved.caseId, (current) => {
    const untouched = current.attempt === moved.attempt && current.stage === moved.stage;
    const change = untouched ? resumption(current, systemActor('transfer'), REASON, waiting) : undefined;
    started = change !== undefined;
    return change ?? null;
  });
  return started;
};

/** A message keeps its id, by which it is told once, should this be done twice. */
const tell = async (target: Side, row: Item): Promise<void> => {
  if ((await target.items.get(row)) === undefined) await target.items.transact([{ type: 'put', item: row }]);
};

/**
 * Starts every case of the bundle that an execution drove; resolves with how many. Doing it again starts nothing twice.
 * Fault: `not-imported`.
 */
export const startCases = async (
  target: Side,
  { folder, manifest, id }: Bundle,
  waiting: WaitingTimes,
  say: (line: string) => void,
): Promise<number> => {
  const record = await ImportRecord.open(target, id);
  if (record.state.phase === 'started') {
    say('这个迁移包中的申请已经启动过，没有改动。');
    return 0;
  }
  if (record.state.phase !== 'verified') {
    throw new TransferFault('not-imported', 1, '这个迁移包还没有在目标系统中导入并核对完毕。');
  }
  let started = 0;
  for await (const { parcels } of itemParts(folder, manifest)) {
    for (const parcel of parcels) {
      if (isForStart(parcel)) await tell(target, parcel.item);
      if (knownKind(parcel.item) !== 'case') continue;
      if (await startCase(target, caseSchema.parse(parcel.item.data), waiting)) started += 1;
    }
    say(`已启动申请${started}件`);
  }
  await record.advance({ phase: 'started' });
  return started;
};
