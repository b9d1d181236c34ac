/** Business metrics kept in memory, for whoever scrapes them: counters since the start, gauges as last measured. */
import { METRICS, type MetricName } from '#functions/shared/metrics.ts';
import type { Metrics } from '#functions/shared/ports.ts';

/** `StageEntered` → `hardship_filing_stage_entered`. */
const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const NAMES = Object.keys(METRICS) as readonly MetricName[];

export class MemoryMetrics implements Metrics {
  /** By metric, then by the value of its dimension; '' where it has none. */
  readonly #values = new Map<MetricName, Map<string, number>>();

  count(name: MetricName, dimension = ''): void {
    const values = this.#of(name);
    values.set(dimension, (values.get(dimension) ?? 0) + 1);
  }

  gauge(name: MetricName, value: number, dimension = ''): void {
    this.#of(name).set(dimension, value);
  }

  /**
   * The text format of Prometheus, version 0.0.4. Every series of a counter is there from the start, with 0: who
   * watches for more than before must have a before.
   */
  text(): string {
    return NAMES.map((name) => {
      const { kind, unit, dimension } = METRICS[name];
      const suffix = kind === 'event' ? '_total' : unit === 'Seconds' ? '_seconds' : '';
      const series = `hardship_filing${snake(name)}${suffix}`;
      const values = this.#of(name);
      const said = kind === 'event' ? (dimension?.values ?? ['']) : [...values.keys()];
      const lines = said.map((each) => {
        const label = dimension === null ? '' : `{${dimension.name.toLowerCase()}="${each}"}`;
        return `${series}${label} ${values.get(each) ?? 0}\n`;
      });
      return `# TYPE ${series} ${kind === 'event' ? 'counter' : 'gauge'}\n${lines.join('')}`;
    }).join('');
  }

  #of(name: MetricName): Map<string, number> {
    let values = this.#values.get(name);
    if (values === undefined) {
      values = new Map();
      this.#values.set(name, values);
    }
    return values;
  }
}
