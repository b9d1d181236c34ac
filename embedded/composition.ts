/**
 * The one-machine edition, put together: this file alone chooses its adapters. Everything that lasts lies below one
 * folder; the first start on an empty one makes all of it.
 *
 * | below the folder | what |
 * |---|---|
 * | `filing.db` | items and executions (SQLite) |
 * | `documents/` | uploads and archives, sealed (`adapters/embedded/envelope.ts`) |
 * | `keys/` | vault, cross-check and token keys, the secrets of upload forms and of sign-in: back it up apart from the rest |
 * | `sign-ins.jsonl` | who signed in, when and from where: the only place that keeps an address |
 * | `messages.jsonl` | messages to people, for a gateway of the union's own, where none is configured |
 * | `clock.json` | how far case time is ahead, where it can be moved |
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { ensureCrossCheckKeys } from '#adapters/embedded/cross-check-keys.ts';
import { FileDocumentStore } from '#adapters/embedded/documents.ts';
import { isMissing, replaceFile } from '#adapters/embedded/files.ts';
import { SqliteItemStore } from '#adapters/embedded/items.ts';
import { ensureMessageKey } from '#adapters/embedded/message-key.ts';
import { MemoryMetrics } from '#adapters/embedded/metrics.ts';
import { OutboxFileNotifier } from '#adapters/embedded/notifier.ts';
import { HttpCrossCheckCentre } from '#adapters/http/centre.ts';
import { HttpMessageGateway } from '#adapters/http/message-gateway.ts';
import { type ClamdAddress, ClamdScanner, noScanner } from '#adapters/shared/clamd.ts';
import { RandomIds } from '#adapters/shared/ids.ts';
import { SmtpNotifier, type SmtpNotifierOptions } from '#adapters/smtp/notifier.ts';
import { type CrossCheckPolicy, DEFAULT_CROSS_CHECK_POLICY } from '#domain/filing/cross-check.ts';
import { organisationTreeSchema } from '#domain/filing/organisations.ts';
import { jsonObjectSchema } from '#domain/json.ts';
import { FUNCTION_NAMES } from '#functions/manifest.ts';
import { measureBacklog } from '#functions/measure-backlog/measure-backlog.ts';
import description from '#functions/read-openapi/openapi.json' with { type: 'json' };
import { receiveDocument } from '#functions/receive-document/receive-document.ts';
import { routes } from '#functions/routes.ts';
import { CentreRefused } from '#functions/shared/errors.ts';
import { localStandards } from '#functions/shared/local-standards.ts';
import { errorFields, type Logger } from '#functions/shared/log.ts';
import { mailAddresses } from '#functions/shared/mail-addresses.ts';
import { OrganisationStore, seedTree } from '#functions/shared/organisation-store.ts';
import { PERSONAL_DATA } from '#functions/shared/personal-data-settings.ts';
import type { CrossCheckCentre, ItemStore, OneTimeLink, Ports } from '#functions/shared/ports.ts';
import {
  DEFAULT_WAITING_TIMES,
  OPENING_LIMITS,
  type OpeningLimits,
  type PersonalDataSettings,
  type Settings,
  UPLOAD_LIMITS,
  type WaitingTimes,
} from '#functions/shared/settings.ts';
import { parseKeyRing } from '#functions/shared/signature-keys.ts';
import { type WorkflowFunction, workflowFunctions } from '#functions/workflow.ts';
import { PARTITION, placeholder, substitute } from '#statemachines/substitutions.ts';
import { warnOfCalendarEnd } from './calendar-watch.ts';
import { openClock } from './case-clock.ts';
import { documentFolderOf, openDataFolder } from './data-folder.ts';
import { docsApp } from './docs-page.ts';
import { loadDefinition } from './engine/definition.ts';
import { Engine, type EngineOptions } from './engine/engine.ts';
import { lambdaInvocations } from './engine/lambda.ts';
import type { Pages } from './http/app.ts';
import type { DemoAccount } from './identity/demo.ts';
import { type IdentitySettings, openIdentity } from './identity/identity.ts';
import { metricsApp } from './metrics.ts';
import { privacyPage } from './privacy-page.ts';
import { Relay, withOutboxStream } from './relay.ts';
import { createServer, type ServerOptions } from './server.ts';
import { welcomeApp } from './welcome.ts';

export type EditionOptions = {
  /** Everything that lasts lies below it. One process at a time. */
  readonly folder: string;
  readonly logger: Logger;
  /** Where the cross-check centre listens; null: there is no interface, the three musts are checked by hand (C-2). */
  readonly centreUrl: string | null;
  /** Milliseconds that case time starts ahead of wall time; undefined: case time is wall time and can't be moved. */
  readonly caseTimeOffset?: number;
  readonly waitingTimes?: WaitingTimes;
  /** What the centre is asked for, and what is done without its answer. */
  readonly crossCheckPolicy?: CrossCheckPolicy;
  /** The union's own gateway of messages. Without it and without mail they go into `messages.jsonl` for one to fetch. */
  readonly messages?: { readonly url: string; readonly template: string };
  /** A mail server, by which messages go as well, to those who have left an address. */
  readonly mail?: Pick<SmtpNotifierOptions, 'server' | 'credentials' | 'from'>;
  /** Reviews need the scan of the sealed form; they do without where left out. */
  readonly stampedOpinions?: boolean;
  /** Texts on the processing of personal data and how long they are kept, where they are others than the shipped. */
  readonly personalData?: Partial<PersonalDataSettings>;
  /** How many fields and papers one person may open. */
  readonly openingLimits?: OpeningLimits;
  /** Local standards; the shipped example where left out. */
  readonly parametersFile?: string;
  /** The unions to begin with, at the first start; the shipped example where left out. */
  readonly organisationsFile?: string;
  /** Where ClamAV's daemon listens; null: papers are taken in unscanned, and say so. */
  readonly clamd?: ClamdAddress | null;
  readonly identity?: IdentitySettings;
  /** Wraps the item store, to count or to break it. */
  readonly wrapItems?: (items: ItemStore) => ItemStore;
  readonly probe?: EngineOptions['probe'];
  /** Of the HTTP server: see `embedded/http/app.ts`. */
  readonly http?: Partial<
    Pick<ServerOptions<Ports>, 'allowedOrigins' | 'rateLimits' | 'trustedProxies' | 'checkAnswers'>
  >;
};

