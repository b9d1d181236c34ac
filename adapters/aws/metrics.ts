/**
 * Business metrics as lines of the log in CloudWatch's embedded metric format, by Powertools: no call, and no right to
 * make one. Each line holds one metric, with the service and the metric's own dimension.
 */
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { emf } from '#functions/shared/lambda/emf.ts';
import { METRICS, type MetricName } from '#functions/shared/metrics.ts';
import type { Metrics } from '#functions/shared/ports.ts';

export class EmfMetrics implements Metrics {
  count(name: MetricName, dimension?: string): void {
    this.#emit(name, 1, dimension);
  }

  gauge(name: MetricName, value: number, dimension?: string): void {
    this.#emit(name, value, dimension);
  }

  #emit(name: MetricName, value: number, said: string | undefined): void {
    const { unit, dimension } = METRICS[name];
    const line = emf.singleMetric();
    if (dimension !== null && said !== undefined) line.addDimension(dimension.name, said);
    line.addMetric(name, unit === 'Count' ? MetricUnit.Count : MetricUnit.Seconds, value);
  }
}
