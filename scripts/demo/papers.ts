/**
 * The papers that the demo uploads: real PDFs and JPEGs about synthetic people, each marked 「合成样例」. The application
 * and the authorisation follow the printed forms; the others are plain titled sheets. The same input
 * gives the same bytes, so that a demo can be run again and compared.
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import jpeg from 'jpeg-js';
import PDFDocument from 'pdfkit';

/** The plain papers, by the list of filing materials; the value is printed on the sheet. */
const KINDS = {
  promise: '材料真实承诺',
  identity: '家庭成员身份证明材料',
  income: '收入证明材料',
  labour: '劳动关系证明材料',
  expenditure: '刚性支出证明材料',
  bankCard: '银行卡卡号及开户行复印件',
  visit: '走访核实材料',
  minutes: '会议纪要',
  other: '其他材料',
} as const;

type PaperKind = keyof typeof KINDS;

export type Paper = {
  readonly kind: PaperKind;
  readonly title: string;
  readonly lines: readonly string[];
  readonly format: 'pdf' | 'jpeg';
};

const SAMPLE = '合成样例';
const A4 = { width: 595.28, height: 841.89 } as const;
const MARGIN = 72;
const INNER = A4.width - 2 * MARGIN;
const SEAL_RED = '#c8201e';

// ---------------------------------------------------------------- PDF

type Sheet = InstanceType<typeof PDFDocument>;

/** The full font of 15 MB, read once; what a paper uses of it is cut out in some 20 ms. */
let font: Promise<Buffer> | undefined;
function loadFont(): Promise<Buffer> {
  font ??= readFile(
    fileURLToPath(
      import.meta.resolve('@expo-google-fonts/noto-serif-sc/400Regular/NotoSerifSC_400Regular.ttf'),
    ),
  );
  return font;
}

/** Across the page that is switched to, over its content. */
function mark(sheet: Sheet): void {
  sheet.save().rotate(-38, { origin: [A4.width / 2, A4.height / 2] });
  sheet.fontSize(84).fillColor('#d9a19f').fillOpacity(0.35);
  sheet.text(SAMPLE, 0, A4.height / 2 - 60, { width: A4.width, align: 'center', lineBreak: false });
  sheet.restore();
}

/** Draws a document page by page and returns its bytes. */
async function print(title: string, draw: (sheet: Sheet) => void): Promise<Uint8Array> {
  const source = await loadFont();
  // No font at first: the default, Helvetica, would be embedded beside ours.
  const sheet = new PDFDocument({
    size: 'A4',
    margin: MARGIN,
    bufferPages: true,
    font: '',
    // The time of making would make each run's bytes differ.
    info: { Title: title, Subject: SAMPLE, CreationDate: new Date(0) },
  });
  const chunks: Uint8Array[] = [];
  const done = new Promise<Uint8Array>((resolve, reject) => {
    sheet.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    sheet.on('end', () => resolve(Buffer.concat(chunks)));
    sheet.on('error', reject);
  });
  sheet.font(source);
  draw(sheet);
  const { start, count } = sheet.bufferedPageRange();
  for (let page = start; page < start + count; page += 1) {
    sheet.switchToPage(page);
    mark(sheet);
  }
  sheet.end();
  return done;
}

function heading(sheet: Sheet, title: string): void {
  sheet.fontSize(22).text(title, MARGIN, MARGIN + 20, { width: INNER, align: 'center' });
  sheet.moveDown(1.2).fontSize(14);
}

/** Text with its filled blanks underlined: pieces alternate between printed words and filled blanks. */
function filledLine(sheet: Sheet, pieces: readonly string[], indent = 0): void {
  sheet.x = MARGIN;
  pieces.forEach((piece, position) => {
    const filled = position % 2 === 1;
    sheet.text(filled ? ` ${piece} ` : piece, {
      width: INNER,
      lineGap: 10,
      underline: filled,
      continued: position < pieces.length - 1,
      ...(position === 0 && { indent }),
    });
  });
}

/** A round seal with the sample mark for a name: no seal that exists. */
function seal(sheet: Sheet, x: number, y: number, name: string): void {
  sheet.save().lineWidth(2.5).strokeColor(SEAL_RED).circle(x, y, 48).stroke();
  sheet.fillColor(SEAL_RED).fontSize(20);
  sheet.text('★', x - 40, y - 30, { width: 80, align: 'center', lineBreak: false });
  sheet.fontSize(9).text(name, x - 40, y - 2, { width: 80, align: 'center', height: 26, ellipsis: true });
  sheet.fontSize(9).text(SAMPLE, x - 40, y + 24, { width: 80, align: 'center', lineBreak: false });
  sheet.restore().fillColor('black').fontSize(14);
}

function chineseDate(date: string): string {
  const [year = '', month = '', day = ''] = date.split('-');
  return `${year}年${Number(month)}月${Number(day)}日`;
}

export type Application = {
  /** Full name of the union applied to, as 合肥市某某厂工会. */
  readonly union: string;
  readonly name: string;
  readonly householdSize: number;
  /** As it stands after 因: 本人患病、子女就学. */
  readonly cause: string;
  /** `YYYY-MM-DD`. */
  readonly date: string;
};

