/** Every route of the API, of every function: the embedded server serves them all in one process. */
import { changeOrganisationsRoutes } from './change-organisations/route.ts';
import { claimCaseRoutes } from './claim-case/route.ts';
import { correctContactRoutes } from './correct-contact/route.ts';
import { decideTaskRoutes } from './decide-task/route.ts';
import { disposeCasesRoutes } from './dispose-cases/route.ts';
import { editDeclarationRoutes } from './edit-declaration/route.ts';
import { exportCrossChecksRoutes } from './export-cross-checks/route.ts';
import { exportOrganisationsRoutes } from './export-organisations/route.ts';
import { handOverRoutes } from './hand-over/route.ts';
import { handleTaskRoutes } from './handle-task/route.ts';
import { holdMeetingRoutes } from './hold-meeting/route.ts';
import { importCrossChecksRoutes } from './import-cross-checks/route.ts';
import { importOrganisationsRoutes } from './import-organisations/route.ts';
import { issueUploadRoutes } from './issue-upload/route.ts';
import { keepMessagesRoutes } from './keep-messages/route.ts';
import { keepSanctionsRoutes } from './keep-sanctions/route.ts';
import { manageExternalRoutes } from './manage-external/route.ts';
import { managePeopleRoutes } from './manage-people/route.ts';
import { openCaseRoutes } from './open-case/route.ts';
import { openExternalRoutes } from './open-external/route.ts';
import { openFieldRoutes } from './open-field/route.ts';
import { openPaperRoutes } from './open-paper/route.ts';
import { raiseObjectionRoutes } from './raise-objection/route.ts';
import { readAccessesRoutes } from './read-accesses/route.ts';
import { readCaseRoutes } from './read-case/route.ts';
import { readMessagesRoutes } from './read-messages/route.ts';
import { readNoticesRoutes } from './read-notices/route.ts';
import { readOpenapiRoutes } from './read-openapi/route.ts';
import { readOrganisationsRoutes } from './read-organisations/route.ts';
import { readOwnDataRoutes } from './read-own-data/route.ts';
import { readPrivacyNoticesRoutes } from './read-privacy-notices/route.ts';
import { readTasksRoutes } from './read-tasks/route.ts';
import { recordVisitRoutes } from './record-visit/route.ts';
import { resumeCaseRoutes } from './resume-case/route.ts';
import type { Route } from './shared/http/route.ts';
import type { Ports } from './shared/ports.ts';
import { submitCaseRoutes } from './submit-case/route.ts';
import { takeCrossCheckRoutes } from './take-cross-check/route.ts';
import { transferCustodyRoutes } from './transfer-custody/route.ts';
import { tryAssessmentRoutes } from './try-assessment/route.ts';
import { withdrawCaseRoutes } from './withdraw-case/route.ts';

export const routes: readonly Route<Ports>[] = [
  ...openCaseRoutes,
  ...editDeclarationRoutes,
  ...submitCaseRoutes,
  ...withdrawCaseRoutes,
  ...resumeCaseRoutes,
  ...issueUploadRoutes,
  ...readCaseRoutes,
  ...openFieldRoutes,
  ...openPaperRoutes,
  ...readAccessesRoutes,
  ...manageExternalRoutes,
  ...openExternalRoutes,
  ...readTasksRoutes,
  ...decideTaskRoutes,
  ...handleTaskRoutes,
  ...recordVisitRoutes,
  ...readMessagesRoutes,
  ...keepMessagesRoutes,
  ...holdMeetingRoutes,
  ...managePeopleRoutes,
  ...claimCaseRoutes,
  ...readPrivacyNoticesRoutes,
  ...readOwnDataRoutes,
  ...correctContactRoutes,
  ...keepSanctionsRoutes,
  ...disposeCasesRoutes,
  ...readNoticesRoutes,
  ...raiseObjectionRoutes,
  ...exportCrossChecksRoutes,
  ...importCrossChecksRoutes,
  ...takeCrossCheckRoutes,
  ...tryAssessmentRoutes,
  // Its path fits the next ones' pattern as well: it comes first.
  ...exportOrganisationsRoutes,
  ...readOrganisationsRoutes,
  ...importOrganisationsRoutes,
  ...changeOrganisationsRoutes,
  ...transferCustodyRoutes,
  ...handOverRoutes,
  ...readOpenapiRoutes,
];
