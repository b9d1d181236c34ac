/** What a paper truly is, told by its bytes alone; and the form in which it is kept. */
import type { ContentType } from '../document-store.ts';
import { cleanJpeg } from './jpeg.ts';
import { type PaperFault, Unacceptable } from './limits.ts';
import { inspectPdf } from './pdf.ts';
import { cleanPng } from './png.ts';

const SIGNATURES: readonly { readonly type: ContentType; readonly bytes: Buffer }[] = [
  { type: 'application/pdf', bytes: Buffer.from('%PDF-', 'latin1') },
  { type: 'image/jpeg', bytes: Buffer.from([0xff, 0xd8, 0xff]) },
  { type: 'image/png', bytes: Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) },
];

export type Inspection =
  | { readonly fault: PaperFault }
  /** `cleaned`: the bytes to keep instead, without what a camera wrote about place and time; null: as they are. */
  | { readonly cleaned: Uint8Array<ArrayBuffer> | null };

const look = (content: Buffer, type: ContentType): Buffer | null => {
  switch (type) {
    case 'application/pdf':
      inspectPdf(content);
      return null;
    case 'image/jpeg':
      return cleanJpeg(content).cleaned;
    case 'image/png':
      return cleanPng(content).cleaned;
  }
};

/** Judges the bytes of a paper that was said to be of this type. Never throws for what the bytes are. */
export const inspectPaper = (bytes: Uint8Array, said: ContentType): Inspection => {
  const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const type = SIGNATURES.find(({ bytes: first }) => content.subarray(0, first.length).equals(first))?.type;
  if (type !== said) return { fault: 'wrong-type' };
  try {
    const cleaned = look(content, type);
    return { cleaned: cleaned === null ? null : new Uint8Array(cleaned) };
  } catch (error) {
    if (!(error instanceof Unacceptable)) throw error;
    return { fault: error.fault };
  }
};
