/**
 * The API's description as a page for people: server-rendered, without scripts, from the same document that programs
 * read. It shows what a newcomer asks first: what can be called, by whom, with what, and what comes back.
 */
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { html } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';
import * as z from 'zod';
import type { Pages } from './http/app.ts';

type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

const schemaForm = z.looseObject({
  $ref: z.string().optional(),
  type: z.union([z.string(), z.array(z.string())]).optional(),
  description: z.string().optional(),
  enum: z.array(z.json()).optional(),
  const: z.json().optional(),
  required: z.array(z.string()).optional(),
  pattern: z.string().optional(),
  get properties() {
    return z.record(z.string(), schemaForm).optional();
  },
  /** `false`: none. */
  get items() {
    return z.union([z.literal(false), schemaForm]).optional();
  },
  get anyOf() {
    return z.array(schemaForm).optional();
  },
  get oneOf() {
    return z.array(schemaForm).optional();
  },
});
type Schema = z.infer<typeof schemaForm>;

const contentForm = z.record(z.string(), z.looseObject({ schema: schemaForm, example: z.json().optional() }));
const responseForm = z.looseObject({ description: z.string(), content: contentForm.optional() });
const parameterForm = z.looseObject({
  name: z.string(),
  in: z.string(),
  required: z.boolean().optional(),
  description: z.string().optional(),
  schema: schemaForm,
});
const referenceForm = z.strictObject({ $ref: z.string() });

const operationForm = z.looseObject({
  operationId: z.string(),
  tags: z.array(z.string()),
  summary: z.string(),
  description: z.string().optional(),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  parameters: z.array(z.union([referenceForm, parameterForm])).default([]),
  requestBody: z.looseObject({ content: contentForm }).optional(),
  responses: z.record(z.string(), z.union([referenceForm, responseForm])),
});
type Operation = z.infer<typeof operationForm>;

const documentForm = z.looseObject({
  info: z.looseObject({ title: z.string(), version: z.string(), description: z.string() }),
  tags: z.array(z.looseObject({ name: z.string() })),
  paths: z.record(z.string(), z.record(z.string(), operationForm)),
  components: z.looseObject({
    schemas: z.record(z.string(), schemaForm),
    parameters: z.record(z.string(), parameterForm),
    responses: z.record(z.string(), responseForm),
  }),
});
type Document = z.infer<typeof documentForm>;

const WHO: Readonly<Record<string, string>> = { bearer: '需要登录', signature: '需要消息签名' };

const lastOf = (ref: string): string => ref.slice(ref.lastIndexOf('/') + 1);

/** A part that the document points to; one that is missing is a fault of the document. */
const partOf = <T>(ref: string, parts: Readonly<Record<string, T>>): T => {
  const part = parts[lastOf(ref)];
  if (part === undefined) throw new Error(`the description points to nothing: ${ref}`);
  return part;
};

const TYPES: Readonly<Record<string, string>> = {
  string: '文字',
  integer: '整数',
  number: '数字',
  boolean: '是否',
  array: '列表',
  object: '对象',
  null: '空（null）',
};

const typeName = ({ type, enum: options, const: constant }: Schema): string => {
  if (constant !== undefined) return `固定为 ${JSON.stringify(constant)}`;
  if (options !== undefined) return `以下之一：${options.map((one) => JSON.stringify(one)).join('、')}`;
  const types = typeof type === 'string' ? [type] : (type ?? ['any']);
  return types.map((one) => TYPES[one] ?? '任意').join('或');
};

const fieldsOf = (schema: Schema): Html => {
  const { $ref, properties, items, required = [], description, pattern } = schema;
  if ($ref !== undefined) return html`<a href="#schema-${lastOf($ref)}">${lastOf($ref)}</a>`;
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives !== undefined) {
    return html`以下形式之一：<ul>${alternatives.map((one) => html`<li>${fieldsOf(one)}</li>`)}</ul>`;
  }
  const rows = Object.entries(properties ?? {}).map(
    ([name, field]) =>
      html`<li><code>${name}</code>${required.includes(name) ? '（必填）' : ''} ${fieldsOf(field)}</li>`,
  );
  return html`${typeName(schema)}${description === undefined ? '' : `，${description}`}${
    pattern === undefined ? '' : html`，形式 <code>${pattern}</code>`
  }${items === undefined ? '' : items === false ? '，没有内容' : html`，每项：${fieldsOf(items)}`}${rows.length === 0 ? '' : html`<ul>${rows}</ul>`}`;
};

const bodyOf = (content: z.infer<typeof contentForm> | undefined): Html =>
  html`${Object.entries(content ?? {}).map(
    ([type, { schema, example }]) => html`
      <details>
        <summary>正文（<code>${type}</code>）</summary>
        <div>${fieldsOf(schema)}</div>
      </details>
      ${example === undefined ? '' : html`<p>示例</p><pre tabindex="0" role="region" aria-label="示例"><code>${JSON.stringify(example, null, 2)}</code></pre>`}
    `,
  )}`;

