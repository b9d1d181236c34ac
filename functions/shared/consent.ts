/** Consent as it is taken and kept with a case (`domain/privacy/consent.ts`). */
import type { Consent, ConsentActs, PersonConsent } from '#domain/privacy/consent.ts';
import { currentNotice, noticeDigest, type PrivacyNotices } from '#domain/privacy/notices.ts';
import type { Caller } from './access/policy.ts';
import { AppError } from './errors.ts';
import type { Ports } from './ports.ts';
import type { PersonalDataSettings } from './settings.ts';
import { signatoryOf } from './signatory.ts';

/** Throws 409 `privacy-notice-changed`, naming the version in force, where another one was consented to. */
export const requireCurrentNotice = (
  notices: PrivacyNotices,
  { notice }: { readonly notice: string },
): void => {
  const { version } = currentNotice(notices);
  if (notice === version) return;
  throw new AppError(
    'privacy-notice-changed',
    409,
    '个人信息处理告知书已更新，请阅读最新的告知书，重新表示同意后再办理。',
    { version },
  );
};

/**
 * The record of a consent to the notice in force, given now. Who acts for the own case has consented online; what an
 * officer enters for somebody else stands on paper.
 */
export const consented = (
  { clock, settings }: Pick<Ports, 'clock'> & { settings: Pick<PersonalDataSettings, 'privacyNotices'> },
  caller: Caller,
  applicant: string,
  { notice: version }: ConsentActs,
  persons: readonly PersonConsent[],
): Consent => {
  const notice = currentNotice(settings.privacyNotices);
  if (notice.version !== version) throw new Error('a consent to another text got past its check');
  return {
    notice: notice.version,
    sha256: noticeDigest(notice),
    medium: caller.subject === applicant ? 'online' : 'paper',
    at: new Date(clock.now()).toISOString(),
    by: signatoryOf(caller),
    persons: [...persons],
  };
};
