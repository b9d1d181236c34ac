import { expect, test } from 'vitest';
import { MemoryMetrics } from '#adapters/embedded/metrics.ts';
import { METRICS } from '#functions/shared/metrics.ts';
import { metricsContract, type Reading } from './metrics.contract.ts';

const LINE = /^hardship_filing_(\w+?)(?:_total|_seconds)?(?:\{\w+="(\w+)"\})? (\d+)$/;
const camel = (name: string): string =>
  name.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** What a scraper reads of the text. */
const readingsOf = (text: string): readonly Reading[] =>
  text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = line, said = null, value] = LINE.exec(line) ?? [];
      return { name: camel(name), said, value: Number(value) };
    });

metricsContract('memory', () => {
  const metrics = new MemoryMetrics();
  return { metrics, readings: () => readingsOf(metrics.text()), close: () => undefined };
});

test('every counter is there from the start, with nothing counted', () => {
  const found = readingsOf(new MemoryMetrics().text());
  const wanted = Object.entries(METRICS).flatMap(([name, { kind, dimension }]) =>
    kind === 'gauge' ? [] : (dimension?.values ?? [null]).map((said) => ({ name, said, value: 0 })),
  );
  expect(found).toEqual(wanted);
});

test('the text is what Prometheus reads', () => {
  const metrics = new MemoryMetrics();
  metrics.gauge('OldestOpenTask', 60, 'superior');
  expect(metrics.text()).toContain(
    '# TYPE hardship_filing_oldest_open_task_seconds gauge\nhardship_filing_oldest_open_task_seconds{level="superior"} 60\n',
  );
  expect(metrics.text()).toContain('# TYPE hardship_filing_decisions_total counter\n');
});
