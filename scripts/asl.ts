/**
 * `npm run -s asl -- DEFINITION --input FILE [--mocks FILE]`: runs a definition with mocked tasks on a clock that
 * jumps, and prints one JSON document, `{status, output, error, cause, history}`. Exit code 0 whatever the
 * status; 2 with `{faults}` where the definition, the input or the mocks are refused. The form of the mocks is
 * described in docs/engine.md.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { DefinitionRefused } from '#embedded/engine/definition.ts';
import { simulate } from '#embedded/engine/simulation.ts';

const USAGE = '用法：npm run -s asl -- 定义文件 --input 输入文件 [--mocks 模拟结果文件]';

const refuse = (pointer: string, code: string, message: string): DefinitionRefused =>
  new DefinitionRefused([{ pointer, code, message }]);

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw refuse('', 'unreadable', `无法读取文件 ${path}：${String(error)}`);
  }
}

function readJson(path: string, pointer: string): unknown {
  const text = read(path);
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch (error) {
    throw refuse(pointer, 'invalid-json', `${path} 不是合法的 JSON：${String(error)}`);
  }
}

function readArguments(): { definition: string; input: string; mocks: string | undefined } {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { input: { type: 'string' }, mocks: { type: 'string' } },
    });
    const [definition, ...others] = positionals;
    if (definition !== undefined && others.length === 0 && values.input !== undefined) {
      return { definition, input: values.input, mocks: values.mocks };
    }
  } catch (error) {
    throw refuse('', 'usage', `${USAGE}（${String(error)}）`);
  }
  throw refuse('', 'usage', USAGE);
}

try {
  const paths = readArguments();
  const result = await simulate({
    definition: read(paths.definition),
    input: readJson(paths.input, '/input'),
    mocks: paths.mocks === undefined ? {} : readJson(paths.mocks, '/mocks'),
    start: Date.now(),
  });
  console.log(JSON.stringify(result, null, 2));
} catch (error) {
  if (!(error instanceof DefinitionRefused)) throw error;
  console.log(JSON.stringify({ faults: error.faults }, null, 2));
  process.exitCode = 2;
}
