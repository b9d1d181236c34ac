/**
 * The one list of functions: what each is called, what triggers it, what it may touch, how big it is. `infra`
 * makes a Lambda function, a role and the triggers of each entry; the embedded edition binds the same entries to
 * its HTTP server and its workflow engine. A function lives in `functions/<name>/`, its Lambda entry is
 * `functions/<name>/handler.ts`.
 */

/** Who may call a route at all; what exactly they may do is the policy table's to say. */
export type Access = 'jwt' | 'signature' | 'public';

export type HttpMethod = 'GET' | 'POST' | 'PUT';

export type RouteDeclaration = {
  readonly method: HttpMethod;
  /** Path parameters in braces, as API Gateway writes them: `/v1/cases/{caseId}`. */
  readonly path: `/v1/${string}`;
  readonly access: Access;
};

export type Trigger =
  /** Invoked by the state machine; `token`: by `.waitForTaskToken`. */
  | { readonly kind: 'workflow'; readonly token: boolean }
  | { readonly kind: 'routes'; readonly routes: readonly RouteDeclaration[] }
  /** An object appeared in the uploads area under this prefix. */
  | { readonly kind: 'objectCreated'; readonly prefix: string }
  /** Rows of the outbox are waiting: by the table's stream, and by a schedule as the safety net. */
  | { readonly kind: 'outbox'; readonly everyMinutes: number }
  /** Runs by the clock alone. The embedded edition runs it when its result is asked for. */
  | { readonly kind: 'schedule'; readonly everyMinutes: number };

export type Rights = {
  readonly table?: 'read' | 'write';
  /** `issue`: forms for uploads; `replace`: another form in the place of what was uploaded; `remove`: for good. */
  readonly uploads?: readonly ('issue' | 'read' | 'replace' | 'remove')[];
  /** `write`: put and hold; `retain`: lock until a day, which in COMPLIANCE nobody can take back. */
  readonly archive?: readonly ('read' | 'write' | 'retain')[];
  /** `protect`: seal and blind index; `open`: read what is sealed; `sign`: manifests. */
  readonly vault?: readonly ('protect' | 'open' | 'sign')[];
  /** `start` and `stop` executions, `answer` task tokens. */
  readonly workflow?: readonly ('start' | 'stop' | 'answer')[];
  /** Calls out of the house: the cross-check centre, messages to people, also by mail, the malware scanner. */
  readonly egress?: readonly ('centre' | 'notifier' | 'mail' | 'scanner')[];
};

export type FunctionDeclaration = {
  readonly trigger: Trigger;
  readonly rights: Rights;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
};

/** Keeps the kind of the trigger in the type, so that the functions of one kind can be told apart by it. */
type TriggeredBy<Kind extends Trigger['kind']> = FunctionDeclaration & {
  readonly trigger: Extract<Trigger, { readonly kind: Kind }>;
};

const workflow = (
  rights: Rights,
  options: { token?: boolean; timeoutSeconds?: number; memoryMb?: number } = {},
): TriggeredBy<'workflow'> => ({
  trigger: { kind: 'workflow', token: options.token ?? false },
  rights,
  memoryMb: options.memoryMb ?? 512,
  timeoutSeconds: options.timeoutSeconds ?? 15,
});

const api = (rights: Rights, ...routes: RouteDeclaration[]): TriggeredBy<'routes'> => ({
  trigger: { kind: 'routes', routes },
  rights,
  memoryMb: 512,
  // API Gateway gives up after 30 s; a caller who waits longer than 10 s has gone.
  timeoutSeconds: 10,
});

const get = (path: RouteDeclaration['path'], access: Access = 'jwt'): RouteDeclaration => ({
  method: 'GET',
  path,
  access,
});
const post = (path: RouteDeclaration['path'], access: Access = 'jwt'): RouteDeclaration => ({
  method: 'POST',
  path,
  access,
});
const put = (path: RouteDeclaration['path'], access: Access = 'jwt'): RouteDeclaration => ({
  method: 'PUT',
  path,
  access,
});

