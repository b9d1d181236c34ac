/** A worker of a batch (`assess-batch.ts`): answers each block of lines that it is sent, in their order. */
import { parentPort, workerData } from 'node:worker_threads';
import * as z from 'zod';
import { parseParameters } from '#domain/rules/parameters.ts';
import { assessLines } from './assess-lines.ts';
import { bytesSchema } from './shared/bytes.ts';

const { parameters: document, figuresOnly } = z
  .strictObject({ parameters: z.unknown(), figuresOnly: z.boolean() })
  .parse(workerData);
const parsed = parseParameters(document);
if ('faults' in parsed) throw new Error('the batch was started with parameters that do not fit');
const { parameters } = parsed;

const port = parentPort;
if (port === null) throw new Error('assess-worker.ts is no program of its own');
const messageSchema = z.object({ block: bytesSchema, length: z.int(), output: bytesSchema });
port.on('message', (message: unknown) => {
  const { block, length, output } = messageSchema.parse(message);
  const answers = assessLines(block.subarray(0, length), output, parameters, figuresOnly);
  port.postMessage({ ...answers, block }, [answers.output.buffer, block.buffer]);
});
