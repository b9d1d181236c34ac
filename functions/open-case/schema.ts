/** The form with which an application is begun: the household, where it files, what it declares. */
import * as z from 'zod';
import { aidKindSchema, routeSchema } from '#domain/filing/terms.ts';
import { jsonObjectField } from '#domain/json.ts';
import { consentFormSchema } from '#domain/privacy/consent.ts';

const text = (max: number) => z.string().trim().min(1).max(max);

/** Member ids travel to the centre and into file names: unreserved characters only. */
const memberIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,40}$/, '成员编号只能用字母、数字、下划线和连字符。');

const personSchema = z.strictObject({
  memberId: memberIdSchema,
  name: text(50),
  relationToHouseholder: text(20),
  idNumber: text(30),
});

export const openCaseSchema = z.strictObject({
  route: routeSchema,
  /** The union that the application is filed with (B-10). */
  grassrootsUnion: text(40),
  /** To the processing of everyone's data, by the notice that was shown (`GET /v1/privacy-notices/current`). */
  consent: consentFormSchema,
  /** Only where an officer files for a worker: the worker's account, if there is one. */
  applicant: text(100).optional(),
  /** Only where an administrator proves that the system is alive: see `case.openSynthetic`. */
  synthetic: z.literal(true).optional(),
  employer: text(100),
  /** 致困原因, as it stands on the application and the notice. */
  cause: text(1000),
  wishes: z.array(aidKindSchema).max(3),
  householderId: memberIdSchema,
  persons: z.array(personSchema).min(1).max(30),
  /** Legal supporters outside the household. */
  supporters: z.array(personSchema).max(20).default([]),
  phone: text(30),
  address: text(200),
  bankCard: z.strictObject({ number: text(30), bank: text(100) }),
  /** In the form of the assessment contract; judged by its own parser, every fault at once. */
  declaration: jsonObjectField,
});
export type OpenCaseForm = z.infer<typeof openCaseSchema>;
