/**
 * How fast the rules are. Decisions with their structured trace, side by side with two general rule engines on the same
 * declarations, every case compared; the wording on demand; and `--batch` as a whole (`rules-batch.ts`).
 *
 * What is timed in the process is timed by its CPU, so that it says what one core does, whatever else runs.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assessFigures } from '#domain/rules/assess.ts';
import { decide } from '#domain/rules/decide.ts';
import { parseDeclaration } from '#domain/rules/declaration.ts';
import { explain } from '#domain/rules/explain.ts';
import { parseParameters } from '#domain/rules/parameters.ts';
import type { BenchRow } from './row.ts';
import { benchBatch } from './rules-batch.ts';
import { households } from './rules-households.ts';
import { type Facts, factsOf, jsonRulesPeer, type Peer, verdictOf, zenPeer } from './rules-peers.ts';

const CASES = 4_000;
const CPU_SECONDS = 1;
/** Peers answer by promises: so many are under way at a time. */
const AT_ONCE = 50;

const shipped = () => {
  const path = join(import.meta.dirname, '../../parameters/example-2018.json');
  const parsed = parseParameters(JSON.parse(readFileSync(path, 'utf8')));
  if ('faults' in parsed) throw new Error('the shipped parameters do not fit');
  return parsed.parameters;
};

/** How many a second of CPU: rounds over all cases until the time is up, after one to warm up. */
const rateOf = async (round: () => Promise<void> | void): Promise<number> => {
  await round();
  const from = process.cpuUsage();
  let done = 0;
  for (;;) {
    await round();
    done += 1;
    const { user, system } = process.cpuUsage(from);
    const seconds = (user + system) / 1e6;
    if (seconds >= CPU_SECONDS) return (done * CASES) / seconds;
  }
};

const ratePeer = (peer: Peer, facts: readonly Facts[]): Promise<number> =>
  rateOf(async () => {
    for (let start = 0; start < facts.length; start += AT_ONCE) {
      await Promise.all(facts.slice(start, start + AT_ONCE).map(peer.raw));
    }
  });

/** Errors: throws where an engine decides a single case otherwise. */
const benchDecisions = async (): Promise<readonly BenchRow[]> => {
  const parameters = shipped();
  const declarations: Parameters<typeof decide>[0][] = [];
  const facts: Facts[] = [];
  // Peers know nothing of what is unknown: the cases are those that can be decided.
  for (const document of households(CASES * 2)) {
    const parsed = parseDeclaration(document);
    if ('faults' in parsed) throw new Error(`a household that doesn't fit: ${JSON.stringify(parsed.faults)}`);
    const decision = decide(parsed.declaration, parameters);
    const known = decision.missing.length === 0 ? factsOf(decision) : undefined;
    if (known === undefined || facts.length === CASES) continue;
    declarations.push(parsed.declaration);
    facts.push(known);
  }
  if (facts.length < CASES) throw new Error(`only ${facts.length} cases`);

  const peers = {
    '@gorules/zen-engine, with its trace': zenPeer(true),
    '@gorules/zen-engine, without trace': zenPeer(false),
    'json-rules-engine': jsonRulesPeer(),
  };
  for (const [index, declaration] of declarations.entries()) {
    const ours = JSON.stringify(verdictOf(decide(declaration, parameters)));
    for (const [name, { raw, verdict }] of Object.entries(peers)) {
      const theirs = JSON.stringify(verdict(await raw(facts[index] ?? {})));
      if (theirs !== ours) throw new Error(`case ${index}: ${name} says ${theirs}, not ${ours}`);
    }
  }

  const each = (work: (declaration: (typeof declarations)[number]) => unknown) =>
    rateOf(() => {
      for (const declaration of declarations) work(declaration);
    });
  const decided = await each((declaration) => decide(declaration, parameters));
  const figures = await each((declaration) => JSON.stringify(assessFigures(declaration, parameters)));
  const decisions = declarations.map((declaration) => decide(declaration, parameters));
  const worded = await rateOf(() => {
    for (const decision of decisions) explain(decision);
  });
  const rates: [name: string, rate: number][] = [];
  for (const [name, peer] of Object.entries(peers)) rates.push([name, await ratePeer(peer, facts)]);
  const fastest = Math.max(...rates.map(([, rate]) => rate));

  const unit = '/s of CPU';
  return [
    { measure: 'decisions with structured trace, steps 1–10', value: decided, unit, aim: '≥ 100,000' },
    { measure: '… as figures, written as JSON', value: figures, unit, aim: '' },
    { measure: 'wording of a decision, on demand', value: worded, unit, aim: '≥ 20,000' },
    ...rates.map(([name, value]) => ({ measure: `${name}, steps 6–8 alone`, value, unit, aim: '' })),
    {
      measure: `this engine to the faster peer, ${CASES.toLocaleString('en')} cases equal`,
      value: decided / fastest,
      unit: 'times',
      aim: '≥ 10',
    },
  ];
};

export const benchRules = async (): Promise<readonly BenchRow[]> => [
  ...(await benchDecisions()),
  ...(await benchBatch(shipped(), [10_000, 100_000, 1_000_000], [10_000, 100_000])),
];

/** All 5.5 million declarations, the nation's files at their peak. */
export const benchRulesFull = (): Promise<readonly BenchRow[]> => benchBatch(shipped(), [5_500_000], []);
