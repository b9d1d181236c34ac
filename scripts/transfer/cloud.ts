/** The cloud edition as a transfer sees it: by the same adapters and the same configuration as its functions. */
import {
  casePorts,
  settings as cloudSettings,
  documentStore,
  inventories,
  keyVault,
} from '#adapters/aws/composition.ts';
import { SETTINGS as API, configuration, DOCUMENTS, TABLE, VAULT } from '#adapters/aws/configuration.ts';
import { outboxPartitions } from '#functions/shared/keys.ts';
import type { ItemStore, Ports } from '#functions/shared/ports.ts';
import type { Side } from './edition.ts';
import { TransferFault } from './fault.ts';

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
    documents: documentStore(configured),
    vault: keyVault(configured),
    inventory: inventories(configured),
    frozen,
    settings: cloudSettings(configured),
  });
};

const readEnvironment = () => {
  try {
    return configuration({ ...TABLE, ...DOCUMENTS, ...VAULT, ...API });
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
  options: Omit<Side, 'name' | 'requireQuiet' | 'keepSettings' | 'close'> & {
    readonly frozen: boolean;
    readonly settings: Pick<Ports['settings'], 'parameters'>;
  },
): Side => {
  const { frozen, settings, ...ports } = options;
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
    keepSettings: async ({ parameters }) =>
      sameJson(parameters, settings.parameters.document)
        ? []
        : ['注意：迁移包中的当地标准与本程序部署的不同，请以迁移包中 settings/ 的文件部署云端。'],
    close: async () => {},
  };
};

const sameJson = (bytes: Uint8Array, document: unknown): boolean =>
  JSON.stringify(JSON.parse(Buffer.from(bytes).toString('utf8'))) === JSON.stringify(document);
