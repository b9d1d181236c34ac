/** Read back by a decoder of the test's own, from the SVG as it stands in the page. */
import { expect, test } from 'vitest';
import { qrCode } from '#embedded/identity/qr-code.ts';
import { keyUri, newKey } from '#embedded/identity/second-factor.ts';

type Matrix = readonly (readonly boolean[])[];

/** The modules without the white around them. */
const matrixOf = (svg: string): Matrix => {
  const side = Number(/viewBox="0 0 (\d+) \1"/.exec(svg)?.[1]);
  const dark = new Set([...svg.matchAll(/M(\d+) (\d+)h1v1h-1z/g)].map(([, x, y]) => `${x} ${y}`));
  const at = (x: number, y: number) => dark.has(`${x} ${y}`);
  const indices = Array.from({ length: side - 8 }, (_, index) => index + 4);
  const white = Array.from({ length: side }, (_, x) =>
    [0, 1, 2, 3, side - 1].some((y) => at(x, y) || at(y, x)),
  );
  expect(white).not.toContain(true);
  return indices.map((y) => indices.map((x) => at(x, y)));
};

const FINDER = ['#######', '#.....#', '#.###.#', '#.###.#', '#.###.#', '#.....#', '#######'];
const corner = (matrix: Matrix, x: number, y: number): string[] =>
  FINDER.map((_, row) =>
    FINDER.map((_line, column) => (matrix[y + row]?.[x + column] === true ? '#' : '.')).join(''),
  );

/** ISO/IEC 18004, tables 9 and E.1, for level L of the versions that come about here: blocks, then alignment. */
const VERSIONS: Readonly<
  Record<number, { blocks: readonly number[]; ecc: number; alignment: readonly number[] }>
> = {
  8: { blocks: [97, 97], ecc: 24, alignment: [6, 24, 42] },
  9: { blocks: [116, 116], ecc: 30, alignment: [6, 26, 46] },
  10: { blocks: [68, 68, 69, 69], ecc: 18, alignment: [6, 28, 50] },
  11: { blocks: [81, 81, 81, 81], ecc: 20, alignment: [6, 30, 54] },
  12: { blocks: [92, 92, 93, 93], ecc: 24, alignment: [6, 32, 58] },
  13: { blocks: [107, 107, 107, 107], ecc: 26, alignment: [6, 34, 62] },
};

const MASKS: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_x, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(y / 2) + Math.floor(x / 3)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

const decode = (matrix: Matrix): string => {
  const size = matrix.length;
  const version = (size - 17) / 4;
  const table = VERSIONS[version];
  if (table === undefined) throw new Error(`version ${version} is in no table of this test`);
  const bit = (x: number, y: number): boolean => matrix[y]?.[x] === true;
  // Format information: level and mask, twice; here the upper left copy, its first five bits, under their own mask.
  const format =
    [0, 1, 2, 3, 4].map((x) => bit(x, 8)).reduce((sum, set) => sum * 2 + Number(set), 0) ^ 0b10101;
  expect(format >> 3).toBe(0b01);
  const mask = MASKS[format & 7];
  const isFunction = (x: number, y: number): boolean =>
    x === 6 ||
    y === 6 ||
    (x < 9 && y < 9) ||
    (x >= size - 8 && y < 9) ||
    (x < 9 && y >= size - 8) ||
    (version >= 7 && ((x >= size - 11 && y < 6) || (y >= size - 11 && x < 6))) ||
    table.alignment.some((ax) =>
      table.alignment.some((ay) => {
        const inCorner = (ax === 6 && ay !== 6 && ay > size - 9) || (ay === 6 && ax !== 6 && ax > size - 9);
        if ((ax === 6 && ay === 6) || inCorner) return false;
        return Math.abs(x - ax) <= 2 && Math.abs(y - ay) <= 2;
      }),
    );
  const bits: boolean[] = [];
  let up = true;
  for (let right = size - 1; right > 0; right -= 2) {
    if (right === 6) right = 5;
    for (let step = 0; step < size; step += 1) {
      const y = up ? size - 1 - step : step;
      for (const x of [right, right - 1]) {
        if (!isFunction(x, y)) bits.push(bit(x, y) !== (mask?.(x, y) ?? false));
      }
    }
    up = !up;
  }
  const codewords = Array.from({ length: Math.floor(bits.length / 8) }, (_, index) =>
    bits.slice(index * 8, index * 8 + 8).reduce((sum, set) => sum * 2 + Number(set), 0),
  );
  const total = table.blocks.reduce((sum, length) => sum + length + table.ecc, 0);
  expect(codewords).toHaveLength(total);
  const blocks: number[][] = table.blocks.map(() => []);
  const longest = Math.max(...table.blocks);
  let next = 0;
  for (let index = 0; index < longest; index += 1) {
    for (const [block, length] of table.blocks.entries()) {
      if (index < length) blocks[block]?.push(codewords[next++] ?? 0);
    }
  }
  const stream = blocks
    .flat()
    .map((word) => word.toString(2).padStart(8, '0'))
    .join('');
  expect(stream.slice(0, 4)).toBe('0100');
  const lengthBits = version < 10 ? 8 : 16;
  const length = Number.parseInt(stream.slice(4, 4 + lengthBits), 2);
  const bytes = Array.from({ length }, (_, index) =>
    Number.parseInt(stream.slice(4 + lengthBits + index * 8, 12 + lengthBits + index * 8), 2),
  );
  return Buffer.from(bytes).toString('utf8');
};

test.each(['张管理（样例）', '', 'a'])(
  'the code of %j says what an authenticator takes, and has three finders',
  async (name) => {
    const uri = keyUri(newKey(), name);
    const svg = String(await qrCode(uri, '二维码'));
    const matrix = matrixOf(svg);
    for (const [x, y] of [
      [0, 0],
      [matrix.length - 7, 0],
      [0, matrix.length - 7],
    ] as const) {
      expect(corner(matrix, x, y)).toEqual(FINDER);
    }
    expect(decode(matrix)).toBe(uri);
    expect(svg).toContain('role="img"');
    expect(svg).toContain('aria-label="二维码"');
    // The page's policy forbids both.
    expect(svg).not.toMatch(/style=|<script/);
  },
);
