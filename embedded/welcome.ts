/** What a browser sees at the root: that the system runs, and where things are. */
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { html } from 'hono/html';
import type { Pages } from './http/app.ts';

const PAGE = html`<!doctype html>
<html lang="zh-CN">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>困难职工建档系统</title>
  </head>
  <body>
    <main>
      <h1>困难职工建档系统（单机版）</h1>
      <p>系统正在运行。本版本提供接口，网页门户将在后续版本提供。</p>
      <ul>
        <li><a href="/docs">接口说明</a></li>
        <li><a href="/v1/notices">正在公示的申请</a></li>
        <li><a href="/health">运行状态</a>、<a href="/metrics">业务指标</a></li>
        <li><a href="/.well-known/jwks.json">登录凭证的公钥</a></li>
      </ul>
      <p>试算：向 <code>POST /v1/assessments</code> 提交申报内容，不保存任何数据。</p>
      <p>登录：<a href="/oidc/.well-known/openid-configuration">OpenID 服务的说明</a>，<a href="/account/register">职工注册</a>。</p>
    </main>
  </body>
</html>`;

export const welcomeApp = (): Pages =>
  new Hono<{ Bindings: HttpBindings }>().get('/', (context) => context.html(PAGE));