/** 个人申请书, filled in and signed. */
export function applicationPaper(application: Application): Promise<Uint8Array> {
  const { union, name, householdSize, cause, date } = application;
  return print('个人申请书', (sheet) => {
    heading(sheet, '个人申请书');
    filledLine(sheet, ['', union.replace(/工会$/, ''), '工会：']);
    filledLine(
      sheet,
      [
        '本人',
        name,
        '，家庭人口',
        `${householdSize}`,
        '人，因',
        cause,
        '导致家庭生活困难，特申请工会帮扶救助。',
      ],
      28,
    );
    sheet.moveDown(2);
    filledLine(sheet, ['申请人（签字）：', name], 28);
    sheet.moveDown(2).text(chineseDate(date), MARGIN, sheet.y, { width: INNER, align: 'right' });
  });
}

export type Authorisation = {
  readonly worker: string;
  /** The unit that seals. */
  readonly unit: string;
  readonly phone: string;
  /** Every member of the household and every legal supporter. */
  readonly members: readonly {
    readonly name: string;
    readonly relation: string;
    readonly idNumber: string;
  }[];
  /** `YYYY-MM-DD`. */
  readonly date: string;
};

const AUTHORISATION = {
  title: '家庭经济状况查询授权书',
  body: [
    '同意取得此授权书的有关部门及其工作人员向所有涉及到本家庭经济状况信息的部门或机构查询、核对本家庭财产和收入状况。',
    '亦同意所有涉及到本家庭经济状况信息的部门或机构将所掌握的资料和信息提供给有关救助部门。',
  ].join(''),
  people: '查询所涉及的家庭成员（包含共同生活的家庭成员及法定赡养人、抚养人、扶养人）：',
  columns: [
    { title: '姓名', width: 110 },
    { title: '与户主关系', width: 90 },
    { title: '身份证号码', width: 185 },
    { title: '指模', width: INNER - 385 },
  ],
  rowsASheet: 5,
} as const;

function fingerprint(sheet: Sheet, x: number, y: number): void {
  sheet.save().lineWidth(0.9).strokeColor(SEAL_RED).strokeOpacity(0.8);
  for (let ring = 2; ring <= 10; ring += 2) sheet.ellipse(x, y, ring * 0.75, ring).stroke();
  sheet.restore();
}

/** One table of members, its rows numbered on from `first`; blank rows fill the sheet as on the printed form. */
function memberTable(sheet: Sheet, members: Authorisation['members'], first: number): void {
  const rowHeight = 30;
  const row = (cells: readonly string[]): void => {
    const top = sheet.y;
    let left = MARGIN;
    AUTHORISATION.columns.forEach(({ width }, position) => {
      sheet.lineWidth(0.7).strokeColor('black').rect(left, top, width, rowHeight).stroke();
      sheet
        .fontSize(12)
        .text(cells[position] ?? '', left + 5, top + 6, { width: width - 10, lineBreak: false });
      left += width;
    });
    sheet.x = MARGIN;
    sheet.y = top + rowHeight;
  };
  row(AUTHORISATION.columns.map(({ title }) => title));
  for (let line = 0; line < AUTHORISATION.rowsASheet; line += 1) {
    const member = members[line];
    const number = `${first + line + 1}、`;
    row(member === undefined ? [number] : [`${number}${member.name}`, member.relation, member.idNumber]);
    if (member !== undefined) fingerprint(sheet, MARGIN + 385 + (INNER - 385) / 2, sheet.y - rowHeight / 2);
  }
  sheet.moveDown(1).fontSize(14);
}

function authorisationFoot(sheet: Sheet, { worker, unit, phone, date }: Authorisation): void {
  const top = sheet.y + 12;
  const half = MARGIN + INNER / 2;
  sheet.text(`授权家庭：（职工本人签字）${worker}`, MARGIN, top, { width: INNER / 2, lineGap: 6 });
  sheet.text('授权单位：（盖章）', half + 10, top, { width: INNER / 2, lineBreak: false });
  seal(sheet, half + 165, top + 30, unit);
  sheet.text(`联系电话：${phone}`, MARGIN, top + 90, { lineBreak: false });
  sheet.text(chineseDate(date), MARGIN, top + 90, { width: INNER, align: 'right' });
}

/** 家庭经济状况查询授权书, filled in, signed and sealed; beyond five people on continuation sheets. */
export function authorisationPaper(authorisation: Authorisation): Promise<Uint8Array> {
  const { title, body, people, rowsASheet } = AUTHORISATION;
  const { members } = authorisation;
  return print(title, (sheet) => {
    heading(sheet, title);
    filledLine(sheet, ['本家庭已提出申请', '困难职工', `救助，本家庭${body}`], 28);
    filledLine(sheet, ['特此授权。'], 28);
    filledLine(sheet, [people]);
    memberTable(sheet, members.slice(0, rowsASheet), 0);
    authorisationFoot(sheet, authorisation);
    for (let first = rowsASheet; first < members.length; first += rowsASheet) {
      sheet.addPage();
      heading(sheet, `${title}（续页）`);
      memberTable(sheet, members.slice(first, first + rowsASheet), first);
      authorisationFoot(sheet, authorisation);
    }
  });
}

