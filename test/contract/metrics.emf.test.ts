import { expect, test, vi } from 'vitest';
import * as z from 'zod';
import { EmfMetrics } from '#adapters/aws/metrics.ts';
import { METRICS, METRICS_NAMESPACE } from '#functions/shared/metrics.ts';
import { metricsContract, type Reading } from './metrics.contract.ts';

/** CloudWatch's embedded metric format, as its specification has it. */
const Line = z.looseObject({
  _aws: z.object({
    Timestamp: z.int(),
    CloudWatchMetrics: z.tuple([
      z.object({
        Namespace: z.string(),
        Dimensions: z.array(z.array(z.string())),
        Metrics: z.tuple([z.object({ Name: z.string(), Unit: z.enum(['Count', 'Seconds']) })]),
      }),
    ]),
  }),
});

/** What CloudWatch would make of the lines. */
const readingsOf = (lines: readonly string[]): readonly Reading[] => {
  const found = new Map<string, Reading>();
  for (const text of lines) {
    const line = Line.parse(JSON.parse(text));
    const [
      {
        Namespace,
        Dimensions,
        Metrics: [metric],
      },
    ] = line._aws.CloudWatchMetrics;
    expect(Namespace).toBe(METRICS_NAMESPACE);
    const [names = []] = Dimensions;
    const own = names.filter((name) => name !== 'service');
    expect(names).toContain('service');
    const said = own[0] === undefined ? null : z.string().parse(line[own[0]]);
    const value = z.number().parse(line[metric.Name]);
    const key = `${metric.Name} ${said}`;
    const counted = Object.entries(METRICS).some(
      ([name, { kind }]) => name === metric.Name && kind === 'event',
    );
    found.set(key, {
      name: metric.Name,
      said,
      value: counted ? (found.get(key)?.value ?? 0) + value : value,
    });
  }
  return [...found.values()];
};

metricsContract('EMF', () => {
  const lines: string[] = [];
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  return { metrics: new EmfMetrics(), readings: () => readingsOf(lines), close: () => spy.mockRestore() };
});

test('a line holds nothing but the metric, its dimensions and the service', () => {
  const lines: string[] = [];
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  new EmfMetrics().count('StageLeft', 'draft');
  spy.mockRestore();
  const { _aws, ...rest } = Line.parse(JSON.parse(lines[0] ?? ''));
  expect(rest).toEqual({ service: 'hardship-filing', Stage: 'draft', StageLeft: 1 });
});
