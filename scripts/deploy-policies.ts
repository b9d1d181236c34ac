/**
 * `npm run -s deploy-policies -- ENVIRONMENT FOLDER` writes the policies of CloudFormation's execution role for an
 * environment of `infra/parameters.ts`: `FOLDER/<environment>-data.json` and `-application.json`. Exit 2 with a sentence
 * on standard error for arguments that don't fit.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deploymentPolicies } from '#infra/deployment-policies.ts';
import { parametersOf } from '#infra/parameters.ts';

const [environment, folder, ...more] = process.argv.slice(2);
if (environment === undefined || folder === undefined || more.length > 0) {
  console.error('用法：npm run -s deploy-policies -- 环境 文件夹');
  process.exitCode = 2;
} else {
  mkdirSync(folder, { recursive: true });
  for (const [name, policy] of Object.entries(deploymentPolicies(parametersOf(environment)))) {
    const file = join(folder, `${environment}-${name}.json`);
    writeFileSync(file, `${JSON.stringify(policy, null, 2)}\n`);
    console.log(file);
  }
}
