/**
 * The functions' code: one minified ES module each, with everything it needs inside. esbuild does it in the same
 * process, so that a synthesis needs neither Docker nor network.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';

/** The Lambda entry of a function of the manifest. */
export function entryOf(name: string): string {
  return join(import.meta.dirname, '..', 'functions', name, 'handler.ts');
}

/**
 * zod carries its messages in fifty languages as one namespace, which no bundler can thin out: a quarter of a megabyte
 * that every cold start would read. Ours are Chinese sentences of our own, so the namespace is left empty.
 */
const withoutLocales: Plugin = {
  name: 'without-locales',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^\.\.\/locales\/index\.js$/ }, ({ importer }) =>
      /[\\/]zod[\\/]/.test(importer) ? { path: 'locales', namespace: 'empty' } : undefined,
    );
    onLoad({ filter: /^/, namespace: 'empty' }, () => ({ contents: 'export {};' }));
  },
};

/**
 * zod's `z` is a namespace that is exported as a value, so that a bundler must keep all of it: 100 kB of formats and
 * JSON schemas. As a namespace that is imported it is the same, and what nobody uses of it falls away.
 */
const zodAsNamespace: Plugin = {
  name: 'zod-as-namespace',
  setup: ({ onLoad }) => {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      return {
        contents: text.replace("import { z } from 'zod';", "import * as z from 'zod';"),
        loader: 'ts',
      };
    });
  },
};

/**
 * Lambda gives a function its role's credentials by the environment. The SDK's own chain would look there first as
 * well; its other links (profiles, single sign-on, instance metadata) are 150 kB that a function never uses.
 */
const credentialsOfEnvironment: Plugin = {
  name: 'credentials-of-environment',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, ({ resolveDir }) => ({
      path: 'credentials',
      namespace: 'environment',
      pluginData: resolveDir,
    }));
    onLoad({ filter: /^/, namespace: 'environment' }, ({ pluginData }) => ({
      contents: "export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';",
      resolveDir: String(pluginData),
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
    // An error's name is what the definition's Retry and Catch go by: classes keep theirs.
    keepNames: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    legalComments: 'none',
    charset: 'utf8',
    plugins: [withoutLocales, zodAsNamespace, credentialsOfEnvironment],
    // Packages in CommonJS call `require` for Node's own modules, which an ES module lacks.
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    logLevel: 'error',
  });
  return new Map([...entries.keys()].map((name) => [name, join(outDir, name)]));
}
