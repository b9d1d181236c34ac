import { z } from 'zod';
import { currentPosts, type Person } from '#domain/people/person.ts';
import { ROLE_NAMES } from '#domain/people/roles.ts';
import { defineRoute } from '#functions/shared/http/route.ts';
import { pageQuery, personParams, postParams } from '#functions/shared/params.ts';
import { PERSON_EVENT_NAMES, personEventTypeSchema } from '#functions/shared/people-store.ts';
import type { JsonObject } from '#functions/shared/ports.ts';
import {
  createStaff,
  endPost,
  givePost,
  listPeople,
  type Needs,
  reinstate,
  resetAccount,
  showPerson,
  showPersonEvents,
  suspend,
} from './manage-people.ts';
import { newStaffForm, postForm, reasonForm, resetForm } from './schema.ts';

const postView = ({ role, ...post }: Person['posts'][number]): JsonObject => ({
  ...post,
  role,
  roleName: ROLE_NAMES[role],
});

/** Nothing sealed, no index. */
const personView = (person: Person): JsonObject => ({
  subject: person.subject,
  name: person.name,
  kind: person.kind,
  state: person.state,
  phone: person.phone?.masked ?? null,
  provedBy: person.provedBy,
  createdAt: person.createdAt,
  posts: person.posts.map(postView),
});

export const managePeopleRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v1/people',
    access: 'jwt',
    operation: 'person.list',
    status: 200,
    request: { query: pageQuery.extend({ organisation: z.string().min(1).max(40).optional() }) },
    handle: async (ports: Needs, { caller }, { query }) => {
      const { people, cursor } = await listPeople(ports, caller, query);
      return {
        body: {
          people: people.map((person) => ({
            subject: person.subject,
            name: person.name,
            state: person.state,
            posts: currentPosts(person).map(postView),
          })),
          cursor,
        },
      };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/people',
    access: 'jwt',
    operation: 'person.create',
    status: 201,
    request: { body: newStaffForm },
    handle: async (ports: Needs, { caller }, { body }) => {
      const { person, link } = await createStaff(ports, caller, body);
      return {
        body: { ...personView(person), link },
        headers: { location: `/v1/people/${encodeURIComponent(person.subject)}` },
      };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/people/{subject}',
    access: 'jwt',
    operation: 'person.read',
    status: 200,
    request: { params: personParams },
    handle: async (ports: Needs, { caller }, { params }) => ({
      body: personView(await showPerson(ports, caller, params.subject)),
    }),
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/people/{subject}/events',
    access: 'jwt',
    operation: 'person.read',
    status: 200,
    request: { params: personParams },
    handle: async (ports: Needs, { caller }, { params }) => ({
      body: {
        events: (await showPersonEvents(ports, caller, params.subject)).map(
          ({ sequence, at, type, actor, data, previous, hash }) => ({
            sequence,
            at,
            type,
            name: PERSON_EVENT_NAMES[personEventTypeSchema.parse(type)],
            actor,
            data,
            previous,
            hash,
          }),
        ),
      },
    }),
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/people/{subject}/posts',
    access: 'jwt',
    operation: 'person.post',
    status: 201,
    request: { params: personParams, body: postForm },
    handle: async (ports: Needs, { caller }, { params, body }) => ({
      body: personView(await givePost(ports, caller, params.subject, body)),
    }),
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/people/{subject}/posts/{postId}/end',
    access: 'jwt',
    operation: 'person.post',
    status: 200,
    request: { params: postParams },
    handle: async (ports: Needs, { caller }, { params }) => ({
      body: personView(await endPost(ports, caller, params.subject, params.postId)),
    }),
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/people/{subject}/suspension',
    access: 'jwt',
    operation: 'person.suspend',
    status: 200,
    request: { params: personParams, body: reasonForm },
    handle: async (ports: Needs, { caller }, { params, body }) => ({
      body: personView(await suspend(ports, caller, params.subject, body.reason)),
    }),
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/people/{subject}/reinstatement',
    access: 'jwt',
    operation: 'person.suspend',
    status: 200,
    request: { params: personParams, body: reasonForm },
    handle: async (ports: Needs, { caller }, { params, body }) => ({
      body: personView(await reinstate(ports, caller, params.subject, body.reason)),
    }),
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/people/{subject}/reset',
    access: 'jwt',
    operation: 'person.reset',
    status: 200,
    request: { params: personParams, body: resetForm },
    handle: async (ports: Needs, { caller }, { params, body }) => ({
      body: { link: await resetAccount(ports, caller, params.subject, body) },
    }),
  }),
];
