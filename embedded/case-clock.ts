/** Case time of a data folder: wall time, or ahead of it by what `clock.json` says, where it can be moved. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { MovableClock } from '#adapters/embedded/clock.ts';
import { isMissing, replaceFile } from '#adapters/embedded/files.ts';
import { SystemClock } from '#adapters/shared/clock.ts';
import type { Clock } from '#functions/shared/ports.ts';

const offsetSchema = z.strictObject({ offset: z.number() });

const keptOffset = async (path: string): Promise<number | undefined> => {
  try {
    return offsetSchema.parse(JSON.parse(await readFile(path, 'utf8'))).offset;
  } catch (error) {
    if (!isMissing(error)) throw error;
    return undefined;
  }
};

/** `initial`: milliseconds that case time starts ahead; undefined where it can't be moved. */
export const openClock = async (
  folder: string,
  initial: number | undefined,
): Promise<{ clock: Clock; movable: MovableClock | undefined }> => {
  if (initial === undefined) return { clock: new SystemClock(), movable: undefined };
  const path = join(folder, 'clock.json');
  const persist = (offset: number): Promise<void> =>
    replaceFile(path, Buffer.from(JSON.stringify({ offset })), folder);
  const kept = await keptOffset(path);
  if (kept === undefined) await persist(initial);
  const movable = new MovableClock({ offset: kept ?? initial, persist });
  return { clock: movable, movable };
};

/** The clock of an edition that isn't running, as it left it. */
export const standingClock = async (folder: string): Promise<Clock> =>
  (await openClock(folder, await keptOffset(join(folder, 'clock.json')))).clock;
