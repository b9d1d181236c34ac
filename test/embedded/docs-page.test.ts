import { expect, test } from 'vitest';
import { docsApp } from '#embedded/docs-page.ts';
import description from '#functions/read-openapi/openapi.json' with { type: 'json' };
import { operations } from '../support/openapi.ts';

const page = async (path: string) => {
  const answer = await docsApp(description).request(path);
  return { headers: answer.headers, text: await answer.text() };
};

test('the page shows every operation with its path, and every form that it names', async () => {
  const { text } = await page('/docs');
  for (const { operationId, method, path, summary } of operations) {
    expect(text).toContain(`id="${operationId}"`);
    expect(text).toContain(`<code>${method} ${path}</code>`);
    expect(text).toContain(summary);
  }
  const targets = [...text.matchAll(/href="#([\w-]+)"/g)].map(([, target]) => target);
  expect(targets.length).toBeGreaterThan(operations.length);
  for (const target of targets) expect(text).toContain(`id="${target}"`);
});

test('the page runs nothing and loads nothing but its style sheet', async () => {
  const { headers, text } = await page('/docs');
  expect(headers.get('content-security-policy')).toBe(
    "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
  );
  expect(text).not.toMatch(/<script|\son\w+=|style=|javascript:/i);
  expect([...text.matchAll(/(?:src|href)="([^#][^"]*)"/g)].map(([, place]) => place)).toEqual([
    '/docs.css',
    '/',
    '/v1/openapi.json',
  ]);
  expect((await page('/docs.css')).headers.get('content-type')).toBe('text/css; charset=utf-8');
});

test('what the description says is shown as text', async () => {
  const hostile = structuredClone(description);
  hostile.info.title = '<script>alert(1)</script>';
  const answer = await docsApp(hostile).request('/docs');
  expect(await answer.text()).not.toContain('<script');
});
