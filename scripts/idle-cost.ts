/**
 * `npm run -s idle-cost [-- ENVIRONMENT]` prints what an environment costs a month while nobody uses it, from its templates
 * and a dated table of US list prices; without an argument for `prod`. Needs no account.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import * as z from 'zod';
import { compose } from '#infra/application.ts';
import { idleCost, PRICES_AS_OF } from '#infra/idle-cost.ts';
import { parametersOf } from '#infra/parameters.ts';

const Template = z.object({
  Resources: z.record(
    z.string(),
    z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).default({}) }),
  ),
});

const dollars = (cents: number): string => `${(cents / 100).toFixed(2)} USD`;

const parameters = parametersOf(process.argv[2] ?? 'prod');
const folder = mkdtempSync(join(tmpdir(), 'idle-cost-'));
try {
  const app = new App({ outdir: join(folder, 'out') });
  // What the functions' code is makes no difference here.
  const code = mkdtempSync(join(folder, 'code-'));
  compose(app, {
    parameters,
    codeOf: () => code,
    definition: readFileSync(join(import.meta.dirname, '..', 'statemachines', 'filing.asl.json'), 'utf8'),
  });
  const lines = idleCost(
    app.synth().stacks.flatMap(({ template }) => Object.values(Template.parse(template).Resources)),
  );
  console.log(`环境 ${parameters.environment}：闲置时每月费用（美国标价，${PRICES_AS_OF}）`);
  for (const { what, count, cents } of lines)
    console.log(`  ${String(count).padStart(3)} × ${what}：${cents === null ? '价格未知' : dollars(cents)}`);
  const known = lines.reduce((sum, { cents }) => sum + (cents ?? 0), 0);
  console.log(`合计（已知部分，未计免费额度）：${dollars(known)}`);
  console.log('未计：存储量、日志量、每分钟定时调用的函数与数据表读取（价格随区域而定）。');
  if (parameters.partition === 'aws-cn')
    console.log('中国区以人民币另行标价：以上金额在中国区未知，只有数量可用。');
} finally {
  rmSync(folder, { recursive: true });
}
