/** `GET /metrics`: the business metrics for a Prometheus of the house. Counts and times alone, nothing of anybody. */
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import type { MemoryMetrics } from '#adapters/embedded/metrics.ts';
import type { Pages } from './http/app.ts';

/** `measure` brings the gauges up to date first. */
export const metricsApp = (metrics: MemoryMetrics, measure: () => Promise<void>): Pages =>
  new Hono<{ Bindings: HttpBindings }>().get('/metrics', async (context) => {
    await measure();
    return context.text(metrics.text(), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
  });
