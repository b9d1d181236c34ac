import type { CasePorts } from '#functions/shared/case-store.ts';
import { defineRoute } from '#functions/shared/http/route.ts';
import { caseParams } from '#functions/shared/params.ts';
import type { Ports } from '#functions/shared/ports.ts';
import { issueUpload } from './issue-upload.ts';
import { issueUploadSchema } from './schema.ts';

export const issueUploadRoutes = [
  defineRoute({
    method: 'POST',
    path: '/v1/cases/{caseId}/documents',
    access: 'jwt',
    operation: 'document.upload',
    status: 201,
    request: { params: caseParams, body: issueUploadSchema },
    handle: async (
      ports: CasePorts & Pick<Ports, 'documents' | 'settings'>,
      { caller },
      { params, body },
    ) => ({ body: await issueUpload(ports, caller, params.caseId, body) }),
  }),
];
