/** The notice of the processing of personal data as a page: to be read before anything is typed in. */
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { html } from 'hono/html';
import { currentNotice, type PrivacyNotices } from '#domain/privacy/notices.ts';
import type { Pages } from './http/app.ts';
import { STYLED_PAGE } from './welcome.ts';

export const privacyPage = (notices: PrivacyNotices): Pages => {
  const { title, version, sections } = currentNotice(notices);
  const page = html`<!doctype html>
<html lang="zh-CN">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${title}</title>
    <link rel="stylesheet" href="/account/style.css" />
  </head>
  <body>
    <main>
      <h1>${title}</h1>
      <p>版本 ${version}</p>
      ${sections.map(
        (section) => html`<h2>${section.title}</h2>
${section.paragraphs.map((paragraph) => html`<p>${paragraph}</p>`)}`,
      )}
      <p><a href="/account/register">注册账号</a>　<a href="/">返回首页</a></p>
    </main>
  </body>
</html>`;
  return new Hono<{ Bindings: HttpBindings }>().get('/privacy', (context) =>
    context.html(page, 200, { 'content-security-policy': STYLED_PAGE }),
  );
};
