/**
 * `npm run -s stamp-glyphs`: writes the outlines of the signs with which papers are stamped that outsiders are shown
 * (`functions/open-external/glyphs.json`), from the Noto Serif SC that is installed for development (SIL OFL 1.1). A whole
 * Chinese font is 8 MB; these signs are a few kB.
 */
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { STAMP_SIGNS } from '#functions/open-external/stamp-text.ts';

const OUT = new URL('../functions/open-external/glyphs.json', import.meta.url);
const FONT = '@expo-google-fonts/noto-serif-sc/600SemiBold/NotoSerifSC_600SemiBold.ttf';

type Path = { scale(x: number, y: number): Path; toSVG(): string };
type Glyph = { readonly advanceWidth: number; readonly path: Path };
type Font = { readonly unitsPerEm: number; layout(text: string): { readonly glyphs: readonly Glyph[] } };
/** The library that pdfkit reads fonts with. */
const fontLibrary = z.object({
  openSync: z.custom<(path: string) => Font>((value) => typeof value === 'function'),
});

const require = createRequire(import.meta.url);
const { openSync } = fontLibrary.parse(createRequire(require.resolve('pdfkit'))('fontkit'));
const font = openSync(require.resolve(FONT));

/** Whole units are a thousandth of the sign's height: nobody sees less. */
const rounded = (path: string): string =>
  path.replaceAll(/-?\d+\.\d+/g, (text) => String(Math.round(Number(text))));

const glyphs = Object.fromEntries(
  [...STAMP_SIGNS].map((sign) => {
    const [glyph] = font.layout(sign).glyphs;
    if (glyph === undefined) throw new Error(`the font has no ${sign}`);
    // Outlines grow upwards, paths of SVG downwards.
    return [sign, { width: Math.round(glyph.advanceWidth), path: rounded(glyph.path.scale(1, -1).toSVG()) }];
  }),
);
writeFileSync(OUT, `${JSON.stringify({ unitsPerEm: font.unitsPerEm, glyphs }, null, 1)}\n`);
process.stdout.write(`${fileURLToPath(OUT)}: ${Object.keys(glyphs).length} signs\n`);
