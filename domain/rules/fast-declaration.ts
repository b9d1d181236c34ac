/**
 * The quick way into the rules for millions of lines: one pass over a declaration's bytes, without `JSON.parse` and
 * without the schema. It only ever accepts: a line that it doesn't understand or wouldn't admit it leaves to
 * `parseBytes(line, parseDeclaration)`, which alone says what is wrong. A property test proves that whatever it
 * accepts, the schema accepts with the same result; types prove that nothing is left out.
 *
 * Per declaration of 800 bytes about 4 µs, where the full way takes 40.
 */
import { isDate, isMonth, monthNumber } from './dates.ts';
import type { Declaration, Expenditure, Income, Member } from './declaration.ts';
import { TOGETHER_FROM } from './law/clause.ts';
import { type Hundredths, hundredths } from './money.ts';
import {
  EXPENDITURE_KINDS,
  INCOME_KINDS,
  RELATIONS,
  STANDINGS,
  STATUSES,
  VEHICLE_KINDS,
  WORKER_KINDS,
} from './vocabulary.ts';

/** Left to the full parser. One error for all, made once: a stack trace would cost more than the line. */
const LEFT = new Error('left to the full parser');

const QUOTE = 0x22;
const COMMA = 0x2c;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const TAB = 0x09;
const LINE_FEED = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;

const bytesOf = (ascii: string): Uint8Array => new TextEncoder().encode(ascii);

const TRUE = bytesOf('true');
const FALSE = bytesOf('false');
const NULL = bytesOf('null');

/** Digits whose number, with the fen, a double still holds exactly. */
const EXACT_DIGITS = 15;

/**
 * A few words in a table by a hash of their length and letters, so that a word is found with one comparison. What
 * follows which is remembered: documents of one maker name their keys in one order, so the next word is mostly known
 * before it is read. A wrong guess costs a comparison and changes nothing.
 */
type Words<Word extends string> = {
  readonly table: readonly (Entry<Word> | undefined)[];
  /** For each slot the one that came after it last. */
  readonly next: Uint8Array;
  /** Of the word that was read last. */
  slot: number;
};

/** A word, its bytes in quotes, and the same with a colon behind. */
type Entry<Word extends string> = {
  readonly word: Word;
  readonly quoted: Uint8Array;
  readonly asKey: Uint8Array;
};

const SLOTS = 64;

const slotOf = (length: number, first: number, second: number, last: number): number =>
  (length * 15 + first * 16 + second * 21 + last * 32) & (SLOTS - 1);

const wordsOf = <const Word extends string>(words: readonly Word[]): Words<Word> => {
  const table = new Array<Entry<Word> | undefined>(SLOTS).fill(undefined);
  for (const word of words) {
    const last = word.charCodeAt(word.length - 1);
    const slot = slotOf(word.length, word.charCodeAt(0), word.charCodeAt(1), last);
    const taken = table[slot];
    if (taken !== undefined) throw new Error(`${word} and ${taken.word} share a slot`);
    table[slot] = { word, quoted: bytesOf(`"${word}"`), asKey: bytesOf(`"${word}":`) };
  }
  return { table, next: new Uint8Array(SLOTS), slot: 0 };
};

const KINDS = {
  worker: wordsOf(WORKER_KINDS),
  income: wordsOf(INCOME_KINDS),
  expenditure: wordsOf(EXPENDITURE_KINDS),
  vehicle: wordsOf(VEHICLE_KINDS),
};
const STANDING = wordsOf(STANDINGS);
const RELATION = wordsOf(RELATIONS);
const STATUS = wordsOf(STATUSES);

/** Reads the values of JSON off a line, in the forms that the schema admits. Every method leaves what it can't. */
class Cursor {
  readonly #bytes: Buffer;
  readonly #start: number;
  /** The line, a character for each byte: to cut what is plain ASCII out of. */
  readonly #characters: string;
  #at: number;

  constructor(bytes: Buffer, start: number, end: number) {
    this.#bytes = bytes;
    this.#start = start;
    this.#characters = bytes.toString('latin1', start, end);
    this.#at = start;
  }

