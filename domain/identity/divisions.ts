/**
 * The division codes of Anhui (GB/T 2260), those in force and those that older ID numbers still carry: a person keeps
 * the code under which the number was given. A code given twice (340102: 东市区, since 2002 瑶海区) has its last name.
 */
import * as z from 'zod';
import divisions from './divisions.json' with { type: 'json' };

const namesSchema = z.record(z.string().regex(/^34\d{4}$/), z.string().min(2));
const table = z.strictObject({ current: namesSchema, retired: namesSchema }).parse(divisions);
const current = new Map(Object.entries(table.current));
const names = new Map([...Object.entries(table.retired), ...current]);

export type Division = {
  readonly code: string;
  readonly name: string;
  /** The prefecture-level city (or former prefecture) that it belonged to; its own name for one of those. */
  readonly prefecture: string;
  readonly inForce: boolean;
};

/** The division of an Anhui code; undefined for a code that isn't one, or that the table lacks. */
export function divisionOf(code: string): Division | undefined {
  const name = names.get(code);
  if (name === undefined) return undefined;
  const prefecture = names.get(`${code.slice(0, 4)}00`) ?? name;
  return { code, name, prefecture, inForce: current.has(code) };
}

/** The prefecture-level cities in force. */
export function prefectures(): readonly { readonly code: string; readonly name: string }[] {
  return [...current]
    .filter(([code]) => code.endsWith('00') && code !== '340000')
    .map(([code, name]) => ({ code, name }));
}

/** The name of a division, in force or not, with which a text begins; empty for none. No name begins with another. */
export function leadingDivision(text: string): string {
  return [...names.values()].find((name) => text.startsWith(name)) ?? '';
}
