/**
 * The functions' code: one minified ES module each, with everything it needs inside. esbuild does it in the same
 * process, so that a synthesis needs neither Docker nor network.
 */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build, type Plugin } from 'esbuild';

type Entry = { readonly in: string; readonly out: string };

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
 * What a function of ours reads only where it comes to it, `await import('./part.ts')`, lies beside its entry as a bundle
 * of its own, which a cold start doesn't read. `parts` is told of each: where it goes, below the output, and from where.
 */
const readLater = (parts: Map<string, string>): Plugin => ({
  name: 'read-later',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^\.\/[\w-]+\.ts$/ }, ({ kind, path, resolveDir }) => {
      if (kind !== 'dynamic-import') return undefined;
      const part = basename(path, '.ts');
      parts.set(join(basename(resolveDir), part), join(resolveDir, path));
      return { path: `./${part}.mjs`, external: true };
    });
  },
});

const bundleAll = (outDir: string, entryPoints: readonly Entry[], plugins: readonly Plugin[]) =>
  build({
    entryPoints: [...entryPoints],
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
    plugins: [credentialsOfLambda, ...plugins],
    // Packages in CommonJS call `require` for Node's own modules, which an ES module lacks.
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    logLevel: 'error',
  });

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
  const parts = new Map<string, string>();
  await bundleAll(
    outDir,
    [...entries].map(([name, entry]) => ({ in: entry, out: join(name, 'index') })),
    [readLater(parts)],
  );
  const later = [...parts].map(([out, entry]) => ({ in: entry, out }));
  if (later.length > 0) await bundleAll(outDir, later, []);
  return new Map([...entries.keys()].map((name) => [name, join(outDir, name)]));
}
