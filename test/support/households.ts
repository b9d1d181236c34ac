/** Synthetic households for tests, each of them new people. Reckoned by hand with D = 639 yuan, Hefei 2018. */
import { currentNotice, PRIVACY_NOTICES } from '#domain/privacy/notices.ts';
import { consentOf } from '../../scripts/demo/consent.ts';
import { syntheticCardNumber, syntheticIdNumber } from '../../scripts/demo/synthetic.ts';
import type { Paper } from './client.ts';
import { pdfWith, photoOf } from './papers.ts';

type Member = {
  readonly id: string;
  readonly relation: string;
  readonly onRegister: boolean;
  readonly status: string;
  readonly incomes: readonly { readonly kind: string; readonly amount: string | null }[];
};

type Declaration = {
  readonly applicationDate: string;
  readonly region: string;
  readonly incomePeriod: { readonly from: string; readonly to: string };
  readonly worker: {
    readonly kind: string;
    readonly standing: string;
    readonly labourRelationMonths: number;
    readonly registeredRuralPoor?: boolean;
  };
  readonly crossCheckAuthorised: boolean;
  readonly onSiteVisit?: boolean;
  readonly members: readonly Member[];
  readonly expenditures: readonly { readonly kind: string; readonly amount: string }[];
};

type Person = {
  readonly memberId: string;
  readonly name: string;
  readonly relationToHouseholder: string;
  readonly idNumber: string;
};

export type Household = {
  readonly route: 'provinceDirect' | 'territorial';
  readonly grassrootsUnion: string;
  readonly employer: string;
  readonly cause: string;
  readonly wishes: readonly string[];
  readonly householderId: string;
  readonly persons: readonly Person[];
  readonly phone: string;
  readonly address: string;
  readonly bankCard: { readonly number: string; readonly bank: string };
  readonly declaration: Declaration;
  readonly consent: {
    readonly notice: string;
    readonly processing: boolean;
    readonly sensitive: boolean;
    readonly persons: readonly {
      readonly memberId: string;
      readonly given: string;
      readonly guardian?: string;
    }[];
  };
};

let serial = 0;
const next = (): number => {
  serial += 1;
  return serial;
};

/** A person who doesn't exist; every call another one. */
export const newPerson = (memberId: string, relation: string, name?: string): Person => {
  const number = next();
  const birthDate = `19${70 + (Math.floor(number / 400) % 20)}-05-06`;
  return {
    memberId,
    name: name ?? `样例${number}`,
    relationToHouseholder: relation,
    idNumber: syntheticIdNumber({ birthDate, sex: 'male', serial: number % 400 }),
  };
};

export type Wanted = {
  /** The day of the application: `edition.today`. */
  readonly today: string;
  readonly route?: Household['route'];
  readonly name?: string;
  /** The worker's wage of the year; null: not known yet. */
  readonly wage?: string | null;
  /** Accident expenditure of the year. */
  readonly accident?: string;
  readonly spouse?: Person;
  readonly declaration?: Partial<Declaration>;
};

/**
 * A worker who lives alone, employed in town. 18000 − 12000 accident: raw 1500 ≤ 3 D = 1917, net 500 ≤ 639: national
 * by B-5.3. With a spouse (a student without income): 9000 − 6000 a head, raw 750, net 250: still national.
 */
export const householdOf = (wanted: Wanted): Household => {
  const { today, route = 'provinceDirect', wage = '18000', accident = '12000', spouse } = wanted;
  const number = next();
  const year = Number(today.slice(0, 4)) - 1;
  const [union, region] = route === 'territorial' ? ['hf-1-1', '340104'] : ['ah-direct-1', '340100'];
  const household = {
    route,
    grassrootsUnion: union,
    employer: '示例设计院',
    cause: '遭受意外事故',
    wishes: ['living'],
    householderId: 'worker',
    persons: [newPerson('worker', '户主', wanted.name), ...(spouse === undefined ? [] : [spouse])],
    phone: `139${String(10_000_000 + number)}`,
    address: `安徽省合肥市示例区样例路${1000 + number}号303室`,
    bankCard: { number: syntheticCardNumber(1000 + number), bank: '样例银行合肥分行' },
    declaration: {
      applicationDate: today,
      region,
      incomePeriod: { from: `${year}-01`, to: `${year}-12` },
      worker: { kind: 'urban', standing: 'employed', labourRelationMonths: 60 },
      crossCheckAuthorised: true,
      members: [
        {
          id: 'worker',
          relation: 'self',
          onRegister: true,
          status: 'employed',
          incomes: [{ kind: 'wage', amount: wage }],
        },
        ...(spouse === undefined
          ? []
          : [{ id: spouse.memberId, relation: 'spouse', onRegister: true, status: 'student', incomes: [] }]),
      ],
      expenditures: [{ kind: 'accident', amount: accident }],
      ...wanted.declaration,
    },
  };
  return { ...household, consent: consentOf(household, currentNotice(PRIVACY_NOTICES).version) };
};

/** The household as it files: whom a test has added to it consents by written authority. */
export const everyoneConsents = <H extends Household & { readonly supporters?: readonly Person[] }>(
  household: H,
): H => {
  const { consent, persons, supporters = [] } = household;
  const people = [...persons, ...supporters];
  const given = consent.persons.filter(({ memberId }) => people.some((one) => one.memberId === memberId));
  const added = people.filter(({ memberId }) => !given.some((one) => one.memberId === memberId));
  return {
    ...household,
    consent: {
      ...consent,
      persons: [...given, ...added.map(({ memberId }) => ({ memberId, given: 'authorised' }))],
    },
  };
};

/** A PDF as small as can be; every call another one. */
export const pdf = (): Uint8Array => pdfWith(String(next()));

/** A photo; every call another one. */
const jpeg = (): Uint8Array => photoOf(next());

/** The papers that the household's declaration asks for, the signed application apart; by key. */
export const papersOf = ({ persons, declaration }: Household): ReadonlyMap<string, Paper> => {
  const asPdf = (given: Omit<Paper, 'content' | 'contentType'>): Paper => ({
    ...given,
    contentType: 'application/pdf',
    content: pdf(),
  });
  const asJpeg = (given: Omit<Paper, 'content' | 'contentType'>): Paper => ({
    ...given,
    contentType: 'image/jpeg',
    content: jpeg(),
  });
  return new Map<string, Paper>([
    ...(declaration.crossCheckAuthorised
      ? [['authorisation', asPdf({ paper: 'authorisation' })] as const]
      : []),
    ['promise', asPdf({ paper: 'promise' })],
    ...persons.map(
      ({ memberId }) => [`identity/${memberId}`, asJpeg({ paper: 'identity', memberId })] as const,
    ),
    ...(declaration.worker.kind === 'migrant'
      ? [['labourRelation', asPdf({ paper: 'labourRelation' })] as const]
      : []),
    ...declaration.members
      .filter(({ incomes }) => incomes.length > 0)
      .map(({ id }) => [`incomeProof/${id}`, asPdf({ paper: 'incomeProof', memberId: id })] as const),
    ...declaration.expenditures.map(
      ({ kind }) =>
        [`expenditureProof/${kind}`, asJpeg({ paper: 'expenditureProof', expenditure: kind })] as const,
    ),
    ['bankCard', asJpeg({ paper: 'bankCard' })],
  ]);
};
