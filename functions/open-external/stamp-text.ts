/** What is stamped on a paper that an outsider is shown, and the signs that it takes: variable parts are plain ASCII. */

const PHRASE = '仅供查阅 不得外传';
const LABELS = { access: '查阅编号', body: '单位代码', date: '查阅日期' } as const;

/** Every sign that a stamp may hold. */
export const STAMP_SIGNS: ReadonlySet<string> = new Set(
  [PHRASE, ...Object.values(LABELS), ' 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-'].join(''),
);

export type Stamp = {
  /** The access's number: digits and letters. */
  readonly access: string;
  /** The unified social credit code of the body: its name may hold any sign, its code no other than these. */
  readonly bodyCode: string;
  /** Beijing date. */
  readonly date: string;
};

/** The lines of a stamp. Throws where a sign has no outline: a fault of ours. */
export const stampLines = ({ access, bodyCode, date }: Stamp): readonly [string, string] => {
  const facts = `${LABELS.access} ${access.toUpperCase()}  ${LABELS.body} ${bodyCode}  ${LABELS.date} ${date}`;
  for (const sign of facts)
    if (!STAMP_SIGNS.has(sign)) throw new Error('a stamp holds a sign without an outline');
  return [PHRASE, facts];
};
