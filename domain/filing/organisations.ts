/**
 * The tree of unions: province → city → county → grassroots or street (community); industry and province-direct unions
 * stand right under the province (B-10; article 21). A case lies with three of them: the grassroots union, the one above
 * it, and the one above that, which is the provincial centre on the province-direct route and the city on the
 * territorial one. A union that is dissolved stays in the tree and names who takes over (B-12), so that what it once did
 * can be read for ever.
 */
import * as z from 'zod';
import type { Route } from './terms.ts';

export const organisationKindSchema = z.enum([
  'centre',
  'city',
  'county',
  'industry',
  'direct',
  'grassroots',
  'community',
]);
export type OrganisationKind = z.infer<typeof organisationKindSchema>;

/** `parents`: what it may stand under. A kind stands lower than each of its parents, so the tree has no circles. */
type KindRule = { readonly name: string; readonly parents: readonly OrganisationKind[] };

export const KINDS: Readonly<Record<OrganisationKind, KindRule>> = {
  centre: { name: '省职工服务中心', parents: [] },
  city: { name: '市总工会', parents: ['centre'] },
  county: { name: '县（区）总工会', parents: ['city', 'centre'] },
  industry: { name: '省产业工会', parents: ['centre'] },
  direct: { name: '省直工会', parents: ['centre'] },
  grassroots: { name: '基层（单位）工会', parents: ['county', 'industry', 'direct', 'city', 'centre'] },
  /** For flexible workers and the unemployed (articles 10 and 11). */
  community: { name: '街道（社区）工会', parents: ['county', 'city'] },
};

const text = (max: number) => z.string().trim().min(1, '不能为空。').max(max, `最多 ${max} 个字。`);
const date = z.iso.date('日期应为 YYYY-MM-DD。');

export const organisationIdSchema = z
  .string()
  .regex(/^[a-z0-9-]{1,40}$/, '单位编码只能用小写字母、数字和连字符，最多40位。')
  .refine((id) => !['import', 'export'].includes(id), '这个单位编码不能使用。');

/** What can be changed while it lives. The names on the left are the API's. */
export const organisationFieldsSchema = z.strictObject({
  name: text(100),
  parent: organisationIdSchema.nullable(),
  /** GB/T 2260 code of the place. */
  region: z.string().regex(/^[0-9]{6}$/, '地区应为六位行政区划代码。'),
  /** 监督电话 of its notices. */
  supervisionPhone: text(30),
  /** 统一社会信用代码 (GB 32100), where it has one. */
  code: text(30).nullable().default(null),
  contact: z
    .strictObject({ name: text(50), phone: text(30) })
    .nullable()
    .default(null),
  address: text(200).nullable().default(null),
  /** Beijing date of its first day; null: since before the records. */
  activeFrom: date.nullable().default(null),
});
export type OrganisationFields = z.infer<typeof organisationFieldsSchema>;

export const organisationSchema = organisationFieldsSchema.extend({
  /** Stable for ever; opaque to people. */
  id: organisationIdSchema,
  kind: organisationKindSchema,
  /** From this day on it is there no more, and `successor` has its work and its files (B-12). */
  dissolution: z.strictObject({ on: date, successor: organisationIdSchema }).nullable().default(null),
});
export type Organisation = z.infer<typeof organisationSchema>;

/** Where an application is filed. */
export const isBase = ({ kind }: Organisation): boolean => kind === 'grassroots' || kind === 'community';

/** Whether it is there on a Beijing date. */
export const isActiveOn = ({ activeFrom, dissolution }: Organisation, on: string): boolean =>
  dissolution === null && (activeFrom === null || activeFrom <= on);

/** The three unions that a case lies with. */
export type Unions = { readonly grassroots: string; readonly superior: string; readonly centre: string };

/** Why an application cannot be filed with a union: it takes none by this route, or the street's union would (B-10). */
export type FilingRefusal = 'unknown-union' | 'street-union';

/** What is wrong in a tree; `field` is the API's name of what is at fault, null where it is the whole. */
export type TreeFault = {
  readonly id: string;
  readonly field: keyof Organisation | 'successor' | null;
  readonly code: string;
  readonly message: string;
};

export class OrganisationTree {
  readonly #byId: ReadonlyMap<string, Organisation>;
  #byParent: ReadonlyMap<string | null, readonly Organisation[]> | undefined;

