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
h2 { margin: 1.5rem 0 .5rem; font-size: 1.1rem; }
ul { padding-left: 1.25rem; }
label { display: block; margin: 1rem 0 .25rem; font-weight: 600; }
input { width: 100%; padding: .6rem .7rem; font: inherit; color: inherit; background: #fff; border: 1px solid #6b7280; border-radius: .3rem; }
button { width: 100%; margin-top: 1.5rem; padding: .7rem; font: inherit; font-weight: 600; color: #fff; background: #a8201a; border: 0; border-radius: .3rem; cursor: pointer; }
input[aria-invalid] { border: 2px solid #b91c1c; }
button:hover { background: #86150f; }
a { color: #8a1a15; overflow-wrap: anywhere; }
input:focus-visible, button:focus-visible, a:focus-visible { outline: 3px solid #1d4ed8; outline-offset: 2px; }
.hint { margin: .25rem 0 0; color: #4b5563; font-size: .9rem; }
.fault { margin: 0 0 1rem; padding: .6rem .8rem; color: #7f1d1d; background: #fef2f2; border-left: 4px solid #b91c1c; }
.key, .codes { font: 1.05rem/1.7 ui-monospace, Consolas, monospace; overflow-wrap: anywhere; background: #f3f4f6; padding: .6rem .8rem; border-radius: .3rem; }
/* Seventy modules of three and a half pixels. */
.qr { display: block; width: 15rem; max-width: 100%; height: auto; margin: 0 auto; }
code { font-family: ui-monospace, Consolas, monospace; overflow-wrap: anywhere; }
.codes { list-style: none; columns: 2; margin: 0; }
`;

const layout = (title: string, content: Markup, fault?: Fault): Markup => html`<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${fault === undefined ? '' : '出错：'}${title} - 困难职工建档系统</title>
<link rel="stylesheet" href="/account/style.css">
</head>
<body><main><h1>${title}</h1>${faultOf(fault)}${content}</main></body>
</html>`;

/** What is wrong with a form, and with which of its fields where it is one. */
export type Fault = { readonly message: string; readonly field?: string };

const faultOf = (fault: Fault | undefined): Markup =>
  fault === undefined ? html`` : html`<p class="fault" role="alert" id="fault">${fault.message}</p>`;

type Field = {
  readonly name: string;
  readonly label: string;
  readonly type?: 'text' | 'password' | 'tel' | 'email';
  readonly autocomplete: string;
  readonly hint?: string;
  readonly numeric?: boolean;
  readonly value?: string;
  readonly optional?: boolean;
};

const fieldOf = (
  { name, label, type = 'text', autocomplete, hint, numeric = false, value = '', optional = false }: Field,
  { focused, faulty }: { readonly focused: boolean; readonly faulty: boolean },
): Markup => {
  const described = [...(faulty ? ['fault'] : []), ...(hint === undefined ? [] : [`${name}-hint`])];
  return html`<label for="${name}">${label}${optional ? '（选填）' : ''}</label>
<input id="${name}" name="${name}" type="${type}" autocomplete="${autocomplete}" value="${value}"${optional ? '' : html` required`} maxlength="200"
 autocapitalize="none" spellcheck="false"${numeric ? html` inputmode="numeric"` : ''}${focused ? html` autofocus` : ''}${
   faulty ? html` aria-invalid="true"` : ''
 }${described.length === 0 ? '' : html` aria-describedby="${described.join(' ')}"`}>${
   hint === undefined ? '' : html`<p class="hint" id="${name}-hint">${hint}</p>`
 }`;
};

/** A form that posts to its own address. The field that is at fault, or else the first, has the cursor. */
const form = ({ csrf, fault }: FormState, fields: readonly Field[], button: string): Markup => {
  const faulty = fields.find(({ name }) => name === fault?.field);
  const focused = faulty ?? fields[0];
  return html`<form method="post">
<input type="hidden" name="csrf" value="${csrf}">
${fields.map((field) => fieldOf(field, { focused: field === focused, faulty: field === faulty }))}
<button type="submit">${button}</button>
</form>`;
};

/** What every page with a form is given. */
export type FormState = { readonly csrf: string; readonly fault?: Fault | undefined };

const PASSWORD_HINT = '至少12个字符，可用一句好记的话；不要用生日、姓名、身份证号码等容易猜到的内容。';
const NEW_PASSWORD: readonly Field[] = [
  { name: 'password', label: '新密码', type: 'password', autocomplete: 'new-password', hint: PASSWORD_HINT },
  { name: 'again', label: '再次输入新密码', type: 'password', autocomplete: 'new-password' },
];

const HOME = html`<p><a href="/">返回首页</a></p>`;
const FORGOTTEN = html`<p class="hint">忘记密码：工作人员请联系本级管理员，职工请到受理工会，凭身份证件办理重设。</p>`;

export const signInPage = (
  state: FormState,
  { account = '', upstream }: { readonly account?: string; readonly upstream?: string | undefined },
): Markup =>
  layout(
    '登录',
    html`${form(
      state,
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
${FORGOTTEN}`,
    state.fault,
  );

export const codePage = (state: FormState): Markup =>
  layout(
    '二次验证',
    html`<p>请打开手机上的验证器，输入本系统当前显示的6位验证码。手机不在身边时，可输入一个恢复码。</p>
${form(state, [{ name: 'code', label: '验证码或恢复码', autocomplete: 'one-time-code' }], '验证')}
<p class="hint">手机丢失、恢复码也用完的，请联系本级管理员重设二次验证。</p>`,
    state.fault,
  );

export const enrolPage = (
  state: FormState,
  { key, uri }: { readonly key: string; readonly uri: string },
): Markup =>
  layout(
    '设置二次验证',
    html`<p>工作人员登录须二次验证。请在手机上安装任一验证器应用，用它扫描下面的二维码：</p>
${qrCode(uri, '供验证器扫描的二维码，内容与下面的密钥相同')}
<p>不能扫描的，在验证器中选择“手动输入密钥”，填入（类型：基于时间）：</p>
<p class="key">${key.replaceAll(/(.{4})(?=.)/g, '$1 ')}</p>
<p>就在手机上打开本页的，可直接<a href="${uri}">添加到验证器</a>。</p>
${form(state, [{ name: 'code', label: '验证器显示的6位验证码', autocomplete: 'one-time-code', numeric: true }], '完成设置')}`,
    state.fault,
  );

/** The codes are shown once; who comes back to the page later finds none. */
export const recoveryPage = (state: FormState, codes: readonly string[]): Markup =>
  layout(
    '请保存恢复码',
    codes.length === 0
      ? html`<p>恢复码只显示一次，现在不能再看。没有保存的，登录后请本级管理员重设二次验证，即可得到新的恢复码。</p>
${form(state, [], '继续登录')}`
      : html`<p>手机丢失时，每个恢复码可代替验证码使用一次。只显示这一次，请抄下或打印，妥善保管。</p>
<ul class="codes">${codes.map((code) => html`<li>${code}</li>`)}</ul>
${form(state, [], '我已保存，继续')}`,
  );

export const newPasswordPage = (state: FormState): Markup =>
  layout('设置密码', form(state, NEW_PASSWORD, '设置密码'), state.fault);

export const passwordSetPage = (): Markup =>
  layout('密码已设置', html`<p>新密码已生效，其他设备上的登录均已退出。请用新密码登录。</p>${HOME}`);

export const setupPage = (
  state: FormState,
  { name = '', account = '' }: { readonly name?: string; readonly account?: string },
): Markup =>
  layout(
    '建立首位管理员',
    html`<p>您将成为本系统的首位管理员，任职于最上级工会，此后由您为各岗位人员建立账号。</p>
${form(
  state,
  [
    { name: 'name', label: '姓名', autocomplete: 'name', value: name },
    {
      name: 'account',
      label: '登录名',
      autocomplete: 'username',
      value: account,
      hint: '3至40个字母、数字、点、下划线或连字符。',
    },
    ...NEW_PASSWORD,
  ],
  '建立',
)}`,
    state.fault,
  );

export const setupDonePage = (): Markup =>
  layout('首位管理员已建立', html`<p>请登录，按提示设置二次验证，然后为各岗位人员建立账号。</p>${HOME}`);

export const registerPage = (
  state: FormState,
  { name = '', phone = '', email = '' }: { readonly [field in 'name' | 'phone' | 'email']?: string },
): Markup =>
  layout(
    '职工注册',
    html`<p>一人一个账号，以身份证号码登录。您的证件号码、电话和邮箱加密保存。填写之前请阅读<a href="/privacy">《个人信息处理告知书》</a>，注册即表示您已阅读；建立申请时还会请您逐项表示同意。</p>
${form(
  state,
  [
    { name: 'name', label: '姓名', autocomplete: 'name', value: name },
    { name: 'idNumber', label: '身份证号码', autocomplete: 'off', hint: '18位，末位是X的请照填。' },
    { name: 'phone', label: '手机号码', type: 'tel', autocomplete: 'tel', numeric: true, value: phone },
    {
      name: 'email',
      label: '电子邮箱',
      type: 'email',
      autocomplete: 'email',
      value: email,
      optional: true,
      hint: '填写后，有办理通知时另发一封邮件提醒。',
    },
    ...NEW_PASSWORD,
  ],
  '注册',
)}`,
    state.fault,
  );

/** The same whether or not there was an account before. */
export const registeredPage = (): Markup =>
  layout(
    '注册已受理',
    html`<p>请用身份证号码和刚才设置的密码登录。</p>
<p>如果不能登录，说明此前已用该身份证号码注册过，请用原来的密码；忘记密码的，请到受理工会凭身份证件办理重设。</p>
${HOME}`,
  );

export const lockedPage = (waitMs: number): Markup =>
  layout(
    '请稍后再试',
    html`<p>尝试次数过多，请在约${Math.max(1, Math.ceil(waitMs / 60_000))}分钟后再试。在此之前，密码正确也不能登录。</p>
<p>如果不是您本人在尝试，请告知本级管理员或受理工会。</p>
<p><a href="">时间到了，再试一次</a></p>
${FORGOTTEN}`,
  );

/** `again`: where to begin anew; the page's own address where left empty. */
export const expiredPage = (again = '/'): Markup =>
  layout(
    '页面已过期',
    html`<p>页面停留太久、已经用过，或者浏览器禁用了 Cookie。刚才填写的内容没有提交。</p>
<p><a href="${again}">重新开始</a></p>`,
  );

export const badLinkPage = (): Markup =>
  layout(
    '链接无效',
    html`<p>这个链接已用过、已过期，或者不完整。</p>
<p>如果密码已经设置好，请直接登录；没有设置的，请向发给您链接的人另要一个。</p>${HOME}`,
  );

const REASONS: Readonly<Record<string, string>> = {
  suspended: '您的账号已停用。如有疑问，请联系受理工会或本级管理员。',
  upstream: '统一身份认证系统没有完成登录。请稍后再试，或者用本系统的账号登录。',
};

export const errorPage = (code: string): Markup =>
  layout('登录未完成', html`<p>${REASONS[code] ?? `登录请求有误（${code}），请从首页重新登录。`}</p>${HOME}`);

/** `markup` is the provider's own hidden form, named `op.logoutForm`. */
export const signOutPage = (markup: string): Markup =>
  layout(
    '退出登录',
    html`${raw(markup)}<p>确定要退出登录吗？</p>
<button type="submit" form="op.logoutForm" name="logout" value="yes">退出登录</button>`,
  );

export const signedOutPage = (): Markup =>
  layout('已退出登录', html`<p>您已退出登录。公用电脑请同时关闭浏览器。</p>${HOME}`);
