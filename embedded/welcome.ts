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
    <link rel="stylesheet" href="/account/style.css" />
  </head>
  <body>
    <main>
      <h1>困难职工建档系统（单机版）</h1>
      <p>系统正在运行。本版本提供接口，网页门户将在后续版本提供。</p>
      <h2>职工</h2>
      <ul>
        <li><a href="/account/register">注册账号</a>，以身份证号码登录；不便自己办理的，请到受理工会由经办人代为申请</li>
        <li><a href="/privacy">个人信息处理告知书</a>：处理哪些信息、为了什么、保存多久、您有哪些权利</li>
        <li><a href="/v1/notices">正在公示的申请</a>（数据）</li>
      </ul>
      <h2>工会工作人员</h2>
      <p>账号由本级管理员建立；首位管理员的一次性链接在系统启动时打印。</p>
      <h2>技术人员</h2>
      <ul>
        <li><a href="/docs">接口说明</a></li>
        <li>试算：向 <code>POST /v1/assessments</code> 提交申报内容，不保存任何数据</li>
        <li>登录：<a href="/oidc/.well-known/openid-configuration">OpenID 服务的说明</a>、<a href="/.well-known/jwks.json">登录凭证的公钥</a></li>
        <li><a href="/health">运行状态</a>、<a href="/metrics">业务指标</a></li>
      </ul>
    </main>
  </body>
</html>`;

/** The policy of a page that loads its style sheet and nothing else. */
export const STYLED_PAGE = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'";

export const welcomeApp = (): Pages =>
  new Hono<{ Bindings: HttpBindings }>().get('/', (context) =>
    context.html(PAGE, 200, { 'content-security-policy': STYLED_PAGE }),
  );