function plainPdf({ kind, title, lines }: Paper): Promise<Uint8Array> {
  return print(title, (sheet) => {
    heading(sheet, title);
    sheet.fontSize(10).fillColor('#555555');
    sheet.text(`材料类别：${KINDS[kind]}　　（${SAMPLE}，人物与数据均为虚构）`, {
      width: INNER,
      align: 'center',
    });
    sheet.moveDown(1).fontSize(13).fillColor('black');
    for (const line of lines) sheet.text(line, MARGIN, sheet.y, { width: INNER, lineGap: 8 });
  });
}

// ---------------------------------------------------------------- JPEG

const PHOTO = { width: 600, height: 800, quality: 60 } as const;

/** 「合成样例」 as a bitmap of 96 × 24, a bit a dot, rows of 12 bytes: no rasteriser is at hand for the real font. */
const STAMP = {
  width: 96,
  height: 24,
  bits: Buffer.from(
    'AAAAAAAAAAAAAAAAABgAAA4ABgAgBAAIADwAAA/gBhg4DwYOAHwAAA7wBhxwD/8MAHYAAA4wBg5gD//MAOMAGA4cBo7YDGHMAcPAH//+D//8' +
      'HGXMA4HgHA4Af//8HP/MBwH4HAYADgOAHP/MD//+HAY4DgOQPM/MO//eH/Y4D5/4Pc/MYAAAH/ZwH//8fc3MAAAAHGdwH8OAff3MBgBgHGPg' +
      'PsOAX33MB//wHGPgPgOIHjnMBwDgGGPAdgOeHBnMBgBgGGHAZn/+HDnMBgBgGuPGRgOAHDHMBgBgH8fmBgOAHGAMBgBgMc52BgOAHOAMB//g' +
      'MBw8BgOAHcD8B//gYHAeBgOAH4D8BgBgQMAOBgOAHgA4AAAAAAAAAAAAAAAA',
    'base64',
  ),
} as const;

type Colour = readonly [red: number, green: number, blue: number];

/**
 * A picture as if someone had photographed the paper on a desk: bars stand for the lines, as long as their text, and the
 * mark is stamped across. The text itself is in the file's comment.
 */
function photo({ kind, title, lines }: Paper): Uint8Array {
  const { width, height, quality } = PHOTO;
  const data = Buffer.alloc(width * height * 4, 255);
  const fill = (
    x: number,
    y: number,
    w: number,
    h: number,
    shade: (x: number, y: number) => Colour,
  ): void => {
    for (let row = Math.max(0, y); row < Math.min(height, y + h); row += 1) {
      for (let column = Math.max(0, x); column < Math.min(width, x + w); column += 1) {
        const [red, green, blue] = shade(column, row);
        const place = (row * width + column) * 4;
        data[place] = red;
        data[place + 1] = green;
        data[place + 2] = blue;
      }
    }
  };
  fill(0, 0, width, height, (_, y) => [120 - (y >> 5), 92 - (y >> 5), 66 - (y >> 6)]);
  // The light falls from the upper left.
  const paper = (x: number, y: number): Colour => {
    const light = 250 - ((x + y) >> 5);
    return [light, light - 2, light - 9];
  };
  fill(40, 50, width - 70, height - 90, () => [70, 55, 42]);
  fill(32, 40, width - 70, height - 90, paper);
  const ink = (): Colour => [52, 52, 60];
  const bar = (text: string, y: number, h: number, advance: number, centred: boolean): void => {
    const length = Math.min(width - 170, [...text].length * advance);
    fill(centred ? Math.round((width - length) / 2) : 80, y, length, h, ink);
  };
  bar(title, 90, 22, 26, true);
  lines.slice(0, 20).forEach((line, position) => {
    bar(line, 150 + position * 26, 10, 12, false);
  });
  const scale = 4;
  const left = Math.round((width - STAMP.width * scale) / 2);
  const top = height - 200;
  for (let y = 0; y < STAMP.height; y += 1) {
    for (let x = 0; x < STAMP.width; x += 1) {
      const byte = STAMP.bits[y * (STAMP.width / 8) + (x >> 3)] ?? 0;
      if ((byte & (0x80 >> (x & 7))) !== 0) {
        fill(left + x * scale, top + y * scale, scale, scale, () => [200, 32, 30]);
      }
    }
  }
  const comment = [SAMPLE, KINDS[kind], title, ...lines].join('\n');
  // The encoder writes the low byte of each character, so that it gets the UTF-8 bytes as characters.
  const comments = [Buffer.from(comment).toString('latin1')];
  return jpeg.encode({ width, height, data, comments }, quality).data;
}

/** A plain paper of one sheet (more where the lines need it; a photo shows the first twenty). */
export async function makePaper(paper: Paper): Promise<Uint8Array> {
  return paper.format === 'pdf' ? plainPdf(paper) : photo(paper);
}
