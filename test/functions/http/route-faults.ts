/**
 * What a list of routes lacks to be the manifest's: used over toy routes here and over the real ones wherever they
 * are composed.
 */
import * as z from 'zod';
import { FUNCTIONS, type FunctionDeclaration, type RouteDeclaration } from '#functions/manifest.ts';
import type { Route } from '#functions/shared/http/route.ts';

const declaredRoutes = (
  functions: Readonly<Record<string, FunctionDeclaration>>,
): readonly RouteDeclaration[] =>
  Object.values(functions).flatMap(({ trigger }) => (trigger.kind === 'routes' ? trigger.routes : []));

const named = ({ method, path, access }: RouteDeclaration): string => `${method} ${path} (${access})`;

/** Whether any object below this JSON Schema lets unknown keys in. */
const isOpen = (schema: unknown): boolean => {
  if (Array.isArray(schema)) return schema.some(isOpen);
  if (typeof schema !== 'object' || schema === null) return false;
  const open = 'properties' in schema && !('additionalProperties' in schema);
  return open || Object.values(schema).some(isOpen);
};

const jsonSchema = (schema: z.ZodType) => z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });

const pathParameters = (path: string): readonly string[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '').sort();

const schemaFaults = (route: Route<never>): readonly string[] => {
  const { params, query, body } = route.request;
  const known = params === undefined ? [] : Object.keys(jsonSchema(params).properties ?? {}).sort();
  const inPath = pathParameters(route.path);
  return [
    ...(known.join() === inPath.join() ? [] : [`${named(route)}: its schema has other path parameters`]),
    ...[params, query, body]
      .filter((schema) => schema !== undefined && isOpen(jsonSchema(schema)))
      .map(() => `${named(route)}: an object of its request lets unknown keys in`),
  ];
};

export const routeFaults = (
  routes: readonly Route<never>[],
  functions: Readonly<Record<string, FunctionDeclaration>> = FUNCTIONS,
): readonly string[] => {
  const declared = declaredRoutes(functions).map(named);
  const defined = routes.map(named);
  return [
    ...declared.filter((name) => !defined.includes(name)).map((name) => `${name}: declared, not defined`),
    ...defined.filter((name) => !declared.includes(name)).map((name) => `${name}: defined, not declared`),
    ...defined.filter((name, at) => defined.indexOf(name) !== at).map((name) => `${name}: defined twice`),
    ...routes.flatMap(schemaFaults),
  ];
};
