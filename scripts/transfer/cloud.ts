/** The cloud edition as a transfer sees it: by the same adapters and the same configuration as its functions. */
import { isDeepStrictEqual } from 'node:util';
import { casePorts, documentStore, inventories, keyVault } from '#adapters/aws/composition.ts';
import { configuration, DOCUMENTS, TABLE, VAULT } from '#adapters/aws/configuration.ts';
import { MemoryMetrics } from '#adapters/embedded/metrics.ts';
import { outboxPartitions } from '#functions/shared/keys.ts';
import type { ItemStore } from '#functions/shared/ports.ts';
import parametersDocument from '#parameters/example-2018.json' with { type: 'json' };
import type { Side } from './edition.ts';
import { TransferFault } from './fault.ts';
import { parseJson } from './key.ts';

/** Fault `not-quiet`: the relay still has something to tell. */
const requireEmptyOutbox = async (items: ItemStore): Promise<void> => {
  for (const pk of outboxPartitions) {
    const page = await items.query({ pk, limit: 1 });
    if (page.items.length > 0) {
      throw new TransferFault('not-quiet', 1, '待发箱（outbox）不空：请待其发完，再冻结并导出。');
    }
  }
};

/**
 * The cloud edition by the environment variables of its functions. `frozen`: the operator says that nothing runs and
 * nobody writes, which can't be seen from here. Faults: `not-frozen`, `environment`.
 */
export const openCloud = (frozen: boolean): Side => {
  const configured = readEnvironment();
  const ports = casePorts(configured);
  return cloudSide({
    ...ports,
    // Nothing is measured here, and the functions' way to tell it is to print.
    metrics: new MemoryMetrics(),
    documents: documentStore(configured),
    vault: keyVault(configured),
    inventory: inventories(configured),
    frozen,
    deployed: parametersDocument,
  });
};

const readEnvironment = () => {
  try {
    return configuration({ ...TABLE, ...DOCUMENTS, ...VAULT });
  } catch (error) {
    throw new TransferFault(
      'environment',
      2,
      `云端环境变量有误：${error instanceof Error ? error.message : ''}`,
    );
  }
};

/** The cloud edition over these ports. */
export const cloudSide = (
  options: Omit<Side, 'name' | 'requireQuiet' | 'keepParameters' | 'close'> & {
    readonly frozen: boolean;
    /** The local standards that the functions were built with. */
    readonly deployed: unknown;
  },
): Side => {
  const { frozen, deployed, ...ports } = options;
  return {
    ...ports,
    name: 'cloud',
    requireQuiet: async () => {
      await requireEmptyOutbox(ports.items);
      if (frozen) return;
      throw new TransferFault(
        'not-frozen',
        2,
        '请先停止云端的写入（见 docs/transfer.md），再加 --frozen 确认后导出。',
      );
    },
    keepParameters: async (parameters) =>
      isDeepStrictEqual(parseJson(Buffer.from(parameters).toString('utf8')), deployed)
        ? []
        : ['注意：当地标准与云端部署的不同，请用迁移包 settings/parameters.json 重新部署云端。'],
    close: async () => {},
  };
};
