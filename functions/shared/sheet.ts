/**
 * Sheets that people send and get: XLSX, or CSV as Excel in China saves it (GB18030) or as everything else does (UTF-8).
 * What a file is, its first bytes say, not its name. A cell that a program might take for a formula is written with an
 * apostrophe before it, which reading takes away again.
 */
import { parse } from 'csv-parse/sync';
import { readXlsx, writeXlsx } from 'hucre/xlsx';
import { AppError } from './errors.ts';

/** A row of text cells. */
export type Row = readonly string[];

export const SHEET_TYPES = {
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  csv: 'text/csv',
} as const;
export type SheetFormat = keyof typeof SHEET_TYPES;

/** Of a file in bytes: 20,000 rows of unions as CSV take 3 MB. Lambda takes 4.5 MB at the most. */
export const SHEET_BYTES = 4 * 1024 * 1024;
const MAX_ROWS = 20_000;
const LAST_COLUMN = 'AZ';
/** What an XLSX of that many rows unpacks to is 30 MB; a few hundred KB of zip bomb would be gigabytes. */
const UNPACKED_BYTES = 64 * 1024 * 1024;

const unreadable = (message: string): AppError => new AppError('unreadable-sheet', 422, message);
const tooManyRows = (): AppError => unreadable(`表格的行数过多，最多 ${MAX_ROWS} 行，请分开导入。`);

const ENTRY = 0x02014b50;
const END = 0x06054b50;
const END_BYTES = 22;
const ZIP64 = 0xffffffff;
const STREAMED = 0x08;

/**
 * Whether the archive says of every file how long it unpacks, and that is little enough: the reader then unpacks no more
 * than was said.
 */
const unpacksSmall = (bytes: Uint8Array): boolean => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = bytes.length - END_BYTES;
  while (end >= 0 && view.getUint32(end, true) !== END) end -= 1;
  if (end < 0) return false;
  const entries = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  let unpacked = 0;
  for (let entry = 0; entry < entries; entry += 1) {
    if (at + 46 > end || view.getUint32(at, true) !== ENTRY) return false;
    const packed = view.getUint32(at + 20, true);
    const size = view.getUint32(at + 24, true);
    const untold = packed === 0 && (view.getUint16(at + 8, true) & STREAMED) !== 0;
    if (untold || size === ZIP64 || (size === 0) !== (packed === 0 || packed === 2)) return false;
    unpacked += size;
    if (unpacked > UNPACKED_BYTES) return false;
    at += 46 + view.getUint16(at + 28, true) + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return true;
};

const cellText = (value: unknown): string => {
  if (value instanceof Date) return value.toISOString().slice(0, 10);
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : '';
};

const FORMULA = /^[=+\-@\t\r＝＋－＠]/u;

/** As it is written: never the beginning of a formula. */
const guarded = (text: string): string => (FORMULA.test(text) ? `'${text}` : text);
const unguarded = (text: string): string =>
  text.startsWith("'") && FORMULA.test(text.slice(1)) ? text.slice(1) : text;

const readWorkbook = async (bytes: Uint8Array): Promise<readonly Row[]> => {
  if (!unpacksSmall(bytes))
    throw unreadable('这不是完好的 XLSX 文件，或者解压后过大，请用 Excel 另存后重试。');
  try {
    const { sheets } = await readXlsx(bytes, { sheets: [0], range: `A1:${LAST_COLUMN}${MAX_ROWS + 2}` });
    return (sheets[0]?.rows ?? []).map((row) => row.map(cellText));
  } catch {
    // The library's messages are for programmers, and quote the file.
    throw unreadable('无法读取这个 XLSX 文件：文件已损坏、设有密码，或不是 XLSX。');
  }
};

const decodedBy = (encoding: string, bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
};

/** Nearly no text in GB18030 happens to be UTF-8 as well. */
const decode = (bytes: Uint8Array): string => {
  const text = decodedBy('utf-8', bytes) ?? decodedBy('gb18030', bytes);
  if (text !== undefined) return text;
  throw unreadable('文件的编码不是 UTF-8，也不是 GB18030（GBK），请用 Excel 另存为 XLSX 后重试。');
};

const readCsv = (bytes: Uint8Array): readonly Row[] => {
  const text = decode(bytes);
  if (text.includes('\0')) throw unreadable('这不是 CSV 或 XLSX 文件（旧式 XLS 请另存为 XLSX）。');
  const [headings = ''] = text.split('\n', 1);
  const delimiter = headings.includes('\t') && !headings.includes(',') ? '\t' : ',';
  try {
    return parse(text, { delimiter, relax_column_count: true, to: MAX_ROWS + 2 });
  } catch {
    throw unreadable('CSV 文件的引号不成对，请用 Excel 打开后另存为 XLSX 重试。');
  }
};

/** XLSX and every other zip begin so. */
const isZip = (bytes: Uint8Array): boolean => bytes[0] === 0x50 && bytes[1] === 0x4b;

/**
 * The rows of the (first) sheet. Throws 422 `unreadable-sheet` with a sentence that says what to do: not such a file,
 * damaged, too many rows, an encoding that nobody knows.
 */
export const readSheet = async (bytes: Uint8Array): Promise<readonly Row[]> => {
  const rows = isZip(bytes) ? await readWorkbook(bytes) : readCsv(bytes);
  if (rows.length > MAX_ROWS + 1) throw tooManyRows();
  // Excel's own `_xD800_` spells half of a surrogate pair, which no store takes.
  const broken = rows.findIndex((row) => row.some((cell) => !cell.isWellFormed()));
  if (broken !== -1) throw unreadable(`第 ${broken + 1} 行含有不完整的字符，请改正后重试。`);
  return rows.map((row) => row.map(unguarded));
};

const quoted = (text: string): string =>
  /[",\r\n;\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

/** A sheet of one page, the first row its headings. CSV begins with a BOM, by which Excel knows UTF-8. */
export const writeSheet = async (
  name: string,
  rows: readonly Row[],
  format: SheetFormat,
): Promise<Uint8Array> => {
  const safe = rows.map((row) => row.map(guarded));
  if (format === 'csv') {
    return Buffer.from(`\uFEFF${safe.map((row) => `${row.map(quoted).join(',')}\r\n`).join('')}`);
  }
  return writeXlsx({ sheets: [{ name, rows: safe, freezePane: { rows: 1 } }] });
};
