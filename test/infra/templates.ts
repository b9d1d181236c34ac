/** The templates of an environment, read as CloudFormation reads them. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as z from 'zod';
import { compose } from '#infra/application.ts';
import { type Parameters, parametersOf } from '#infra/parameters.ts';

export const DEFINITION = readFileSync(
  join(import.meta.dirname, '..', '..', 'statemachines', 'filing.asl.json'),
  'utf8',
);

const Resource = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  DeletionPolicy: z.string().optional(),
  UpdateReplacePolicy: z.string().optional(),
  DependsOn: z.array(z.string()).default([]),
});
const Code = z.object({ S3Key: z.string() });
const Parsed = z.object({ Resources: z.record(z.string(), Resource) });
export type Resource = z.output<typeof Resource>;

const STACKS = ['data', 'functions', 'workflow', 'api', 'events', 'monitoring'] as const;
export type StackName = (typeof STACKS)[number];

/**
 * Composes an environment, or parameters of a test's own, in a folder of its own and hands it on, to be read while the folder is there. A bundle is a file
 * with the function's name.
 */
export function withApplication<T>(
  environment: string | Parameters,
  read: (app: App, stacks: ReturnType<typeof compose>, folder: string) => T,
  definition = DEFINITION,
): T {
  const folder = mkdtempSync(join(tmpdir(), 'infra-templates-'));
  try {
    const codeOf = (name: string) => {
      const bundle = join(folder, name);
      mkdirSync(bundle);
      writeFileSync(join(bundle, 'index.mjs'), name);
      return bundle;
    };
    const app = new App({ outdir: join(folder, 'out') });
    const parameters = typeof environment === 'string' ? parametersOf(environment) : environment;
    const stacks = compose(app, { parameters, codeOf, definition });
    return read(app, stacks, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** All templates of an environment. A bundle is the function's name: what is really inside is another test's. */
export class Templates {
  readonly all: Record<StackName, z.output<typeof Parsed>>;
  /** What the code of each function consists of, by the function's logical id. */
  readonly code: ReadonlyMap<string, string>;

  constructor(environment: string | Parameters, definition = DEFINITION) {
    const [all, code] = withApplication(
      environment,
      (_app, stacks, folder) => {
        const read = (name: StackName) => Parsed.parse(Template.fromStack(stacks[name]).toJSON());
        const templates = {
          data: read('data'),
          functions: read('functions'),
          workflow: read('workflow'),
          api: read('api'),
          events: read('events'),
          monitoring: read('monitoring'),
        };
        const bundles = Object.entries(templates.functions.Resources)
          .filter(([, { Type }]) => Type === 'AWS::Lambda::Function')
          .map(([id, { Properties }]): [string, string] => {
            const [hash] = Code.parse(Properties.Code).S3Key.split('.');
            return [id, readFileSync(join(folder, 'out', `asset.${hash}`, 'index.mjs'), 'utf8')];
          });
        return [templates, new Map(bundles)];
      },
      definition,
    );
    this.all = all;
    this.code = code;
  }

  /** The resources of a type in a stack by their logical ids. */
  of(stack: StackName, type: string): [string, Resource][] {
    return Object.entries(this.all[stack].Resources).filter(([, resource]) => resource.Type === type);
  }

  /** The only resource of a type in a stack. */
  one(stack: StackName, type: string): Resource {
    const [first, ...more] = this.of(stack, type);
    if (!first || more.length > 0) throw new Error(`not exactly one ${type} in ${stack}`);
    return first[1];
  }

  everything(): Resource[] {
    return STACKS.flatMap((stack) => Object.values(this.all[stack].Resources));
  }
}

const Join = z.strictObject({ 'Fn::Join': z.tuple([z.string(), z.array(z.unknown())]) });
const Ref = z.strictObject({ Ref: z.string() });
const GetAtt = z.strictObject({ 'Fn::GetAtt': z.tuple([z.string(), z.string()]) });
const SelectSplit = z.strictObject({
  'Fn::Select': z.tuple([
    z.coerce.number(),
    z.strictObject({ 'Fn::Split': z.tuple([z.string(), z.unknown()]) }),
  ]),
});
const Import = z.strictObject({ 'Fn::ImportValue': z.string() });

/** A value as one line: joins joined, what only the deployment knows as `<Name>`. */
export function line(value: unknown): string {
  if (typeof value === 'string') return value;
  const join = Join.safeParse(value);
  if (join.success) {
    const [separator, parts] = join.data['Fn::Join'];
    return parts.map(line).join(separator);
  }
  const ref = Ref.safeParse(value);
  if (ref.success) return `<${ref.data.Ref}>`;
  const attribute = GetAtt.safeParse(value);
  if (attribute.success) return `<${attribute.data['Fn::GetAtt'].join('.')}>`;
  const selected = SelectSplit.safeParse(value);
  if (selected.success) {
    const [index, { 'Fn::Split': split }] = selected.data['Fn::Select'];
    const [separator, whole] = split;
    // Colons within a name that only the deployment knows are none of the separators.
    const parts = line(whole).replaceAll('AWS::', 'AWS..').split(separator);
    return (parts[index] ?? '').replaceAll('AWS..', 'AWS::');
  }
  const imported = Import.safeParse(value);
  // `<stack>:ExportsOutput<Ref|FnGetAtt><logical id><hash…>`
  if (imported.success) return `<${imported.data['Fn::ImportValue']}>`;
  throw new Error(`not a line: ${JSON.stringify(value)}`);
}

const list = z.preprocess((value) => (Array.isArray(value) ? value : [value]), z.array(z.unknown()));
const Statement = z.object({
  Effect: z.enum(['Allow', 'Deny']),
  Action: list.pipe(z.array(z.string())),
  Resource: list.transform((resources) => resources.map(line)).optional(),
  Principal: z.unknown().optional(),
  Condition: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
});
const PolicyDocument = z.object({ Statement: z.array(Statement) });
export type Statement = z.output<typeof Statement>;

export const statementsOf = (document: unknown): Statement[] => PolicyDocument.parse(document).Statement;

const RoleProperties = z.strictObject({
  AssumeRolePolicyDocument: z.unknown(),
  Policies: z.array(z.object({ PolicyDocument: z.unknown() })),
});

/** The statements of a role, whose policies stand inside it and nowhere else. */
export function rightsOf(role: Resource): Statement[] {
  return RoleProperties.parse(role.Properties).Policies.flatMap((policy) =>
    statementsOf(policy.PolicyDocument),
  );
}
