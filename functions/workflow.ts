/** Every function that the state machine invokes, by its name in the manifest. */
import { archiveFile } from './archive-file/archive-file.ts';
import { assessCase } from './assess-case/assess-case.ts';
import { chaseCrossCheck } from './chase-cross-check/chase-cross-check.ts';
import { checkMaterials } from './check-materials/check-materials.ts';
import { closeNotice } from './close-notice/close-notice.ts';
import { escalateTask } from './escalate-task/escalate-task.ts';
import { establishFile } from './establish-file/establish-file.ts';
import type { FUNCTIONS, FunctionName } from './manifest.ts';
import { openTask } from './open-task/open-task.ts';
import { publishNotice } from './publish-notice/publish-notice.ts';
import { recordRejection } from './record-rejection/record-rejection.ts';
import { reportFault } from './report-fault/report-fault.ts';
import { requestCrossCheck } from './request-cross-check/request-cross-check.ts';
import type { JsonObject, Ports } from './shared/ports.ts';

/** Names of the manifest whose trigger is the state machine. */
export type WorkflowFunctionName = {
  [Name in FunctionName]: (typeof FUNCTIONS)[Name]['trigger']['kind'] extends 'workflow' ? Name : never;
}[FunctionName];

/** Takes the payload as it came, parses it itself, answers with what the definition reads. */
export type WorkflowFunction = (ports: Ports, payload: unknown) => Promise<JsonObject>;

export const workflowFunctions: Readonly<Record<WorkflowFunctionName, WorkflowFunction>> = {
  'check-materials': checkMaterials,
  'open-task': openTask,
  'escalate-task': escalateTask,
  'request-cross-check': requestCrossCheck,
  'chase-cross-check': chaseCrossCheck,
  'assess-case': assessCase,
  'publish-notice': publishNotice,
  'close-notice': closeNotice,
  'establish-file': establishFile,
  'archive-file': archiveFile,
  'record-rejection': recordRejection,
  'report-fault': reportFault,
};
