/** Looks unions up: a worker one to file with (B-10), an administrator what there is. */
import {
  isBase,
  type Organisation,
  type OrganisationKind,
  type OrganisationTree,
} from '#domain/filing/organisations.ts';
import { InvalidCursor } from '#functions/shared/errors.ts';

export type Search = {
  /** Part of the name. */
  readonly name?: string | undefined;
  readonly kind?: OrganisationKind | undefined;
  readonly parent?: string | undefined;
  /** The first digits of its place: 3401 is Hefei with its counties. */
  readonly region?: string | undefined;
  /** Those alone that applications are filed with. */
  readonly filing?: boolean | undefined;
  readonly dissolved?: boolean | undefined;
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
};

const PAGE = 100;
const collator = new Intl.Collator('zh-Hans-CN-u-co-pinyin');

/** In the order of their names; equal names by id. */
const inOrder = (one: Organisation, other: Organisation): number =>
  collator.compare(one.name, other.name) || Number(one.id > other.id) - Number(one.id < other.id);

/** A page of those that fit. The cursor is the last one's id. */
export const searchOrganisations = (
  tree: OrganisationTree,
  { name = '', kind, parent, region = '', filing, dissolved = false, limit = PAGE, cursor }: Search,
): { readonly organisations: readonly Organisation[]; readonly cursor?: string } => {
  const wanted = name.normalize('NFKC').replace(/\s/gu, '');
  const after = cursor === undefined ? undefined : tree.find(cursor);
  if (cursor !== undefined && after === undefined) throw new InvalidCursor('no such union');
  const fitting = tree.all
    .filter(
      (one) =>
        one.name.includes(wanted) &&
        one.region.startsWith(region) &&
        (kind === undefined || one.kind === kind) &&
        (parent === undefined || one.parent === parent) &&
        (filing === undefined || isBase(one) === filing) &&
        (dissolved || one.dissolution === null) &&
        (after === undefined || inOrder(one, after) > 0),
    )
    .sort(inOrder);
  const organisations = fitting.slice(0, limit);
  const last = organisations.at(-1);
  return { organisations, ...(fitting.length > limit && last !== undefined ? { cursor: last.id } : {}) };
};
