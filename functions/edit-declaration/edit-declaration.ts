/**
 * Changes what a household declares: by the household or its grassroots union while it is being filled in or
 * supplemented, by the reviewer of the centre while facts are being settled. Every version stays on record by its
 * audit event; the members stay the same people.
 */
import type { Case } from '#domain/filing/case.ts';
import type { Stage } from '#domain/filing/stages.ts';
import { withVisitedFacts } from '#domain/filing/visits.ts';
import type { Caller } from '#functions/shared/access/policy.ts';
import { requireCaseAccess, wrongStage } from '#functions/shared/case-access.ts';
import { actorOf, type CasePorts, changeCase } from '#functions/shared/case-store.ts';
import { caseVersion } from '#functions/shared/case-view.ts';
import { type Fault, InvalidInput } from '#functions/shared/errors.ts';
import { declarationFaults, memberFaults, placeFaults, visitFaults } from '#functions/shared/household.ts';
import { type IfMatch, requireMatch } from '#functions/shared/http/preconditions.ts';
import type { JsonObject, Ports } from '#functions/shared/ports.ts';
import type { DeclarationEdit } from './schema.ts';

const BY_HOUSEHOLD: readonly Stage[] = ['draft', 'awaitingSupplement'];

const mayEdit = (caller: Caller, record: Case): boolean =>
  record.stage === 'awaitingFacts'
    ? caller.roles.includes('centreReviewer') && caller.organisation === record.unions.centre
    : BY_HOUSEHOLD.includes(record.stage) &&
      (caller.subject === record.applicant || caller.organisation === record.unions.grassroots);

/** Once submitted, the day of the application stands: it chooses the year of the income. */
const dateFaults = ({ applicationDate }: Case, declaration: JsonObject): readonly Fault[] =>
  applicationDate === null || declaration.applicationDate === applicationDate
    ? []
    : [
        {
          pointer: '/declaration/applicationDate',
          code: 'date-fixed',
          message: `申请已于${applicationDate}提交，申请日期不能修改。`,
        },
      ];

export const editDeclaration = (
  ports: CasePorts & Pick<Ports, 'organisations'>,
  caller: Caller,
  caseId: string,
  edit: DeclarationEdit,
  ifMatch?: IfMatch,
): Promise<Case> =>
  changeCase(ports, caseId, async (current) => {
    requireCaseAccess(caller, 'case.edit', current);
    if (!mayEdit(caller, current)) throw wrongStage(current.stage, '由您修改申报内容');
    requireMatch(ifMatch, caseVersion(current));
    const shape = declarationFaults(edit.declaration);
    const faults =
      shape.length > 0
        ? shape
        : [
            ...dateFaults(current, edit.declaration),
            // The place stands as it was declared, whoever has taken the case over since.
            ...(edit.declaration.region === current.declaration.region
              ? []
              : placeFaults(
                  edit.declaration,
                  (await ports.organisations.tree()).get(current.unions.grassroots),
                )),
            ...memberFaults(
              edit.declaration,
              current.persons.map(({ memberId }) => memberId),
            ),
            ...visitFaults(edit.declaration, current.visits),
          ];
    if (faults.length > 0) throw new InvalidInput(faults);
    const declaration = withVisitedFacts(edit.declaration, current.visits);
    return {
      next: { ...current, declaration },
      event: {
        type: 'declarationChanged',
        actor: actorOf(caller),
        data: { reason: edit.reason, before: current.declaration, after: declaration },
      },
    };
  });
