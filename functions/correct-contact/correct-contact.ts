/**
 * Corrects phone, address or bank card (Personal Information Protection Law, article 46), by the worker or the union
 * that the case lies with, at any time. The event names the fields, never what stood or stands in them. Once aid was
 * decided on, the centre is told of another card before it pays; once there is a file, its keeper brings the paper file
 * in line within 15 working days (B-13.2).
 */
import { addWorkingDays, CalendarUnknown } from '#domain/calendar/calendar.ts';
import { beijingDate } from '#domain/calendar/dates.ts';
import { type Case, custodyOf } from '#domain/filing/case.ts';
import { type ContactField, cardChangedLetter, contactLetter, syncLetter } from '#domain/filing/letters.ts';
import { checkBankCard } from '#domain/identity/bank-card.ts';
import { normalise } from '#domain/identity/checked.ts';
import { checkPhone } from '#domain/identity/phone.ts';
import type { Caller } from '#functions/shared/access/policy.ts';
import { requireCaseAccess } from '#functions/shared/case-access.ts';
import {
  actorOf,
  CaseConflict,
  type CasePorts,
  changeCase,
  type Letter,
} from '#functions/shared/case-store.ts';
import { caseVersion } from '#functions/shared/case-view.ts';
import { InvalidInput } from '#functions/shared/errors.ts';
import { checked } from '#functions/shared/household.ts';
import { type IfMatch, requireMatch } from '#functions/shared/http/preconditions.ts';
import { sealAddress, sealCard, sealPhone } from '#functions/shared/personal-data.ts';
import type { Ports } from '#functions/shared/ports.ts';
import type { Contact } from './schema.ts';

export type Needs = CasePorts & Pick<Ports, 'organisations' | 'vault'>;

/** B-13.2 */
const SYNC_WORKING_DAYS = 15;

/** Null where no calendar reaches it. */
const syncDay = (now: number): string | null => {
  try {
    return addWorkingDays(beijingDate(now), SYNC_WORKING_DAYS);
  } catch (error) {
    if (error instanceof CalendarUnknown) return null;
    throw error;
  }
};

const requireValid = ({ phone, bankCard }: Contact): void => {
  const faults = [
    ...(phone === undefined ? [] : checked('/phone', checkPhone(phone))),
    ...(bankCard === undefined ? [] : checked('/bankCard/number', checkBankCard(bankCard.number))),
  ];
  if (faults.length > 0) throw new InvalidInput(faults);
};

const sealed = async (
  { vault }: Needs,
  caseId: string,
  { phone, address, bankCard }: Contact,
): Promise<Partial<Pick<Case, ContactField>>> => ({
  ...(phone === undefined ? {} : { phone: await sealPhone(vault, caseId, normalise(phone)) }),
  ...(address === undefined ? {} : { address: await sealAddress(vault, caseId, address) }),
  ...(bankCard === undefined
    ? {}
    : {
        bankCard: {
          number: await sealCard(vault, caseId, normalise(bankCard.number)),
          bank: bankCard.bank,
        },
      }),
});

/** Errors: 403, 404, 412, `InvalidInput`; 409 `case-busy` while the archive is being made. */
export const correctContact = async (
  ports: Needs,
  caller: Caller,
  caseId: string,
  contact: Contact,
  ifMatch?: IfMatch,
): Promise<Case> => {
  requireValid(contact);
  const tree = await ports.organisations.tree();
  return changeCase(ports, caseId, async (current) => {
    requireCaseAccess(caller, 'contact.correct', current);
    requireMatch(ifMatch, caseVersion(current));
    if (current.stage === 'archiving') throw new CaseConflict();
    const changes = await sealed(ports, caseId, contact);
    const fields = (['phone', 'address', 'bankCard'] as const).filter((field) => field in changes);
    const keeper = tree.heir(custodyOf(current).organisation);
    const letters: readonly Letter[] = [
      { to: 'household', ...contactLetter(current, fields) },
      ...(current.meeting !== null && fields.includes('bankCard')
        ? [{ to: { organisation: current.unions.centre }, ...cardChangedLetter(current) }]
        : []),
      ...(current.file === null
        ? []
        : [
            {
              to: { organisation: keeper.id },
              ...syncLetter(current, fields, syncDay(ports.clock.now())),
            },
          ]),
    ];
    return {
      next: { ...current, ...changes },
      event: { type: 'contactCorrected', actor: actorOf(caller), data: { fields, because: contact.because } },
      letters,
    };
  });
};
