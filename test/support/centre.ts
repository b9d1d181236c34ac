/** The civil-affairs centre in a test's own hand: signs what it is told to, well or badly. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { type SigningKey, signRequest } from '#functions/shared/http-signature.ts';
import { parseKeyRing } from '#functions/shared/signature-keys.ts';
import type { TestEdition } from './edition.ts';

const answerSchema = z.record(z.string(), z.json());
export type CallbackAnswer = { readonly status: number; readonly body: z.infer<typeof answerSchema> };

export type Sending = {
  readonly nonce?: string;
  /** Milliseconds, wall time. */
  readonly created?: number;
  readonly key?: SigningKey;
  /** What is sent in the place of what was signed. */
  readonly sent?: string;
};

export class Centre {
  readonly #edition: TestEdition;
  readonly key: SigningKey;

  constructor(edition: TestEdition) {
    this.#edition = edition;
    const ring = readFileSync(join(edition.folder.path, 'keys', 'cross-check', 'centre.json'), 'utf8');
    this.key = parseKeyRing(ring).signing;
  }

  /** Posts a result to its callback. */
  async send(requestId: string, result: unknown, how: Sending = {}): Promise<CallbackAnswer> {
    const url = `${this.#edition.url}/v1/cross-checks/${requestId}/results`;
    const text = JSON.stringify(result);
    const headers = await signRequest(
      {
        method: 'POST',
        url,
        headers: { 'content-type': 'application/json' },
        body: new TextEncoder().encode(text),
      },
      how.key ?? this.key,
      {
        wall: how.created ?? Date.now(),
        nonce: how.nonce ?? randomUUID(),
        tag: 'cross-check-result',
      },
    );
    const response = await fetch(url, { method: 'POST', headers, body: how.sent ?? text });
    const body = answerSchema.parse(await response.json());
    await this.#edition.settle();
    return { status: response.status, body };
  }
}

const MUSTS = ['housing', 'vehicles', 'businessRegistration'] as const;

/** A result about the musts: clean but for the items given. */
export const resultOf = (
  requestId: string,
  sequence: number,
  hits: { readonly [category: string]: readonly object[] | 'unavailable' } = {},
  more: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> => ({
  requestId,
  resultId: `result-${sequence}`,
  sequence,
  final: true,
  categories: [...new Set([...MUSTS, ...Object.keys(hits)])].map((category) => {
    const items = hits[category] ?? [];
    return {
      category,
      source: '省民政信息中心',
      asOf: '2019-01-07',
      ...(items === 'unavailable'
        ? { status: 'unavailable', items: [] }
        : { status: items.length === 0 ? 'clean' : 'hit', items }),
    };
  }),
  ...more,
});

export const homeItem = (propertyId: string, area: string, personId = 'p1') => ({
  personId,
  propertyId,
  kind: 'home',
  area,
  addressMasked: `样例路${propertyId}**号`,
});
