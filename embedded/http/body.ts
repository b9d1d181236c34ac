/** The body of a request of the API, from node's own stream. */
import type { IncomingMessage } from 'node:http';
import { AppError } from '#functions/shared/errors.ts';
import { bodyTooLarge } from '#functions/shared/http/json.ts';

/**
 * The body, whole. Throws 413 `too-large`, and 400 `incomplete` where the client hangs up. Where it is too large the rest is read and dropped, so that the client is there to hear it.
 */
export const readBody = async (incoming: IncomingMessage, maxBytes: number): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const content: AsyncIterable<Uint8Array> = incoming.iterator({ destroyOnReturn: false });
  try {
    for await (const chunk of content) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw bodyTooLarge(maxBytes);
      chunks.push(chunk);
    }
  } catch (error) {
    incoming.resume();
    // Anything else is the client's hanging up; nobody hears the answer.
    throw error instanceof AppError ? error : new AppError('incomplete', 400, '请求没有传完，请重试。');
  }
  return Buffer.concat(chunks);
};
