/** The pages of sign-in: plain HTML, no script, one stylesheet. `html` escapes what is put in. */
import { html, raw } from 'hono/html';
import { qrCode } from './qr-code.ts';

type Markup = ReturnType<typeof html>;

/** The content security policy of a page; a form may lead on to the portal, which in development is elsewhere. */
export const pagePolicy = (origin: string, demo: boolean): string =>
  [
    "default-src 'none'",
    "style-src 'self'",
    `form-action 'self' ${origin}${demo ? ' http://127.0.0.1:*' : ''}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

export const STYLESHEET = `
:root { font: 1rem/1.6 system-ui, "Noto Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif; color: #1a1a1a; background: #f3f4f6; }
* { box-sizing: border-box; }
body { margin: 0; padding: 1.5rem 1rem; }
main { max-width: 26rem; margin: 0 auto; padding: 1.5rem; background: #fff; border: 1px solid #d0d4da; border-radius: .5rem; }
h1 { margin: 0 0 1rem; font-size: 1.35rem; line-height: 1.3; }
label { display: block; margin: 1rem 0 .25rem; font-weight: 600; }
input { width: 100%; padding: .6rem .7rem; font: inherit; color: inherit; background: #fff; border: 1px solid #6b7280; border-radius: .3rem; }
button { width: 100%; margin-top: 1.5rem; padding: .7rem; font: inherit; font-weight: 600; color: #fff; background: #a8201a; border: 0; border-radius: .3rem; cursor: pointer; }
button:hover { background: #86150f; }
a { color: #8a1a15; overflow-wrap: anywhere; }
input:focus-visible, button:focus-visible, a:focus-visible { outline: 3px solid #1d4ed8; outline-offset: 2px; }
.hint { margin: .25rem 0 0; color: #4b5563; font-size: .9rem; }
.fault { margin: 0 0 1rem; padding: .6rem .8rem; color: #7f1d1d; background: #fef2f2; border-left: 4px solid #b91c1c; }
.key, .codes { font: 1.05rem/1.7 ui-monospace, Consolas, monospace; overflow-wrap: anywhere; background: #f3f4f6; padding: .6rem .8rem; border-radius: .3rem; }
/* Seventy modules of three and a half pixels. */
.qr { display: block; width: 15rem; max-width: 100%; height: auto; margin: 0 auto; }
.codes { list-style: none; columns: 2; margin: 0; }
`;

const layout = (title: string, content: Markup): Markup => html`<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} - 困难职工建档系统</title>
<link rel="stylesheet" href="/account/style.css">
</head>
<body><main><h1>${title}</h1>${content}</main></body>
</html>`;

const faultOf = (fault: string | undefined): Markup =>
  fault === undefined ? html`` : html`<p class="fault" role="alert" id="fault">${fault}</p>`;

type Field = {
  readonly name: string;
  readonly label: string;
  readonly type?: 'text' | 'password';
  readonly autocomplete: string;
  readonly hint?: string;
  readonly numeric?: boolean;
  readonly value?: string;
};

const fieldOf = (
  { name, label, type = 'text', autocomplete, hint, numeric = false, value = '' }: Field,
  first: boolean,
): Markup => html`<label for="${name}">${label}</label>
<input id="${name}" name="${name}" type="${type}" autocomplete="${autocomplete}" value="${value}" required maxlength="200"
 autocapitalize="none" spellcheck="false"${numeric ? html` inputmode="numeric"` : ''}${first ? html` autofocus` : ''}${
   hint === undefined ? '' : html` aria-describedby="${name}-hint"`
 }>${hint === undefined ? '' : html`<p class="hint" id="${name}-hint">${hint}</p>`}`;

/** A form that posts to its own address. */
const form = (csrf: string, fields: readonly Field[], button: string): Markup => html`<form method="post">
<input type="hidden" name="csrf" value="${csrf}">
${fields.map((field, index) => fieldOf(field, index === 0))}
<button type="submit">${button}</button>
</form>`;

/** What every page with a form is given. */
export type FormState = { readonly csrf: string; readonly fault?: string | undefined };

const PASSWORD_HINT = '至少12个字符，可用一句好记的话；不要用生日、姓名、身份证号码等容易猜到的内容。';
const NEW_PASSWORD: readonly Field[] = [
  { name: 'password', label: '新密码', type: 'password', autocomplete: 'new-password', hint: PASSWORD_HINT },
  { name: 'again', label: '再次输入新密码', type: 'password', autocomplete: 'new-password' },
];

export const signInPage = (
  { csrf, fault }: FormState,
  { account = '', upstream }: { readonly account?: string; readonly upstream?: string | undefined },
): Markup =>
  layout(
    '登录',
    html`${faultOf(fault)}
${form(
  csrf,
  [
    {
      name: 'account',
      label: '登录名',
      autocomplete: 'username',
      value: account,
      hint: '职工用身份证号码，工作人员用管理员分配的登录名。',
    },
    { name: 'password', label: '密码', type: 'password', autocomplete: 'current-password' },
  ],
  '登录',
)}
<p>职工还没有账号？<a href="/account/register">注册</a></p>
${upstream === undefined ? '' : html`<p><a href="${upstream}">用省统一身份认证登录</a></p>`}
<p class="hint">忘记密码：工作人员请联系本级管理员，职工请到受理工会，凭身份证件办理重设。</p>`,
  );

export const codePage = ({ csrf, fault }: FormState): Markup =>
  layout(
    '二次验证',
    html`${faultOf(fault)}<p>请打开手机上的验证器，输入本系统当前显示的6位验证码。手机不在身边时，可输入一个恢复码。</p>
${form(csrf, [{ name: 'code', label: '验证码或恢复码', autocomplete: 'one-time-code' }], '验证')}`,
  );

export const enrolPage = (
  { csrf, fault }: FormState,
  { key, uri }: { readonly key: string; readonly uri: string },
): Markup =>
  layout(
    '设置二次验证',
    html`${faultOf(fault)}<p>工作人员登录须二次验证。请在手机上安装任一验证器应用，用它扫描下面的二维码：</p>
${qrCode(uri, '供验证器扫描的二维码，内容与下面的密钥相同')}
<p>不能扫描的，在验证器中选择“手动输入密钥”，填入（类型：基于时间）：</p>
<p class="key">${key.replaceAll(/(.{4})(?=.)/g, '$1 ')}</p>
<p>就在手机上打开本页的，可直接<a href="${uri}">添加到验证器</a>。</p>
${form(csrf, [{ name: 'code', label: '验证器显示的6位验证码', autocomplete: 'one-time-code', numeric: true }], '完成设置')}`,
  );

export const recoveryPage = ({ csrf }: FormState, codes: readonly string[]): Markup =>
  layout(
    '请保存恢复码',
    html`<p>手机丢失时，每个恢复码可代替验证码使用一次。只显示这一次，请抄下或打印，妥善保管。</p>
<ul class="codes">${codes.map((code) => html`<li>${code}</li>`)}</ul>
${form(csrf, [], '我已保存，继续')}`,
  );

export const newPasswordPage = ({ csrf, fault }: FormState): Markup =>
  layout('设置密码', html`${faultOf(fault)}${form(csrf, NEW_PASSWORD, '设置密码')}`);

export const passwordSetPage = (): Markup =>
  layout('密码已设置', html`<p>新密码已生效，其他设备上的登录均已退出。</p><p><a href="/">去登录</a></p>`);

export const setupPage = (
  { csrf, fault }: FormState,
  { name = '', account = '' }: { readonly name?: string; readonly account?: string },
): Markup =>
  layout(
    '建立首位管理员',
    html`${faultOf(fault)}${form(
      csrf,
      [
        { name: 'name', label: '姓名', autocomplete: 'name', value: name },
        { name: 'account', label: '登录名', autocomplete: 'username', value: account },
        ...NEW_PASSWORD,
      ],
      '建立',
    )}`,
  );

export const setupDonePage = (): Markup =>
  layout(
    '首位管理员已建立',
    html`<p>请登录，按提示设置二次验证，然后为各岗位人员建立账号。</p><p><a href="/">去登录</a></p>`,
  );

export const registerPage = (
  { csrf, fault }: FormState,
  { name = '', phone = '' }: { readonly name?: string; readonly phone?: string },
): Markup =>
  layout(
    '职工注册',
    html`${faultOf(fault)}<p>一人一个账号，以身份证号码登录。您的证件号码和电话加密保存。</p>
${form(
  csrf,
  [
    { name: 'name', label: '姓名', autocomplete: 'name', value: name },
    { name: 'idNumber', label: '身份证号码', autocomplete: 'off' },
    { name: 'phone', label: '手机号码', autocomplete: 'tel', numeric: true, value: phone },
    ...NEW_PASSWORD,
  ],
  '注册',
)}`,
  );

/** The same whether or not there was an account before. */
export const registeredPage = (): Markup =>
  layout(
    '注册已受理',
    html`<p>请用身份证号码和刚才设置的密码登录。</p>
<p>如果不能登录，说明此前已用该身份证号码注册过，请用原来的密码；忘记密码的，请到受理工会凭身份证件办理重设。</p>
<p><a href="/">去登录</a></p>`,
  );

export const lockedPage = (waitMs: number): Markup =>
  layout(
    '暂时不能登录',
    html`<p>尝试次数过多，请在约${Math.max(1, Math.ceil(waitMs / 60_000))}分钟后再试。</p><p>如果不是您本人在尝试，请告知本级管理员。</p>`,
  );

export const expiredPage = (): Markup =>
  layout('页面已过期', html`<p>登录页面停留太久，或者已经用过。</p><p><a href="/">重新登录</a></p>`);

export const badLinkPage = (): Markup =>
  layout('链接无效', html`<p>这个链接已用过、已过期，或者不完整。请向发给您链接的人另要一个。</p>`);

export const errorPage = (code: string): Markup =>
  layout(
    '登录未完成',
    html`<p>登录请求有误（${code}），请返回系统首页重试。</p><p><a href="/">返回首页</a></p>`,
  );

/** `markup` is the provider's own hidden form, named `op.logoutForm`. */
export const signOutPage = (markup: string): Markup =>
  layout(
    '退出登录',
    html`${raw(markup)}<p>确定要退出登录吗？</p>
<button type="submit" form="op.logoutForm" name="logout" value="yes">退出登录</button>`,
  );

export const signedOutPage = (): Markup =>
  layout('已退出登录', html`<p>您已退出登录。公用电脑请同时关闭浏览器。</p><p><a href="/">返回首页</a></p>`);
