/**
 * What a rule quotes: the clause it carries out, word for word, with the place where it stands. `source.txt` beside
 * this module is the kept source; a test proves that every paragraph quoted here stands in it.
 */

/** A document of the law. `from`: since when it holds, as far as the source itself tells; null: undated. */
export type LawDocument = { readonly name: string; readonly from: string | null };

/** The provincial service centre's filing materials with the worked examples; the source gives no date. */
export const MATERIALS: LawDocument = { name: '安徽省职工服务中心困难职工帮扶救助建档材料', from: null };
/** 51号, the regulation. Its article 22 says "from publication"; the source gives the year alone. */
export const ORDER_51: LawDocument = { name: '皖工发〔2017〕51号', from: '2017' };
/** 75号, the clarification: "本说明自下发之日起执行"; where it disagrees with 51号 it wins, being later. */
export const NOTICE_75: LawDocument = { name: '皖工办发〔2018〕75号', from: '2018-12-18' };

/** The day from which all clauses hold together: an application before it is not reckoned by these rules. */
export const TOGETHER_FROM = '2018-12-18';

/** A clause of the law: one paragraph as a rule, several where the digest's row spans them. */
export type LawClause = {
  readonly kind: 'law';
  /** The digest's id. */
  readonly id: string;
  readonly document: LawDocument;
  /** Article, paragraph and item, in Chinese; follows the document's name. */
  readonly place: string;
  /** Each paragraph, word for word. */
  readonly paragraphs: readonly string[];
};

/** How this system reads the law where the text leaves a choice; the text is the project's own. */
export type Reading = {
  readonly kind: 'reading';
  readonly id: string;
  /** The clauses that it reads. */
  readonly of: readonly LawClause[];
  readonly text: string;
};

export type Clause = LawClause | Reading;

export const law = (
  id: string,
  document: LawDocument,
  place: string,
  ...paragraphs: readonly string[]
): LawClause => ({
  kind: 'law',
  id,
  document,
  place,
  paragraphs,
});

export const reading = (id: string, of: readonly LawClause[], text: string): Reading => ({
  kind: 'reading',
  id,
  of,
  text,
});

/** Where a clause stands, in Chinese: `皖工发〔2017〕51号第七条第（一）项`. A reading names what it reads. */
export const cite = (clause: Clause): string =>
  clause.kind === 'law'
    ? `${clause.document.name}${clause.place}`
    : `本系统适用口径${clause.id}（${clause.of.map(cite).join('、')}）`;

/** Since when a clause holds: its document's date; for a reading the latest date of what it reads. */
export const heldFrom = (clause: Clause): string | null =>
  clause.kind === 'law'
    ? clause.document.from
    : clause.of.reduce<string | null>((latest, each) => {
        const from = each.document.from;
        return from !== null && (latest === null || from > latest) ? from : latest;
      }, null);
