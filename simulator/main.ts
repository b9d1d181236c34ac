/**
 * `node simulator/main.ts --keys FILE [--port N] [--authority HOST:PORT] [--scenarios FILE]`
 *
 * Prints `{"listening": "http://127.0.0.1:PORT"}` when it is ready, then one JSON line for each thing that
 * happens; ends on SIGTERM or SIGINT. Exit code 2 for wrong arguments or files.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parseKeyRing } from '#functions/shared/signature-keys.ts';
import { parseScenarioRules } from './scenarios.ts';
import { type SimulatorOptions, startSimulator } from './simulator.ts';

const print = (line: unknown): void => console.log(JSON.stringify(line));

const readOptions = (): SimulatorOptions => {
  const { values } = parseArgs({
    options: {
      keys: { type: 'string' },
      port: { type: 'string', default: '0' },
      authority: { type: 'string' },
      scenarios: { type: 'string' },
    },
  });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error('--port is not a port');
  if (values.keys === undefined) throw new Error('--keys FILE is missing');
  return {
    keys: parseKeyRing(readFileSync(values.keys, 'utf8')),
    port,
    report: print,
    ...(values.authority === undefined ? {} : { authority: values.authority }),
    ...(values.scenarios === undefined
      ? {}
      : { rules: parseScenarioRules(readFileSync(values.scenarios, 'utf8')) }),
  };
};

const optionsOrExit = (): SimulatorOptions => {
  try {
    return readOptions();
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(2);
  }
};

const simulator = await startSimulator(optionsOrExit());
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void simulator.close());
print({ listening: simulator.url });
