/** The repository of accesses of outsiders (B-16): asked for, decided by the keeper, opened by a code, counted. */
import * as z from 'zod';
import { signatureSchema } from '#domain/filing/signatures.ts';
import { AppError } from './errors.ts';
import { keys } from './keys.ts';
import { readAll } from './pages.ts';
import { expiryOf, type ItemOperation, type Ports } from './ports.ts';

export const externalSchema = z.strictObject({
  /** 26 digits and letters: the number on the stamp. */
  accessId: z.string(),
  caseId: z.string(),
  requested: signatureSchema,
  outsider: z.strictObject({
    name: z.string(),
    /** The body that the person comes from, and its unified social credit code, which the stamp bears. */
    body: z.string(),
    bodyCode: z.string(),
    /** Number of the document by which the body sends the person (介绍信, 调查函). */
    authority: z.string(),
  }),
  purpose: z.string(),
  documents: z.array(z.string()).min(1),
  /** Days that the code lives, from the approval. */
  days: z.int().min(1),
  state: z.discriminatedUnion('status', [
    z.strictObject({ status: z.literal('requested') }),
    z.strictObject({ status: z.literal('refused'), by: signatureSchema, reason: z.string() }),
    z.strictObject({
      status: z.literal('approved'),
      by: signatureSchema,
      /** Wall time, as of every token. */
      expiresAt: z.string(),
    }),
    z.strictObject({ status: z.literal('revoked'), by: signatureSchema, reason: z.string() }),
  ]),
  /** How often a paper was opened. */
  openings: z.int(),
});
export type External = z.infer<typeof externalSchema>;

export const putExternal = (external: External, version: number): ItemOperation => ({
  type: 'put',
  item: {
    ...keys.external(external.accessId),
    version: version + 1,
    schema: 1,
    data: external,
    index: {
      gsi1: {
        pk: keys.externalsOf(external.caseId),
        sk: `${external.requested.at}#${external.accessId}`,
      },
    },
  },
  condition: version === 0 ? 'absent' : { version },
});

type Items = Pick<Ports, 'items'>;

export const findExternal = async (
  { items }: Items,
  accessId: string,
): Promise<{ readonly external: External; readonly version: number } | undefined> => {
  const item = await items.get(keys.external(accessId));
  return item === undefined
    ? undefined
    : { external: externalSchema.parse(item.data), version: item.version };
};

/** Throws 404 `external-access-not-found`. */
export const getExternal = async (ports: Items, accessId: string) => {
  const found = await findExternal(ports, accessId);
  if (found === undefined) throw new AppError('external-access-not-found', 404, '没有这项外单位查阅。');
  return found;
};

/** Of one case, the oldest first. */
export const externalsOf = async ({ items }: Items, caseId: string): Promise<readonly External[]> =>
  (await readAll(items, { index: 'gsi1', pk: keys.externalsOf(caseId) })).map(({ data }) =>
    externalSchema.parse(data),
  );

const codeSchema = z.strictObject({ accessId: z.string() });

/** `until`: milliseconds of wall time; then it opens nothing any more, and goes. */
export const putCode = (hash: string, accessId: string, until: number): ItemOperation => ({
  type: 'put',
  item: {
    ...keys.externalCode(hash),
    version: 1,
    schema: 1,
    data: { accessId },
    expiresAt: expiryOf(until),
  },
  condition: 'absent',
});

/** The access that a code opens; undefined where it is none. */
export const accessOfCode = async ({ items }: Items, hash: string): Promise<string | undefined> => {
  const item = await items.get(keys.externalCode(hash));
  return item === undefined ? undefined : codeSchema.parse(item.data).accessId;
};
