import { expect, test } from 'vitest';
import { welcomeApp } from '#embedded/welcome.ts';

test('a browser at the root reads that the system runs, and where things are', async () => {
  const answer = await welcomeApp().request('/');
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toMatch(/^text\/html/);
  expect(answer.headers.get('content-security-policy')).toContain("style-src 'self'");
  const text = await answer.text();
  for (const place of ['/privacy', '/docs', '/v1/notices', '/health', '/.well-known/jwks.json']) {
    expect(text).toContain(`href="${place}"`);
  }
});
