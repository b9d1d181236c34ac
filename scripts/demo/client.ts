/** A client of the HTTP API, as a portal or another system would write it: JSON, uploads as forms, problem details. */

import { createHash, randomUUID } from 'node:crypto';
import * as z from 'zod';

const problemSchema = z.looseObject({ code: z.string(), detail: z.string() });

/** The API refused: its stable code and its sentence. */
class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: number;
  readonly code: string;
  readonly body: unknown;
  constructor(status: number, code: string, detail: string, body: unknown) {
    super(`${status} ${code}：${detail}`);
    this.status = status;
    this.code = code;
    this.body = body;
  }
}

export type Upload = {
  readonly paper: string;
  readonly memberId?: string;
  readonly expenditure?: string;
  readonly contentType: 'application/pdf' | 'image/jpeg';
  readonly content: Uint8Array;
};

const uploadSchema = z.looseObject({
  documentId: z.string(),
  form: z.strictObject({ url: z.string(), fields: z.record(z.string(), z.string()) }),
});

export class ApiClient {
  readonly #base: string;
  readonly #token: string | undefined;

  /** Without a token only what is public can be called. */
  constructor(base: string, token?: string) {
    this.#base = base;
    this.#token = token;
  }

  get = <T>(path: string, schema: z.ZodType<T>): Promise<T> => this.#call('GET', path, undefined, schema);
  post = <T>(path: string, body: unknown, schema: z.ZodType<T>): Promise<T> =>
    this.#call('POST', path, body, schema);

  /** Promises a paper, then sends its bytes to the place promised; resolves with its id. */
  async upload(caseId: string, { content, ...paper }: Upload): Promise<string> {
    const sha256 = createHash('sha256').update(content).digest('hex');
    const { documentId, form } = await this.post(
      `/v1/cases/${caseId}/documents`,
      { ...paper, bytes: content.length, sha256 },
      uploadSchema,
    );
    const data = new FormData();
    for (const [name, value] of Object.entries(form.fields)) data.append(name, value);
    data.append('file', new Blob([Buffer.from(content)], { type: paper.contentType }), documentId);
    const response = await fetch(new URL(form.url, this.#base), { method: 'POST', body: data });
    if (!response.ok) throw await refusal(response);
    await response.body?.cancel();
    return documentId;
  }

  async #call<T>(method: string, path: string, body: unknown, schema: z.ZodType<T>): Promise<T> {
    const response = await fetch(new URL(path, this.#base), {
      method,
      headers: {
        ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        // What creates something is created once, even where the answer is lost and this is sent again.
        ...(method === 'POST' ? { 'idempotency-key': randomUUID() } : {}),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw await refusal(response);
    return schema.parse(await response.json());
  }
}

/** The API tells problems by code and sentence; a gateway or a store before it may answer something else. */
const refusal = async (response: Response): Promise<Refused> => {
  const text = await response.text();
  const body = jsonOf(text);
  const problem = problemSchema.safeParse(body);
  return problem.success
    ? new Refused(response.status, problem.data.code, problem.data.detail, body)
    : new Refused(response.status, 'no-problem-details', text.slice(0, 300) || response.statusText, body);
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};
