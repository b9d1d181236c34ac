import { defineRoute } from '#functions/shared/http/route.ts';
import type { OrganisationPorts } from '#functions/shared/organisation-store.ts';
import { organisationView, organisationViewSchema } from '#functions/shared/organisation-view.ts';
import { organisationParams } from '#functions/shared/params.ts';
import { changeOrganisation, createOrganisation, dissolveOrganisation } from './change-organisations.ts';
import { changedOrganisationSchema, dissolutionSchema, newOrganisationSchema } from './schema.ts';

export const changeOrganisationsRoutes = [
  defineRoute({
    method: 'POST',
    path: '/v1/organisations',
    access: 'jwt',
    operation: 'organisation.change',
    status: 201,
    about: {
      operationId: 'createOrganisation',
      tag: 'organisations',
      summary: '新增工会组织',
      answer: organisationViewSchema,
      example: {
        kind: 'community',
        name: '样例街道工会',
        parent: 'hefei-shushan',
        region: '340104',
        supervisionPhone: '0551-00000000',
        reason: '新成立',
      },
      refusals: { 409: ['organisation-exists'] },
    },
    request: { body: newOrganisationSchema },
    handle: async (ports: OrganisationPorts, { caller }, { body }) => {
      const { tree, organisation } = await createOrganisation(ports, caller, body);
      return {
        body: organisationView(tree, organisation),
        headers: { location: `/v1/organisations/${organisation.id}` },
      };
    },
  }),
  defineRoute({
    method: 'PUT',
    path: '/v1/organisations/{organisationId}',
    access: 'jwt',
    operation: 'organisation.change',
    status: 200,
    about: {
      operationId: 'changeOrganisation',
      tag: 'organisations',
      summary: '变更工会组织',
      answer: organisationViewSchema,
      example: {
        name: '样例街道工会',
        parent: 'hefei-shushan',
        region: '340104',
        supervisionPhone: '0551-00000000',
        reason: '电话变更',
      },
      refusals: { 404: ['organisation-not-found'] },
    },
    request: { params: organisationParams, body: changedOrganisationSchema },
    handle: async (ports: OrganisationPorts, { caller }, { params, body }) => {
      const { tree, organisation } = await changeOrganisation(ports, caller, params.organisationId, body);
      return { body: organisationView(tree, organisation) };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/organisations/{organisationId}/dissolution',
    access: 'jwt',
    operation: 'organisation.change',
    status: 200,
    about: {
      operationId: 'dissolveOrganisation',
      tag: 'organisations',
      summary: '撤销工会组织',
      description: '写明接续的单位：未办结的申请和档案由它接续（皖工发〔2017〕51号第十二条）。',
      answer: organisationViewSchema,
      example: { successor: 'hefei-shushan', reason: '企业关闭' },
      refusals: { 404: ['organisation-not-found'] },
    },
    request: { params: organisationParams, body: dissolutionSchema },
    handle: async (ports: OrganisationPorts, { caller }, { params, body }) => {
      const { tree, organisation } = await dissolveOrganisation(ports, caller, params.organisationId, body);
      return { body: organisationView(tree, organisation) };
    },
  }),
];
