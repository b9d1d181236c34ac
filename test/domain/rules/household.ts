/** A plain household to vary: one worker, employed, whose income and expenditure the test states. D is 600 yuan. */
import { readFileSync } from 'node:fs';
import { assess, type ExplainedAssessment } from '#domain/rules/assess.ts';
import { parseDeclaration } from '#domain/rules/declaration.ts';
import { parseParameters } from '#domain/rules/parameters.ts';

export type Document = { readonly [key: string]: unknown };

/** A worker alone: 7200.00 yuan a year is exactly D a month. */
export const worker = {
  id: 'w',
  relation: 'self',
  onRegister: true,
  status: 'employed',
  incomes: [{ kind: 'transfer', amount: '7200' }],
};

/** The worker with this yearly income. */
export const earning = (amount: string | null): Document => ({
  members: [{ ...worker, incomes: [{ kind: 'transfer', amount }] }],
});

export const declaration = (changes: Document = {}): Document => ({
  applicationDate: '2019-03-05',
  region: '340100',
  incomePeriod: { from: '2018-01', to: '2018-12' },
  worker: { kind: 'urban', standing: 'employed', labourRelationMonths: 60 },
  crossCheckAuthorised: true,
  members: [worker],
  assets: { homes: [], vehicles: [] },
  ...changes,
});

export const migrant = { kind: 'migrant', standing: 'employed', labourRelationMonths: 6 };

/** Two homes of together 32 m², within 16 m² a head for two people, beyond it for one. */
export const twoHomes = { homes: [{ area: '20' }, { area: '12' }], vehicles: [] };

export const car = (purchasePrice: string | null) => ({
  homes: [],
  vehicles: [{ kind: 'motorVehicle', purchasePrice, usedAsEmployee: false }],
});

const STANDARDS = {
  subsistenceAllowance: '600',
  minimumWage: '1500',
  ruralDisposableIncome: '13000',
  housingAreaPerHead: '16',
  municipalMultiple: '2',
  unitRetireesAdmitted: true,
} as const;

/** The city's standards; `undefined` takes one away. */
export const parameters = (changes: Document = {}): Document => ({
  version: 'test',
  places: [
    {
      code: '340100',
      name: '合肥市',
      values: Object.entries({ ...STANDARDS, ...changes })
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => ({ name, from: '2018-01-01', value, source: '样例数据' })),
    },
  ],
});

/** The assessment of documents that fit. */
export const assessed = (document: unknown, standards: unknown = parameters()): ExplainedAssessment => {
  const parsed = parseDeclaration(document);
  const given = parseParameters(standards);
  if ('faults' in parsed) throw new Error(`declaration: ${JSON.stringify(parsed.faults)}`);
  if ('faults' in given) throw new Error(`parameters: ${JSON.stringify(given.faults)}`);
  return assess(parsed.declaration, given.parameters);
};

/** The household above with these changes, assessed. */
export const outcomeOf = (changes: Document = {}, standards: Document = {}): ExplainedAssessment =>
  assessed(declaration(changes), parameters(standards));

export const ids = (marks: readonly { readonly clause: string }[]): string[] =>
  marks.map(({ clause }) => clause);

/** A JSON file beside the tests. */
export const example = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`examples/${name}.json`, import.meta.url), 'utf8'));
