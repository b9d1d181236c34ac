import * as z from 'zod';
import { auditEventSchema } from '#domain/filing/audit.ts';
import { currentPosts, type Person, personSchema as storedPersonSchema } from '#domain/people/person.ts';
import { ROLE_NAMES } from '#domain/people/roles.ts';
import { defineRoute } from '#functions/shared/http/route.ts';
import { cursorSchema, pageQuery, personParams, postParams } from '#functions/shared/params.ts';
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
  setEmail,
  setOwnEmail,
  showOwnAccount,
  showPerson,
  showPersonEvents,
  suspend,
} from './manage-people.ts';
import { emailForm, newStaffForm, postForm, reasonForm, resetForm } from './schema.ts';

const postView = ({ role, ...post }: Person['posts'][number]): JsonObject => ({
  ...post,
  role,
  roleName: ROLE_NAMES[role],
});

const linkSchema = z.strictObject({ url: z.string(), expiresAt: z.string() });
const { shape } = storedPersonSchema;
const personSchema = z
  .strictObject({
    subject: shape.subject,
    name: shape.name,
    kind: shape.kind,
    state: shape.state,
    phone: z.string().nullable().meta({ description: '已掩码' }),
    email: z.string().nullable().meta({ description: '已掩码' }),
    provedBy: shape.provedBy,
    createdAt: shape.createdAt,
    posts: z.array(shape.posts.element.extend({ roleName: z.string() })),
  })
  .meta({ id: 'Person' });

const POST_REFUSALS = [
  'account-taken',
  'accounts-elsewhere',
  'own-account',
  'person-busy',
  'applicant-account',
  'wrong-place',
  'other-union',
  'post-held',
];

/** Nothing sealed, no index. */
const personView = (person: Person): JsonObject => ({
  subject: person.subject,
  name: person.name,
  kind: person.kind,
  state: person.state,
  phone: person.phone?.masked ?? null,
  email: person.email?.masked ?? null,
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
    about: {
      operationId: 'listPeople',
      tag: 'people',
      summary: '工会的账号',
      answer: z.strictObject({
        people: z.array(personSchema.pick({ subject: true, name: true, state: true, posts: true })),
        cursor: cursorSchema,
      }),
      refusals: { 400: ['invalid-cursor'] },
    },
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
    about: {
      operationId: 'createPerson',
      tag: 'people',
      summary: '建立工作人员账号',
      description: '返回一次性链接，交给本人设置口令。',
      answer: personSchema.extend({ link: linkSchema.nullable() }),
      refusals: { 409: POST_REFUSALS },
      example: {
        name: '王样例',
        account: 'wangyangli',
        role: 'grassrootsOfficer',
        organisation: 'ah-direct-1',
      },
    },
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
    about: {
      operationId: 'readPerson',
      tag: 'people',
      summary: '查看账号',
      answer: personSchema,
      refusals: { 404: ['person-not-found'] },
    },
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
    about: {
      operationId: 'readPersonEvents',
      tag: 'people',
      summary: '账号的变动记录',
      answer: z.strictObject({
        events: z.array(auditEventSchema.omit({ caseId: true }).extend({ name: z.string() })),
      }),
      refusals: { 404: ['person-not-found'] },
    },
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
    about: {
      operationId: 'givePost',
      tag: 'people',
      summary: '任职',
      answer: personSchema,
      refusals: { 404: ['person-not-found'], 409: POST_REFUSALS },
      example: { role: 'keeper', organisation: 'ah-direct-1' },
    },
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
    about: {
      operationId: 'endPost',
      tag: 'people',
      summary: '免职',
      answer: personSchema,
      refusals: { 404: ['person-not-found', 'post-not-found'], 409: ['own-account', 'person-busy'] },
    },
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
    about: {
      operationId: 'suspendPerson',
      tag: 'people',
      summary: '停用账号',
      answer: personSchema,
      refusals: { 404: ['person-not-found'], 409: ['own-account', 'already-so', 'person-busy'] },
      example: { reason: '离职' },
    },
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
    about: {
      operationId: 'reinstatePerson',
      tag: 'people',
      summary: '恢复账号',
      answer: personSchema,
      refusals: { 404: ['person-not-found'], 409: ['own-account', 'already-so', 'person-busy'] },
      example: { reason: '复职' },
    },
    request: { params: personParams, body: reasonForm },
    handle: async (ports: Needs, { caller }, { params, body }) => ({
      body: personView(await reinstate(ports, caller, params.subject, body.reason)),
    }),
  }),
  defineRoute({
    method: 'PUT',
    path: '/v1/people/{subject}/email',
    access: 'jwt',
    operation: 'person.contact',
    status: 200,
    about: {
      operationId: 'setPersonEmail',
      tag: 'people',
      summary: '更改他人的电子邮箱',
      description: '办理通知另发一份到此邮箱；null 表示不再发送。',
      answer: personSchema,
      refusals: { 404: ['person-not-found'], 409: ['own-account', 'person-busy'] },
      example: { email: 'wang@example.cn' },
    },
    request: { params: personParams, body: emailForm },
    handle: async (ports: Needs, { caller }, { params, body }) => ({
      body: personView(await setEmail(ports, caller, params.subject, body.email)),
    }),
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/account',
    access: 'jwt',
    operation: 'account.keep',
    status: 200,
    about: {
      operationId: 'readOwnAccount',
      tag: 'people',
      summary: '查看本人账号',
      answer: personSchema,
      refusals: { 409: ['accounts-elsewhere'] },
    },
    request: {},
    handle: async (ports: Needs, { caller }) => ({ body: personView(await showOwnAccount(ports, caller)) }),
  }),
  defineRoute({
    method: 'PUT',
    path: '/v1/account/email',
    access: 'jwt',
    operation: 'account.keep',
    status: 200,
    about: {
      operationId: 'setOwnEmail',
      tag: 'people',
      summary: '更改本人的电子邮箱',
      description: '办理通知另发一份到此邮箱；null 表示不再发送。',
      answer: personSchema,
      refusals: { 409: ['accounts-elsewhere', 'person-busy'] },
      example: { email: 'wang@example.cn' },
    },
    request: { body: emailForm },
    handle: async (ports: Needs, { caller }, { body }) => ({
      body: personView(await setOwnEmail(ports, caller, body.email)),
    }),
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/people/{subject}/reset',
    access: 'jwt',
    operation: 'person.reset',
    status: 200,
    about: {
      operationId: 'resetAccount',
      tag: 'people',
      summary: '重设口令或第二因素',
      description:
        '返回一次性链接。从没有本机账号的系统迁来的人员由此得到账号：登录名为身份证号码，没有登记的为人员编号。',
      answer: z.strictObject({ link: linkSchema.nullable() }),
      refusals: {
        404: ['person-not-found'],
        409: ['own-account', 'person-busy', 'no-local-account', 'accounts-elsewhere', 'account-taken'],
      },
      example: { reason: '遗忘口令', secondFactor: false },
    },
    request: { params: personParams, body: resetForm },
    handle: async (ports: Needs, { caller }, { params, body }) => ({
      body: { link: await resetAccount(ports, caller, params.subject, body) },
    }),
  }),
];