export type Edition = {
  readonly ports: Ports;
  readonly engine: Engine;
  /** Starts to listen and takes up what was under way; resolves with the address. */
  listen(port: number, publicUrl?: string): Promise<string>;
  /** A one-time link for the first administrator; null where there is one and `another` isn't asked for. */
  administratorLink(another: boolean): Promise<OneTimeLink | null>;
  /** Makes the accounts of a demonstration, in a folder that was opened for one. */
  seedDemo(): Promise<readonly DemoAccount[]>;
  /** Moves case time; refused where it is wall time. */
  advanceTo(instant: number): Promise<void>;
  /** Resolves when nothing is under way: every case waits for a person, a timer, or the centre. */
  idle(): Promise<void>;
  close(): Promise<void>;
};

const ROOT = join(import.meta.dirname, '..');
const SWEEP_MS = 5_000;
/** How often it is looked whether the known calendar comes to its end. */
const CALENDAR_MS = 24 * 60 * 60 * 1000;
/** An upload event whose consumer failed comes again after this long. */
const REDELIVER_MS = 30_000;
/** What has come to its end is removed this often; who reads it before judges by the clock. */
const EXPIRY_MS = 10 * 60_000;

/** An ARN as the cloud's, so that both editions run the same text. */
const arnOf = (name: string): string => `arn:aws:lambda:local:000000000000:function:${name}:live`;

const readJson = async (path: string): Promise<unknown> => JSON.parse(await readFile(path, 'utf8'));

