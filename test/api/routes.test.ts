import { expect, test } from 'vitest';
import { routes } from '#functions/routes.ts';
import { routeFaults } from '../functions/http/route-faults.ts';

test('the routes are those of the manifest, and take no unknown keys', () => {
  expect(routeFaults(routes)).toEqual([]);
});
