/** What a transfer refuses: damaged bundles, other keys, targets with other data, sources that aren't at rest. */
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { Database } from '#adapters/embedded/database.ts';
import { newPerson } from '#domain/people/person.ts';
import { systemActor } from '#functions/shared/case-store.ts';
import { keys } from '#functions/shared/keys.ts';
import { createPerson } from '#functions/shared/people-store.ts';
import type { Item } from '#functions/shared/ports.ts';
import { Application } from '#test/support/application.ts';
import { openTestEdition } from '#test/support/edition.ts';
import { type Folder, temporaryFolder } from '#test/support/folder.ts';
import { type Content, contentSchema, encodeManifest } from '../../../scripts/transfer/bundle.ts';
import { openEmbedded } from '../../../scripts/transfer/edition.ts';
import { TransferKey } from '../../../scripts/transfer/key.ts';
import { transfer } from './command.ts';
import { contentOf } from './support.ts';

let work: Folder;
let source: Folder;
let bundle: string;
let keyFile: string;
let caseId: string;
let names = 0;

beforeAll(async () => {
  work = await temporaryFolder();
  bundle = join(work.path, 'bundle');
  keyFile = `${bundle}.key`;
  const edition = await openTestEdition();
  source = edition.folder;
  const filed = await (await Application.open(edition)).file();
  await filed.establish();
  await filed.finish();
  const open = await (await Application.open(edition)).file();
  caseId = open.caseId;
  await createPerson(edition.ports, {
    next: newPerson({ subject: 'p1', name: '周职工（样例）', kind: 'applicant' }, edition.ports.clock.wall()),
    event: { type: 'registered', actor: systemActor('test'), data: {} },
  });
  await edition.stop();
  const { code, err } = await transfer('export', bundle, '--data', source.path);
  if (code !== 0) throw new Error(err);
});
afterAll(async () => {
  await work.remove();
  await source.remove();
});

const fresh = (): string => {
  names += 1;
  return join(work.path, `${names}`);
};

/** A copy of the bundle, changed on purpose. */
const copy = async (change: (folder: string) => Promise<void>): Promise<string> => {
  const folder = fresh();
  await cp(bundle, folder, { recursive: true });
  await change(folder);
  return folder;
};

const isThere = async (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** The code with which both are refused, the check and the import; nothing of a target comes about. */
const refusal = async (
  folder: string,
  key = keyFile,
): Promise<readonly [exit: number, code: string | undefined]> => {
  const target = fresh();
  const { code, err } = await transfer('import', folder, '--data', target, '--key', key);
  expect(err).toMatch(/^\p{Script=Han}|^manifest|^\//u);
  expect(await isThere(target)).toBe(false);
  return [code, /（([a-z-]+)）$/.exec(err)?.[1]];
};

const filesOf = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1));

const rewrite = async (path: string, change: (text: string) => string): Promise<void> =>
  writeFile(path, change(await readFile(path, 'utf8')));

