/**
 * Lambda for tests: a process that holds the real entries of all functions, each loaded at its first call as at a cold
 * start, with the environment that it was started with. Only the clock and the clients' patience are others. What goes in and
 * out goes as JSON, as with Lambda. Usage: `lambda-child.ts INSTANT`, then messages.
 */
import { registerHooks } from 'node:module';
import * as z from 'zod';
import { FUNCTION_NAMES, FUNCTIONS, type FunctionDeclaration } from '#functions/manifest.ts';
import { type FromChild, toChildSchema } from './lambda-messages.ts';
import { clock } from './moved-clock.ts';

/** Modules of the edition that are others here. */
const OTHERS = [
  ['/adapters/aws/clock.ts', './moved-clock.ts'],
  ['/adapters/aws/client.ts', './patient-client.ts'],
] as const;

registerHooks({
  resolve: (specifier, context, next) => {
    const found = next(specifier, context);
    const other = OTHERS.find(([real]) => found.url.endsWith(real))?.[1];
    return other === undefined ? found : { ...found, url: new URL(other, import.meta.url).href };
  },
});

/** All functions share a process and a machine with their tests, where each would have a processor of its own. */
const PATIENCE = 10;

type Handler = (event: unknown, context: object) => Promise<unknown>;
const entrySchema = z.object({ handler: z.custom<Handler>((value) => typeof value === 'function') });

const entries = new Map<string, Promise<Handler>>();
const entryOf = (name: string): Promise<Handler> => {
  const known = entries.get(name);
  if (known !== undefined) return known;
  if (!FUNCTION_NAMES.some((one) => one === name)) throw new Error(`no function ${name}`);
  const loaded = import(new URL(`../../../functions/${name}/handler.ts`, import.meta.url).href).then(
    (module) => entrySchema.parse(module).handler,
  );
  entries.set(name, loaded);
  return loaded;
};

const declarationOf = (name: string): FunctionDeclaration => {
  const known = FUNCTION_NAMES.find((one) => one === name);
  if (known === undefined) throw new Error(`no function ${name}`);
  return FUNCTIONS[known];
};

const say = (message: FromChild): void => {
  process.send?.(message);
};

const invoke = async (id: number, name: string, event: unknown): Promise<void> => {
  const handler = await entryOf(name);
  const { timeoutSeconds, memoryMb } = declarationOf(name);
  const started = performance.now();
  const milliseconds = () => performance.now() - started;
  const context = {
    awsRequestId: `00000000-0000-4000-8000-${String(id).padStart(12, '0')}`,
    functionName: name,
    functionVersion: '1',
    memoryLimitInMB: String(memoryMb),
    getRemainingTimeInMillis: () => timeoutSeconds * PATIENCE * 1000 - milliseconds(),
  };
  try {
    const result = await handler(event, context);
    say({ kind: 'returned', id, result: JSON.stringify(result ?? null), milliseconds: milliseconds() });
  } catch (error) {
    const thrown = error instanceof Error ? error : new Error(String(error));
    say({
      kind: 'threw',
      id,
      errorType: thrown.name,
      errorMessage: thrown.message,
      milliseconds: milliseconds(),
    });
  }
};

process.on('message', async (message) => {
  const told = toChildSchema.parse(message);
  if (told.kind === 'invoke') {
    await invoke(told.id, told.function, JSON.parse(told.event));
  } else {
    await clock.advanceTo(told.instant);
    say({ kind: 'advanced', id: told.id });
  }
});
say({ kind: 'ready' });
