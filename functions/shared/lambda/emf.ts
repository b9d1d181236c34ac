/** CloudWatch's embedded metric format, by Powertools: metrics are lines of the log, and take no call. */
import { Metrics } from '@aws-lambda-powertools/metrics';
import { METRICS_NAMESPACE, SERVICE } from '../metrics.ts';

export const emf = new Metrics({ namespace: METRICS_NAMESPACE, serviceName: SERVICE });
