import { z } from 'zod';
import { EVENT_NAMES, eventTypeSchema } from '#domain/filing/events.ts';
import { caseSummary, caseView } from '#functions/shared/case-view.ts';
import { readDocuments } from '#functions/shared/document-store.ts';
import { defineRoute } from '#functions/shared/http/route.ts';
import { caseParams, pageQuery } from '#functions/shared/params.ts';
import type { Ports } from '#functions/shared/ports.ts';
import {
  applicantAccount,
  latestAssessment,
  listCases,
  showCase,
  showEvents,
  showLetters,
} from './read-case.ts';

type Needs = Pick<Ports, 'items'>;

export const readCaseRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v1/cases',
    access: 'jwt',
    operation: 'case.list',
    status: 200,
    request: { query: pageQuery.extend({ union: z.string().min(1).max(40).optional() }) },
    handle: async (ports: Needs & Pick<Ports, 'settings'>, { caller }, { query }) => {
      const { cases, cursor } = await listCases(ports, caller, query);
      return { body: { cases: cases.map(caseSummary), cursor: cursor ?? null } };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/cases/{caseId}',
    access: 'jwt',
    operation: 'case.read',
    status: 200,
    request: { params: caseParams },
    handle: async (ports: Needs, { caller }, { params }) => {
      const record = await showCase(ports, caller, params.caseId);
      return { body: { ...caseView(record), applicantAccount: await applicantAccount(ports, record) } };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/cases/{caseId}/documents',
    access: 'jwt',
    operation: 'case.read',
    status: 200,
    request: { params: caseParams },
    handle: async (ports: Needs, { caller }, { params }) => {
      const { caseId } = await showCase(ports, caller, params.caseId);
      const documents = await readDocuments(ports.items, caseId);
      return {
        body: {
          documents: documents.map(
            ({ documentId, paper, memberId, expenditure, contentType, bytes, state }) => ({
              documentId,
              paper,
              memberId,
              expenditure,
              contentType,
              bytes,
              state,
            }),
          ),
        },
      };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/cases/{caseId}/assessment',
    access: 'jwt',
    operation: 'case.read',
    status: 200,
    request: { params: caseParams },
    handle: async (ports: Needs, { caller }, { params }) => ({
      body: { assessment: await latestAssessment(ports, await showCase(ports, caller, params.caseId)) },
    }),
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/cases/{caseId}/events',
    access: 'jwt',
    operation: 'case.read',
    status: 200,
    request: { params: caseParams },
    handle: async (ports: Needs, { caller }, { params }) => {
      const events = await showEvents(ports, caller, params.caseId);
      return {
        body: {
          events: events.map((event) => ({ ...event, name: EVENT_NAMES[eventTypeSchema.parse(event.type)] })),
        },
      };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/cases/{caseId}/letters',
    access: 'jwt',
    operation: 'case.read',
    status: 200,
    request: { params: caseParams },
    handle: async (ports: Needs, { caller }, { params }) => ({
      body: { letters: await showLetters(ports, caller, params.caseId) },
    }),
  }),
];
