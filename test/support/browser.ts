/** A browser as far as sign-in needs one: cookies, redirects one by one, forms with their hidden fields. */
import { createHmac } from 'node:crypto';

export type Page = {
  readonly status: number;
  readonly url: string;
  readonly text: string;
  readonly headers: Headers;
  /** Where it leads, if it is a redirect. */
  readonly location: string | undefined;
};

const FIELD = /<input type="hidden" name="(\w+)" value="([^"]*)"/g;

type Cookie = {
  readonly origin: string;
  readonly path: string;
  readonly name: string;
  readonly value: string;
};

export class Browser {
  /** By origin, path and name: servers of a test share one host, as they never do outside. */
  readonly #cookies = new Map<string, Cookie>();
  /** Headers sent with every request. */
  headers: Readonly<Record<string, string>> = {};

  async #send(url: string, init: RequestInit): Promise<Page> {
    const { origin, pathname } = new URL(url);
    const cookie = [...this.#cookies.values()]
      .filter((one) => one.origin === origin)
      .filter(({ path }) => pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
    const answer = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: { ...this.headers, ...(cookie === '' ? {} : { cookie }), ...init.headers },
    });
    for (const line of answer.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(/; */);
      const mark = pair.indexOf('=');
      const path = attributes.find((each) => /^path=/i.test(each))?.slice(5) ?? '/';
      const name = pair.slice(0, mark);
      this.#cookies.set(`${origin} ${path} ${name}`, { origin, path, name, value: pair.slice(mark + 1) });
    }
    const location = answer.headers.get('location');
    return {
      status: answer.status,
      url,
      text: await answer.text(),
      headers: answer.headers,
      location: location === null ? undefined : new URL(location, url).href,
    };
  }

  get(url: string): Promise<Page> {
    return this.#send(url, {});
  }

  /** Follows redirects as long as they stay below `within`; the page after them, or the redirect that leads away. */
  async follow(page: Page, within: string): Promise<Page> {
    let at = page;
    while (at.location?.startsWith(within) === true && !new URL(at.location).searchParams.has('code')) {
      at = await this.get(at.location);
    }
    return at;
  }

  async open(url: string): Promise<Page> {
    return this.follow(await this.get(url), new URL(url).origin);
  }

  /** Fills in the form of a page, hidden fields and all; `action` where it isn't the page's own address. */
  async submit(page: Page, fields: Readonly<Record<string, string>>, action = page.url): Promise<Page> {
    const hidden = Object.fromEntries(
      [...page.text.matchAll(FIELD)].map(([, name = '', value = '']) => [name, value]),
    );
    const sent = await this.#send(action, {
      method: 'POST',
      body: new URLSearchParams({ ...hidden, ...fields }),
    });
    return this.follow(sent, new URL(page.url).origin);
  }
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** RFC 6238 by itself (SHA-1, 30 s, 6 digits), not by the product's library. */
export const totp = (base32: string, wall: number): string => {
  const bits = [...base32].map((sign) => BASE32.indexOf(sign).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(wall / 30_000)));
  const mac = createHmac('sha1', key).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 0xf;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
};
