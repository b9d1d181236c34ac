import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { buildManifest, describeFile, encodeEvents } from '#domain/filing/archive.ts';
import { canonicalJson } from '#domain/filing/audit.ts';
import { jsonObjectSchema } from '#domain/json.ts';
import { RULE_BOOK, RULES_OF_2018, RuleBook, type RuleSet } from '#domain/rules/book.ts';
import {
  assessed,
  car,
  type Document,
  declaration,
  parameters,
  twoHomes,
} from '#test/domain/rules/household.ts';
import { makeEvents, makeSigner } from '#test/support/archive.ts';
import { capturedText } from '#test/support/command.ts';
import { run } from '../../scripts/replay.ts';

const signer = makeSigner();
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'replay-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const canonical = (value: unknown): Buffer => Buffer.from(canonicalJson(jsonObjectSchema.parse(value)));

/** A signed archive whose `decision.json` holds this. */
const archive = (name: string, decision: unknown): string => {
  const root = join(folder, name);
  mkdirSync(root);
  const events = makeEvents('case-1', 2);
  const head = events.at(-1);
  if (head === undefined) throw new Error('no events');
  const files = new Map<string, Uint8Array>([
    ['case.json', canonical({ caseId: 'case-1' })],
    ['decision.json', canonical(decision)],
    ['events.jsonl', encodeEvents(events)],
  ]);
  const manifest = buildManifest({
    caseId: 'case-1',
    fileNumber: '皖工建档〔2026〕1号',
    madeAt: '2026-03-20T02:00:00.000Z',
    rulesVersion: '1.0.0',
    head,
    files: [...files].map(([path, bytes]) => describeFile(path, bytes, 'application/json')),
  });
  files.set('manifest.json', manifest).set('manifest.sig.json', signer.sign(manifest));
  for (const [path, bytes] of files) writeFileSync(join(root, path), bytes);
  return root;
};

const stored = (number: number, changes: Document = {}) => {
  const document = declaration(changes);
  return { number, at: '2019-03-05T01:00:00.000Z', declaration: document, assessment: assessed(document) };
};

const decision = (...assessments: unknown[]) => ({
  determination: null,
  opinions: [],
  meeting: null,
  assessments,
  parameters: [parameters()],
});

const replayBy = async (book: RuleBook, ...args: string[]) => {
  return capturedText((out, err) => run(args, out, err, book));
};

const replay = (...args: string[]) => replayBy(RULE_BOOK, ...args);

describe('an archive', () => {
  test('from before a later regulation is still reckoned by the rules that it names', async () => {
    const later: RuleSet = {
      ...RULES_OF_2018,
      version: '2.0.0',
      from: '2019-01-01',
      assess: () => {
        throw new Error('the later rules judge no decision of the former');
      },
    };
    const root = archive('before', decision(stored(1)));
    const { code } = await replayBy(new RuleBook([RULES_OF_2018, later]), root);
    expect(code).toBe(0);
  });

  test('whose assessments come out the same again ends with 0', async () => {
    const root = archive('same', decision(stored(1, { assets: car(null) }), stored(2, { assets: twoHomes })));
    const { code, out, err } = await replay(root);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('第1次评估：重算结果与档案逐字节相同。');
    expect(out).toContain('第2次评估：重算结果与档案逐字节相同。');
  });

  test('that holds another result is named with every place that differs', async () => {
    const { assessment, ...rest } = stored(1);
    const forged = { ...rest, assessment: { ...assessment, tier: 'municipal', net: '1.00', extra: [1] } };
    const { code, out } = await replay(archive('forged', decision(forged)));
    expect(code).toBe(1);
    expect(out).toContain('第1次评估：与档案不同。\n有3处不同：');
    expect(out).toContain('/tier：档案为"municipal"，重算为"provincial"');
    expect(out).toContain('/net：档案为"1.00"，重算为"600.00"');
    expect(out).toContain('/extra：档案为[1]，重算为（无）');
  });

  test('whose declaration was changed afterwards is found by what comes out', async () => {
    const { assessment } = stored(1);
    const other = { ...stored(1, { subsistenceAllowance: true }), assessment };
    const { code, out } = await replay(archive('other', decision(stored(1), { ...other, number: 2 })));
    expect(code).toBe(1);
    expect(out).toContain('第1次评估：重算结果与档案逐字节相同。');
    expect(out).toContain('第2次评估：与档案不同。');
  });

  test('of another version of the rules is told plainly, and not judged', async () => {
    const { assessment, ...rest } = stored(1);
    const old = { ...rest, assessment: { ...assessment, rules: { ...assessment.rules, version: '0.9.0' } } };
    const { code, out } = await replay(archive('old', decision(old)));
    expect(code).toBe(1);
    expect(out).toContain('按规则版本0.9.0作出，本程序所载的规则版本为');
    expect(out).not.toContain('处不同');
  });

  test('whose parameters are not those of the assessment is told so', async () => {
    const other = { ...decision(stored(1)), parameters: [parameters({ subsistenceAllowance: '700' })] };
    const { code, out } = await replay(archive('parameters', other));
    expect(code).toBe(1);
    expect(out).toContain(stored(1).assessment.rules.parameters);
    expect(out).toContain('档案没有附上所用的参数');
  });

  test('whose declaration does not fit, or that holds no assessment, is not the same', async () => {
    const unfit = { ...stored(1), declaration: declaration({ region: 'x' }) };
    const { code, out } = await replay(archive('unfit', decision(unfit)));
    expect({ code, told: out.includes('/region') }).toEqual({ code: 1, told: true });
    expect((await replay(archive('none', decision()))).code).toBe(1);
  });

  test('that is not intact is not reckoned again; the changed file is named', async () => {
    const root = archive('changed', decision(stored(1)));
    writeFileSync(join(root, 'decision.json'), canonical(decision(stored(1, { onSiteVisit: true }))));
    const { code, out } = await replay(root);
    expect(code).toBe(1);
    expect(out).toContain('- decision.json：');
    expect(out).not.toContain('第1次评估');
  });

  test('signed by a key that is not trusted is refused', async () => {
    const root = archive('key', decision(stored(1)));
    const key = join(folder, 'key.pem');
    writeFileSync(key, makeSigner().pem);
    expect((await replay(root, '--key', key)).code).toBe(1);
    writeFileSync(key, signer.pem);
    expect((await replay(root, '--key', key)).code).toBe(0);
  });

  test('that cannot be read ends with 2, and the others are still reckoned', async () => {
    const good = archive('good', decision(stored(1)));
    const { code, out, err } = await replay(join(folder, 'none'), good);
    expect({ code, told: err.includes('ENOENT') }).toEqual({ code: 2, told: true });
    expect(out).toContain('逐字节相同');
    const strange = await replay(archive('strange', { tier: 'national' }));
    expect({ code: strange.code, err: strange.err }).toEqual({
      code: 2,
      err: expect.stringContaining('决定的格式不符'),
    });
  });

  test('wrong usage is told', async () => {
    for (const args of [[], ['--key'], ['--unknown', 'x']]) {
      expect(await replay(...args)).toMatchObject({ code: 2, err: expect.stringMatching(/^用法/) });
    }
  });
});
