/**
 * The tree of unions: province → city → county → grassroots; industry and province-direct unions stand right
 * under the province (B-10, B-21). A case lies with three of them: the grassroots union, the one above it, and the
 * one above that, which is the provincial centre on the province-direct route and the city on the territorial one.
 */
import { z } from 'zod';
import type { Route } from './terms.ts';

export const organisationSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]{1,40}$/),
  name: z.string().min(1),
  kind: z.enum(['centre', 'city', 'county', 'industry', 'direct', 'grassroots']),
  parent: z.string().nullable(),
  /** GB/T 2260 code of the place. */
  region: z.string().regex(/^[0-9]{6}$/),
  /** 监督电话 of its notices. */
  supervisionPhone: z.string().min(1),
});
export type Organisation = z.infer<typeof organisationSchema>;

/** A list of organisations whose parents are all in it, without circles, with one root. */
export const organisationTreeSchema = z
  .array(organisationSchema)
  .min(1)
  .superRefine((list, context) => {
    const ids = new Set(list.map((one) => one.id));
    if (ids.size !== list.length) context.addIssue({ code: 'custom', message: 'an id stands twice' });
    if (list.filter((one) => one.parent === null).length !== 1) {
      context.addIssue({ code: 'custom', message: 'there must be exactly one root' });
    }
    const parents = new Map(list.map((one) => [one.id, one.parent]));
    list.forEach((one, index) => {
      const seen = new Set<string>();
      for (let id: string | null = one.id; id !== null; id = parents.get(id) ?? null) {
        if (!ids.has(id) || seen.has(id)) {
          context.addIssue({
            code: 'custom',
            path: [index, 'parent'],
            message: 'leads nowhere or in a circle',
          });
          return;
        }
        seen.add(id);
      }
    });
  });

export class OrganisationTree {
  readonly #byId: ReadonlyMap<string, Organisation>;

  constructor(list: readonly Organisation[]) {
    this.#byId = new Map(list.map((one) => [one.id, one]));
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

  /**
   * The three unions of a case filed with this grassroots union by this route; undefined where the union
   * cannot take it (it is none, or the tree above it is not the route's).
   */
  unionsOf(
    grassroots: string,
    route: Route,
  ): { grassroots: string; superior: string; centre: string } | undefined {
    const base = this.find(grassroots);
    if (base?.kind !== 'grassroots' || base.parent === null) return undefined;
    const superior = this.get(base.parent);
    if (superior.parent === null) return undefined;
    const centre = this.get(superior.parent);
    const fits =
      route === 'provinceDirect'
        ? ['industry', 'direct'].includes(superior.kind) && centre.kind === 'centre'
        : superior.kind === 'county' && centre.kind === 'city';
    return fits ? { grassroots, superior: superior.id, centre: centre.id } : undefined;
  }
}
