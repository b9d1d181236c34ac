/**
 * Messages by way of a gateway of the union's own (SMS, or whatever it has), over HTTP: one POST a message, signed with
 * a shared secret (RFC 9421, HMAC-SHA-256). The gateway knows the people's numbers; from here go whom it is for, the
 * template to be used, and the words, which name nobody.
 */
import canonicalize from 'canonicalize';
import { NotifierUnavailable } from '#functions/shared/errors.ts';
import { type SigningKey, signRequest } from '#functions/shared/http-signature.ts';
import type { Clock, Ids, Message, Notifier } from '#functions/shared/ports.ts';

export type MessageGatewayOptions = {
  readonly url: string;
  readonly key: SigningKey;
  /** The id of the template, as gateways register them. */
  readonly template: string;
  readonly clock: Pick<Clock, 'wall'>;
  readonly ids: Ids;
  /** Milliseconds that the gateway has. */
  readonly timeout?: number;
};

export class HttpMessageGateway implements Notifier {
  readonly #options: MessageGatewayOptions;

  constructor(options: MessageGatewayOptions) {
    this.#options = options;
  }

  /**
   * The gateway knows a repetition by `id`, which is the `Idempotency-Key` too, and answers it like the first. Error:
   * `NotifierUnavailable`, for anything but a 2xx; its text holds a status at most.
   */
  async send({ id, caseId, to, title, text }: Message): Promise<void> {
    const { url, key, template, clock, ids, timeout = 5_000 } = this.#options;
    const body = new TextEncoder().encode(canonicalize({ id, caseId, to, template, title, text }));
    const headers = await signRequest(
      {
        method: 'POST',
        url,
        headers: { 'content-type': 'application/json', 'idempotency-key': id },
        body,
      },
      key,
      { wall: clock.wall(), nonce: ids.next(), tag: 'message' },
    );
    const status = await this.#post(headers, body, timeout);
    if (status < 200 || status > 299) throw new NotifierUnavailable(`the gateway answered ${status}`);
  }

  async #post(headers: Record<string, string>, body: Uint8Array<ArrayBuffer>, timeout: number) {
    const { url } = this.#options;
    try {
      const signal = AbortSignal.timeout(timeout);
      // A redirect would take the message to an address that nobody has configured.
      const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal });
      await response.body?.cancel();
      return response.status;
    } catch (cause) {
      throw new NotifierUnavailable('the gateway could not be reached', { cause });
    }
  }
}
