/** A client of the HTTP API that shows answers as they are, refusals too. */
import { createHash } from 'node:crypto';
import * as z from 'zod';

const bodySchema = z.record(z.string(), z.json());

export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  readonly body: z.infer<typeof bodySchema>;
};

type SentHeaders = Readonly<Record<string, string>>;

/** A test that says nothing else overwrites whatever stands there. */
const DEFAULT_HEADERS: Readonly<Record<string, SentHeaders>> = { PUT: { 'if-match': '*' } };

const problemSchema = z.looseObject({
  code: z.string(),
  detail: z.string(),
  faults: z.array(z.looseObject({ pointer: z.string(), code: z.string(), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof problemSchema> & { readonly status: number };

/** What an upload promises; the content beside it. */
export type Paper = {
  readonly paper: string;
  readonly memberId?: string;
  readonly expenditure?: string;
  readonly contentType: string;
  readonly content: Uint8Array;
};

const uploadSchema = z.looseObject({
  documentId: z.string(),
  form: z.strictObject({ url: z.string(), fields: z.record(z.string(), z.string()) }),
});
export type UploadPlace = z.infer<typeof uploadSchema>;

/** An answer that should have been a success. */
export class UnexpectedAnswer extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export class Client {
  readonly #base: string;
  readonly #token: string | undefined;

  constructor(base: string, token?: string) {
    this.#base = base;
    this.#token = token;
  }

  /** The answer, whatever its status. A string is sent as it is. */
  async call(
    method: string,
    path: string,
    body?: unknown,
    headers: SentHeaders = DEFAULT_HEADERS[method] ?? {},
  ): Promise<Answer> {
    const response = await fetch(new URL(path, this.#base), {
      method,
      headers: {
        ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? {} : bodySchema.parse(JSON.parse(text)),
    };
  }

  /** Sends a file as it is; the answer as JSON. */
  async sendFile(path: string, content: Uint8Array, contentType: string): Promise<Answer> {
    const response = await fetch(new URL(path, this.#base), {
      method: 'POST',
      headers: {
        ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
        'content-type': contentType,
      },
      body: Buffer.from(content),
    });
    return {
      status: response.status,
      headers: response.headers,
      body: bodySchema.parse(await response.json()),
    };
  }

  /** A file that must be there, with its content type. */
  async file(path: string): Promise<{ readonly content: Uint8Array; readonly contentType: string | null }> {
    const response = await fetch(new URL(path, this.#base), {
      headers: this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` },
    });
    if (!response.ok) throw new UnexpectedAnswer(response.status, `GET ${path}: ${response.status}`);
    const content = new Uint8Array(await response.arrayBuffer());
    return { content, contentType: response.headers.get('content-type') };
  }

  /** The body of an answer that must be a success. */
  async #must(method: string, path: string, body?: unknown): Promise<Answer['body']> {
    const answer = await this.call(method, path, body);
    if (answer.status >= 300)
      throw new UnexpectedAnswer(
        answer.status,
        `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`,
      );
    return answer.body;
  }

  /** What the task gives to be sent back with its opinion. */
  seen = async (taskId: string): Promise<unknown> => (await this.get(`/v1/tasks/${taskId}`)).seen;

  get = (path: string): Promise<Answer['body']> => this.#must('GET', path);
  post = (path: string, body?: unknown): Promise<Answer['body']> => this.#must('POST', path, body);
  put = (path: string, body: unknown): Promise<Answer['body']> => this.#must('PUT', path, body);

  /** The problem with which a call must be refused. */
  async refused(method: string, path: string, body?: unknown, headers?: SentHeaders): Promise<Problem> {
    const answer = await this.call(method, path, body, headers);
    if (answer.status < 400) throw new Error(`${method} ${path} was not refused: ${answer.status}`);
    return { ...problemSchema.parse(answer.body), status: answer.status };
  }

  /** Promises a paper: where its bytes are to be sent. */
  async promise(caseId: string, { content, ...paper }: Paper): Promise<UploadPlace> {
    const sha256 = createHash('sha256').update(content).digest('hex');
    return uploadSchema.parse(
      await this.post(`/v1/cases/${caseId}/documents`, { ...paper, bytes: content.length, sha256 }),
    );
  }

  /** Sends the bytes; answers the status. */
  async send({ form }: UploadPlace, content: Uint8Array, contentType: string): Promise<number> {
    const data = new FormData();
    for (const [name, value] of Object.entries(form.fields)) data.append(name, value);
    data.append('file', new Blob([Buffer.from(content)], { type: contentType }), 'paper');
    const response = await fetch(new URL(form.url, this.#base), { method: 'POST', body: data });
    await response.body?.cancel();
    return response.status;
  }

  /** Promises a paper and sends it; its id. */
  async upload(caseId: string, paper: Paper): Promise<string> {
    const place = await this.promise(caseId, paper);
    const status = await this.send(place, paper.content, paper.contentType);
    if (status !== 204) throw new Error(`an upload was refused: ${status}`);
    return place.documentId;
  }
}
