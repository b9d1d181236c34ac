/** What every `Metrics` does, run against each adapter. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Metrics } from '#functions/shared/ports.ts';

/** A metric as it can be read where it ends up; `said` is what its dimension says. */
export type Reading = { readonly name: string; readonly said: string | null; readonly value: number };

export type MetricsUnderTest = {
  readonly metrics: Metrics;
  /** The sum of what was counted by name and dimension, the latest of what was measured. */
  readings(): readonly Reading[];
  close(): void;
};

export function metricsContract(name: string, open: () => MetricsUnderTest): void {
  describe(`Metrics: ${name}`, () => {
    let subject: MetricsUnderTest;
    beforeAll(() => {
      subject = open();
    });
    afterAll(() => subject.close());

    it('counts by name and dimension, and measures the latest', () => {
      const { metrics } = subject;
      metrics.count('StageEntered', 'draft');
      metrics.count('StageEntered', 'draft');
      metrics.count('StageEntered', 'notice');
      metrics.count('Decisions', 'refused');
      metrics.count('CallbacksRefused');
      metrics.gauge('OpenTasks', 7, 'centre');
      metrics.gauge('OpenTasks', 5, 'centre');
      metrics.gauge('OldestOpenTask', 86_400, 'centre');
      metrics.gauge('OutboxAge', 0);
      const found = subject.readings();
      for (const wanted of [
        { name: 'StageEntered', said: 'draft', value: 2 },
        { name: 'StageEntered', said: 'notice', value: 1 },
        { name: 'Decisions', said: 'refused', value: 1 },
        { name: 'CallbacksRefused', said: null, value: 1 },
        { name: 'OpenTasks', said: 'centre', value: 5 },
        { name: 'OldestOpenTask', said: 'centre', value: 86_400 },
        { name: 'OutboxAge', said: null, value: 0 },
      ]) {
        expect(found).toContainEqual(wanted);
      }
    });
  });
}
