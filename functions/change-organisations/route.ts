import { defineRoute } from '#functions/shared/http/route.ts';
import type { OrganisationPorts } from '#functions/shared/organisation-store.ts';
import { organisationView } from '#functions/shared/organisation-view.ts';
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
    request: { params: organisationParams, body: dissolutionSchema },
    handle: async (ports: OrganisationPorts, { caller }, { params, body }) => {
      const { tree, organisation } = await dissolveOrganisation(ports, caller, params.organisationId, body);
      return { body: organisationView(tree, organisation) };
    },
  }),
];
