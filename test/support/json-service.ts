/**
 * A service of AWS's JSON protocols as far as a client's requests go: it records what arrives and answers what the
 * test has laid out, one answer a request, in order.
 */
import { json } from 'node:stream/consumers';
import { type LocalServer, startLocalServer } from './local-server.ts';

type JsonRequest = {
  /** The operation, without the service's name: `StartExecution`. */
  readonly operation: string;
  readonly body: unknown;
};
export type JsonAnswer =
  | { readonly result: object }
  | { readonly error: string; readonly status?: number; readonly more?: object };

export type JsonService = LocalServer & {
  readonly requests: readonly JsonRequest[];
  /** Lays out the answers to come; those not used before are dropped. */
  answer(...answers: readonly JsonAnswer[]): void;
};

export async function startJsonService(): Promise<JsonService> {
  const requests: JsonRequest[] = [];
  let answers: JsonAnswer[] = [];
  const server = await startLocalServer(async (request, response) => {
    const target = request.headers['x-amz-target'];
    const operation = typeof target === 'string' ? target.slice(target.lastIndexOf('.') + 1) : '';
    requests.push({ operation, body: await json(request) });
    const answer = answers.shift() ?? { error: 'NoAnswerLaidOut', status: 400 };
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    if ('result' in answer) {
      response.end(JSON.stringify(answer.result));
    } else {
      response.statusCode = answer.status ?? 400;
      response.end(
        JSON.stringify({ __type: `com.amazonaws#${answer.error}`, message: answer.error, ...answer.more }),
      );
    }
  });
  return {
    ...server,
    requests,
    answer: (...laidOut) => {
      requests.length = 0;
      answers = [...laidOut];
    },
  };
}
