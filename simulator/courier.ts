/** Carries results to the callback: signed, and again and again until there is an answer that settles it. */
import { randomUUID } from 'node:crypto';
import { type SigningKey, signRequest } from '#functions/shared/http-signature.ts';

/** A result on its way: it goes out with the same bytes and nonce however often it is sent. */
export type Letter = {
  readonly requestId: string;
  readonly resultId: string;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly nonce: string;
};

/** One attempt, without a word about anyone. `status` null: no answer. */
export type SentEvent = {
  readonly event: 'sent';
  readonly requestId: string;
  readonly resultId: string;
  readonly forged: boolean;
  readonly status: number | null;
};

export type CourierOptions = {
  readonly key: SigningKey;
  readonly report: (event: SentEvent) => void;
  /** Wall time in milliseconds. */
  readonly wall: () => number;
  /** Waits between attempts; resolves early when the signal aborts. */
  readonly pause: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Ends all attempts. */
  readonly signal: AbortSignal;
};

/** Milliseconds to wait after attempt n (from 0): half a second, doubled up to half a minute. */
const backoff = (attempt: number): number => Math.min(500 * 2 ** attempt, 30_000);

/** A 4xx is final but for those that ask to come again. */
const isFinal = (status: number): boolean => status < 500 && ![408, 425, 429].includes(status);

export class Courier {
  readonly #options: CourierOptions;

  constructor(options: CourierOptions) {
    this.#options = options;
  }

  /** Sends until there is a final answer; tells whether it was taken. Stopped, it wasn't. */
  async deliver(callback: string, letter: Letter): Promise<boolean> {
    const { pause, signal } = this.#options;
    for (let attempt = 0; ; attempt += 1) {
      const status = await this.#post(callback, letter, false);
      if (signal.aborted) return false;
      if (status !== null && isFinal(status)) return status < 300;
      await pause(backoff(attempt), signal);
    }
  }

  /** Sends it once with a signature of the right form that isn't the right one, whatever the answer. */
  async forge(callback: string, letter: Letter): Promise<void> {
    // A forgery mustn't use up the nonce of the true letter.
    await this.#post(callback, { ...letter, nonce: randomUUID() }, true);
  }

  async #post(callback: string, letter: Letter, forged: boolean): Promise<number | null> {
    const { key, report, wall, signal } = this.#options;
    const { requestId, resultId, body, nonce } = letter;
    const signed = new Headers(
      await signRequest(
        { method: 'POST', url: callback, headers: { 'content-type': 'application/json' }, body },
        key,
        { wall: wall(), nonce, tag: 'cross-check-result' },
      ),
    );
    if (forged) signed.set('signature', otherThan(signed.get('signature') ?? ''));
    const status = await fetch(callback, {
      method: 'POST',
      headers: signed,
      body,
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(10_000)]),
    }).then(
      async (response) => {
        await response.body?.cancel();
        return response.status;
      },
      // Nobody there, or no answer in time: which of them makes no difference, it is tried again.
      () => null,
    );
    if (!signal.aborted) report({ event: 'sent', requestId, resultId, forged, status });
    return status;
  }
}

/** Changes the first digit of the signature. */
const otherThan = (signature: string): string =>
  signature.replace(/=:(.)/, (_, first) => `=:${first === 'A' ? 'B' : 'A'}`);
