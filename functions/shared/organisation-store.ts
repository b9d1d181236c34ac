/**
 * The repository of the tree of unions. The tree stands in pieces, each kept under the hash of its content and never
 * changed; the head names the pieces that are the tree now. To change the tree is to write the pieces that differ and then
 * to switch the head, so no reader ever sees half a tree, however many organisations change at once, and of two who
 * change it together one is told to look again. Pieces that no head names any more are the trees of the past.
 */
import * as z from 'zod';
import { beijingDate } from '#domain/calendar/dates.ts';
import { canonicalJson, sha256 } from '#domain/filing/audit.ts';
import {
  changeFaults,
  changesBetween,
  changeType,
  type OrganisationChange,
  tidied,
  unseated,
} from '#domain/filing/organisation-changes.ts';
import {
  type Organisation,
  OrganisationTree,
  organisationSchema,
  type TreeFault,
} from '#domain/filing/organisations.ts';
import { ConditionFailed } from './errors.ts';
import { keys } from './keys.ts';
import { outboxOperation } from './outbox.ts';
import {
  ITEM_LIMITS,
  type Item,
  type ItemOperation,
  type ItemStore,
  type JsonObject,
  type Ports,
} from './ports.ts';

/** 128 pieces of at most 400 KB hold about 140,000 unions; ten thousand make pieces of 25 KB. */
const PIECES = 128;

const headSchema = z.strictObject({
  /** Hash of each piece that holds anything, by its number. */
  pieces: z.record(z.string().regex(/^\d+$/), z.string()),
  /** Where the history ends. */
  change: z.string(),
});
const pieceSchema = z.strictObject({ organisations: z.array(organisationSchema) });

/** Who changed the tree and why; what it did stands with each organisation. */
export const treeChangeSchema = z.strictObject({
  changeId: z.string(),
  at: z.string(),
  by: z.strictObject({ subject: z.string(), name: z.string(), organisation: z.string().nullable() }),
  reason: z.string(),
  added: z.number().int(),
  changed: z.number().int(),
  dissolved: z.number().int(),
});
export type TreeChange = z.infer<typeof treeChangeSchema>;

const entrySchema = z.strictObject({
  changeId: z.string(),
  before: organisationSchema.nullable(),
  after: organisationSchema,
});

/** `version` 0: nothing is stored, the tree is the seed. */
type Snapshot = {
  readonly version: number;
  readonly pieces: Readonly<Record<string, string>>;
  readonly tree: OrganisationTree;
};

/** Half of a SHA-256 is enough to tell pieces apart. */
const hashOf = (text: string): string => sha256(text).slice(0, 32);

const pieceOf = (id: string): string => String(Number.parseInt(hashOf(id).slice(0, 8), 16) % PIECES);

const inPieces = (list: readonly Organisation[]): ReadonlyMap<string, readonly Organisation[]> =>
  Map.groupBy(
    list.toSorted((one, other) => (one.id < other.id ? -1 : 1)),
    ({ id }) => pieceOf(id),
  );

export class OrganisationStore {
  readonly #items: ItemStore;
  readonly #seed: OrganisationTree;
  readonly #wall: () => number;
  readonly #freshMs: number;
  #known: Snapshot | undefined;
  #knownUntil = Number.NEGATIVE_INFINITY;
  /** What the pieces of the known snapshot hold, by their hash: a change fetches only what is new. */
  #parsed = new Map<string, readonly Organisation[]>();

  /**
   * `seed`: the tree while none is stored. For `freshMs` of wall time a tree once read is taken for the present one; 0:
   * its version is checked each time.
   */
  constructor(options: {
    readonly items: ItemStore;
    readonly seed: readonly Organisation[];
    readonly wall: () => number;
    readonly freshMs: number;
  }) {
    this.#items = options.items;
    this.#seed = new OrganisationTree(options.seed);
    this.#wall = options.wall;
    this.#freshMs = options.freshMs;
  }

