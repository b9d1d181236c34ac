/**
 * `npm run bench [-- cloud|engine|filings|organisations|rules|rules-full|startup|transfer …]`: measures, with correctness checked in the same run, and prints a table.
 * Without a name it runs everything but `rules-full`, which is for a machine that does nothing else. The aims are what the product is built for; a miss doesn't fail the run.
 */
import { availableParallelism } from 'node:os';
import { benchCloud } from './cloud.ts';
import { benchEngine } from './engine.ts';
import { benchFilings } from './filings.ts';
import { benchOrganisations } from './organisations.ts';
import type { BenchRow } from './row.ts';
import { benchRules, benchRulesFull } from './rules.ts';
import { benchStartup } from './startup.ts';
import { benchTransfer } from './transfer.ts';

const BENCHES: Readonly<Record<string, () => Promise<readonly BenchRow[]>>> = {
  cloud: benchCloud,
  engine: benchEngine,
  filings: () => benchFilings({ filings: 300, concurrency: 8 }),
  organisations: benchOrganisations,
  rules: benchRules,
  'rules-full': benchRulesFull,
  startup: benchStartup,
  transfer: benchTransfer,
};
const ON_DEMAND: ReadonlySet<string> = new Set(['rules-full']);

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(BENCHES, name));
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(', ')}; there are: ${Object.keys(BENCHES).join(', ')}`);
  process.exit(2);
}

const rows: BenchRow[] = [];
for (const [name, run] of Object.entries(BENCHES)) {
  if (wanted.length > 0 ? !wanted.includes(name) : ON_DEMAND.has(name)) continue;
  console.error(`${name} …`);
  rows.push(...(await run()));
}

const figure = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3).replace(/\.0+$/, '');
console.log(`node ${process.version}, ${availableParallelism()} cores\n`);
console.log('| measure | value | aim |');
console.log('|---|---:|---|');
for (const { measure, value, unit, aim } of rows)
  console.log(`| ${measure} | ${figure(value)} ${unit} | ${aim} |`);