const operationOf = (document: Document, method: string, path: string, operation: Operation): Html => {
  const { components } = document;
  const parameters = operation.parameters.map((one) =>
    '$ref' in one ? partOf(String(one.$ref), components.parameters) : parameterForm.parse(one),
  );
  const responses = Object.entries(operation.responses).map(
    ([status, one]) =>
      [
        status,
        '$ref' in one ? partOf(String(one.$ref), components.responses) : responseForm.parse(one),
      ] as const,
  );
  const who = operation.security.flatMap((one) => Object.keys(one)).map((name) => WHO[name] ?? name);
  return html`
    <section id="${operation.operationId}">
      <h3>${operation.summary}</h3>
      <p><code>${method.toUpperCase()} ${path}</code>　${who.length === 0 ? '无须登录' : who.join('、')}</p>
      <p>${operation.description ?? ''}</p>
      ${
        parameters.length === 0
          ? ''
          : html`<h4>参数</h4><ul>${parameters.map(
              ({ name, required, description, schema }) =>
                html`<li><code>${name}</code>${required === true ? '（必填）' : ''} ${description ?? ''}${fieldsOf(schema)}</li>`,
            )}</ul>`
      }
      ${operation.requestBody === undefined ? '' : html`<h4>提交</h4>${bodyOf(operation.requestBody.content)}`}
      <h4>答复</h4>
      <ul>
        ${responses.map(
          ([status, { description, content }]) =>
            html`<li><code>${status}</code> ${description}${status.startsWith('2') ? bodyOf(content) : ''}</li>`,
        )}
      </ul>
    </section>`;
};

const pageOf = (document: Document): Html => {
  const { info, tags, paths, components } = document;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const chapters = tags.map(({ name }) => ({
    name,
    of: operations.filter(({ operation }) => operation.tags.includes(name)),
  }));
  return html`<!doctype html>
    <html lang="zh-CN">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${info.title}</title>
        <link rel="stylesheet" href="/docs.css" />
      </head>
      <body>
        <header>
          <h1>${info.title}</h1>
          <p><a href="#content">跳过目录</a>　<a href="/">返回首页</a></p>
          <p>版本 ${info.version}。供程序读取的说明：<a href="/v1/openapi.json">OpenAPI 3.1</a></p>
          <p>${info.description}</p>
        </header>
        <nav aria-label="目录">
          ${chapters.map(
            ({ name, of }) => html`<h2>${name}</h2>
              <ul>
                ${of.map(
                  ({ operation }) =>
                    html`<li><a href="#${operation.operationId}">${operation.summary}</a></li>`,
                )}
              </ul>`,
          )}
        </nav>
        <main id="content">
          ${chapters.map(
            ({ name, of }) => html`<h2>${name}</h2>
              ${of.map(({ method, path, operation }) => operationOf(document, method, path, operation))}`,
          )}
          <h2>数据的形式</h2>
          ${Object.entries(components.schemas).map(
            ([name, schema]) => html`<section id="schema-${name}">
              <h3>${name}</h3>
              <div>${fieldsOf(schema)}</div>
            </section>`,
          )}
        </main>
      </body>
    </html>`;
};

const STYLE = `:root { color-scheme: light dark; }
body { font: 16px/1.7 system-ui, "Noto Sans SC", "Microsoft YaHei", sans-serif; margin: 0 auto; max-width: 60rem; padding: 1rem; }
code, pre { font-family: ui-monospace, Consolas, monospace; font-size: 0.9em; overflow-wrap: anywhere; }
pre { border: 1px solid; overflow-x: auto; padding: 0.75rem; }
section { border-top: 1px solid; margin-top: 1.5rem; }
ul { padding-left: 1.25rem; overflow-wrap: anywhere; }
a:focus-visible, summary:focus-visible, pre:focus-visible { outline: 3px solid; outline-offset: 2px; }
@media (max-width: 30rem) { body { padding: .75rem; } ul ul ul { padding-left: .75rem; } }
`;

/** The page and its style sheet: that one is all that the page may load. */
export const docsApp = (description: unknown): Pages => {
  // Made at the first call: it takes 60 ms, and a start is not to wait for it.
  let page: Html | undefined;
  return new Hono<{ Bindings: HttpBindings }>()
    .get('/docs', async (context) => {
      page ??= pageOf(documentForm.parse(description));
      return context.html(await page, 200, {
        'content-security-policy':
          "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
      });
    })
    .get('/docs.css', (context) =>
      context.body(STYLE, 200, {
        'content-type': 'text/css; charset=utf-8',
        'cache-control': 'public, max-age=3600',
      }),
    );
};
