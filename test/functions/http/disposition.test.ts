import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { attachment } from '#functions/shared/http/disposition.ts';

describe('Content-Disposition', () => {
  test.each([
    ['organisations.xlsx', 'attachment; filename="organisations.xlsx"'],
    [
      "承诺书 (1)'*.pdf",
      `attachment; filename="download.pdf"; filename*=UTF-8''%E6%89%BF%E8%AF%BA%E4%B9%A6%20%281%29%27%2A.pdf`,
    ],
    ['a";b="c', `attachment; filename="download"; filename*=UTF-8''a%22%3Bb%3D%22c`],
    ['a\r\nx: y.pdf', `attachment; filename="download.pdf"; filename*=UTF-8''a%0D%0Ax%3A%20y.pdf`],
  ])('%j', (name, header) => {
    expect(attachment(name)).toBe(header);
  });

  test('is one header with two parameters at most, whatever the name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        expect(attachment(name)).toMatch(
          /^attachment; filename="[\w .()-]*"(; filename\*=UTF-8''[A-Za-z0-9%!._~-]*)?$/,
        );
      }),
    );
  });
});
