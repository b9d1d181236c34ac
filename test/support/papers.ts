/** The smallest papers that are what they say they are. */
import jpeg from 'jpeg-js';

/** A PDF of one empty sheet; `mark` makes it unlike others, `more` are objects beside. */
export const pdfWith = (mark: string, more = ''): Buffer =>
  Buffer.from(
    [
      '%PDF-1.4',
      `% ${mark}`,
      '1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj',
      '2 0 obj <</Type/Pages/Count 1/Kids[3 0 R]>> endobj',
      '3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>> endobj',
      more,
      'trailer <</Root 1 0 R/Size 4>>',
      '%%EOF\n',
    ].join('\n'),
    'latin1',
  );

/** A photo of 8 by 8 points, unlike that of any other number below 2^24. Without metadata. */
export const photoOf = (number: number): Buffer => {
  const data = Buffer.alloc(8 * 8 * 4, 255);
  // One point a bit, black or white: what is coarser than the compression outlives it.
  for (let bit = 0; bit < 24; bit += 1) if (((number >> bit) & 1) === 1) data.fill(0, bit * 4, bit * 4 + 3);
  return jpeg.encode({ width: 8, height: 8, data }, 100).data;
};