describe('a damaged bundle', () => {
  it('is refused, whichever of its files has a changed byte', async () => {
    const paths = await filesOf(bundle);
    expect(paths.length).toBeGreaterThan(15);
    for (const path of paths) {
      const folder = await copy(async (at) => {
        const bytes = await readFile(join(at, path));
        const middle = Math.floor(bytes.length / 2);
        bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
        await writeFile(join(at, path), bytes);
      });
      const [exit, code] = await refusal(folder);
      expect({ path, exit, code }).toEqual({
        path,
        exit: 1,
        code: path === 'manifest.json' ? expect.stringMatching(/^bundle-/) : 'bundle-changed',
      });
      await rm(folder, { recursive: true });
    }
  });

  it('is refused, whichever of its files is cut off or missing', async () => {
    for (const path of await filesOf(bundle)) {
      const cut = await copy(async (at) => truncate(join(at, path), (await stat(join(at, path))).size - 1));
      expect([path, ...(await refusal(cut))]).toEqual([
        path,
        1,
        expect.stringMatching(/^bundle-(changed|malformed)$/),
      ]);
      const gone = await copy((at) => rm(join(at, path)));
      expect([path, ...(await refusal(gone))]).toEqual([path, 1, 'bundle-incomplete']);
      await rm(cut, { recursive: true });
      await rm(gone, { recursive: true });
    }
  });

  it('is refused with a part that the manifest does not know', async () => {
    const folder = await copy((at) => writeFile(join(at, 'items-0099.jsonl'), ''));
    expect(await refusal(folder)).toEqual([1, 'unexpected']);
  });

  it('is refused where its manifest was made anew by somebody without the key', async () => {
    const folder = await copy((at) =>
      rewrite(join(at, 'manifest.json'), (text) => text.replace('"counter":1', '"counter":2')),
    );
    expect(await refusal(folder)).toEqual([1, 'bundle-changed']);
  });

  it('is refused where its manifest says what isn’t so, even under the right key', async () => {
    const key = await TransferKey.read(keyFile);
    const told = async (change: (content: Content) => Content): Promise<string> => {
      const folder = await copy(async (at) => {
        const content = contentSchema
          .strip()
          .parse(JSON.parse(await readFile(join(at, 'manifest.json'), 'utf8')));
        await writeFile(join(at, 'manifest.json'), encodeManifest(change(content), key));
      });
      const { code, err } = await transfer('verify', folder, '--key', keyFile);
      expect(code).toBe(1);
      return err;
    };
    expect(await told((content) => ({ ...content, counts: { ...content.counts, counter: 2 } }))).toContain(
      'counter：清单载明2条，实有1条',
    );
    expect(await told((content) => ({ ...content, heads: '0'.repeat(64) }))).toContain('（heads）');
    const documents = { count: 1, bytes: 1 };
    expect(await told((content) => ({ ...content, documents }))).toContain('文件：清单载明1份1字节');
  });

  it('is refused in another format or version', async () => {
    const manifest = (change: (text: string) => string) =>
      copy((at) => rewrite(join(at, 'manifest.json'), change));
    expect(await refusal(await manifest((text) => text.replace('"version":1}', '"version":2}')))).toEqual([
      2,
      'foreign-version',
    ]);
    expect(
      await refusal(await manifest((text) => text.replace('hardship-filing-transfer', 'other'))),
    ).toEqual([2, 'foreign-format']);
    expect(await refusal(await manifest(() => 'not JSON'))).toEqual([1, 'bundle-malformed']);
  });

  it('is refused while its export is not complete', async () => {
    const folder = fresh();
    await mkdir(folder);
    await writeFile(join(folder, 'progress.json'), '{}');
    expect(await refusal(folder)).toEqual([1, 'bundle-incomplete']);
    const { code, err } = await transfer('export', folder, '--data', source.path);
    expect([code, err]).toEqual([1, expect.stringContaining('（bundle-malformed）')]);
  });
});

describe('the transfer key', () => {
  it('must be the one of the bundle', async () => {
    const other = fresh();
    await TransferKey.open(other);
    expect(await refusal(bundle, other)).toEqual([2, 'wrong-key']);
  });

  it('must be there and whole', async () => {
    expect(await refusal(bundle, join(work.path, 'no-such-key'))).toEqual([2, 'key-missing']);
    const damaged = fresh();
    await writeFile(damaged, '{"format":');
    expect(await refusal(bundle, damaged)).toEqual([2, 'key-malformed']);
  });

  it('is made for its owner alone', async () => {
    expect((await stat(keyFile)).mode & 0o777).toBe(0o600);
  });
});