  /** The tree as its readers may have it. */
  async tree(): Promise<OrganisationTree> {
    if (this.#known !== undefined && this.#wall() < this.#knownUntil) return this.#known.tree;
    return (await this.snapshot()).tree;
  }

  /** The tree as it is stored now, with the version that a change has to meet. */
  async snapshot(): Promise<Snapshot> {
    const item = await this.#items.get(keys.organisationHead);
    const version = item?.version ?? 0;
    if (this.#known === undefined || this.#known.version !== version) {
      const pieces = item === undefined ? {} : headSchema.parse(item.data).pieces;
      const tree = item === undefined ? this.#seed : await this.#read(pieces);
      // Another call may have read a later one meanwhile.
      if (this.#known === undefined || this.#known.version < version) this.#known = { version, pieces, tree };
      else return { version, pieces, tree };
    }
    this.#knownUntil = this.#wall() + this.#freshMs;
    return this.#known;
  }

  async #read(pieces: Snapshot['pieces']): Promise<OrganisationTree> {
    const read = await Promise.all(
      Object.values(pieces).map(async (hash) => {
        const parsed = this.#parsed.get(hash);
        if (parsed !== undefined) return [hash, parsed] as const;
        const item = await this.#items.get(keys.organisationPiece(hash));
        if (item === undefined) throw new Error(`piece ${hash} of the tree of unions is gone`);
        return [hash, pieceSchema.parse(item.data).organisations] as const;
      }),
    );
    this.#parsed = new Map(read);
    return new OrganisationTree(read.flatMap(([, list]) => list));
  }
}

const put = (key: Pick<Item, 'pk' | 'sk'>, data: JsonObject): ItemOperation => ({
  type: 'put',
  item: { ...key, version: 1, schema: 1, data },
});

/** Ids of one outbox row, which has to fit into an item. */
const IDS_A_ROW = 1000;
/** DynamoDB takes 4 MB a transaction; the pieces are the big ones. */
const BATCH_BYTES = 2_000_000;

/** In parts that fit into a transaction each. */
const batches = (operations: readonly ItemOperation[]): readonly (readonly ItemOperation[])[] => {
  const all: ItemOperation[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const operation of operations) {
    const size = operation.type === 'put' ? JSON.stringify(operation.item.data).length * 3 : 0;
    if (bytes + size > BATCH_BYTES || (all.at(-1)?.length ?? 0) === ITEM_LIMITS.operations) {
      all.push([]);
      bytes = 0;
    }
    all.at(-1)?.push(operation);
    bytes += size;
  }
  return all;
};

export type OrganisationPorts = Pick<Ports, 'items' | 'clock' | 'ids' | 'organisations'>;

/** What was asked of the tree; `faults` empty: it was done, or would be. */
export type Change = {
  readonly changes: readonly OrganisationChange[];
  readonly faults: readonly TreeFault[];
  readonly tree: OrganisationTree;
};

/** What a change of the tree would do, nothing written. */
export const planChange = (
  tree: OrganisationTree,
  wanted: readonly Organisation[],
  today: string,
): Change => {
  const changes = changesBetween(tree, wanted.map(tidied));
  const faults = changeFaults(tree, changes, today);
  return { changes, faults, tree: tree.with(changes.map(({ after }) => after)) };
};

const ATTEMPTS = 5;

/**
 * Changes the tree in one go or not at all: `decide` says, of the tree as it stands, how organisations shall be. Where
 * somebody else was faster it is asked again. A plan with faults, or that changes nothing, writes nothing. Cases that lie
 * elsewhere afterwards are moved by the outbox (`reseat`).
 *
 * Errors: `ConditionFailed` where others were faster again and again, and what `decide` throws.
 */
export const changeTree = async (
  ports: OrganisationPorts,
  by: TreeChange['by'],
  reason: string,
  decide: (tree: OrganisationTree) => readonly Organisation[],
): Promise<Change> => {
  for (let attempt = 1; ; attempt += 1) {
    const snapshot = await ports.organisations.snapshot();
    const now = ports.clock.now();
    const plan = planChange(snapshot.tree, decide(snapshot.tree), beijingDate(now));
    if (plan.faults.length > 0 || (plan.changes.length === 0 && snapshot.version > 0)) return plan;
    try {
      await write(ports, snapshot, plan, by, reason, new Date(now).toISOString());
      return plan;
    } catch (error) {
      if (!(error instanceof ConditionFailed) || attempt === ATTEMPTS) throw error;
    }
  }
};

/** Stores the tree that a new installation begins with; one that is there stays. */
export const seedTree = async (ports: OrganisationPorts): Promise<void> => {
  const { version } = await ports.organisations.snapshot();
  if (version > 0) return;
  await changeTree(
    ports,
    { subject: 'system', name: '系统', organisation: null },
    '建立系统时导入',
    () => [],
  );
};

const write = async (
  ports: OrganisationPorts,
  snapshot: Snapshot,
  { changes, tree }: Change,
  by: TreeChange['by'],
  reason: string,
  at: string,
): Promise<void> => {
  const changeId = ports.ids.next();
  const touched = snapshot.version === 0 ? undefined : new Set(changes.map(({ after }) => pieceOf(after.id)));
  const written = [...inPieces(tree.all)]
    .filter(([number]) => touched?.has(number) ?? true)
    .map(([number, organisations]) => {
      const data = { organisations: [...organisations] };
      return { number, hash: hashOf(canonicalJson(data)), data };
    });
  const count = (type: ReturnType<typeof changeType>) =>
    changes.filter((change) => changeType(change) === type).length;
  const record: TreeChange = {
    changeId,
    at,
    by,
    reason,
    added: count('added'),
    changed: count('changed'),
    dissolved: count('dissolved'),
  };
  // Nobody sees these before the head names them, and the history counts only what has its record.
  const details = [
    ...written.map(({ hash, data }) => put(keys.organisationPiece(hash), data)),
    ...changes.map((change) =>
      put(keys.organisationChange(change.after.id, changeId), { changeId, ...change }),
    ),
  ];
  const moved = unseated(tree, changes);
  const head = {
    pieces: { ...snapshot.pieces, ...Object.fromEntries(written.map(({ number, hash }) => [number, hash])) },
    change: changeId,
  };
  const rows = Array.from({ length: Math.ceil(moved.length / IDS_A_ROW) }, (_, index) =>
    outboxOperation(ports.ids, changeId, {
      kind: 'reseat',
      organisations: moved.slice(index * IDS_A_ROW, (index + 1) * IDS_A_ROW),
    }),
  );
  for (const batch of batches(details)) await ports.items.transact(batch);
  await ports.items.transact([
    {
      type: 'put',
      item: { ...keys.organisationHead, version: snapshot.version + 1, schema: 1, data: head },
      condition: snapshot.version === 0 ? 'absent' : { version: snapshot.version },
    },
    put(keys.treeChange(changeId), record),
    ...rows,
  ]);
};

export type HistoryEntry = {
  readonly change: TreeChange;
  readonly before: Organisation | null;
  readonly after: Organisation;
};

/** What was changed of one organisation, oldest first; at most the last 100 changes. */
export const readHistory = async (items: ItemStore, id: string): Promise<readonly HistoryEntry[]> => {
  const page = await items.query({
    pk: keys.organisationChange(id, '').pk,
    sk: { prefix: 'CHANGE#' },
    direction: 'descending',
    limit: 100,
  });
  const entries = await Promise.all(
    page.items.map(async ({ data }) => {
      const { changeId, before, after } = entrySchema.parse(data);
      const change = await items.get(keys.treeChange(changeId));
      // Without its record the change was never made: somebody else was faster.
      return change === undefined ? [] : [{ change: treeChangeSchema.parse(change.data), before, after }];
    }),
  );
  return entries.flat().toReversed();
};
