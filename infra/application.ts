/** The cloud edition: its stacks, in the order in which they need each other. */
import { Annotations, type App, type Environment } from 'aws-cdk-lib';
import type { FunctionName } from '#functions/manifest.ts';
import { nameOf } from './names.ts';
import { type Parameters, placeholdersIn } from './parameters.ts';
import { ApiStack } from './stacks/api.ts';
import { DataStack } from './stacks/data.ts';
import { EventsStack } from './stacks/events.ts';
import { FunctionsStack } from './stacks/functions.ts';
import { MonitoringStack } from './stacks/monitoring.ts';
import { WorkflowStack } from './stacks/workflow.ts';

type Parts = {
  readonly parameters: Parameters;
  /** The folder of a function's bundle. */
  readonly codeOf: (name: FunctionName) => string;
  /** The text of `filing.asl.json`. */
  readonly definition: string;
};

export function compose(app: App, { parameters, codeOf, definition }: Parts) {
  // The account is that of whoever deploys; without one the templates are the same.
  const env: Environment = { region: parameters.region };
  const id = (part: string) => nameOf(parameters, part);

  const data = new DataStack(app, id('data'), parameters, { env });
  const functions = new FunctionsStack(app, id('functions'), parameters, { env, data, codeOf });
  const { live } = functions;
  const workflow = new WorkflowStack(app, id('workflow'), parameters, { env, live, definition });
  const api = new ApiStack(app, id('api'), parameters, { env, live });
  const events = new EventsStack(app, id('events'), parameters, { env, data, live });
  // They call the functions by name, so no reference tells CloudFormation the order.
  for (const caller of [workflow, api, events]) caller.addStackDependency(functions);
  const monitoring = new MonitoringStack(app, id('monitoring'), parameters, {
    env,
    apiId: api.api.apiId,
    data,
  });

  const placeholders = placeholdersIn(parameters);
  if (placeholders.length > 0) {
    // With `--strict` a deployment stops here; a synthesis goes on.
    Annotations.of(data).addWarningV2(
      'hardship-filing:placeholder-hosts',
      `infra/parameters.ts names hosts that don't exist: ${placeholders.join(', ')}. Put those of your union there before you deploy.`,
    );
  }
  return { data, functions, workflow, api, events, monitoring };
}