describe('a target that holds some of it already', () => {
  /** An edition with the bundle in it, changed by hand, which knows of no import. */
  const changedTarget = async (change: (side: Awaited<ReturnType<typeof openEmbedded>>) => Promise<void>) => {
    const target = fresh();
    const { code, out } = await transfer('import', bundle, '--data', target, '--key', keyFile);
    expect(code).toBe(0);
    const id = /迁移包：([0-9a-f]{64})/.exec(out)?.[1] ?? '';
    const side = await openEmbedded(target, false);
    await change(side);
    await side.items.transact([{ type: 'delete', key: keys.bundleImport(id) }]);
    await side.close();
    const look = async () => {
      const again = await openEmbedded(target, false);
      const content = await contentOf(again);
      const record = await again.items.get(keys.bundleImport(id));
      await again.close();
      return { content, record };
    };
    return { target, look };
  };

  it('takes the rest where it is the same', async () => {
    const { target, look } = await changedTarget(async (side) => {
      await side.items.transact([{ type: 'delete', key: keys.event(caseId, 1) }]);
    });
    const before = await look();
    expect(await transfer('import', bundle, '--data', target, '--key', keyFile)).toMatchObject({ code: 0 });
    const { content } = await look();
    expect(content.items.length).toBe(before.content.items.length + 1);
  });

  it('is a conflict where an item differs, and nothing is written', async () => {
    const { target, look } = await changedTarget(async (side) => {
      const event = await side.items.get(keys.event(caseId, 1));
      const record = await side.items.get(keys.case(caseId));
      if (event === undefined || record === undefined) throw new Error('the case is gone');
      const changed: Item = { ...record, data: { ...record.data, cause: '另一原因' } };
      await side.items.transact([
        { type: 'put', item: changed },
        { type: 'put', item: { ...event, version: 2 } },
        { type: 'delete', key: keys.event(caseId, 2) },
      ]);
    });
    const before = await look();
    const { code, err } = await transfer('import', bundle, '--data', target, '--key', keyFile);
    expect(code).toBe(1);
    expect(err).toContain('case 1处');
    expect(err).toContain('event 1处');
    expect(err).toContain('（conflict）');
    expect(await look()).toEqual(before);
    expect(before.record).toBeUndefined();
  });

  it('is a conflict where a field was sealed by another vault', async () => {
    const { target } = await changedTarget(async (side) => {
      const record = await side.items.get(keys.case(caseId));
      if (record === undefined) throw new Error('the case is gone');
      const phone = { sealed: 'v1.k1.AAAA', masked: '139****0000' };
      await side.items.transact([{ type: 'put', item: { ...record, data: { ...record.data, phone } } }]);
    });
    const { code, err } = await transfer('import', bundle, '--data', target, '--key', keyFile);
    expect([code, err]).toEqual([1, expect.stringContaining('case 1处')]);
  });

  it('is a conflict where a document differs', async () => {
    const { target } = await changedTarget(async (side) => {
      const [key = ''] = await side.documents.list(`uploads/${caseId}/`);
      const content = Buffer.from('%PDF-1.4 别的');
      const hash = createHash('sha256').update(content).digest('hex');
      await side.documents.put(key, content, {
        contentType: 'application/pdf',
        sha256: hash,
        onlyIfAbsent: false,
      });
    });
    const { code, err } = await transfer('import', bundle, '--data', target, '--key', keyFile);
    expect([code, err]).toEqual([1, expect.stringContaining('文件 1处')]);
  });

  it('is a conflict where it has other settings', async () => {
    const target = fresh();
    await mkdir(target);
    await writeFile(join(target, 'parameters.json'), '{}');
    const { code, err } = await transfer('import', bundle, '--data', target, '--key', keyFile);
    expect([code, err]).toEqual([1, expect.stringContaining('parameters.json')]);
  });

  it('starts nothing before all of it is there', async () => {
    const target = fresh();
    const side = await openEmbedded(target, true);
    await side.close();
    const { code, err } = await transfer('start', bundle, '--data', target);
    expect([code, err]).toEqual([1, expect.stringContaining('（not-imported）')]);
  });

  it('is started with the import where that is asked for', async () => {
    const target = fresh();
    const { code, out } = await transfer('import', bundle, '--data', target, '--start');
    expect(code).toBe(0);
    expect(out).toContain('已恢复办理1件申请');
  });
});

