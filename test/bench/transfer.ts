/**
 * Moving an edition: items a second, and the peak of memory at two sizes, in a heap that couldn't hold the larger one. What
 * arrives is checked by the import itself, which compares everything and fails otherwise.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { beijingDate } from '#domain/calendar/dates.ts';
import { DEFAULT_CROSS_CHECK_POLICY } from '#domain/filing/cross-check.ts';
import { organisationTreeSchema } from '#domain/filing/organisations.ts';
import { openCase } from '#functions/open-case/open-case.ts';
import { openCaseSchema } from '#functions/open-case/schema.ts';
import type { Caller } from '#functions/shared/access/policy.ts';
import { localStandards } from '#functions/shared/local-standards.ts';
import { OrganisationStore, seedTree } from '#functions/shared/organisation-store.ts';
import { PERSONAL_DATA } from '#functions/shared/personal-data-settings.ts';
import {
  DEFAULT_WAITING_TIMES,
  OPENING_LIMITS,
  type Settings,
  UPLOAD_LIMITS,
} from '#functions/shared/settings.ts';
import { submitCase } from '#functions/submit-case/submit-case.ts';
import parametersDocument from '#parameters/example-2018.json' with { type: 'json' };
import organisationsDocument from '#parameters/organisations.json' with { type: 'json' };
import { householdOf } from '#test/support/households.ts';
import { mapLimited } from '../../scripts/transfer/bundle.ts';
import { openEmbedded } from '../../scripts/transfer/edition.ts';
import { TransferKey } from '../../scripts/transfer/key.ts';
import { verifyBundle } from '../../scripts/transfer/verify.ts';
import type { BenchRow } from './row.ts';

const settings: Settings = {
  parameters: localStandards(parametersDocument, 'parameters/example-2018.json'),
  waitingTimes: DEFAULT_WAITING_TIMES,
  stampedOpinions: false,
  crossCheck: {
    policy: DEFAULT_CROSS_CHECK_POLICY,
    callbackBase: 'http://127.0.0.1',
    authority: '127.0.0.1',
    centreKeys: [],
  },
  upload: UPLOAD_LIMITS,
  ...PERSONAL_DATA,
  rolesFrom: 'posts',
  openings: OPENING_LIMITS,
};

/** An edition with so many submitted applications: six items each. */
const fill = async (folder: string, cases: number): Promise<void> => {
  const side = await openEmbedded(folder, true);
  const organisations = new OrganisationStore({
    items: side.items,
    seed: organisationTreeSchema.parse(organisationsDocument),
    wall: () => side.clock.wall(),
    freshMs: 60_000,
  });
  const ports = { ...side, settings, organisations };
  await seedTree(ports);
  await mapLimited(
    Array.from({ length: cases }, (_, at) => at),
    64,
    async (at) => {
      const caller: Caller = { subject: `worker-${at}`, name: `样例${at}`, roles: ['applicant'] };
      const household = householdOf({ today: beijingDate(side.clock.now()) });
      const { caseId } = await openCase(ports, caller, openCaseSchema.parse(household), side.ids.next());
      await submitCase(ports, caller, caseId);
    },
  );
  await side.close();
};

const MIB = 1024 * 1024;
/** A run that kept what it has read would end for want of memory. */
const HEAP_MIB = 64;

const command = async (...args: readonly string[]): Promise<{ seconds: number; bytes: number }> => {
  const from = performance.now();
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      `--max-old-space-size=${HEAP_MIB}`,
      join(import.meta.dirname, 'transfer-child.ts'),
      ...args,
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (code !== 0) throw new Error(`${args[0]} ended with ${code}`);
  return { seconds: (performance.now() - from) / 1000, bytes: Number(output.trim()) };
};

const move = async (cases: number) => {
  const folder = await mkdtemp(join(tmpdir(), 'bench-transfer-'));
  try {
    const [source, bundle, target] = [join(folder, 'source'), join(folder, 'bundle'), join(folder, 'target')];
    await fill(source, cases);
    const exported = await command('export', bundle, '--data', source);
    const imported = await command('import', bundle, '--data', target);
    const { manifest } = await verifyBundle(bundle, await TransferKey.read(`${bundle}.key`));
    const items = Object.values(manifest.counts).reduce((sum, count) => sum + count, 0);
    return { items, exported, imported, peak: Math.max(exported.bytes, imported.bytes) / MIB };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

export const benchTransfer = async (): Promise<readonly BenchRow[]> => {
  const small = await move(300);
  const large = await move(3000);
  return [
    {
      measure: `transfer: items exported and verified, of ${large.items}`,
      value: large.items / large.exported.seconds,
      unit: '/s',
      aim: '> 500',
    },
    {
      measure: 'transfer: items imported and compared',
      value: large.items / large.imported.seconds,
      unit: '/s',
      aim: '> 500',
    },
    {
      measure: `transfer: peak of memory, ${small.items} items`,
      value: small.peak,
      unit: 'MiB',
      aim: '',
    },
    {
      measure: `transfer: peak of memory, ${large.items} items`,
      value: large.peak,
      unit: 'MiB',
      aim: `a heap of ${HEAP_MIB} MiB is enough`,
    },
  ];
};
