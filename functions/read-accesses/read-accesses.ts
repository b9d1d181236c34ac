/**
 * Who looked into files (B-16): the worker, the keeper and the auditor see it of one case; the auditor searches all looks
 * of a person or of a union's people.
 */
import { addDays } from '#domain/calendar/dates.ts';
import type { Caller } from '#functions/shared/access/policy.ts';
import {
  type Access,
  type AccessPage,
  accessesBy,
  accessesOfCase,
  accessViews,
  recordView,
} from '#functions/shared/access-log.ts';
import { requireCaseAccess } from '#functions/shared/case-access.ts';
import { readCase } from '#functions/shared/case-store.ts';
import { AppError } from '#functions/shared/errors.ts';
import type { JsonObject, Ports } from '#functions/shared/ports.ts';
import type { Row } from '#functions/shared/sheet.ts';

export type Needs = Pick<Ports, 'items' | 'clock' | 'organisations'>;
type Paging = { readonly limit?: number | undefined; readonly cursor?: string | undefined };
type Page = { readonly accesses: readonly JsonObject[]; readonly cursor: string | null };

/** Beijing dates, both included. */
export type Search = {
  readonly subject?: string | undefined;
  readonly organisation?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
};

const paged = async (ports: Needs, { accesses, cursor }: AccessPage): Promise<Page> => ({
  accesses: await accessViews(ports, accesses),
  cursor: cursor ?? null,
});

/** Throws 404 `case-not-found`, 403. */
export const accessesToCase = async (
  ports: Needs,
  caller: Caller,
  caseId: string,
  paging: Paging,
): Promise<Page> => {
  const record = await readCase(ports.items, caseId);
  requireCaseAccess(caller, 'access.read', record);
  await recordView(ports, caller, record, 'accesses');
  return paged(ports, await accessesOfCase(ports, caseId, paging));
};

const instantOf = (date: string): string => new Date(Date.parse(`${date}T00:00:00+08:00`)).toISOString();

const find = (ports: Needs, { from, to, ...who }: Search, paging: Paging): Promise<AccessPage> =>
  accessesBy(
    ports,
    {
      ...who,
      ...(from === undefined ? {} : { from: instantOf(from) }),
      ...(to === undefined ? {} : { to: instantOf(addDays(to, 1)) }),
    },
    paging,
  );

export const searchAccesses = async (ports: Needs, search: Search, paging: Paging): Promise<Page> =>
  paged(ports, await find(ports, search, paging));

/** So many rows are about 1 MB; a province writes that many in a day. */
const MAX_ROWS = 5000;

const HEADINGS = ['时间', '申请编号', '查阅人', '工会', '岗位', '查阅方式', '内容', '用途', '说明'];

/** The rows of a sheet, its headings first. Throws 413 `too-many-accesses`. */
export const accessSheet = async (ports: Needs, search: Search): Promise<readonly Row[]> => {
  const all: Access[] = [];
  let cursor: string | undefined;
  do {
    const page = await find(ports, search, { limit: 500, ...(cursor === undefined ? {} : { cursor }) });
    all.push(...page.accesses);
    if (all.length > MAX_ROWS) {
      throw new AppError('too-many-accesses', 413, `记录超过 ${MAX_ROWS} 条，请缩小日期范围后再导出。`);
    }
    cursor = page.cursor;
  } while (cursor !== undefined);
  const rows = (await accessViews(ports, all)).map((view) =>
    [
      view.at,
      view.caseId,
      view.name,
      view.organisationName,
      Array.isArray(view.roleNames) ? view.roleNames.join('、') : null,
      view.kindName,
      view.what,
      view.purposeName,
      view.note,
    ].map((cell) => (typeof cell === 'string' ? cell : '')),
  );
  return [HEADINGS, ...rows];
};
