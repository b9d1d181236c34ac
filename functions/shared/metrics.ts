/**
 * The business metrics: the one list that the functions emit from, the dashboard is drawn from, and the tests hold
 * the two together by. Names and dimensions are CloudWatch's; what a dimension may say is a closed list, so that
 * nothing personal becomes one and the number of series stays known.
 */
import { STAGES, type Stage } from '#domain/filing/stages.ts';
import type { TaskLevel } from '#domain/filing/tasks.ts';
import type { Tier } from '#domain/rules/national.ts';

type Metric = {
  readonly unit: 'Count' | 'Seconds';
  /** `event`: counted where it happens; `gauge`: measured every five minutes by `measure-backlog`. */
  readonly kind: 'event' | 'gauge';
  /** The one dimension and everything that it may say; none where null. */
  readonly dimension: { readonly name: string; readonly values: readonly string[] } | null;
};

const LEVELS = ['grassroots', 'superior', 'centre'] as const satisfies readonly TaskLevel[];
const DECISIONS = ['national', 'provincial', 'municipal', 'refused'] as const satisfies readonly (
  | Tier
  | 'refused'
)[];
const stages = { name: 'Stage', values: Object.keys(STAGES) as readonly Stage[] };

export const METRICS = {
  StageEntered: { unit: 'Count', kind: 'event', dimension: stages },
  StageLeft: { unit: 'Count', kind: 'event', dimension: stages },
  /** Files established by tier, and refusals. */
  Decisions: { unit: 'Count', kind: 'event', dimension: { name: 'Tier', values: DECISIONS } },
  CrossCheckHits: { unit: 'Count', kind: 'event', dimension: null },
  CrossCheckFailures: { unit: 'Count', kind: 'event', dimension: null },
  /** Callbacks that were forged, stale, replayed with another content, or not readable. */
  CallbacksRefused: { unit: 'Count', kind: 'event', dimension: null },
  CrossChecksWaiting: { unit: 'Count', kind: 'gauge', dimension: null },
  OpenTasks: { unit: 'Count', kind: 'gauge', dimension: { name: 'Level', values: LEVELS } },
  OldestOpenTask: { unit: 'Seconds', kind: 'gauge', dimension: { name: 'Level', values: LEVELS } },
  OutboxRows: { unit: 'Count', kind: 'gauge', dimension: null },
  OutboxAge: { unit: 'Seconds', kind: 'gauge', dimension: null },
  /** Days until the last day whose working calendar is published, at most 60. */
  CalendarDaysLeft: { unit: 'Count', kind: 'gauge', dimension: null },
} as const satisfies Record<string, Metric>;

export type MetricName = keyof typeof METRICS;

/** The service that every line of the log and every metric names. */
export const SERVICE = 'hardship-filing';

/** The namespace of all of them. */
export const METRICS_NAMESPACE = 'HardshipFiling';
