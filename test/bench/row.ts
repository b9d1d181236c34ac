/** One line of the benchmark's table. */
export type BenchRow = {
  readonly measure: string;
  readonly value: number;
  readonly unit: string;
  /** What is aimed at, in words; empty for a plain count. */
  readonly aim: string;
};
