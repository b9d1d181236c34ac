/**
 * The edition under load, as a process of its own: the parent drives it over HTTP, moves its case time and asks for its
 * counts over the process channel. Usage: `filings-server.ts FOLDER CENTRE_URL START`.
 */
import * as z from 'zod';
import { openEdition } from '#embedded/composition.ts';
import { createLogger } from '#functions/shared/log.ts';
import type { ItemStore } from '#functions/shared/ports.ts';
import { UNLIMITED } from '#test/support/limits.ts';

const [folder = '', centreUrl = '', start = ''] = process.argv.slice(2);
const counts = { reads: 0, writes: 0, transactions: 0 };

/** Counts as a table would bill: an item read is one however it was asked for. */
const counting = (items: ItemStore): ItemStore => ({
  get: (key) => {
    counts.reads += 1;
    return items.get(key);
  },
  query: async (query) => {
    const page = await items.query(query);
    counts.reads += page.items.length;
    return page;
  },
  transact: (operations) => {
    counts.transactions += 1;
    counts.writes += operations.length;
    return items.transact(operations);
  },
});

const logger = createLogger({ sink: (line) => console.error(line), wall: Date.now, level: 'warn' });
const edition = await openEdition({
  folder,
  logger,
  centreUrl,
  caseTimeOffset: Number(start) - Date.now(),
  wrapItems: counting,
  http: { rateLimits: UNLIMITED },
});

const commandSchema = z.discriminatedUnion('do', [
  z.object({ do: z.literal('advance'), to: z.number() }),
  z.object({ do: z.literal('counts') }),
  z.object({ do: z.literal('history'), execution: z.string() }),
  z.object({ do: z.literal('close') }),
]);

const answer = (message: Readonly<Record<string, unknown>>): void => {
  process.send?.(message);
};

process.on('message', async (message) => {
  const command = commandSchema.parse(message);
  switch (command.do) {
    case 'advance':
      await edition.advanceTo(command.to);
      answer({ done: true });
      break;
    case 'counts':
      answer({ counts, cpuMicroseconds: process.cpuUsage().user + process.cpuUsage().system });
      break;
    case 'history': {
      const events = await edition.ports.workflow.history(command.execution);
      answer({ transitions: events.filter(({ type }) => type.endsWith('StateEntered')).length });
      break;
    }
    case 'close':
      await edition.close();
      process.disconnect();
  }
});

answer({ listening: await edition.listen(0) });