/** 32 random bytes of the installation's own, made at the first start (mode 0600). */
const secretOf = async (path: string, temporary: string): Promise<Uint8Array> => {
  try {
    return await readFile(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
    const secret = randomBytes(32);
    await replaceFile(path, secret, temporary);
    return secret;
  }
};

/** Runs the tasks of one name one after another. */
const turns = (): (<T>(name: string, task: () => Promise<T>) => Promise<T>) => {
  const tails = new Map<string, Promise<unknown>>();
  return async (name, task) => {
    const before = tails.get(name);
    // Whether the task before failed is its own caller's matter.
    const run = Promise.allSettled([before]).then(task);
    tails.set(name, run);
    try {
      return await run;
    } finally {
      if (tails.get(name) === run) tails.delete(name);
    }
  };
};

/** Where there is no interface to the centre, a request is refused and a person checks by hand. */
const noCentre: CrossCheckCentre = {
  request: () => Promise.reject(new CentreRefused('no interface to the centre is configured')),
};

export const openEdition = async (options: EditionOptions): Promise<Edition> => {
  const { folder, logger } = options;
  const keyFolder = join(folder, 'keys');
  const data = await openDataFolder(folder);
  const { database, vault } = data;
  const { clock, movable } = await openClock(folder, options.caseTimeOffset);
  const ids = new RandomIds(clock);
  const metrics = new MemoryMetrics();
  const outboxFile = await OutboxFileNotifier.open(join(folder, 'messages.jsonl'));
  const crossCheckKeys = ensureCrossCheckKeys(join(keyFolder, 'cross-check'));
  const ring = parseKeyRing(await readFile(crossCheckKeys.ours, 'utf8'));

  const standardsFile = options.parametersFile ?? join(ROOT, 'parameters/example-2018.json');
  const parameters = localStandards(jsonObjectSchema.parse(await readJson(standardsFile)), standardsFile);
  const seed = organisationTreeSchema.parse(
    await readJson(options.organisationsFile ?? join(ROOT, 'parameters/organisations.json')),
  );
  const gateway =
    options.messages === undefined
      ? undefined
      : new HttpMessageGateway({
          ...options.messages,
          key: parseKeyRing(await readFile(ensureMessageKey(keyFolder), 'utf8')).signing,
          clock,
          ids,
        });
  let publicUrl = '';
  const settings: Settings = {
    ...PERSONAL_DATA,
    ...options.personalData,
    parameters,
    waitingTimes: options.waitingTimes ?? DEFAULT_WAITING_TIMES,
    stampedOpinions: options.stampedOpinions ?? false,
    rolesFrom: 'posts',
    crossCheck: {
      policy: options.crossCheckPolicy ?? DEFAULT_CROSS_CHECK_POLICY,
      // Known once the server listens; nothing asks before.
      get callbackBase() {
        return publicUrl;
      },
      get authority() {
        return new URL(publicUrl).host;
      },
      centreKeys: ring.trusted,
    },
    upload: UPLOAD_LIMITS,
    openings: options.openingLimits ?? OPENING_LIMITS,
  };

  const inTurn = turns();
  const documents = await FileDocumentStore.open({
    database,
    folder: documentFolderOf(folder),
    vault,
    uploadUrl: '/uploads',
    downloadUrl: '/downloads',
    uploadSecret: await secretOf(join(keyFolder, 'uploads.secret'), keyFolder),
    clock,
    // A case's papers come many at once: one after the other they don't get in each other's way.
    objectCreated: async (key) => {
      await inTurn(dirname(key), () => receiveDocument(ports, key));
    },
    eventFailed: (_key, error) => logger.error('an upload event failed and comes again', errorFields(error)),
  });

  const byArn = new Map(
    Object.entries<WorkflowFunction>(workflowFunctions).map(([name, run]) => [arnOf(name), run]),
  );
  // Every file takes its number from one counter: hundreds of notices end in the same minute.
  const establish = workflowFunctions['establish-file'];
  byArn.set(arnOf('establish-file'), (all, payload) =>
    inTurn('establish-file', () => establish(all, payload)),
  );
  const definition = substitute(await readFile(join(ROOT, 'statemachines/filing.asl.json'), 'utf8'), {
    [PARTITION]: 'aws',
    ...Object.fromEntries(FUNCTION_NAMES.map((name) => [placeholder(name), arnOf(name)])),
  });
  const engine = new Engine({
    database,
    clock,
    stateMachineName: 'filing',
    machine: loadDefinition(definition),
    perform: lambdaInvocations(async (arn, payload) => {
      const run = byArn.get(arn);
      if (run === undefined) throw new Error(`no function ${arn}`);
      return run(ports, payload);
    }),
    onFault: (error) => logger.error('the workflow engine met a fault', errorFields(error)),
    ...(options.probe === undefined ? {} : { probe: options.probe }),
  });

  const wrap = options.wrapItems ?? ((items: ItemStore) => items);
  const store = new SqliteItemStore(database);
  const table = wrap(store);
  const items = withOutboxStream(table, (rows) => relay.take(rows));
  const mail =
    options.mail === undefined
      ? undefined
      : new SmtpNotifier({ ...options.mail, addressesOf: mailAddresses({ items: table, vault }) });
  const organisations = new OrganisationStore({ items: table, seed, wall: () => clock.wall(), freshMs: 0 });
  const centre =
    options.centreUrl === null
      ? noCentre
      : new HttpCrossCheckCentre({ url: options.centreUrl, key: ring.signing, clock, ids });
  const identity = await openIdentity({
    items,
    vault,
    clock,
    ids,
    folder,
    keyFolder,
    secret: await secretOf(join(keyFolder, 'sign-in.secret'), keyFolder),
    database,
    organisations: () => organisations.tree(),
    logger,
    settings: options.identity ?? {},
  });
  const ports: Ports = {
    items,
    documents,
    workflow: engine,
    vault,
    centre,
    channels: {
      // What nobody fetches from the file would pile up there: it is for those who have no other way.
      ...(gateway === undefined && mail === undefined ? { file: outboxFile } : {}),
      ...(gateway === undefined ? {} : { gateway }),
      ...(mail === undefined ? {} : { mail }),
    },
    scanner: options.clamd ? new ClamdScanner(options.clamd) : noScanner,
    accounts: identity.accounts,
    clock,
    ids,
    metrics,
    settings,
    organisations,
  };
  const relay = new Relay({
    ports,
    onFailure: (_row, error) => logger.error('an outbox row could not be told', errorFields(error)),
    sweepEveryMs: SWEEP_MS,
  });

  await seedTree(ports);

  const pages: readonly Pages[] = [
    identity.pages,
    metricsApp(metrics, () => measureBacklog(ports)),
    welcomeApp(),
    privacyPage(settings.privacyNotices),
    docsApp(description),
  ];
  const server = createServer({
    routes,
    ports,
    authenticate: identity.authenticate,
    acceptUpload: async (fields, file) => {
      await documents.acceptUpload(fields, file);
      return {};
    },
    openDownload: async (permit) => {
      const { contentType, fileName, content } = await documents.openDownload(permit);
      return { contentType, name: fileName, bytes: content };
    },
    logger,
    extra: pages,
    mounts: [identity.mount],
    ...options.http,
  });

  const removeExpired = async (): Promise<void> => {
    try {
      await store.sweep(clock.wall());
    } catch (error) {
      logger.error('expired items stay', errorFields(error));
    }
  };
  let expiry: NodeJS.Timeout | undefined;
  let redelivery: NodeJS.Timeout | undefined;
  let calendarWatch: NodeJS.Timeout | undefined;
  return {
    ports,
    engine,
    listen: async (port, given) => {
      const url = await server.listen(port);
      publicUrl = (given ?? url).replace(/\/+$/, '');
      identity.start(publicUrl);
      warnOfCalendarEnd(clock, logger);
      calendarWatch = setInterval(() => warnOfCalendarEnd(clock, logger), CALENDAR_MS).unref();
      await removeExpired();
      expiry = setInterval(() => void removeExpired(), EXPIRY_MS).unref();
      await engine.resume();
      await relay.sweep();
      await documents.redeliver();
      redelivery = setInterval(() => void documents.redeliver(), REDELIVER_MS).unref();
      return url;
    },
    administratorLink: identity.administratorLink,
    seedDemo: identity.seedDemo,
    advanceTo: async (instant) => {
      if (movable === undefined) throw new Error('case time is wall time and cannot be moved');
      await movable.advanceTo(instant);
    },
    idle: async () => {
      // What the engine does leaves rows to be told, and what is told moves the engine on.
      do {
        // What is written is told once it is on disk; a turn of the loop later that has begun.
        await database.write(() => undefined);
        await setImmediate();
        await documents.idle();
        await engine.idle();
      } while (await relay.idle());
    },
    close: async () => {
      clearInterval(expiry);
      clearInterval(redelivery);
      clearInterval(calendarWatch);
      await server.close();
      await documents.idle();
      await relay.close();
      await engine.close();
      await outboxFile.close();
      await mail?.close();
      await identity.close();
      data.close();
    },
  };
};
