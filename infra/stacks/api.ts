/** The HTTP API: the manifest's routes, each with the authorizer that its access asks for. */
import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  CfnStage,
  CorsHttpMethod,
  HttpApi,
  HttpMethod,
  HttpNoneAuthorizer,
  type HttpRoute,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { FUNCTION_NAMES, FUNCTIONS, type RouteDeclaration, type Trigger } from '#functions/manifest.ts';
import { CORS } from '#functions/shared/http/cors.ts';
import { KEEP, nameOf } from '../names.ts';
import type { Parameters } from '../parameters.ts';
import type { LiveFunction } from './functions.ts';

type ApiStackProps = StackProps & { readonly live: LiveFunction };

export class ApiStack extends Stack {
  readonly api: HttpApi;

  constructor(scope: Construct, id: string, parameters: Parameters, props: ApiStackProps) {
    super(scope, id, props);
    const name = nameOf(parameters, 'api');
    this.api = new HttpApi(this, 'Api', {
      apiName: name,
      createDefaultStage: false,
      corsPreflight: {
        allowOrigins: [...parameters.allowedOrigins],
        allowMethods: CORS.methods.map((method) => CorsHttpMethod[method]),
        allowHeaders: [...CORS.requestHeaders],
        exposeHeaders: [...CORS.responseHeaders],
        maxAge: Duration.seconds(CORS.maxAgeSeconds),
      },
    });

    const jwt = new HttpJwtAuthorizer('Jwt', parameters.jwt.issuer, {
      jwtAudience: [...parameters.jwt.audience],
    });
    // A signature covers the body, which no authorizer sees: the function itself verifies it.
    const none = new HttpNoneAuthorizer();

    const made: { readonly declaration: RouteDeclaration; readonly routes: HttpRoute[] }[] = [];
    for (const functionName of FUNCTION_NAMES) {
      const trigger: Trigger = FUNCTIONS[functionName].trigger;
      if (trigger.kind !== 'routes') continue;
      const integration = new HttpLambdaIntegration(functionName, props.live(functionName));
      for (const declaration of trigger.routes) {
        if (declaration.access === 'public' && !parameters.publicRoutes) continue;
        const routes = this.api.addRoutes({
          path: declaration.path,
          methods: [HttpMethod[declaration.method]],
          integration,
          authorizer: declaration.access === 'jwt' ? jwt : none,
        });
        made.push({ declaration, routes });
      }
    }

    const stage = new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      detailedMetricsEnabled: true,
      throttle: { rateLimit: parameters.throttling.all.rate, burstLimit: parameters.throttling.all.burst },
      accessLogSettings: {
        destination: new LogGroupLogDestination(
          new LogGroup(this, 'AccessLogs', {
            logGroupName: `/aws/vendedlogs/apis/${name}`,
            retention: parameters.logDays,
            removalPolicy: KEEP,
          }),
        ),
        format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG)),
      },
    });
    const resource = stage.node.defaultChild;
    if (!(resource instanceof CfnStage)) throw new Error('not a stage');
    const { rate, burst } = parameters.throttling.public;
    const open = made.filter(({ declaration }) => declaration.access !== 'jwt');
    resource.routeSettings = Object.fromEntries(
      open.map(({ declaration: { method, path } }) => [
        `${method} ${path}`,
        { ThrottlingRateLimit: rate, ThrottlingBurstLimit: burst, DetailedMetricsEnabled: true },
      ]),
    );
    // A stage refuses settings of a route that is not there yet.
    for (const { routes } of made) for (const route of routes) stage.node.addDependency(route);

    new CfnOutput(this, 'Url', { value: this.api.apiEndpoint });
  }
}

/** No address, no path, no token: the route and what became of the request. */
const ACCESS_LOG = {
  requestId: '$context.requestId',
  time: '$context.requestTimeEpoch',
  routeKey: '$context.routeKey',
  status: '$context.status',
  responseLatency: '$context.responseLatency',
  integrationLatency: '$context.integrationLatency',
  integrationError: '$context.integrationErrorMessage',
  authorizerError: '$context.authorizer.error',
};
