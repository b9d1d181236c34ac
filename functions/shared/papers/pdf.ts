/**
 * PDF: what it is made of, as far as it decides whether it may come in: pages, pictures' sizes, how much its
 * compressed parts unfold to, passwords, programs. It is no reader: objects are found by their words (ISO 32000-1, 7.3
 * to 7.7), in the file itself and in its object streams, and nothing is carried out.
 */
import { constants, inflateSync } from 'node:zlib';
import { PAPER_LIMITS, Unacceptable } from './limits.ts';

/** Programs, things done at opening, files inside, forms with logic of their own. */
const ACTIVE =
  /\/(?:JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|XFA|SubmitForm|ImportData|GoToE)(?![A-Za-z])/;
const PAGE = /\/Type\s*\/Page(?![A-Za-z])/g;
const PICTURE = /\/Subtype\s*\/Image(?![A-Za-z])/;

/** `/J#53` is `/JS`: a letter of a name may be written by its number. */
const plainNames = (text: string): string =>
  text.replace(/#([0-9A-Fa-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));

const dimension = (dictionary: string, name: string): number =>
  Number(new RegExp(`/${name}\\s+(\\d{1,7})(?!\\d)(?!\\s+\\d+\\s+R)`).exec(dictionary)?.[1] ?? 0);

/** The error of zlib for more output than allowed; its other errors mean that the data is broken. */
const isTooLong = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';

const unfold = (packed: Buffer): Buffer => {
  try {
    return inflateSync(packed, {
      maxOutputLength: PAPER_LIMITS.unfolded.part,
      // Some writers leave the last bytes out, and every viewer shows them all the same.
      finishFlush: constants.Z_SYNC_FLUSH,
    });
  } catch (error) {
    throw new Unacceptable(isTooLong(error) ? 'too-much-content' : 'damaged');
  }
};

type Stream = { readonly dictionary: string; readonly content: Buffer };

/** The file's own text with its streams cut out, and the streams. */
const takeApart = (content: Buffer): { readonly text: string; readonly streams: readonly Stream[] } => {
  const whole = content.toString('latin1');
  const begins = /stream\r?\n/g;
  const streams: Stream[] = [];
  const texts: string[] = [];
  let from = 0;
  for (let found = begins.exec(whole); found !== null; found = begins.exec(whole)) {
    // Back to the object that the stream belongs to, never behind the stream before: so nothing is read twice.
    const before = whole.slice(from, found.index);
    const dictionary = plainNames(before.slice(before.lastIndexOf(' obj') + 1));
    const start = found.index + found[0].length;
    const length = Number(/\/Length\s+(\d+)(?!\s+\d+\s+R)/.exec(dictionary)?.[1] ?? Number.NaN);
    const said = start + length;
    const end =
      /^\s*endstream/.test(whole.slice(said, said + 16)) && Number.isFinite(said)
        ? said
        : whole.indexOf('endstream', start);
    if (end === -1) throw new Unacceptable('damaged');
    texts.push(whole.slice(from, start));
    streams.push({ dictionary, content: content.subarray(start, end) });
    from = whole.indexOf('endstream', end) + 'endstream'.length;
    begins.lastIndex = from;
  }
  texts.push(whole.slice(from));
  return { text: plainNames(texts.join('')), streams };
};

/** How a stream is folded; null where it isn't. A lone filter may stand in a list, and has a short name too. */
const foldingOf = (dictionary: string): 'flate' | 'many' | 'other' | null => {
  const filters = /\/Filter\s*(\[[^\]]*\]|\/\w+)/.exec(dictionary)?.[1]?.match(/\/\w+/g) ?? [];
  const flates = filters.filter((filter) => filter === '/FlateDecode' || filter === '/Fl');
  if (filters.length === 0) return null;
  // Folded twice over, a few bytes hold a disk full.
  if (flates.length > 1) return 'many';
  return filters.length === 1 && flates.length === 1 ? 'flate' : 'other';
};

/** The objects that lie in object streams, and proof that nothing unfolds without end. */
const objectsIn = (streams: readonly Stream[]): readonly string[] => {
  let unfolded = 0;
  return streams.flatMap(({ dictionary, content }) => {
    if (PICTURE.test(dictionary)) {
      const pixels = dimension(dictionary, 'Width') * dimension(dictionary, 'Height');
      if (pixels > PAPER_LIMITS.pixels) throw new Unacceptable('too-much-content');
      return [];
    }
    const objects = /\/Type\s*\/ObjStm/.test(dictionary);
    const folding = foldingOf(dictionary);
    if (folding === 'many') throw new Unacceptable('too-much-content');
    // Objects that can't be looked at are not let in.
    if (objects && folding === 'other') throw new Unacceptable('damaged');
    if (folding === 'other' || (folding === null && !objects)) return [];
    const plain = folding === null ? content : unfold(content);
    unfolded += plain.length;
    if (unfolded > PAPER_LIMITS.unfolded.whole) throw new Unacceptable('too-much-content');
    return objects ? [plainNames(plain.toString('latin1'))] : [];
  });
};

/** Throws `Unacceptable` where the file is none that may come in. */
export const inspectPdf = (content: Buffer): { readonly pages: number } => {
  if (content.lastIndexOf('%%EOF') === -1) throw new Unacceptable('damaged');
  const { text, streams } = takeApart(content);
  // The trailer is plain text, or the dictionary of a stream. What a password locks can't be unfolded.
  const trailers = [text, ...streams.map(({ dictionary }) => dictionary)];
  if (trailers.some((each) => /\/Encrypt(?![A-Za-z])/.test(each))) throw new Unacceptable('encrypted');
  const readable = [text, ...objectsIn(streams)];
  if (readable.some((each) => ACTIVE.test(each))) throw new Unacceptable('active-content');
  const pages = readable.reduce((sum, each) => sum + (each.match(PAGE)?.length ?? 0), 0);
  if (pages === 0) throw new Unacceptable('damaged');
  if (pages > PAPER_LIMITS.pages) throw new Unacceptable('too-many-pages');
  return { pages };
};
