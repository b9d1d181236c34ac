/**
 * Looks for texts in bytes, in every form in which a program might have written them: UTF-8, UTF-16, base 64 (with either
 * alphabet, at any place in what was encoded), percent-encoded, as JSON escapes, as hex digits, in groups set apart by
 * blanks or dashes.
 */

type Form = { readonly name: string; readonly bytes: Buffer };

const ascii = (name: string, text: string): Form => ({ name, bytes: Buffer.from(text, 'latin1') });

/** The base 64 digits that depend on these bytes alone, wherever in a longer text they begin. */
const base64Of = (content: Buffer, encoding: 'base64' | 'base64url'): Form[] =>
  [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), content]).toString(encoding);
    const from = Math.ceil((offset * 8) / 6);
    return ascii(encoding, text.slice(from, Math.floor(((offset + content.length) * 8) / 6)));
  });

const hexPairs = (content: Buffer): readonly string[] => content.toString('hex').match(/../g) ?? [];

const formsOf = (text: string): readonly Form[] => {
  const utf8 = Buffer.from(text);
  const utf16 = Buffer.from(text, 'utf16le');
  const percent = hexPairs(utf8)
    .map((pair) => `%${pair}`)
    .join('');
  const units = [...Buffer.from(utf16).swap16().toString('hex').matchAll(/.{4}/g)].map(([unit]) => unit);
  const all = [
    { name: 'utf-8', bytes: utf8 },
    { name: 'utf-16le', bytes: utf16 },
    { name: 'utf-16be', bytes: Buffer.from(utf16).swap16() },
    ...[utf8, utf16].flatMap((content) => [
      ...base64Of(content, 'base64'),
      ...base64Of(content, 'base64url'),
    ]),
    ascii('percent', encodeURIComponent(text)),
    ascii('percent', percent),
    ascii('percent', percent.toUpperCase()),
    ascii('json', units.map((unit) => `\\u${unit}`).join('')),
    ascii('hex', utf8.toString('hex')),
    ascii('hex', utf8.toString('hex').toUpperCase()),
  ];
  // Digits look alike in several forms: the first names them.
  return [
    ...new Map(all.toReversed().map((form) => [form.bytes.toString('latin1'), form])).values(),
  ].toReversed();
};

/** Texts that must not be found; `search` gives the names of those that are, with their form. */
export class Leaks {
  readonly #forms: readonly { readonly what: string; readonly forms: readonly Form[] }[];

  constructor(secrets: Iterable<string>) {
    this.#forms = [...new Set(secrets)].map((what) => ({ what, forms: formsOf(what) }));
  }

  get size(): number {
    return this.#forms.length;
  }

  search(content: Uint8Array | string): readonly string[] {
    const bytes = Buffer.from(content);
    // Digits in groups: blanks, dashes and no-break blanks taken away, the same in UTF-16 by its zero bytes.
    const text = bytes.toString('latin1');
    const joined = Buffer.from(text.replaceAll(/(?:[\0\t -]|\xc2\xa0|\xe3\x80\x80)+/g, ''), 'latin1');
    return this.#forms.flatMap(({ what, forms }) => {
      const form = forms.find(({ bytes: wanted }) => bytes.includes(wanted));
      if (form !== undefined) return [`${what} (${form.name})`];
      return joined.includes(Buffer.from(what.replaceAll(' ', ''))) ? [`${what} (grouped)`] : [];
    });
  }
}