export const FUNCTIONS = {
  // ---- invoked by the state machine
  'check-materials': workflow({ table: 'write' }),
  'open-task': workflow({ table: 'write' }, { token: true }),
  'escalate-task': workflow({ table: 'write' }),
  'request-cross-check': workflow(
    { table: 'write', vault: ['open'], egress: ['centre'] },
    { token: true, timeoutSeconds: 30 },
  ),
  'chase-cross-check': workflow({ table: 'write' }),
  'assess-case': workflow({ table: 'write' }),
  'publish-notice': workflow({ table: 'write' }),
  'close-notice': workflow({ table: 'write' }),
  'establish-file': workflow({ table: 'write' }),
  'archive-file': workflow(
    { table: 'write', uploads: ['read'], archive: ['read', 'write'], vault: ['sign'] },
    { timeoutSeconds: 120, memoryMb: 1024 },
  ),
  'record-rejection': workflow({ table: 'write' }),
  'report-fault': workflow({ table: 'write' }),

  // ---- triggered by events
  'receive-document': {
    trigger: { kind: 'objectCreated', prefix: 'uploads/' },
    rights: { table: 'write', uploads: ['read', 'replace'], egress: ['scanner'] },
    memoryMb: 1024,
    timeoutSeconds: 60,
  },
  'relay-outbox': {
    trigger: { kind: 'outbox', everyMinutes: 1 },
    rights: { table: 'write', workflow: ['start', 'stop', 'answer'], egress: ['notifier', 'mail'] },
    memoryMb: 512,
    timeoutSeconds: 60,
  },

  'measure-backlog': {
    trigger: { kind: 'schedule', everyMinutes: 5 },
    rights: { table: 'read' },
    memoryMb: 512,
    timeoutSeconds: 60,
  },

  // ---- the HTTP API
  'open-case': api({ table: 'write', vault: ['protect'] }, post('/v1/cases')),
  'edit-declaration': api({ table: 'write' }, put('/v1/cases/{caseId}/declaration')),
  'submit-case': api(
    { table: 'write' },
    post('/v1/cases/{caseId}/submission'),
    post('/v1/cases/{caseId}/consent'),
  ),
  'withdraw-case': api({ table: 'write' }, post('/v1/cases/{caseId}/withdrawal')),
  'resume-case': api({ table: 'write' }, post('/v1/cases/{caseId}/resumption')),
  'issue-upload': api({ table: 'write', uploads: ['issue'] }, post('/v1/cases/{caseId}/documents')),
  // It writes down who looked.
  'read-case': api(
    { table: 'write' },
    get('/v1/cases'),
    get('/v1/cases/{caseId}'),
    get('/v1/cases/{caseId}/documents'),
    get('/v1/cases/{caseId}/assessment'),
    get('/v1/cases/{caseId}/adjudication'),
    get('/v1/cases/{caseId}/events'),
    get('/v1/cases/{caseId}/letters'),
  ),
  'open-field': api({ table: 'write', vault: ['open'] }, post('/v1/cases/{caseId}/openings')),
  'open-paper': api(
    { table: 'write', uploads: ['read'] },
    post('/v1/cases/{caseId}/documents/{documentId}/openings'),
  ),
  'manage-external': api(
    { table: 'write' },
    post('/v1/cases/{caseId}/external-accesses'),
    get('/v1/cases/{caseId}/external-accesses'),
    post('/v1/external-accesses/{accessId}/decision'),
    post('/v1/external-accesses/{accessId}/revocation'),
  ),
  'open-external': {
    ...api({ table: 'write', uploads: ['read'] }, post('/v1/external-openings', 'public')),
    // A scan of 4 MB is unfolded and written anew.
    memoryMb: 1024,
    timeoutSeconds: 29,
  },
  'read-accesses': api(
    { table: 'write' },
    get('/v1/cases/{caseId}/accesses'),
    get('/v1/accesses'),
    get('/v1/accesses/export'),
  ),
  'read-organisations': api(
    { table: 'read' },
    get('/v1/organisations'),
    get('/v1/organisations/{organisationId}'),
    get('/v1/organisations/{organisationId}/changes'),
  ),
  'export-organisations': api({ table: 'read' }, get('/v1/organisations/export')),
  'change-organisations': api(
    { table: 'write' },
    post('/v1/organisations'),
    put('/v1/organisations/{organisationId}'),
    post('/v1/organisations/{organisationId}/dissolution'),
  ),
  'import-organisations': {
    ...api({ table: 'write' }, post('/v1/organisations/import')),
    // Ten thousand rows take some seconds.
    memoryMb: 1024,
    timeoutSeconds: 29,
  },
  'transfer-custody': api(
    { table: 'write' },
    post('/v1/custody-transfers'),
    get('/v1/custody-transfers'),
    get('/v1/custody-transfers/{transferId}'),
    post('/v1/custody-transfers/{transferId}/acceptance'),
  ),
  'hand-over': api(
    { table: 'write' },
    post('/v1/handovers'),
    get('/v1/handovers'),
    get('/v1/handovers/{handoverId}'),
    get('/v1/handovers/{handoverId}/text'),
    post('/v1/handovers/{handoverId}/acceptance'),
  ),
  'read-tasks': api(
    { table: 'read' },
    get('/v1/tasks'),
    get('/v1/ageing'),
    get('/v1/tasks/{taskId}'),
    get('/v1/tasks/{taskId}/history'),
    get('/v1/tasks/{taskId}/assignees'),
  ),
  'handle-task': api(
    { table: 'write' },
    post('/v1/tasks/{taskId}/claim'),
    post('/v1/tasks/{taskId}/release'),
    post('/v1/tasks/{taskId}/assignment'),
    post('/v1/tasks/{taskId}/comments'),
  ),
  'decide-task': api({ table: 'write' }, post('/v1/tasks/{taskId}/decision')),
  'read-messages': api({ table: 'read' }, get('/v1/messages'), get('/v1/messages/dead')),
  'keep-messages': api(
    { table: 'write' },
    post('/v1/messages/{messageId}/reading'),
    post('/v1/messages/{messageId}/resending'),
  ),
  'record-visit': api({ table: 'write' }, post('/v1/cases/{caseId}/visits')),
  'hold-meeting': api({ table: 'write' }, post('/v1/meetings')),
  'manage-people': api(
    { table: 'write', vault: ['protect'] },
    get('/v1/people'),
    post('/v1/people'),
    get('/v1/people/{subject}'),
    get('/v1/people/{subject}/events'),
    post('/v1/people/{subject}/posts'),
    post('/v1/people/{subject}/posts/{postId}/end'),
    post('/v1/people/{subject}/suspension'),
    post('/v1/people/{subject}/reinstatement'),
    post('/v1/people/{subject}/reset'),
    put('/v1/people/{subject}/email'),
    get('/v1/account'),
    put('/v1/account/email'),
  ),
  'claim-case': api({ table: 'write' }, post('/v1/cases/{caseId}/claim-code'), post('/v1/case-claims')),
  'read-own-data': api({ table: 'write', vault: ['open'] }, get('/v1/cases/{caseId}/own-data')),
  'correct-contact': api({ table: 'write', vault: ['protect'] }, put('/v1/cases/{caseId}/contact')),
  'keep-sanctions': api(
    { table: 'write' },
    post('/v1/sanctions'),
    get('/v1/sanctions'),
    get('/v1/sanctions/{sanctionId}'),
    post('/v1/sanctions/{sanctionId}/confirmation'),
    post('/v1/cases/{caseId}/claw-backs'),
    post('/v1/cases/{caseId}/claw-backs/{clawBackId}/return'),
  ),
  'dispose-cases': {
    ...api(
      { table: 'write', uploads: ['read', 'remove'], archive: ['read'] },
      get('/v1/disposals/due'),
      get('/v1/disposals'),
      post('/v1/disposals'),
      get('/v1/disposals/{disposalId}'),
      post('/v1/disposals/{disposalId}/approval'),
      get('/v1/cases/{caseId}/tombstone'),
    ),
    // Twenty applications with all their papers.
    timeoutSeconds: 29,
  },
  'read-privacy-notices': api(
    {},
    get('/v1/privacy-notices/current', 'public'),
    get('/v1/privacy-notices/{version}', 'public'),
    // Where what needs no sign-in is not served, people read it before they file all the same.
    get('/v1/privacy-notice'),
  ),
  'read-notices': api(
    { table: 'read' },
    get('/v1/notices', 'public'),
    get('/v1/notices/{noticeId}', 'public'),
  ),
  'raise-objection': api(
    { table: 'write', vault: ['protect'] },
    post('/v1/notices/{noticeId}/objections', 'public'),
  ),
  // Hundreds of cases, one after the other.
  'export-cross-checks': {
    ...api({ table: 'write', vault: ['open'] }, get('/v1/cross-checks/export')),
    timeoutSeconds: 30,
  },
  'import-cross-checks': {
    ...api({ table: 'write' }, post('/v1/cross-checks/import')),
    timeoutSeconds: 30,
  },
  'take-cross-check': api({ table: 'write' }, post('/v1/cross-checks/{requestId}/results', 'signature')),
  'try-assessment': api({}, post('/v1/assessments', 'public')),
  'read-openapi': api({}, get('/v1/openapi.json', 'public')),
} as const satisfies Record<string, FunctionDeclaration>;

export type FunctionName = keyof typeof FUNCTIONS;
export const FUNCTION_NAMES = Object.keys(FUNCTIONS) as FunctionName[];
