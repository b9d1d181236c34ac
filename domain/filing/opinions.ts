/**
 * What makes an opinion a signed one (B-4): a named person of a named union, the time, the text, and a digest of what
 * that person had before them; with it, where the law has a level decide collectively, those who took part.
 */
import * as z from 'zod';
import { jsonObjectSchema } from '#domain/json.ts';
import { canonicalJson, sha256, sha256Schema } from './audit.ts';
import type { TaskKind } from './task-kinds.ts';
import type { Route } from './terms.ts';

// ---------------------------------------------------------------- what was seen

/** The parts of a case that an opinion rests on, as people call them. */
const PART_NAMES = {
  household: '家庭成员和申报内容',
  documents: '材料',
  visits: '走访记录',
  crossCheck: '信息比对',
  assessment: '测算结果',
} as const;
type Part = keyof typeof PART_NAMES;
const PARTS = Object.keys(PART_NAMES) as readonly Part[];

/** SHA-256 of each part in canonical JSON, so that a change can be named. */
export const seenSchema = z.strictObject({
  household: sha256Schema,
  documents: sha256Schema,
  visits: sha256Schema,
  crossCheck: sha256Schema,
  assessment: sha256Schema,
} satisfies Record<Part, z.ZodType>);
export type Seen = z.infer<typeof seenSchema>;

/** The digests of what there is to be seen. */
export const digestOf = (content: Readonly<Record<Part, unknown>>): Seen => {
  const digest = (part: Part): string =>
    sha256(canonicalJson(jsonObjectSchema.parse({ [part]: content[part] })));
  return {
    household: digest('household'),
    documents: digest('documents'),
    visits: digest('visits'),
    crossCheck: digest('crossCheck'),
    assessment: digest('assessment'),
  };
};

/** What has changed between what was seen and what is there, in words; empty for nothing. */
export const changedParts = (seen: Seen, present: Seen): readonly string[] =>
  PARTS.filter((part) => seen[part] !== present[part]).map((part) => PART_NAMES[part]);

// ---------------------------------------------------------------- who took part

/** `viceChair`: the vice-chair responsible (分管副主席), of whom 51号 article 8(4) speaks. */
const dutySchema = z.enum(['chair', 'viceChair', 'member']);

export const participantSchema = z.strictObject({
  name: z.string().trim().min(1, '请填写姓名。').max(50),
  duty: dutySchema,
});
export type Participant = z.infer<typeof participantSchema>;

type Collective = { readonly clause: string; readonly viceChair: boolean };

/**
 * Where the law has a level decide collectively: on the territorial route the grassroots union (B-8.2), and the city
 * with the agreement of the vice-chair responsible (B-8.4). The flow chart of the province-direct route asks
 * for none. To send a case back, for papers or to be
 * reckoned again, decides nothing.
 */
const collectiveOf = (route: Route, kind: TaskKind, decision: string): Collective | undefined => {
  if (route !== 'territorial' || decision === 'supplement' || decision === 'reassess') return undefined;
  if (kind === 'grassrootsReview') return { clause: 'B-8.2', viceChair: false };
  return kind === 'centreReview' ? { clause: 'B-8.4', viceChair: true } : undefined;
};

type CollectiveFault = { readonly code: string; readonly message: string; readonly clause: string };

/** What a decision lacks of the collective one that the law asks for; undefined for nothing. */
export const collectiveFault = (
  route: Route,
  {
    kind,
    decision,
    participants,
  }: { kind: TaskKind; decision: string; participants: readonly Participant[] },
): CollectiveFault | undefined => {
  const asked = collectiveOf(route, kind, decision);
  if (asked === undefined) return undefined;
  const { clause, viceChair } = asked;
  if (new Set(participants.map(({ name }) => name)).size < 2) {
    return { code: 'collective-decision', message: '此环节须集体研究决定，请列出两名以上参加人。', clause };
  }
  if (viceChair && !participants.some(({ duty }) => duty === 'viceChair')) {
    return { code: 'vice-chair', message: '须经分管副主席同意，请列出分管副主席。', clause };
  }
  return undefined;
};

/** Of those who sat in a meeting only the names are kept. */
export const membersNamed = (names: readonly string[]): Participant[] =>
  names.map((name) => ({ name, duty: 'member' }));