  constructor(list: Iterable<Organisation>) {
    this.#byId = new Map(Array.from(list, (one) => [one.id, one]));
  }

  /** Every organisation there is or was. */
  get all(): readonly Organisation[] {
    return [...this.#byId.values()];
  }

  find(id: string): Organisation | undefined {
    return this.#byId.get(id);
  }

  /** The organisation; an id that is none is a fault of ours, as ids are checked where they come in. */
  get(id: string): Organisation {
    const found = this.#byId.get(id);
    if (found === undefined) throw new Error(`no organisation ${id}`);
    return found;
  }

  /** The ids of those without a parent: one, in a tree. */
  roots(): readonly string[] {
    return [...this.#byId.values()].flatMap(({ id, parent }) => (parent === null ? [id] : []));
  }

  /** All of them, in the order of the file. */
  get list(): readonly Organisation[] {
    return [...this.#byId.values()];
  }

  /** The one at the top. */
  get root(): string {
    const root = this.list.find(({ parent }) => parent === null);
    if (root === undefined) throw new Error('a tree of unions without a root');
    return root.id;
  }

  /** From the root down to the organisation itself. */
  path(id: string): readonly string[] {
    const path: string[] = [];
    for (let one: Organisation | undefined = this.get(id); one !== undefined; ) {
      path.unshift(one.id);
      one = one.parent === null ? undefined : this.get(one.parent);
    }
    return path;
  }

  /** What stands right under it, what is dissolved included. */
  children(id: string): readonly Organisation[] {
    this.#byParent ??= Map.groupBy(this.#byId.values(), ({ parent }) => parent);
    return this.#byParent.get(id) ?? [];
  }

  /** The tree with these in the place of those of the same ids, and the new ones. */
  with(changed: readonly Organisation[]): OrganisationTree {
    return new OrganisationTree(
      new Map([...this.#byId, ...changed.map((one) => [one.id, one] as const)]).values(),
    );
  }

  /** Who has its work and files now: itself, or whoever took over last (B-12). */
  heir(id: string): Organisation {
    let one = this.get(id);
    while (one.dissolution !== null) one = this.get(one.dissolution.successor);
    return one;
  }

  /**
   * The three unions of a case filed with this union by this route on this day; undefined where the union cannot take
   * it (it is none, it is not there, or the tree above it is not the route's).
   */
  unionsOf(id: string, route: Route, on: string): Unions | undefined {
    const base = this.find(id);
    if (base === undefined || !isBase(base) || !isActiveOn(base, on) || base.parent === null)
      return undefined;
    const superior = this.get(base.parent);
    if (superior.parent === null) return undefined;
    const centre = this.get(superior.parent);
    const fits =
      route === 'provinceDirect'
        ? ['industry', 'direct'].includes(superior.kind) && centre.kind === 'centre'
        : superior.kind === 'county' && centre.kind === 'city';
    return fits ? { grassroots: id, superior: superior.id, centre: centre.id } : undefined;
  }

  /**
   * The three unions of an application of a worker of this standing (B-10): flexible workers and the unemployed file with
   * the street's union; where there is none, with the county union above, which then does its work.
   */
  filing(id: string, route: Route, standing: string | undefined, on: string): Unions | FilingRefusal {
    const union = this.find(id);
    const byPlace = standing === 'flexible' || standing === 'unemployed';
    const hasStreet = (county: string): boolean =>
      this.children(county).some((one) => one.kind === 'community' && isActiveOn(one, on));
    if (byPlace && union?.kind === 'county' && route === 'territorial' && isActiveOn(union, on)) {
      return hasStreet(id) ? 'street-union' : this.seat(id);
    }
    const unions = this.unionsOf(id, route, on);
    if (unions === undefined) return 'unknown-union';
    return byPlace && union?.kind === 'grassroots' && hasStreet(unions.superior) ? 'street-union' : unions;
  }

  /**
   * The three unions of a case in the custody of any union. Where the level above has taken over, it stands in for the
   * levels that are missing (article 10: 由上一级工会或县级以上工会帮扶中心负责).
   */
  seat(custodian: string): Unions {
    const at = this.get(custodian);
    const above = (one: Organisation): Organisation => (one.parent === null ? one : this.get(one.parent));
    const superior = isBase(at) ? above(at) : at;
    const centre = superior.kind === 'city' ? superior : above(superior);
    return { grassroots: custodian, superior: superior.id, centre: centre.id };
  }
}

const fault = (
  { id }: Organisation,
  field: TreeFault['field'],
  code: string,
  message: string,
): TreeFault => ({ id, field, code, message });

const parentFaults = (tree: OrganisationTree, one: Organisation): readonly TreeFault[] => {
  if (one.parent === null) {
    return one.kind === 'centre' ? [] : [fault(one, 'parent', 'parent-missing', '请写明上级单位。')];
  }
  const parent = tree.find(one.parent);
  if (parent === undefined) return [fault(one, 'parent', 'unknown-parent', '没有这个上级单位。')];
  if (!KINDS[one.kind].parents.includes(parent.kind)) {
    const message = `${KINDS[one.kind].name}不能设在${KINDS[parent.kind].name}之下。`;
    return [fault(one, 'parent', 'wrong-parent', message)];
  }
  return one.dissolution === null && parent.dissolution !== null
    ? [fault(one, 'parent', 'parent-dissolved', '上级单位已撤销。')]
    : [];
};

/** Those above it, as far as they lead: four levels are the most that kinds allow. */
const ancestors = (tree: OrganisationTree, one: Organisation): readonly string[] => {
  const ids: string[] = [];
  for (let id = one.parent; id !== null && ids.length < 4; id = tree.find(id)?.parent ?? null) ids.push(id);
  return ids;
};

/** B-12: who takes over is a union of the same rank, or one of those above it. */
const successorFaults = (tree: OrganisationTree, one: Organisation): readonly TreeFault[] => {
  if (one.dissolution === null) return [];
  const successor = tree.find(one.dissolution.successor);
  if (successor === undefined) return [fault(one, 'successor', 'unknown-successor', '没有这个承接单位。')];
  const above = ancestors(tree, one).includes(successor.id);
  const sameRank = isBase(one) ? isBase(successor) : successor.kind === one.kind;
  return successor.id !== one.id && (above || sameRank)
    ? []
    : [
        fault(
          one,
          'successor',
          'wrong-successor',
          '承接单位应为同一层级的工会，或者其上级工会、帮扶中心（皖工发〔2017〕51号第十二条）。',
        ),
      ];
};

/** Everything that keeps organisations from being one tree, whoever made it. */
export const treeFaults = (tree: OrganisationTree): readonly TreeFault[] => {
  const roots = tree.all.filter(({ kind, dissolution }) => kind === 'centre' && dissolution === null);
  return [
    ...(roots.length === 1
      ? []
      : tree.all
          .filter(({ kind }) => kind === 'centre')
          .map((one) => fault(one, 'kind', 'one-root', '省职工服务中心应当有且只有一个。'))),
    ...tree.all.flatMap((one) => [...parentFaults(tree, one), ...successorFaults(tree, one)]),
    ...circles(tree),
  ];
};

/** Successors that lead in a circle, so that nobody would have the files. */
const circles = (tree: OrganisationTree): readonly TreeFault[] =>
  tree.all.flatMap((start) => {
    const seen = new Set<string>();
    for (let one: Organisation | undefined = start; one?.dissolution != null; ) {
      if (seen.has(one.id)) return [fault(start, 'successor', 'circle', '承接单位互相指向，没有单位承接。')];
      seen.add(one.id);
      one = tree.find(one.dissolution.successor);
    }
    return [];
  });

/** A list of organisations that is one tree: a file that an edition is begun with. */
export const organisationTreeSchema = z
  .array(organisationSchema)
  .min(1)
  .superRefine((list, context) => {
    const tree = new OrganisationTree(list);
    if (tree.all.length !== list.length) {
      context.addIssue({ code: 'custom', message: 'an id stands twice' });
    }
    if (!list.some(({ kind }) => kind === 'centre')) {
      context.addIssue({ code: 'custom', message: 'there must be exactly one root' });
    }
    for (const { id, field, message } of treeFaults(tree)) {
      const index = list.findIndex((one) => one.id === id);
      context.addIssue({ code: 'custom', path: field === null ? [index] : [index, field], message });
    }
  });
