import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ArchiveFault,
  buildManifest,
  checkArchive,
  describeFile,
  encodeEvents,
  encodeSignature,
  keyFingerprint,
} from '#domain/filing/archive.ts';
import { makeArchive, makeEvents, makeSigner } from '#test/support/archive.ts';

const signer = makeSigner();
const archive = makeArchive(signer);

/** The archive with a file replaced (or removed, where the content is undefined). */
function withFile(path: string, content: Uint8Array | undefined, files = archive): Map<string, Uint8Array> {
  const changed = new Map(files);
  if (content === undefined) changed.delete(path);
  else changed.set(path, content);
  return changed;
}

function fileOf(path: string, files = archive): Uint8Array {
  const content = files.get(path);
  if (content === undefined) throw new Error(`no file ${path}`);
  return content;
}

const faultsOf = (files: ReadonlyMap<string, Uint8Array>): readonly ArchiveFault[] =>
  checkArchive(files).faults;
const places = (faults: readonly ArchiveFault[]): string[] =>
  faults.map(({ path, code }) => `${path} ${code}`);
const pathsOf = (faults: readonly ArchiveFault[]): string[] => [...new Set(faults.map(({ path }) => path))];

describe('a sound archive', () => {
  it('is found sound, with its key trusted or unknown', () => {
    const summary = {
      caseId: 'case-1',
      fileNumber: '皖工建档〔2026〕1号',
      madeAt: '2026-03-20T02:00:00.000Z',
      rulesVersion: '1.0.0',
      files: 8,
      events: 4,
      keyId: 'test-key',
    };
    expect(checkArchive(archive)).toMatchObject({ ok: true, faults: [], summary });
    expect(checkArchive(archive, { trustedKeys: [signer.publicKey] })).toMatchObject({
      ok: true,
      faults: [],
    });
  });

  it("names its key by RFC 7638: the RFC 8037 appendix A.3 example's thumbprint", () => {
    const key = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' } as const;
    expect(keyFingerprint(key)).toBe('kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k');
  });
});

describe('a changed archive', () => {
  it('any flipped bit of any file is found, and the file named', () => {
    const sites = [...archive].filter(([, content]) => content.length > 0);
    fc.assert(
      fc.property(fc.constantFrom(...sites), fc.nat(), fc.nat(7), ([path, content], place, bit) => {
        const changed = Uint8Array.from(content);
        const index = place % changed.length;
        changed[index] = (changed[index] ?? 0) ^ (1 << bit);
        const paths = pathsOf(faultsOf(withFile(path, changed)));
        // A changed manifest casts its doubt on what it lists; every other file is named alone.
        if (path === 'manifest.json') expect(paths).toContain(path);
        else expect(paths).toEqual([path]);
      }),
      { numRuns: 1500 },
    );
  });

  it('each bit of the signature file matters', () => {
    const content = fileOf('manifest.sig.json');
    for (let position = 0; position < content.length * 8; position += 1) {
      const changed = Uint8Array.from(content);
      changed[position >> 3] = (changed[position >> 3] ?? 0) ^ (1 << (position & 7));
      expect(pathsOf(faultsOf(withFile('manifest.sig.json', changed)))).toEqual(['manifest.sig.json']);
    }
  });

  it('truncated, emptied and lengthened files are named', () => {
    for (const [path, content] of archive) {
      if (content.length > 0) {
        expect(pathsOf(faultsOf(withFile(path, content.subarray(0, -1)))), path).toContain(path);
        expect(pathsOf(faultsOf(withFile(path, new Uint8Array()))), path).toContain(path);
      }
      expect(pathsOf(faultsOf(withFile(path, Buffer.concat([content, Buffer.from('\n')])))), path).toContain(
        path,
      );
    }
  });

  it('a missing file is named, whichever it is', () => {
    for (const path of archive.keys()) {
      expect(places(faultsOf(withFile(path, undefined))), path).toEqual([`${path} missing`]);
    }
  });

  it('an additional file is named, wherever it lies', () => {
    for (const path of ['documents/more.pdf', 'more', 'documents/manifest.json', '../outside', '__proto__']) {
      expect(places(faultsOf(withFile(path, Buffer.from('x'))))).toEqual([`${path} unexpected`]);
    }
  });

  it('a renamed file is named by both names, and where its content belongs', () => {
    const content = fileOf('documents/photo.jpg');
    const faults = faultsOf(
      withFile('documents/other.jpg', content, withFile('documents/photo.jpg', undefined)),
    );
    expect(places(faults)).toEqual(['documents/photo.jpg missing', 'documents/other.jpg unexpected']);
    expect(faults[1]?.message).toContain('documents/photo.jpg');
  });

  it('swapped files are both named', () => {
    const [a, b] = ['documents/photo.jpg', 'documents/个人申请书.pdf'] as const;
    const faults = faultsOf(withFile(a, fileOf(b), withFile(b, fileOf(a))));
    expect(places(faults).toSorted()).toEqual([`${a} changed`, `${b} changed`].toSorted());
    for (const { path, message } of faults) expect(message).toContain(path === a ? b : a);
  });

  it('nothing at all is no archive', () => {
    expect(places(faultsOf(new Map()))).toEqual(['manifest.sig.json missing', 'manifest.json missing']);
  });
});

