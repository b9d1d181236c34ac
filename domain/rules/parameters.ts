/**
 * The local standards: what each place published, dated and with its source. They are data, not code (article 20);
 * a decision names the set that it used by the hash of its canonical form.
 */
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import * as z from 'zod';
import { coded, distinct, type Fault, fault, faultsOf } from './faults.ts';
import { DECIMAL, type Hundredths, hundredths } from './money.ts';
import { among, list, own } from './raw.ts';
import { date, listOf, option, record, regionCode, text } from './schema.ts';

const DECIMAL_NAMES = [
  /** D: yuan a head and month (低保标准). */
  'subsistenceAllowance',
  /** Yuan a month. */
  'minimumWage',
  /** Yuan a month: the income that the local 低保 method imputes. */
  'unprovenIncome',
  /** Yuan a head and year. */
  'ruralDisposableIncome',
  /** Square metres a head: the minimum housing standard. */
  'housingAreaPerHead',
  /** The municipal limit as a multiple of D. */
  'municipalMultiple',
] as const;
const FLAG_NAMES = [
  /** Whether retirees still under their unit are admitted (B-7.6). */
  'unitRetireesAdmitted',
  /** Whether who is excluded by article 7 may still have a municipal file. */
  'excludedMayFileMunicipal',
] as const;

export type DecimalName = (typeof DECIMAL_NAMES)[number];
export type FlagName = (typeof FLAG_NAMES)[number];
export type ParameterName = DecimalName | FlagName;

const NAMES = [...DECIMAL_NAMES, ...FLAG_NAMES] as const;

export const isParameterName = (name: string): name is ParameterName => among(NAMES, name);

/** Source texts are part of the hashed form, which RFC 8785 defines for well-formed strings alone. */
const wellFormed = text.refine((each) => each.isWellFormed(), { error: 'not-well-formed' });

const parametersSchema = record({
  version: wellFormed,
  places: listOf(
    record({
      code: regionCode,
      name: wellFormed,
      values: listOf(
        record({
          name: option(NAMES),
          from: date,
          /** Which of the two it must be hangs on the name: `valueFaults`. */
          value: z.union([z.string(), z.boolean()], { error: coded('not-value') }),
          source: wellFormed,
        }),
      ),
    }),
  ),
});

/** A value with the day from which it holds, the document that set it and the place that it was set for. */
export type Dated<Value> = {
  readonly value: Value;
  /** As it stands in the parameters. */
  readonly written: string;
  readonly from: string;
  readonly source: string;
  readonly place: string;
};

type Place = {
  /** Latest first. */
  readonly decimals: ReadonlyMap<DecimalName, readonly Dated<Hundredths>[]>;
  readonly flags: ReadonlyMap<FlagName, readonly Dated<boolean>[]>;
};

export type ParameterSet = {
  readonly version: string;
  /** SHA-256 of the canonical form (RFC 8785), lower-case hex. */
  readonly hash: string;
  readonly places: ReadonlyMap<string, Place>;
};

const isNoDecimal = (value: unknown): boolean => typeof value === 'string' && !DECIMAL.test(value);

/** Faults that hang on more than one field; found in the raw document, see `coherence.ts`. */
function* valueFaults(document: unknown): Generator<Fault> {
  const codes = new Set<unknown>();
  for (const [index, place] of list(own(document, 'places')).entries()) {
    const code = own(place, 'code');
    if (typeof code === 'string' && codes.has(code))
      yield fault(['places', index, 'code'], 'duplicate-place');
    codes.add(code);

    const starts = new Set<string>();
    for (const [position, each] of list(own(place, 'values')).entries()) {
      const path = ['places', index, 'values', position];
      const [name, from, value] = [own(each, 'name'), own(each, 'from'), own(each, 'value')];
      // A value that is neither text nor boolean is a fault of shape already.
      if (among(DECIMAL_NAMES, name) && (typeof value === 'boolean' || isNoDecimal(value))) {
        yield fault([...path, 'value'], 'not-decimal');
      }
      if (among(FLAG_NAMES, name) && typeof value === 'string') {
        yield fault([...path, 'value'], 'not-boolean');
      }
      if (typeof name !== 'string' || typeof from !== 'string') continue;
      const start = `${name} ${from}`;
      if (starts.has(start)) yield fault([...path, 'from'], 'duplicate-value');
      starts.add(start);
    }
  }
}

type WrittenPlace = z.output<typeof parametersSchema>['places'][number];

/** The values of one kind at a place by name, each name's latest first. */
const byName = <Name extends string, Value>(
  place: WrittenPlace,
  names: readonly Name[],
  read: (value: string | boolean) => Value,
): ReadonlyMap<Name, readonly Dated<Value>[]> =>
  new Map(
    names.map((name) => [
      name,
      place.values
        .filter((each) => each.name === name)
        .map(({ value, from, source }) => ({
          value: read(value),
          written: String(value),
          from,
          source,
          place: place.name,
        }))
        .sort((one, other) => (one.from < other.from ? 1 : -1)),
    ]),
  );

const hashOf = (parameters: z.output<typeof parametersSchema>): string => {
  const canonical = canonicalize(parameters);
  if (canonical === undefined) throw new Error('parameters have no canonical form');
  return createHash('sha256').update(canonical).digest('hex');
};

/** Parses a set of parameters (the JSON value, not its text), all faults at once. */
export const parseParameters = (
  json: unknown,
): { readonly parameters: ParameterSet } | { readonly faults: readonly Fault[] } => {
  const parsed = parametersSchema.safeParse(json);
  const between = [...valueFaults(json)];
  if (!parsed.success || between.length > 0) {
    return { faults: distinct([...(parsed.success ? [] : faultsOf(parsed.error.issues)), ...between]) };
  }
  const { version, places } = parsed.data;
  return {
    parameters: {
      version,
      hash: hashOf(parsed.data),
      places: new Map(
        places.map((place) => [
          place.code,
          {
            decimals: byName(place, DECIMAL_NAMES, (value) => hundredths(String(value))),
            flags: byName(place, FLAG_NAMES, (value) => value === true),
          },
        ]),
      ),
    },
  };
};

/** Where the values of a region are looked for, in this order: at its exact code, at its prefecture, at its province. */
export type Places = readonly [Place | undefined, Place | undefined, Place | undefined];

export const placesOf = ({ places }: ParameterSet, region: string): Places => [
  places.get(region),
  places.get(`${region.slice(0, 4)}00`),
  places.get(`${region.slice(0, 2)}0000`),
];

/** The value in force on a day, of the first of so many places that has one; undefined where there is none. */
const inForce = <Value>(
  places: Places,
  looked: 2 | 3,
  valuesAt: (place: Place) => readonly Dated<Value>[] | undefined,
  day: string,
): Dated<Value> | undefined => {
  for (let index = 0; index < looked; index += 1) {
    const place = places[index];
    const found = place && valuesAt(place)?.find(({ from }) => from <= day);
    if (found !== undefined) return found;
  }
  return undefined;
};

/** D is not looked for at the province: the prefecture-level city alone publishes it (note 2, R-15). */
export const decimalInForce = (
  places: Places,
  name: DecimalName,
  day: string,
): Dated<Hundredths> | undefined =>
  inForce(places, name === 'subsistenceAllowance' ? 2 : 3, ({ decimals }) => decimals.get(name), day);

export const flagInForce = (places: Places, name: FlagName, day: string): Dated<boolean> | undefined =>
  inForce(places, 3, ({ flags }) => flags.get(name), day);
