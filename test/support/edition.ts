/**
 * The embedded edition as its users have it, for tests: a temporary folder, real HTTP, the real engine and store, the
 * centre's simulator, case time that is moved by hand. Nothing of the product is replaced; a test may wrap the item
 * store or set a probe, to break something on purpose.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { ensureCrossCheckKeys } from '#adapters/embedded/cross-check-keys.ts';
import { beijingDate } from '#domain/calendar/dates.ts';
import { type Edition, type EditionOptions, openEdition } from '#embedded/composition.ts';
import { mintToken } from '#embedded/identity/issuer.ts';
import type { Role } from '#functions/shared/access/policy.ts';
import { createLogger } from '#functions/shared/log.ts';
import type { Ports } from '#functions/shared/ports.ts';
import { parseKeyRing } from '#functions/shared/signature-keys.ts';
import { parseScenarioRules } from '#simulator/scenarios.ts';
import { type Simulator, startSimulator } from '#simulator/simulator.ts';
import { Client } from './client.ts';
import { type Folder, temporaryFolder } from './folder.ts';
import { UNLIMITED } from './limits.ts';

/** Monday, 7 January 2019, nine in the morning in Hefei: seven years whose calendars are known lie ahead. */
export const MONDAY = Date.parse('2019-01-07T01:00:00Z');

const sentMessage = z.looseObject({
  caseId: z.string(),
  to: z.record(z.string(), z.string()),
  title: z.string(),
});
type SentMessage = z.infer<typeof sentMessage>;

export type TestEditionOptions = Pick<
  EditionOptions,
  | 'waitingTimes'
  | 'crossCheckPolicy'
  | 'stampedOpinions'
  | 'personalData'
  | 'openingLimits'
  | 'messages'
  | 'mail'
  | 'wrapItems'
  | 'identity'
  | 'probe'
  | 'parametersFile'
  | 'organisationsFile'
  | 'http'
> & {
  /** Case time at the start, milliseconds since the epoch; `MONDAY` where left out. */
  readonly start?: number;
  /** `simulator`, the default; `none`: no interface; or where something else listens. */
  readonly centre?: 'simulator' | 'none' | { readonly url: string };
  /** What the simulator answers beside its built-in names. */
  readonly scenarios?: readonly { readonly name: string; readonly scenario: string }[];
  /** An earlier edition's folder, to go on there. */
  readonly folder?: Folder;
};

/** An edition as far as the people of an application need it, whatever it is built of. */
export type Place = {
  readonly ports: Pick<Ports, 'items' | 'documents' | 'workflow'>;
  /** The Beijing date of case time. */
  readonly today: string;
  person(subject: string, role: Role | readonly Role[], organisation?: string): Promise<Client>;
  anyone(): Client;
  settle(): Promise<void>;
  willAnswer(requestId: string): boolean;
  release(): void;
  advanceTo(instant: number | string): Promise<void>;
  advanceDays(days: number): Promise<void>;
};

export class TestEdition implements Place {
  readonly edition: Edition;
  readonly url: string;
  readonly folder: Folder;
  readonly #simulator: Simulator | undefined;
  /** What the centre makes of each request, by its id. */
  readonly #scenarios: Map<string, string>;
  /** The lines of the log so far. */
  readonly log: readonly string[];

  constructor(
    edition: Edition,
    url: string,
    folder: Folder,
    simulator: Simulator | undefined,
    scenarios: Map<string, string>,
    log: readonly string[],
  ) {
    this.edition = edition;
    this.url = url;
    this.folder = folder;
    this.#simulator = simulator;
    this.#scenarios = scenarios;
    this.log = log;
  }

  get ports(): Edition['ports'] {
    return this.edition.ports;
  }

  /** The Beijing date of case time. */
  get today(): string {
    return beijingDate(this.ports.clock.now());
  }

  /** Someone who has signed in. */
  async person(subject: string, role: Role | readonly Role[], organisation?: string): Promise<Client> {
    return new Client(this.url, await this.token(subject, `${subject}（样例）`, role, organisation));
  }

  /** What they have signed in with. */
  token(subject: string, name: string, role: Role | readonly Role[], organisation?: string): Promise<string> {
    return mintToken(join(this.folder.path, 'keys'), {
      subject,
      name,
      roles: typeof role === 'string' ? [role] : role,
      ttlSeconds: 3600,
      ...(organisation === undefined ? {} : { organisation }),
    });
  }

  /** What has been sent to people so far, in the order in which it was. */
  messages(): readonly SentMessage[] {
    const lines = readFileSync(join(this.folder.path, 'messages.jsonl'), 'utf8').split('\n');
    return lines.flatMap((line) => (line === '' ? [] : [sentMessage.parse(JSON.parse(line))]));
  }

  /** Someone who has not. */
  anyone(): Client {
    return new Client(this.url);
  }

  /** Resolves when every case waits for a person, a timer or a centre that keeps silent. */
  async settle(): Promise<void> {
    await this.edition.idle();
  }

  /** Whether the centre has a request and is about to answer it without being told to. */
  willAnswer(requestId: string): boolean {
    return !['silent', 'late'].includes(this.#scenarios.get(requestId) ?? 'silent');
  }

  /** Lets answers go that wait for it. */
  release(): void {
    this.#simulator?.release();
    for (const [id, scenario] of this.#scenarios) if (scenario === 'late') this.#scenarios.set(id, 'clean');
  }

  /** Resolves when the centre has nothing more to send. */
  async centreQuiet(): Promise<void> {
    await this.#simulator?.settled();
    await this.settle();
  }

  async advanceTo(instant: number | string): Promise<void> {
    await this.settle();
    await this.edition.advanceTo(typeof instant === 'number' ? instant : Date.parse(instant));
    await this.settle();
  }

  async advanceDays(days: number): Promise<void> {
    await this.advanceTo(this.ports.clock.now() + days * 86_400_000);
  }

  /** Ends the process's part; the folder stays. */
  async stop(): Promise<void> {
    await this.#simulator?.close();
    await this.edition.close();
  }

  async close(): Promise<void> {
    await this.stop();
    await this.folder.remove();
  }
}

export const openTestEdition = async (options: TestEditionOptions = {}): Promise<TestEdition> => {
  const { start = MONDAY, centre = 'simulator', scenarios = [], folder: given, http, ...rest } = options;
  const folder = given ?? (await temporaryFolder());
  const keys = ensureCrossCheckKeys(join(folder.path, 'keys', 'cross-check'));
  const requests = new Map<string, string>();
  const simulator =
    centre === 'simulator'
      ? await startSimulator({
          keys: parseKeyRing(readFileSync(keys.centre, 'utf8')),
          rules: parseScenarioRules(JSON.stringify(scenarios)),
          report: (event) => {
            if (event.event === 'requested' && !requests.has(event.requestId)) {
              requests.set(event.requestId, event.scenario);
            }
          },
        })
      : undefined;
  const log: string[] = [];
  const edition = await openEdition({
    folder: folder.path,
    logger: createLogger({ sink: (line) => log.push(line), wall: Date.now, level: 'debug' }),
    centreUrl: simulator?.url ?? (typeof centre === 'object' ? centre.url : null),
    caseTimeOffset: start - Date.now(),
    // Every answer of every test is held against the API's description.
    http: { checkAnswers: true, rateLimits: UNLIMITED, ...http },
    ...rest,
  });
  return new TestEdition(edition, await edition.listen(0), folder, simulator, requests, log);
};
