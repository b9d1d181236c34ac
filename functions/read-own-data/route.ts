import * as z from 'zod';
import { caseView, caseViewSchema } from '#functions/shared/case-view.ts';
import { defineRoute } from '#functions/shared/http/route.ts';
import { caseParams } from '#functions/shared/params.ts';
import {
  documentView,
  documentViewSchema,
  eventView,
  eventViewSchema,
  letterViewSchema,
} from '#functions/shared/record-views.ts';
import { type Needs, readOwnData } from './read-own-data.ts';

const numbers = z.array(z.strictObject({ memberId: z.string(), idNumber: z.string() }));

const object = z.record(z.string(), z.json());

const ownDataSchema = z.strictObject({
  case: caseViewSchema,
  opened: z
    .strictObject({
      persons: numbers,
      supporters: numbers,
      phone: z.string(),
      address: z.string(),
      bankCard: z.string(),
    })
    .meta({ description: '不掩码' }),
  documents: z.array(documentViewSchema),
  assessments: z.array(object),
  crossCheck: z.array(object).meta({ description: '信息比对机构的答复' }),
  letters: z.array(letterViewSchema),
  events: z.array(eventViewSchema),
});

export const readOwnDataRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v1/cases/{caseId}/own-data',
    access: 'jwt',
    operation: 'ownData.read',
    status: 200,
    about: {
      operationId: 'readOwnData',
      tag: 'privacy',
      summary: '查阅本人的全部信息',
      description:
        '职工本人的申请或档案中保存的一切，供查阅和下载；证件号码、电话、住址、银行卡不掩码。每次查阅记入办理过程。归档进行中请稍后再试。',
      answer: ownDataSchema,
      refusals: { 404: ['case-not-found'], 409: ['case-busy'] },
    },
    request: { params: caseParams },
    handle: async (ports: Needs, { caller }, { params }) => {
      const { record, opened, documents, assessments, crossCheck, letters, events } = await readOwnData(
        ports,
        caller,
        params.caseId,
      );
      return {
        body: {
          case: caseView(record),
          opened,
          documents: documents.map(documentView),
          assessments: [...assessments],
          crossCheck: [...crossCheck],
          letters: [...letters],
          events: events.map(eventView),
        },
      };
    },
  }),
];
