/** The examples of `docs/cross-check.md` are what an implementer of the other side checks against: they must hold. */
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { crossCheckRequestSchema, crossCheckResultSchema } from '#domain/filing/cross-check.ts';
import { verifyRequest } from '#functions/shared/http-signature.ts';
import { OPENAPI_DOCUMENT, openApiText } from '../../scripts/cross-check-openapi.ts';

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

describe('docs/cross-check.openapi.json', () => {
  const text = readFileSync(OPENAPI_DOCUMENT, 'utf8');

  test('is what the schemas of the wire make (npm run -s cross-check-openapi)', () => {
    expect(JSON.parse(text)).toEqual(JSON.parse(openApiText()));
  });

  test('is OpenAPI 3.1', async () => {
    const validator = new Validator();
    expect(await validator.validate(JSON.parse(text))).toMatchObject({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  test('describes the example of the page, and not one that leaves something out', () => {
    const request = z.fromJSONSchema(
      z
        .looseObject({ components: z.looseObject({ schemas: z.record(z.string(), z.any()) }) })
        .parse(JSON.parse(text)).components.schemas.Request,
    );
    const example = JSON.parse(block('json'));
    expect(request.safeParse(example).success).toBe(true);
    const { persons: _, ...without } = example;
    expect(request.safeParse(without).success).toBe(false);
    expect(request.safeParse({ ...example, more: 1 }).success).toBe(false);
  });
});
