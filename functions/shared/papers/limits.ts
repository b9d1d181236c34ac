/** How much a paper may hold beside its bytes: what a reader can look through, and a viewer can open. */
export const PAPER_LIMITS = {
  /** A year of bank statements has some sixty pages. */
  pages: 200,
  /** The largest telephone cameras make 200 million points; 250 fill a gigabyte of a viewer's memory. */
  pixels: 250_000_000,
  /** What one compressed part may unfold to, and all of them together. Pictures go by their points instead. */
  unfolded: { part: 32 * 1024 * 1024, whole: 256 * 1024 * 1024 },
} as const;

/** Why a paper is not accepted. Stable codes. */
export type PaperFault =
  /** Neither PDF, JPEG nor PNG, or another one than was said. */
  | 'wrong-type'
  /** Cut off, or not what its first bytes promise. */
  | 'damaged'
  /** Opens by a password only. */
  | 'encrypted'
  /** Carries programs, forms or files of its own. */
  | 'active-content'
  | 'too-many-pages'
  /** Unfolds to more than a viewer can hold. */
  | 'too-much-content';

/** Thrown inside this folder alone; `inspectPaper` makes a result of it. */
export class Unacceptable extends Error {
  override readonly name = 'Unacceptable';
  readonly fault: PaperFault;
  constructor(fault: PaperFault) {
    super(fault);
    this.fault = fault;
  }
}