describe('a source', () => {
  it('must not be in use', async () => {
    const side = await openEmbedded(source.path, false);
    const { code, err } = await transfer('export', fresh(), '--data', source.path);
    await side.close();
    expect([code, err]).toEqual([2, expect.stringContaining('（folder-in-use）')]);
  });

  it('must be an edition', async () => {
    const nothing = fresh();
    const { code, err } = await transfer('export', fresh(), '--data', nothing);
    expect([code, err]).toEqual([2, expect.stringContaining('（no-edition）')]);
    expect(await isThere(nothing)).toBe(false);
  });

  const changed = async (change: (folder: string) => Promise<void>): Promise<string> => {
    const folder = fresh();
    await cp(source.path, folder, { recursive: true });
    await change(folder);
    return folder;
  };
  const put = async (folder: string, item: Item): Promise<void> => {
    const side = await openEmbedded(folder, false);
    await side.items.transact([{ type: 'put', item }]);
    await side.close();
  };

  it('must have taken in what was uploaded', async () => {
    const folder = await changed(async (at) => {
      const database = new Database(join(at, 'filing.db'));
      await database.write(() =>
        database.prepare("INSERT INTO objectEvents (key) VALUES ('uploads/a/b')").run(),
      );
      database.close();
    });
    const { code, err } = await transfer('export', fresh(), '--data', folder);
    expect([code, err]).toEqual([1, expect.stringMatching(/有1个上传的文件.*（not-quiet）$/)]);
  });

  it('must hold nothing that this program does not know', async () => {
    const data = { text: '谁知道' };
    const item = { pk: 'SOMETHING#1', sk: 'SOMETHING', version: 1, schema: 1, data };
    const folder = await changed((at) => put(at, item));
    const { code, err } = await transfer('export', fresh(), '--data', folder);
    expect([code, err]).toEqual([2, expect.stringMatching(/SOMETHING.*（unknown-item）$/)]);
  });

  it('must hold no sealed field that is on no list', async () => {
    const data = { contact: { sealed: `v1.k1.${'A'.repeat(50)}`, masked: '*' } };
    const folder = await changed((at) => put(at, { ...keys.meeting('m1'), version: 1, schema: 1, data }));
    const { code, err } = await transfer('export', fresh(), '--data', folder);
    expect([code, err]).toEqual([2, expect.stringMatching(/\/contact.*（unknown-sealed-field）$/)]);
  });

  it('must have a person behind every guard', async () => {
    const guard = { ...keys.personGuard('nobody'), version: 1, schema: 1, data: { caseId } };
    const folder = await changed((at) => put(at, guard));
    const { code, err } = await transfer('export', fresh(), '--data', folder);
    expect([code, err]).toEqual([1, expect.stringContaining('（guard-without-person）')]);
  });

  it('must have sound chains and sound papers', async () => {
    for (const [place, number] of [
      [keys.event(caseId, 2), 2],
      [keys.personEvent('p1', 1), 1],
    ] as const) {
      const broken = await changed(async (at) => {
        const side = await openEmbedded(at, false);
        const event = await side.items.get(place);
        if (event === undefined) throw new Error('the event is gone');
        await side.items.transact([{ type: 'put', item: { ...event, data: { ...event.data, type: 'x' } } }]);
        await side.close();
      });
      const chain = await transfer('export', fresh(), '--data', broken);
      expect([chain.code, chain.err]).toEqual([
        1,
        expect.stringContaining(`${place.pk}：第${number}条记录的内容与其哈希不符`),
      ]);
    }
    const damaged = await changed(async (at) => {
      const [name = ''] = await readdir(join(at, 'documents/uploads', caseId));
      await writeFile(join(at, 'documents/uploads', caseId, name), '');
    });
    const paper = await transfer('export', fresh(), '--data', damaged);
    expect([paper.code, paper.err]).toEqual([1, expect.stringContaining('（document-damaged）')]);
  });

  it('must hold its unions: they would be others in the target', async () => {
    const folder = await changed(async (at) => {
      const side = await openEmbedded(at, false);
      await side.items.transact([{ type: 'delete', key: keys.organisationHead }]);
      await side.close();
    });
    const { code, err } = await transfer('export', fresh(), '--data', folder);
    expect([code, err]).toEqual([1, expect.stringContaining('（no-organisations）')]);
  });

  it('must have the vault that its fields were sealed by', async () => {
    const folder = await changed(async (at) => {
      await rm(join(at, 'keys/vault.json'));
      const other = await openEmbedded(fresh(), true);
      await other.close();
      await cp(join(work.path, `${names}`, 'keys/vault.json'), join(at, 'keys/vault.json'));
    });
    const { code, err } = await transfer('export', fresh(), '--data', folder);
    expect([code, err]).toEqual([2, expect.stringContaining('（keys-unusable）')]);
  });

  it('keeps what it has for the workflow, and takes along what people have still to be told', async () => {
    const message = { id: 'm1', caseId, to: { subject: 'w' }, title: '通知', text: '请登录查看。' };
    const rows = [
      { kind: 'notify', message },
      { kind: 'answer', taskToken: 't', output: {} },
    ];
    const folder = await changed(async (at) => {
      for (const [index, data] of rows.entries())
        await put(at, { pk: 'OUTBOX#0', sk: `row${index}`, version: 1, schema: 1, data });
    });
    const moved = fresh();
    const { code, out } = await transfer('export', moved, '--data', folder);
    expect(code).toBe(0);
    expect(out).toContain('outbox 1');
    expect(out).toMatch(/未迁移：.*outboxWorkflow 1/);
    // Nobody is told anything by a trial.
    const target = fresh();
    await transfer('import', moved, '--data', target);
    const row = { pk: 'OUTBOX#0', sk: 'row0' };
    const standing = async () => {
      const side = await openEmbedded(target, false);
      const item = await side.items.get(row);
      await side.close();
      return item?.data;
    };
    expect(await standing()).toBeUndefined();
    await transfer('start', moved, '--data', target);
    expect(await standing()).toEqual(rows[0]);
  });
});

test('a command that is none, or half of one, is answered with how it is done', async () => {
  for (const args of [[], ['export'], ['move', 'x'], ['export', 'x', '--nonsense'], ['import', 'x', 'y']]) {
    const { code, err } = await transfer(...args);
    expect([args, code, err.includes('用法：')]).toEqual([args, 2, true]);
  }
  const both = await transfer('export', 'x', '--data', 'y', '--cloud');
  expect([both.code, both.err.includes('只能选一个')]).toEqual([2, true]);
  const cloud = await transfer('export', fresh(), '--cloud', '--frozen');
  expect([cloud.code, cloud.err]).toEqual([2, expect.stringMatching(/TABLE_NAME.*（environment）$/)]);
});

test('settings that the product could not start with are refused', async () => {
  const wrong = fresh();
  await writeFile(wrong, '{}');
  for (const path of [wrong, join(work.path, 'no-such-file')]) {
    const { code, err } = await transfer('export', fresh(), '--data', source.path, '--parameters', path);
    expect([code, err]).toEqual([2, expect.stringContaining('（settings）')]);
  }
});
