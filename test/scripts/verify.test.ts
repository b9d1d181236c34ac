import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keyFingerprint } from '#domain/filing/archive.ts';
import { makeArchive, makeSigner } from '#test/support/archive.ts';
import { capturedText } from '#test/support/command.ts';
import { run } from '../../scripts/verify.ts';

const signer = makeSigner();
const archive = makeArchive(signer);

let folder: string;
let root: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'verify-'));
  root = join(folder, 'archive');
  for (const [path, content] of archive) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
});

afterEach(() => rmSync(folder, { recursive: true }));

async function verify(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return capturedText((out, err) => run(args, out, err));
}

/** The names of files that the report finds fault with. */
const named = (out: string): string[] => [...out.matchAll(/^- (.*?)：/gm)].map(([, path]) => path ?? '');

function keyFile(content: string): string {
  const path = join(folder, 'key');
  writeFileSync(path, content);
  return path;
}

describe('a sound archive', () => {
  it('passes, and without a key says that the fingerprint must be compared', async () => {
    const { code, out, err } = await verify(root);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('核验通过（公钥尚待核对）');
    expect(out).toContain('case-1');
    expect(out).toContain('归档时间：2026-03-20 10:00（北京时间）');
    expect(out).toContain('文件：8个');
    expect(out).toContain('办理记录：4条');
    expect(out).toContain(`签名公钥指纹：${keyFingerprint(signer.publicKey)}`);
    expect(out).toContain('与工会公布的公钥指纹核对');
  });

  it('passes with the published key, as JWK, as JWK set and as PEM', async () => {
    const jwk = { ...signer.publicKey, kid: 'published', use: 'sig' };
    const others = [makeSigner().publicKey, jwk];
    for (const content of [JSON.stringify(jwk), JSON.stringify({ keys: others }), signer.pem]) {
      const { code, out } = await verify('--key', keyFile(content), root);
      expect(code).toBe(0);
      expect(out).toContain('核验通过：档案完整，未被改动。');
      expect(out).not.toContain('注意');
    }
  });

  it('fails with another key', async () => {
    const { code, out } = await verify(root, '--key', keyFile(makeSigner().pem));
    expect(code).toBe(1);
    expect(named(out)).toEqual(['manifest.sig.json']);
  });

  it('runs as a program of its own, and its exit code tells', async () => {
    const program = join(import.meta.dirname, '../../scripts/verify.ts');
    const execute = promisify(execFile);
    expect((await execute(process.execPath, [program, root])).stdout).toContain('核验通过');
    writeFileSync(join(root, 'more'), '');
    await expect(execute(process.execPath, [program, root])).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringContaining('- more：'),
    });
    await expect(execute(process.execPath, [program])).rejects.toMatchObject({ code: 2 });
  });
});

describe('a changed archive', () => {
  it('any changed byte on disk is found, and the file named', async () => {
    const sites = [...archive].filter(([, content]) => content.length > 0);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...sites),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (site, place, xor) => {
          const [path, content] = site;
          const changed = Uint8Array.from(content);
          const index = place % changed.length;
          changed[index] = (changed[index] ?? 0) ^ xor;
          writeFileSync(join(root, path), changed);
          const { code, out } = await verify(root);
          writeFileSync(join(root, path), content);
          expect(code).toBe(1);
          expect(named(out)).toContain(path);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('names what is missing, added and truncated', async () => {
    rmSync(join(root, 'documents/photo.jpg'));
    writeFileSync(join(root, 'documents/blank.jpg'), '');
    writeFileSync(join(root, 'case.json'), '{');
    const { code, out } = await verify(root);
    expect(code).toBe(1);
    expect(named(out).toSorted()).toEqual(['case.json', 'documents/blank.jpg', 'documents/photo.jpg']);
  });

  it('an empty folder is no archive', async () => {
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    const { code, out } = await verify(empty);
    expect(code).toBe(1);
    expect(named(out)).toEqual(['manifest.sig.json', 'manifest.json']);
  });

  it('an endless signature file is not kept in memory, and named', async () => {
    writeFileSync(join(root, 'manifest.sig.json'), Buffer.alloc(1024 * 1024, ' '));
    const { code, out } = await verify(root);
    expect(code).toBe(1);
    expect(named(out)).toEqual(['manifest.sig.json']);
  });

  it('does not follow symbolic links, to the same bytes or out of the folder', async () => {
    const outside = join(folder, 'photo.jpg');
    writeFileSync(outside, readFileSync(join(root, 'documents/photo.jpg')));
    rmSync(join(root, 'documents/photo.jpg'));
    symlinkSync(outside, join(root, 'documents/photo.jpg'));
    symlinkSync(folder, join(root, 'up'));
    const { code, out } = await verify(root);
    expect(code).toBe(1);
    expect(named(out)).toEqual(['up', 'documents/photo.jpg', 'documents/photo.jpg']);
    expect(out).toContain('符号链接');
  });

  it("a file's name cannot write to the terminal", async () => {
    writeFileSync(join(root, 'a\u001b[2J\n- b'), '');
    const { code, out } = await verify(root);
    expect(code).toBe(1);
    expect(out).not.toContain('\u001b');
    expect(out.match(/^- /gm)).toHaveLength(1);
  });
});

describe('wrong use', () => {
  it('exits 2 and says why', async () => {
    const attempts: [args: string[], says: string][] = [
      [[], '用法'],
      [[root, root], '用法'],
      [['--unknown', root], '用法'],
      [['--key'], '用法'],
      [[join(folder, 'nowhere')], 'ENOENT'],
      [[join(root, 'case.json')], 'ENOTDIR'],
      [[root, '--key', join(folder, 'nowhere')], 'ENOENT'],
      [[root, '--key', keyFile('{"kty":"RSA"}')], '不是 Ed25519 公钥'],
    ];
    for (const [args, says] of attempts) {
      const { code, out, err } = await verify(...args);
      expect({ code, out }, args.join(' ')).toEqual({ code: 2, out: '' });
      expect(err).toContain(says);
    }
  });

  it.skipIf(process.getuid?.() === 0)('a file that may not be read', async () => {
    chmodSync(join(root, 'case.json'), 0);
    expect(await verify(root)).toMatchObject({ code: 2, err: expect.stringContaining('EACCES') });
  });
});