describe('a forged archive', () => {
  it('signed anew by another key: found where the keys to trust are known', () => {
    const forged = makeArchive(makeSigner());
    expect(checkArchive(forged).ok).toBe(true);
    const check = checkArchive(forged, { trustedKeys: [makeSigner().publicKey, signer.publicKey] });
    expect(places(check.faults)).toEqual(['manifest.sig.json untrusted-key']);
    expect(places(checkArchive(archive, { trustedKeys: [] }).faults)).toEqual([
      'manifest.sig.json untrusted-key',
    ]);
  });

  it("another archive's manifest with its own signature doesn't pass", () => {
    const other = makeArchive(signer, 'case-2');
    const both = withFile(
      'manifest.sig.json',
      other.get('manifest.sig.json'),
      withFile('manifest.json', other.get('manifest.json')),
    );
    expect(pathsOf(faultsOf(both))).toEqual(expect.arrayContaining(['case.json', 'events.jsonl']));
  });

  it("another archive's signature is no signature of this manifest, and is named", () => {
    const other = makeArchive(signer, 'case-2');
    const faults = faultsOf(withFile('manifest.sig.json', other.get('manifest.sig.json')));
    expect(places(faults)).toContain('manifest.json changed');
    expect(faults[0]?.message).toContain('manifest.sig.json');
  });

  it('a manifest that says something else than the chain is found, though well signed', () => {
    const events = makeEvents('case-1', 4);
    const [first, second, third, fourth] = events;
    if (!first || !second || !third || !fourth) throw new Error('four events');
    const make = (lines: readonly (typeof first)[], head: typeof first): Map<string, Uint8Array> => {
      const files = withFile('events.jsonl', encodeEvents(lines));
      const listed = [...files].filter(([path]) => !path.startsWith('manifest.'));
      const manifest = buildManifest({
        caseId: 'case-1',
        fileNumber: 'n',
        madeAt: '2026-03-20T02:00:00.000Z',
        rulesVersion: '1',
        head,
        files: listed.map(([path, content]) => describeFile(path, content, 'application/octet-stream')),
      });
      return files.set('manifest.json', manifest).set('manifest.sig.json', signer.sign(manifest));
    };
    const messages = (files: Map<string, Uint8Array>): string[] =>
      faultsOf(files).map(({ path, message }) => `${path}：${message}`);
    expect(messages(make(events, fourth))).toEqual([]);
    // The last event cut off; one left out; one of another case; another head of the same length.
    expect(messages(make([first, second, third], fourth))).toEqual([
      'events.jsonl：清单载明办理记录4条，实有3条',
    ]);
    expect(messages(make([first, third, fourth], fourth))[0]).toContain('应为第2条记录，实为第3条');
    expect(messages(make(makeEvents('case-2', 4), fourth))[0]).toContain('第1条记录属于其他案件');
    expect(messages(make(events, { ...fourth, hash: 'f'.repeat(64) }))).toEqual([
      'events.jsonl：办理记录的链头与清单所载不符',
    ]);
  });
});

describe('making a manifest', () => {
  const head = makeEvents('case-1', 1)[0];
  const entries = ['case.json', 'decision.json', 'events.jsonl'].map((path) =>
    describeFile(path, Buffer.from(path), 'application/json'),
  );
  const make = (files: typeof entries): Uint8Array => {
    if (head === undefined) throw new Error('one event');
    const madeAt = '2026-03-20T02:00:00.000Z';
    return buildManifest({ caseId: 'case-1', fileNumber: 'n', madeAt, rulesVersion: '1', head, files });
  };

  it('comes out the same in whatever order the files are given', () => {
    expect(make(entries.toReversed())).toEqual(make(entries));
  });

  it('refuses paths that lead outside, doubled paths, itself, and the lack of a required file', () => {
    const paths = ['../x', '/x', 'a//b', 'a/./b', 'a\\b', '', 'a\nb', 'manifest.json', 'case.json'];
    for (const path of paths) {
      expect(() => make([...entries, describeFile(path, Buffer.from('x'), 'text/plain')]), path).toThrow();
    }
    expect(() => make(entries.slice(1))).toThrow('缺少必备文件');
  });
});

describe('hostile content', () => {
  it('whatever stands in a file, the check ends with a fault that names it', () => {
    const deep = '['.repeat(100_000);
    const texts = [
      deep,
      '\ufeff{}',
      '{"__proto__":1}',
      'null',
      '[]',
      '{"keyId":"\\ud800"}',
      '{"a":1,"a":1}\n',
    ];
    for (const path of ['manifest.json', 'manifest.sig.json', 'events.jsonl']) {
      for (const text of texts) {
        expect(pathsOf(faultsOf(withFile(path, Buffer.from(text)))), `${path} ${text.slice(0, 9)}`).toContain(
          path,
        );
      }
    }
  });

  it('a key that is no point of the curve signs nothing', () => {
    const signature = Buffer.alloc(64, 1).toString('base64url');
    for (const x of [Buffer.alloc(32, 255), Buffer.alloc(32), Buffer.alloc(32, 2)]) {
      const publicKey = { kty: 'OKP', crv: 'Ed25519', x: x.toString('base64url') };
      const file = encodeSignature({ keyId: 'k', algorithm: 'Ed25519', publicKey, signature });
      expect(places(faultsOf(withFile('manifest.sig.json', file)))).toContain('manifest.json changed');
    }
  });
});
