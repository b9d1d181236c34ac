/** The civil-affairs information centre over HTTP; the same for both editions. `docs/cross-check.md`. */
import canonicalize from 'canonicalize';
import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  ConsecutiveBreaker,
  circuitBreaker,
  handleType,
} from 'cockatiel';
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
  /** Its own where left out. */
  readonly breaker?: CircuitBreakerPolicy;
  /** Milliseconds that the centre has to acknowledge. The function that calls has 30 s for all. */
  readonly timeout?: number;
};

/**
 * After so many failures in a row nothing is sent for so long (wall time), then one request tries. A centre that is down
 * is left in peace, and those who wait don't wait for a timeout each. The breaker lives in its process: of the embedded
 * edition there is one; each Lambda environment has its own, opens it by what it sees itself, and forgets it when it ends.
 */
const BREAKER = { failures: 5, openFor: 30_000 } as const;

/** To be shared by all clients of one address. */
export const centreBreaker = (): CircuitBreakerPolicy =>
  circuitBreaker(handleType(CentreUnavailable), {
    halfOpenAfter: BREAKER.openFor,
    breaker: new ConsecutiveBreaker(BREAKER.failures),
  });

/** Answers that ask to come again: too slow, too early, too often. Every 5xx does too. */
const COME_AGAIN = [408, 425, 429];

export class HttpCrossCheckCentre implements CrossCheckCentre {
  readonly #options: HttpCentreOptions;
  readonly #address: string;
  readonly #breaker: CircuitBreakerPolicy;

  constructor(options: HttpCentreOptions) {
    this.#options = options;
    this.#breaker = options.breaker ?? centreBreaker();
    this.#address = `${options.url.replace(/\/+$/, '')}/requests`;
  }

  /**
   * Errors: `CentreUnavailable` (no connection, no answer in time, 408, 425, 429, 5xx, an answer that isn't the
   * centre's, or too many of these just before), `CentreRefused` (anything else). Their messages hold a status at
   * most: never what was sent.
   */
  async request(request: CrossCheckRequest): Promise<void> {
    try {
      await this.#breaker.execute(() => this.#request(request));
    } catch (error) {
      if (error instanceof BrokenCircuitError) {
        throw new CentreUnavailable(
          'the centre has failed too often just now; it is left in peace for a while',
        );
      }
      throw error;
    }
  }

  async #request({ requestId, body }: CrossCheckRequest): Promise<void> {
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
