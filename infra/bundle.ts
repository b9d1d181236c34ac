/**
 * The functions' code: one minified ES module each, with everything it needs inside. esbuild does it in the same
 * process, so that a synthesis needs neither Docker nor network.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';

/** The Lambda entry of a function of the manifest. */
export function entryOf(name: string): string {
  return join(import.meta.dirname, '..', 'functions', name, 'handler.ts');
}

/**
 * A function's credentials stand in its environment: Lambda puts them there. The SDK would bring what looks for them in
 * files, at sign-in services and on instances, 120 kB that every cold start would read.
 */
const credentialsOfLambda: Plugin = {
  name: 'credentials-of-lambda',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, () => ({
      path: 'credentials',
      namespace: 'lambda',
    }));
    onLoad({ filter: /^credentials$/, namespace: 'lambda' }, () => ({
      contents:
        "import { fromEnv } from '@aws-sdk/credential-provider-env';export const defaultProvider = () => fromEnv();",
      resolveDir: import.meta.dirname,
    }));
  },
};

/**
 * Bundles each entry into `<outDir>/<name>/index.mjs`, which exports `handler`, and returns the folders by name.
 * Throws where entries are missing, naming all of them.
 */
export async function bundle(
  entries: ReadonlyMap<string, string>,
  outDir: string,
): Promise<ReadonlyMap<string, string>> {
  const missing = [...entries].filter(([, entry]) => !existsSync(entry));
  if (missing.length > 0) {
    throw new Error(
      `no Lambda entry for ${missing.length} functions:\n${missing.map(([name, entry]) => `  ${name}: ${entry}`).join('\n')}`,
    );
  }
  await build({
    entryPoints: [...entries].map(([name, entry]) => ({ in: entry, out: join(name, 'index') })),
    outdir: outDir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    legalComments: 'none',
    charset: 'utf8',
    plugins: [credentialsOfLambda],
    // Packages in CommonJS call `require` for Node's own modules, which an ES module lacks.
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    logLevel: 'error',
  });
  return new Map([...entries.keys()].map((name) => [name, join(outDir, name)]));
}
