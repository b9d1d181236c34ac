/** The examples of `docs/cross-check.md` are what an implementer of the other side checks against: they must hold. */
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { crossCheckRequestSchema, crossCheckResultSchema } from '#domain/filing/cross-check.ts';
import { verifyRequest } from '#functions/shared/http-signature.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/cross-check.md'), 'utf8');

/** The first code block of a language. */
const block = (language: string): string =>
  new RegExp(`^\`\`\`${language}\\n(.*?)\\n\`\`\`$`, 'ms').exec(page)?.[1] ?? '';

test('the example of a request fits its schema', () => {
  expect(crossCheckRequestSchema.parse(JSON.parse(block('json')))).toMatchObject({ caseDate: '2026-05-06' });
});

test('the example of a signed result verifies with the key of the RFC', async () => {
  const [head = '', body = ''] = block('http').split('\n\n');
  const [start = '', ...lines] = head.split('\n');
  const [method = '', path = ''] = start.split(' ');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
  );
  const key = createPublicKey({
    key: Buffer.from('MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=', 'base64'),
    format: 'der',
    type: 'spki',
  });
  const verified = await verifyRequest(
    { method, path, authority: 'union.example', headers, body: new TextEncoder().encode(body) },
    [{ keyId: 'test-key-ed25519', algorithm: 'ed25519', key }],
    { wall: Date.UTC(2026, 4, 6, 1, 2, 3), tag: 'cross-check-result' },
  );
  expect(verified).toMatchObject({
    nonce: '01jt9x8q3v5k7m2n4p6r8s0t1w',
    created: Date.UTC(2026, 4, 6, 1, 2, 3),
  });
  expect(crossCheckResultSchema.parse(JSON.parse(body))).toMatchObject({ resultId: 'result-1' });
});
