/** A worker of a batch (`assess-batch.ts`): answers each block of lines that it is sent, in their order. */
import { parentPort, workerData } from 'node:worker_threads';
import * as z from 'zod';
import { parseParameters } from '#domain/rules/parameters.ts';
import { assessorOf } from './assess-lines.ts';

const { parameters: document, figuresOnly } = z
  .strictObject({ parameters: z.unknown(), figuresOnly: z.boolean() })
  .parse(workerData);
const parsed = parseParameters(document);
if ('faults' in parsed) throw new Error('the batch was started with parameters that do not fit');
const assess = assessorOf(parsed.parameters, figuresOnly);

const port = parentPort;
if (port === null) throw new Error('assess-worker.ts is no program of its own');
port.on('message', (message: unknown) => {
  const block = z.instanceof(Uint8Array).parse(message);
  const answers = assess(block);
  port.postMessage(answers, [answers.output.buffer]);
});
