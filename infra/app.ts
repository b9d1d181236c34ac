/**
 * The CDK application: `cdk synth` for `dev`, `cdk synth -c environment=china` for another environment of
 * `parameters.ts`. Needs no account, no Docker, no network.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { FUNCTION_NAMES } from '#functions/manifest.ts';
import { compose } from './application.ts';
import { bundle, entryOf } from './bundle.ts';
import { parametersOf } from './parameters.ts';

const app = new App();
const parameters = parametersOf(app.node.tryGetContext('environment') ?? 'dev');
const root = join(import.meta.dirname, '..');
const folders = await bundle(
  new Map(FUNCTION_NAMES.map((name) => [name, entryOf(name)])),
  join(app.outdir, 'bundles'),
);

compose(app, {
  parameters,
  codeOf: (name) => {
    const folder = folders.get(name);
    if (!folder) throw new Error(`no bundle of ${name}`);
    return folder;
  },
  definition: readFileSync(join(root, 'statemachines', 'filing.asl.json'), 'utf8'),
});
app.synth();
