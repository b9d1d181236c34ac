import { itemStore } from '#adapters/aws/composition.ts';
import { configuration, TABLE } from '#adapters/aws/configuration.ts';
import { apiHandler } from '#functions/shared/lambda/api.ts';
import { readMessagesRoutes } from './route.ts';

export const handler = apiHandler(readMessagesRoutes, { items: itemStore(configuration(TABLE)) });
