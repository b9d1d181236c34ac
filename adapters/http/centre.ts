/** The civil-affairs information centre over HTTP; the same for both editions. `docs/cross-check.md`. */
import canonicalize from 'canonicalize';
import { crossCheckReceiptSchema } from '#domain/filing/cross-check.ts';
import { CentreRefused, CentreUnavailable } from '#functions/shared/errors.ts';
import { type SigningKey, signRequest } from '#functions/shared/http-signature.ts';
import type { Clock, CrossCheckCentre, CrossCheckRequest, Ids } from '#functions/shared/ports.ts';

export type HttpCentreOptions = {
  /** Where the centre is; requests go to `<url>/requests`. */
  readonly url: string;
  readonly key: SigningKey;
  readonly clock: Pick<Clock, 'wall'>;
  readonly ids: Ids;
  /** Milliseconds that the centre has to acknowledge. The function that calls has 30 s for all. */
  readonly timeout?: number;
};

/** Answers that ask to come again: too slow, too early, too often. Every 5xx does too. */
const COME_AGAIN = [408, 425, 429];

export class HttpCrossCheckCentre implements CrossCheckCentre {
  readonly #options: HttpCentreOptions;
  readonly #address: string;

  constructor(options: HttpCentreOptions) {
    this.#options = options;
    this.#address = `${options.url.replace(/\/+$/, '')}/requests`;
  }

  /**
   * Errors: `CentreUnavailable` (no connection, no answer in time, 408, 425, 429, 5xx, or an answer that isn't
   * the centre's), `CentreRefused` (anything else). Their messages hold a status at most: never what was sent.
   */
  async request({ requestId, body }: CrossCheckRequest): Promise<void> {
    const { key, clock, ids, timeout = 10_000 } = this.#options;
    // Canonical, so that the same content is the same bytes wherever it was kept meanwhile: the centre takes
    // other bytes under the same id for a conflict.
    const bytes = new TextEncoder().encode(canonicalize(body));
    const headers = await signRequest(
      {
        method: 'POST',
        url: this.#address,
        headers: { 'content-type': 'application/json' },
        body: bytes,
      },
      key,
      { wall: clock.wall(), nonce: ids.next(), tag: 'cross-check-request' },
    );
    const { status, text } = await this.#post(headers, bytes, timeout);
    if (status >= 500 || COME_AGAIN.includes(status)) {
      throw new CentreUnavailable(`the centre answered ${status}`);
    }
    if (status !== 202) throw new CentreRefused(`the centre answered ${status}`);
    if (!acknowledges(text, requestId))
      throw new CentreUnavailable('the answer is not a receipt of the centre');
  }

  async #post(headers: Record<string, string>, body: Uint8Array<ArrayBuffer>, timeout: number) {
    try {
      const signal = AbortSignal.timeout(timeout);
      // A redirect would take personal data to an address that nobody has configured.
      const response = await fetch(this.#address, {
        method: 'POST',
        headers,
        body,
        redirect: 'manual',
        signal,
      });
      return { status: response.status, text: await response.text() };
    } catch (cause) {
      throw new CentreUnavailable('the centre could not be reached', { cause });
    }
  }
}

const acknowledges = (text: string, requestId: string): boolean => {
  try {
    return crossCheckReceiptSchema.parse(JSON.parse(text)).requestId === requestId;
  } catch {
    return false;
  }
};
