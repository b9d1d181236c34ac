/**
 * The upload of one document as a browser form sends it, in S3's order: the fields first, the file last. The file
 * streams through; it is never whole in memory here.
 */
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import busboy from 'busboy';
import { AppError } from '#functions/shared/errors.ts';
import type { Reply } from '#functions/shared/http/route.ts';

/**
 * Checks the form's fields and takes the file; 204 where its reply names no status. The file's iteration throws where
 * the upload breaks off or grows too large: what was taken so far must then be thrown away.
 */
export type AcceptUpload = (
  fields: Readonly<Record<string, string>>,
  file: AsyncIterable<Uint8Array>,
) => Promise<Reply>;

/** A signed form of ours has about ten fields; its policy is the longest. */
const FIELDS = { fields: 20, fieldNameSize: 100, fieldSize: 16 * 1024, files: 1 } as const;

const badForm = (message: string): AppError => new AppError('bad-upload-form', 400, message);
const brokenOff = (): AppError => new AppError('upload-incomplete', 400, '文件没有传完，请重新上传。');
const tooLarge = (maxBytes: number): AppError =>
  new AppError('too-large', 413, `文件过大，最多 ${Math.floor(maxBytes / 1024 / 1024)} MiB。`, { maxBytes });

async function* contentOf(stream: Readable, maxBytes: number): AsyncGenerator<Uint8Array> {
  // A reader that leaves early must not destroy the stream: the parser would wait for ever for someone to read on.
  const chunks: AsyncIterable<Uint8Array> = stream.iterator({ destroyOnReturn: false });
  let bytes = 0;
  try {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw tooLarge(maxBytes);
      yield chunk;
    }
  } catch (error) {
    throw error instanceof AppError ? error : brokenOff();
  }
}

const parserFor = (incoming: IncomingMessage, maxBytes: number): busboy.Busboy => {
  try {
    // One byte more than allowed gets through, so that the reader can tell "too large" from "just fits".
    return busboy({ headers: incoming.headers, limits: { ...FIELDS, fileSize: maxBytes + 1 } });
  } catch {
    throw new AppError('unsupported-media-type', 415, '请以 multipart/form-data 表单上传文件。');
  }
};

/**
 * Reads the form and hands the file to `accept`. Throws 415 for another content type, 400 `bad-upload-form` or
 * `upload-incomplete`, 413 `too-large`, and whatever `accept` throws; the rest of the body is read and dropped first,
 * so that the client is there to hear it. What follows the file is ignored, as S3 does.
 */
export const receiveUpload = async (
  incoming: IncomingMessage,
  accept: AcceptUpload,
  maxBytes: number,
): Promise<Reply> => {
  const parser = parserFor(incoming, maxBytes);
  const fields = new Map<string, string>();
  const faults: AppError[] = [];
  let reply: Promise<Reply> | undefined;

  parser.on('field', (name, value, { nameTruncated, valueTruncated }) => {
    if (nameTruncated || valueTruncated) faults.push(badForm('表单中有一项过长。'));
    else if (fields.has(name)) faults.push(badForm('表单中有一项出现了两次。'));
    else fields.set(name, value);
  });
  parser.on('fieldsLimit', () => faults.push(badForm('表单项目过多。')));
  parser.on('file', (name, stream) => {
    const drop = () => stream.resume();
    // Its breaking off is told to the reader by the iteration, and to us by the parser.
    stream.on('error', () => undefined);
    if (name !== 'file') faults.push(badForm('文件项的名称应为 file。'));
    if (faults.length > 0) {
      drop();
      return;
    }
    reply = accept(Object.fromEntries(fields), contentOf(stream, maxBytes));
    // What nobody reads any more holds the whole form up.
    reply.then(drop, drop);
  });

  // Not a pipeline: that would destroy the connection on a fault of the form, and the answer with it.
  incoming.once('close', () => {
    if (!incoming.readableEnded) parser.destroy();
  });
  const [parsed] = await Promise.allSettled([finished(incoming.pipe(parser))]);
  incoming.resume();
  if (reply !== undefined) return reply;
  if (parsed.status === 'rejected') throw brokenOff();
  throw faults[0] ?? badForm('表单中没有文件。');
};
