/** The local standards that an edition is configured with, judged once at start: every fault is told, by place. */
import type { JsonObject } from '#domain/json.ts';
import { parseParameters } from '#domain/rules/parameters.ts';
import type { Settings } from './settings.ts';

/** `source` says where the document came from, for the one who has to mend it. */
export const localStandards = (document: JsonObject, source: string): Settings['parameters'] => {
  const parsed = parseParameters(document);
  if ('parameters' in parsed) return { set: parsed.parameters, document };
  const faults = parsed.faults.map(({ pointer, message }) => `${pointer} ${message}`);
  throw new Error([`${source}：`, ...faults].join('\n'));
};
