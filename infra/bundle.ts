/**
 * The functions' code: one minified ES module each, with everything it needs inside. esbuild does it in the same
 * process, so that a synthesis needs neither Docker nor network.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import type { FunctionName } from '#functions/manifest.ts';

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
 * No function describes its schemas: the API's description is made beforehand. What zod brings for it, 18 kB of every bundle,
 * stays out.
 */
const withoutJsonSchema: Plugin = {
  name: 'without-json-schema',
  setup: ({ onLoad }) => {
    onLoad(
      { filter: /[/\\]zod[/\\]v4[/\\]core[/\\](to-json-schema|json-schema-processors)\.js$/ },
      async ({ path }) => {
        const names = (await readFile(path, 'utf8')).matchAll(/^export (?:const|function) (\w+)/gm);
        const lines = [...names].map(([, name]) => `export const ${name} = () => none;`);
        return {
          contents: ["const none = () => { throw new Error('no JSON schema here'); };", ...lines].join('\n'),
        };
      },
    );
  },
};

/**
 * Functions that load a part of themselves on demand: it stands in files of its own beside `index.mjs`. The others are one
 * file each: the SDK imports on demand what every function needs.
 */
const LAZY: ReadonlySet<string> = new Set(['open-external', 'relay-outbox'] satisfies FunctionName[]);

const OPTIONS = {
  outExtension: { '.js': '.mjs' },
  // The names of files loaded on demand hold a hash over the paths of what is in them: the same wherever the house stands.
  absWorkingDir: join(import.meta.dirname, '..'),
  preserveSymlinks: true,
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  mainFields: ['module', 'main'],
  legalComments: 'none',
  charset: 'utf8',
  plugins: [credentialsOfLambda, withoutJsonSchema],
  // Packages in CommonJS call `require` for Node's own modules, which an ES module lacks.
  banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
  logLevel: 'error',
} satisfies BuildOptions;

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
  const isLazy = (name: string): boolean => LAZY.has(name);
  await Promise.all([
    build({
      ...OPTIONS,
      entryPoints: [...entries]
        .filter(([name]) => !isLazy(name))
        .map(([name, entry]) => ({ in: entry, out: join(name, 'index') })),
      outdir: outDir,
    }),
    ...[...entries]
      .filter(([name]) => isLazy(name))
      .map(([name, entry]) =>
        build({
          ...OPTIONS,
          entryPoints: [{ in: entry, out: 'index' }],
          outdir: join(outDir, name),
          splitting: true,
        }),
      ),
  ]);
  return new Map([...entries.keys()].map((name) => [name, join(outDir, name)]));
}
