/** Buffers that are used again and again, handed from thread to thread, and grow where they must. */
import * as z from 'zod';

export type Bytes = Uint8Array<ArrayBuffer>;

export const bytesSchema = z.instanceof(Uint8Array<ArrayBuffer>);

/** The buffer, or one at least twice as large with what is filled of it, so that it has room for so many bytes. */
export const withRoom = (buffer: Bytes, filled: number, needed: number): Bytes => {
  if (needed <= buffer.length) return buffer;
  const larger = new Uint8Array(Math.max(2 * buffer.length, needed));
  larger.set(buffer.subarray(0, filled));
  return larger;
};
