/**
 * The repository of decisions on false declarations, and of whom they bar: by blind index alone, so that whoever reads
 * the table learns no number.
 */
import * as z from 'zod';
import { type Bar, barSchema } from '#domain/filing/bars.ts';
import { type Sanction, sanctionSchema } from '#domain/filing/sanctions.ts';
import { AppError } from './errors.ts';
import { keys } from './keys.ts';
import { pagesOf } from './pages.ts';
import type { ItemOperation, ItemStore } from './ports.ts';

export const barsSchema = z.strictObject({ bars: z.array(barSchema) });

/** A person's bars, as they were read; `unchanged` is the condition that they still are so. */
export type BarGuard = {
  readonly bars: readonly Bar[];
  readonly unchanged: ItemOperation;
  /** The write of other bars in their place. */
  readonly with: (bars: readonly Bar[]) => ItemOperation;
};

export const readBarGuard = async (items: ItemStore, idIndex: string): Promise<BarGuard> => {
  const key = keys.bars(idIndex);
  const stored = await items.get(key);
  const condition = stored === undefined ? 'absent' : ({ version: stored.version } as const);
  return {
    bars: stored === undefined ? [] : barsSchema.parse(stored.data).bars,
    unchanged: { type: 'check', key, condition },
    with: (bars) => ({
      type: 'put',
      item: { ...key, version: (stored?.version ?? 0) + 1, schema: 1, data: { bars: [...bars] } },
      condition,
    }),
  };
};

/** The mark that a person is named in an application. */
export const personCase = (idIndex: string, caseId: string): ItemOperation => ({
  type: 'put',
  item: { ...keys.personCase(idIndex, caseId), version: 1, schema: 1, data: { caseId } },
});

/** The applications in which a person is or was named. */
export const casesOfPerson = async (items: ItemStore, idIndex: string): Promise<readonly string[]> => {
  const { pk, sk } = keys.personCase(idIndex, '');
  const found: string[] = [];
  for await (const page of pagesOf(items, { pk, sk: { prefix: sk } })) {
    found.push(...page.map((item) => item.sk.slice(sk.length)));
  }
  return found;
};

export const putSanction = (sanction: Sanction, version: number): ItemOperation => ({
  type: 'put',
  item: {
    ...keys.sanction(sanction.sanctionId),
    version: version + 1,
    schema: 1,
    data: sanction,
    index: {
      gsi1: {
        pk: keys.sanctionsOf(sanction.organisation),
        sk: `${sanction.decidedOn}#${sanction.sanctionId}`,
      },
    },
  },
  condition: version === 0 ? 'absent' : { version },
});

export const getSanction = async (
  items: ItemStore,
  sanctionId: string,
): Promise<{ readonly sanction: Sanction; readonly version: number }> => {
  const item = await items.get(keys.sanction(sanctionId));
  if (item === undefined) throw new AppError('sanction-not-found', 404, '没有找到这份处理决定。');
  return { sanction: sanctionSchema.parse(item.data), version: item.version };
};
