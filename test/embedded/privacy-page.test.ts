import { expect, test } from 'vitest';
import { PRIVACY_NOTICES } from '#domain/privacy/notices.ts';
import { privacyPage } from '#embedded/privacy-page.ts';

test('现行的告知书逐段可读，旧版本不再显示，文字不成为标记', async () => {
  const [old] = PRIVACY_NOTICES;
  const section = { title: '一、<b>谁</b>处理', paragraphs: ['甲 & 乙'] };
  const answer = await privacyPage([
    { ...old, title: '旧告知书' },
    { version: '2027-1', title: '新告知书', sections: [section] },
  ]).request('/privacy');
  expect([answer.status, answer.headers.get('content-security-policy')]).toEqual([
    200,
    expect.stringContaining("default-src 'none'"),
  ]);
  const text = await answer.text();
  for (const words of ['<h1>新告知书</h1>', '版本 2027-1', '一、&lt;b&gt;谁&lt;/b&gt;处理', '甲 &amp; 乙']) {
    expect(text).toContain(words);
  }
  expect(text).not.toContain('旧告知书');
});