  /** The byte at a place; nothing lies behind the last line feed, where every reading stops. */
  #byte(at: number): number {
    return this.#bytes[at] ?? LINE_FEED;
  }

  /** The next byte that is no blank. The line feed stops here, as it stops every string. */
  #peek(): number {
    let byte = this.#byte(this.#at);
    while (byte === SPACE || byte === TAB || byte === RETURN) {
      this.#at += 1;
      byte = this.#byte(this.#at);
    }
    return byte;
  }

  #expect(byte: number): void {
    if (this.#peek() !== byte) throw LEFT;
    this.#at += 1;
  }

  /** Only blanks are left up to the line feed. */
  close(): void {
    if (this.#peek() !== LINE_FEED) throw LEFT;
  }

  /** ASCII from one place to another. */
  #ascii(from: number, to: number): string {
    return this.#characters.slice(from - this.#start, to - this.#start);
  }

  text(): string {
    this.#expect(QUOTE);
    const start = this.#at;
    let at = start;
    let all = 0;
    for (let byte = this.#byte(at); byte !== QUOTE; byte = this.#byte(at)) {
      if (byte < SPACE || byte === BACKSLASH) throw LEFT;
      all |= byte;
      at += 1;
    }
    if (at === start) throw LEFT;
    this.#at = at + 1;
    return all < 0x80 ? this.#ascii(start, at) : this.#bytes.toString('utf8', start, at);
  }

  word<Word extends string>(words: Words<Word>): Word {
    const guess = words.next[words.slot] ?? 0;
    const guessed = words.table[guess];
    if (guessed !== undefined && this.#isNext(guessed.quoted)) {
      words.slot = guess;
      return guessed.word;
    }
    return this.#otherWord(words);
  }

  #otherWord<Word extends string>(words: Words<Word>): Word {
    if (this.#peek() !== QUOTE) throw LEFT;
    const start = this.#at + 1;
    let end = start;
    for (let byte = this.#byte(end); byte !== QUOTE; byte = this.#byte(end)) {
      if (byte < SPACE) throw LEFT;
      end += 1;
    }
    const slot = slotOf(end - start, this.#byte(start), this.#byte(start + 1), this.#byte(end - 1));
    const found = words.table[slot];
    if (found === undefined || !this.#isNext(found.quoted)) throw LEFT;
    words.next[words.slot] = slot;
    words.slot = slot;
    return found.word;
  }

  /** Moves behind these bytes, where they stand here. */
  #isNext(expected: Uint8Array): boolean {
    const start = this.#at;
    const bytes = this.#bytes;
    for (let index = 0; index < expected.length; index += 1) {
      if (bytes[start + index] !== expected[index]) return false;
    }
    this.#at = start + expected.length;
    return true;
  }

  /** The key of the next member of an object that has been opened; undefined: the object ends here. */
  key<Word extends string>(words: Words<Word>, first: boolean): Word | undefined {
    if (this.#peek() === CLOSE_OBJECT) {
      this.#at += 1;
      return undefined;
    }
    if (!first) this.#expect(COMMA);
    const guess = words.next[words.slot] ?? 0;
    const guessed = words.table[guess];
    if (guessed !== undefined && this.#isNext(guessed.asKey)) {
      words.slot = guess;
      return guessed.word;
    }
    const key = this.#otherWord(words);
    this.#expect(COLON);
    return key;
  }

  open(): void {
    this.#expect(OPEN_OBJECT);
  }

  list<Element>(read: (cursor: Cursor) => Element): Element[] {
    this.#expect(OPEN_LIST);
    if (this.#peek() === CLOSE_LIST) {
      this.#at += 1;
      return [];
    }
    // Most lists have one element: a list that grows from none would take room for seventeen.
    const elements = [read(this)];
    for (;;) {
      const byte = this.#peek();
      this.#at += 1;
      if (byte === CLOSE_LIST) return elements;
      if (byte !== COMMA) throw LEFT;
      elements.push(read(this));
    }
  }

  #literal(literal: Uint8Array): void {
    if (!this.#isNext(literal)) throw LEFT;
  }

  flag(): boolean {
    const isTrue = this.#peek() === TRUE[0];
    this.#literal(isTrue ? TRUE : FALSE);
    return isTrue;
  }

  /** A whole number from 0 to 9999, in plain digits. */
  count(): number {
    const first = this.#peek();
    if (first < ZERO || first > NINE) throw LEFT;
    const start = this.#at;
    let at = start;
    let value = 0;
    let byte = first;
    for (; byte >= ZERO && byte <= NINE; byte = this.#byte(at)) {
      value = value * 10 + byte - ZERO;
      at += 1;
    }
    this.#at = at;
    const length = at - start;
    if (length > 4 || (first === ZERO && length > 1)) throw LEFT;
    // 1.0 and 1e3 are for the schema to judge.
    if (byte === POINT || byte === 0x65 || byte === 0x45) throw LEFT;
    return value;
  }

  /** An amount, null where it is not yet known. */
  amount(): Hundredths | null {
    if (this.#peek() !== QUOTE) {
      this.#literal(NULL);
      return null;
    }
    const start = this.#at + 1;
    let at = start;
    let value = 0;
    let byte = this.#byte(at);
    for (; byte >= ZERO && byte <= NINE; byte = this.#byte(at)) {
      value = value * 10 + byte - ZERO;
      at += 1;
    }
    const whole = at - start;
    if (whole === 0 || whole > 15 || (whole > 1 && this.#byte(start) === ZERO)) throw LEFT;
    let decimals = 0;
    if (byte === POINT) {
      at += 1;
      for (byte = this.#byte(at); byte >= ZERO && byte <= NINE; byte = this.#byte(at)) {
        value = value * 10 + byte - ZERO;
        decimals += 1;
        at += 1;
      }
      if (decimals === 0 || decimals > 2) throw LEFT;
    }
    if (byte !== QUOTE) throw LEFT;
    this.#at = at + 1;
    if (whole + 2 > EXACT_DIGITS) return hundredths(this.#ascii(start, at));
    return BigInt(decimals === 2 ? value : decimals === 1 ? value * 10 : value * 100);
  }
}

/** A key's value, refused where the key came before. */
const once = <Value>(before: Value | undefined, value: Value): Value => {
  if (before !== undefined) throw LEFT;
  return value;
};

const present = <Value>(value: Value | undefined): Value => {
  if (value === undefined) throw LEFT;
  return value;
};

/** For a key that may be absent: to spread an object for it takes as long as all the other keys. */
type Writable<Value> = { -readonly [Key in keyof Value]: Value[Key] };

const texts = (cursor: Cursor): string => cursor.text();
const evidenceOf = (cursor: Cursor): string[] => cursor.list(texts);

const INCOME = wordsOf(['kind', 'amount', 'incomeTax', 'socialInsurance', 'evidence']);

const incomeOf = (cursor: Cursor): Income => {
  let kind: Income['kind'] | undefined;
  let amount: Income['amount'] | undefined;
  let incomeTax: Income['incomeTax'] | undefined;
  let socialInsurance: Income['socialInsurance'] | undefined;
  let evidence: string[] | undefined;
  cursor.open();
  for (let key = cursor.key(INCOME, true); key !== undefined; key = cursor.key(INCOME, false)) {
    switch (key) {
      case 'kind':
        kind = once(kind, cursor.word(KINDS.income));
        break;
      case 'amount':
        amount = once(amount, cursor.amount());
        break;
      case 'incomeTax':
        incomeTax = once(incomeTax, cursor.amount());
        break;
      case 'socialInsurance':
        socialInsurance = once(socialInsurance, cursor.amount());
        break;
      case 'evidence':
        evidence = once(evidence, evidenceOf(cursor));
        break;
    }
  }
  const known = present(amount);
  if (incomeTax !== undefined || socialInsurance !== undefined) {
    // On wages only, and together at most the amount.
    if (kind !== 'wage') throw LEFT;
    if (known !== null && (incomeTax ?? 0n) + (socialInsurance ?? 0n) > known) throw LEFT;
  }
  return {
    kind: present(kind),
    amount: known,
    incomeTax: incomeTax === undefined ? 0n : incomeTax,
    socialInsurance: socialInsurance === undefined ? 0n : socialInsurance,
    evidence: evidence ?? [],
  };
};

const MEMBER = wordsOf([
  'id',
  'relation',
  'onRegister',
  'visitConfirmed',
  'status',
  'specialCircumstances',
  'livesInCountryside',
  'incomeUnverifiable',
  'highFeePrivateSchool',
  'selfFundedAbroad',
  'jobRefusals',
  'incomes',
]);

const memberOf = (cursor: Cursor): Member => {
  let id: string | undefined;
  let relation: Member['relation'] | undefined;
  let onRegister: boolean | undefined;
  let visitConfirmed: boolean | undefined;
  let status: Member['status'] | undefined;
  let specialCircumstances: boolean | undefined;
  let livesInCountryside: boolean | undefined;
  let incomeUnverifiable: boolean | undefined;
  let highFeePrivateSchool: boolean | undefined;
  let selfFundedAbroad: boolean | undefined;
  let jobRefusals: number | undefined;
  let incomes: Income[] | undefined;
  cursor.open();
  for (let key = cursor.key(MEMBER, true); key !== undefined; key = cursor.key(MEMBER, false)) {
    switch (key) {
      case 'id':
        id = once(id, cursor.text());
        break;
      case 'relation':
        relation = once(relation, cursor.word(RELATION));
        break;
      case 'onRegister':
        onRegister = once(onRegister, cursor.flag());
        break;
      case 'visitConfirmed':
        visitConfirmed = once(visitConfirmed, cursor.flag());
        break;
      case 'status':
        status = once(status, cursor.word(STATUS));
        break;
      case 'specialCircumstances':
        specialCircumstances = once(specialCircumstances, cursor.flag());
        break;
      case 'livesInCountryside':
        livesInCountryside = once(livesInCountryside, cursor.flag());
        break;
      case 'incomeUnverifiable':
        incomeUnverifiable = once(incomeUnverifiable, cursor.flag());
        break;
      case 'highFeePrivateSchool':
        highFeePrivateSchool = once(highFeePrivateSchool, cursor.flag());
        break;
      case 'selfFundedAbroad':
        selfFundedAbroad = once(selfFundedAbroad, cursor.flag());
        break;
      case 'jobRefusals':
        jobRefusals = once(jobRefusals, cursor.count());
        break;
      case 'incomes':
        incomes = once(incomes, cursor.list(incomeOf));
        break;
    }
  }
  return {
    id: present(id),
    relation: present(relation),
    onRegister: present(onRegister),
    visitConfirmed: visitConfirmed ?? false,
    status: present(status),
    specialCircumstances: specialCircumstances ?? false,
    livesInCountryside: livesInCountryside ?? false,
    incomeUnverifiable: incomeUnverifiable ?? false,
    highFeePrivateSchool: highFeePrivateSchool ?? false,
    selfFundedAbroad: selfFundedAbroad ?? false,
    jobRefusals: jobRefusals ?? 0,
    incomes: incomes ?? [],
  };
};

const EXPENDITURE = wordsOf([
  'kind',
  'amount',
  'reimbursed',
  'memberId',
  'majorIllness',
  'extraordinary',
  'evidence',
]);

const expenditureOf = (cursor: Cursor): Expenditure => {
  let kind: Expenditure['kind'] | undefined;
  let amount: Expenditure['amount'] | undefined;
  let reimbursed: Expenditure['reimbursed'] | undefined;
  let memberId: string | undefined;
  let majorIllness: boolean | undefined;
  let extraordinary: boolean | undefined;
  let evidence: string[] | undefined;
  cursor.open();
  for (let key = cursor.key(EXPENDITURE, true); key !== undefined; key = cursor.key(EXPENDITURE, false)) {
    switch (key) {
      case 'kind':
        kind = once(kind, cursor.word(KINDS.expenditure));
        break;
      case 'amount':
        amount = once(amount, cursor.amount());
        break;
      case 'reimbursed':
        reimbursed = once(reimbursed, cursor.amount());
        break;
      case 'memberId':
        memberId = once(memberId, cursor.text());
        break;
      case 'majorIllness':
        majorIllness = once(majorIllness, cursor.flag());
        break;
      case 'extraordinary':
        extraordinary = once(extraordinary, cursor.flag());
        break;
      case 'evidence':
        evidence = once(evidence, evidenceOf(cursor));
        break;
    }
  }
  if (kind !== 'medical' && (reimbursed !== undefined || majorIllness !== undefined)) throw LEFT;
  if (extraordinary !== undefined && kind !== 'accident' && majorIllness !== true) throw LEFT;
  const read: Writable<Expenditure> = {
    kind: present(kind),
    amount: present(amount),
    reimbursed: reimbursed === undefined ? 0n : reimbursed,
    majorIllness: majorIllness ?? false,
    extraordinary: extraordinary ?? false,
    evidence: evidence ?? [],
  };
  if (memberId !== undefined) read.memberId = memberId;
  return read;
};

type Assets = Declaration['assets'];
type Home = Assets['homes'][number];
type Vehicle = Assets['vehicles'][number];

const HOME = wordsOf(['area', 'evidence']);

const homeOf = (cursor: Cursor): Home => {
  let area: Home['area'] | undefined;
  let evidence: string[] | undefined;
  cursor.open();
  for (let key = cursor.key(HOME, true); key !== undefined; key = cursor.key(HOME, false)) {
    if (key === 'area') area = once(area, cursor.amount());
    else evidence = once(evidence, evidenceOf(cursor));
  }
  return { area: present(area), evidence: evidence ?? [] };
};

const VEHICLE = wordsOf(['kind', 'purchasePrice', 'usedAsEmployee', 'evidence']);

const vehicleOf = (cursor: Cursor): Vehicle => {
  let kind: Vehicle['kind'] | undefined;
  let purchasePrice: Vehicle['purchasePrice'] | undefined;
  let usedAsEmployee: boolean | undefined;
  let evidence: string[] | undefined;
  cursor.open();
  for (let key = cursor.key(VEHICLE, true); key !== undefined; key = cursor.key(VEHICLE, false)) {
    switch (key) {
      case 'kind':
        kind = once(kind, cursor.word(KINDS.vehicle));
        break;
      case 'purchasePrice':
        purchasePrice = once(purchasePrice, cursor.amount());
        break;
      case 'usedAsEmployee':
        usedAsEmployee = once(usedAsEmployee, cursor.flag());
        break;
      case 'evidence':
        evidence = once(evidence, evidenceOf(cursor));
        break;
    }
  }
  return {
    kind: present(kind),
    purchasePrice: present(purchasePrice),
    usedAsEmployee: present(usedAsEmployee),
    evidence: evidence ?? [],
  };
};

const ASSETS = wordsOf(['homes', 'businessPremises', 'employsOthers', 'vehicles', 'investments', 'savings']);

const assetsOf = (cursor: Cursor): Assets => {
  let homes: Home[] | undefined;
  let businessPremises: boolean | undefined;
  let employsOthers: boolean | undefined;
  let vehicles: Vehicle[] | undefined;
  let investments: Assets['investments'] | undefined;
  let savings: Assets['savings'] | undefined;
  cursor.open();
  for (let key = cursor.key(ASSETS, true); key !== undefined; key = cursor.key(ASSETS, false)) {
    switch (key) {
      case 'homes':
        homes = once(homes, cursor.list(homeOf));
        break;
      case 'businessPremises':
        businessPremises = once(businessPremises, cursor.flag());
        break;
      case 'employsOthers':
        employsOthers = once(employsOthers, cursor.flag());
        break;
      case 'vehicles':
        vehicles = once(vehicles, cursor.list(vehicleOf));
        break;
      case 'investments':
        investments = once(investments, cursor.amount());
        break;
      case 'savings':
        savings = once(savings, cursor.amount());
        break;
    }
  }
  return {
    homes: present(homes),
    businessPremises: businessPremises ?? false,
    employsOthers: employsOthers ?? false,
    vehicles: present(vehicles),
    investments: investments === undefined ? 0n : investments,
    savings: savings === undefined ? 0n : savings,
  };
};

type Worker = Declaration['worker'];

const WORKER = wordsOf(['kind', 'standing', 'labourRelationMonths', 'registeredRuralPoor']);

const workerOf = (cursor: Cursor): Worker => {
  let kind: Worker['kind'] | undefined;
  let standing: Worker['standing'] | undefined;
  let labourRelationMonths: number | undefined;
  let registeredRuralPoor: boolean | undefined;
  cursor.open();
  for (let key = cursor.key(WORKER, true); key !== undefined; key = cursor.key(WORKER, false)) {
    switch (key) {
      case 'kind':
        kind = once(kind, cursor.word(KINDS.worker));
        break;
      case 'standing':
        standing = once(standing, cursor.word(STANDING));
        break;
      case 'labourRelationMonths':
        labourRelationMonths = once(labourRelationMonths, cursor.count());
        break;
      case 'registeredRuralPoor':
        registeredRuralPoor = once(registeredRuralPoor, cursor.flag());
        break;
    }
  }
  return {
    kind: present(kind),
    standing: present(standing),
    labourRelationMonths: present(labourRelationMonths),
    registeredRuralPoor: registeredRuralPoor ?? false,
  };
};

const REGION = /^[0-9]{6}$/;
const regionOf = (cursor: Cursor): string => {
  const code = cursor.text();
  if (!REGION.test(code)) throw LEFT;
  return code;
};

const dateOf = (cursor: Cursor): string => {
  const day = cursor.text();
  if (!isDate(day)) throw LEFT;
  return day;
};

const monthOf = (cursor: Cursor): string => {
  const month = cursor.text();
  if (!isMonth(month)) throw LEFT;
  return month;
};

const PERIOD = wordsOf(['from', 'to']);

const periodOf = (cursor: Cursor): Declaration['incomePeriod'] => {
  let from: string | undefined;
  let to: string | undefined;
  cursor.open();
  for (let key = cursor.key(PERIOD, true); key !== undefined; key = cursor.key(PERIOD, false)) {
    if (key === 'from') from = once(from, monthOf(cursor));
    else to = once(to, monthOf(cursor));
  }
  return { from: present(from), to: present(to) };
};

type OtherExclusion = NonNullable<Declaration['otherExclusion']>;

const OTHER_EXCLUSION = wordsOf(['reason', 'approvedBy']);

const otherExclusionOf = (cursor: Cursor): OtherExclusion => {
  let reason: string | undefined;
  let approvedBy: string | undefined;
  cursor.open();
  for (
    let key = cursor.key(OTHER_EXCLUSION, true);
    key !== undefined;
    key = cursor.key(OTHER_EXCLUSION, false)
  ) {
    if (key === 'reason') reason = once(reason, cursor.text());
    else approvedBy = once(approvedBy, cursor.text());
  }
  return { reason: present(reason), approvedBy: present(approvedBy) };
};

const DECLARATION = wordsOf([
  'applicationDate',
  'standardsDate',
  'region',
  'homeRegion',
  'incomePeriod',
  'worker',
  'crossCheckAuthorised',
  'onSiteVisit',
  'subsistenceAllowance',
  'monthsBelowStandard',
  'members',
  'expenditures',
  'assets',
  'otherExclusion',
]);

/** The calendar year before the application, or the twelve months that end with the month before it. */
const isIncomePeriod = ({ from, to }: Declaration['incomePeriod'], applicationDate: string): boolean => {
  const last = monthNumber(to);
  const applied = monthNumber(applicationDate);
  return last - monthNumber(from) === 11 && (last === applied - 1 || last === applied - (applied % 12) - 1);
};

/** Larger households are left: up to here it is quicker to compare every id with every other than to make a set. */
const MOST_MEMBERS = 16;

const isMember = (members: readonly Member[], id: string, end: number): boolean => {
  for (let at = 0; at < end; at += 1) if (members[at]?.id === id) return true;
  return false;
};

/** Exactly one self, no id twice, every expenditure of somebody. */
const isOneHousehold = (members: readonly Member[], expenditures: readonly Expenditure[]): boolean => {
  const { length } = members;
  if (length > MOST_MEMBERS) return false;
  let selves = 0;
  for (const [index, { id, relation }] of members.entries()) {
    if (relation === 'self') selves += 1;
    if (isMember(members, id, index)) return false;
  }
  for (const { memberId } of expenditures) {
    if (memberId !== undefined && !isMember(members, memberId, length)) return false;
  }
  return selves === 1;
};

const declarationOf = (cursor: Cursor): Declaration => {
  let applicationDate: string | undefined;
  let standardsDate: string | undefined;
  let region: string | undefined;
  let homeRegion: string | undefined;
  let incomePeriod: Declaration['incomePeriod'] | undefined;
  let worker: Worker | undefined;
  let crossCheckAuthorised: boolean | undefined;
  let onSiteVisit: boolean | undefined;
  let subsistenceAllowance: boolean | undefined;
  let monthsBelowStandard: number | undefined;
  let members: Member[] | undefined;
  let expenditures: Expenditure[] | undefined;
  let assets: Assets | undefined;
  let otherExclusion: OtherExclusion | undefined;
  cursor.open();
  for (let key = cursor.key(DECLARATION, true); key !== undefined; key = cursor.key(DECLARATION, false)) {
    switch (key) {
      case 'applicationDate':
        applicationDate = once(applicationDate, dateOf(cursor));
        break;
      case 'standardsDate':
        standardsDate = once(standardsDate, dateOf(cursor));
        break;
      case 'region':
        region = once(region, regionOf(cursor));
        break;
      case 'homeRegion':
        homeRegion = once(homeRegion, regionOf(cursor));
        break;
      case 'incomePeriod':
        incomePeriod = once(incomePeriod, periodOf(cursor));
        break;
      case 'worker':
        worker = once(worker, workerOf(cursor));
        break;
      case 'crossCheckAuthorised':
        crossCheckAuthorised = once(crossCheckAuthorised, cursor.flag());
        break;
      case 'onSiteVisit':
        onSiteVisit = once(onSiteVisit, cursor.flag());
        break;
      case 'subsistenceAllowance':
        subsistenceAllowance = once(subsistenceAllowance, cursor.flag());
        break;
      case 'monthsBelowStandard':
        monthsBelowStandard = once(monthsBelowStandard, cursor.count());
        break;
      case 'members':
        members = once(members, cursor.list(memberOf));
        break;
      case 'expenditures':
        expenditures = once(expenditures, cursor.list(expenditureOf));
        break;
      case 'assets':
        assets = once(assets, assetsOf(cursor));
        break;
      case 'otherExclusion':
        otherExclusion = once(otherExclusion, otherExclusionOf(cursor));
        break;
    }
  }
  const day = present(applicationDate);
  const place = present(region);
  const period = present(incomePeriod);
  const family = present(members);
  const costs = expenditures ?? [];
  if (day < TOGETHER_FROM || !isIncomePeriod(period, day) || !isOneHousehold(family, costs)) throw LEFT;
  const read: Writable<Declaration> = {
    applicationDate: day,
    standardsDate: standardsDate ?? day,
    region: place,
    homeRegion: homeRegion ?? place,
    incomePeriod: period,
    worker: present(worker),
    crossCheckAuthorised: present(crossCheckAuthorised),
    onSiteVisit: onSiteVisit ?? false,
    subsistenceAllowance: subsistenceAllowance ?? false,
    monthsBelowStandard: monthsBelowStandard ?? 0,
    members: family,
    expenditures: costs,
    assets: assets ?? {
      homes: [],
      businessPremises: false,
      employsOthers: false,
      vehicles: [],
      investments: 0n,
      savings: 0n,
    },
  };
  if (otherExclusion !== undefined) read.otherExclusion = otherExclusion;
  return read;
};

/**
 * The declaration on the line from `start` to `end`, where its line feed is. The bytes must be UTF-8. Undefined: not
 * for the quick way, ask `parseBytes(…, parseDeclaration)`.
 */
export const readDeclaration = (bytes: Buffer, start: number, end: number): Declaration | undefined => {
  try {
    const cursor = new Cursor(bytes, start, end);
    const declaration = declarationOf(cursor);
    cursor.close();
    return declaration;
  } catch (error) {
    if (error === LEFT) return undefined;
    throw error;
  }
};
