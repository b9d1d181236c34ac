/** The API's description as tests use it: references resolved, operations by method and path. */
import { Validator } from '@seriousme/openapi-schema-validator';
import * as z from 'zod';
import document from '#functions/read-openapi/openapi.json' with { type: 'json' };

const schemaForm = z.record(z.string(), z.unknown());
const contentForm = z.record(z.string(), z.looseObject({ schema: schemaForm, example: z.json().optional() }));
const operationForm = z.looseObject({
  operationId: z.string(),
  summary: z.string(),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  parameters: z
    .array(
      z.looseObject({
        name: z.string(),
        in: z.string(),
        schema: schemaForm,
        required: z.boolean().optional(),
      }),
    )
    .default([]),
  requestBody: z.looseObject({ content: contentForm }).optional(),
  responses: z.record(z.string(), z.looseObject({ content: contentForm.optional() })),
});
const documentForm = z.looseObject({ paths: z.record(z.string(), z.record(z.string(), operationForm)) });

export type Operation = z.infer<typeof operationForm> & { readonly method: string; readonly path: string };

const validator = new Validator();
export const validation = await validator.validate(structuredClone(document));

/** Every operation, with all that it refers to in its place. */
export const operations: readonly Operation[] = Object.entries(
  documentForm.parse(validator.resolveRefs()).paths,
).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    ...operation,
    method: method.toUpperCase(),
    path,
  })),
);

/** The operation that a call is for. */
export const operationFor = (method: string, pathname: string): Operation | undefined =>
  operations.find(
    (one) =>
      one.method === method &&
      new RegExp(`^${one.path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(pathname),
  );

const made = new Map<unknown, z.ZodType>();

/** A JSON Schema of the description, as a parser. */
export const parserOf = (schema: Record<string, unknown>): z.ZodType => {
  const known = made.get(schema);
  if (known !== undefined) return known;
  const parser = z.fromJSONSchema(schema);
  made.set(schema, parser);
  return parser;
};
