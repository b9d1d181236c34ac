import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Process } from '../support/process.ts';

const MAIN = join(import.meta.dirname, '../../embedded/main.ts');

test.each([
  [['--allowed-origins', 'portal.example.cn'], '--allowed-origins 应为网页来源'],
  [['--allowed-origins', 'https://a.example.cn, https://b.example.cn/path'], '不带路径'],
  [['--allowed-origins', '*'], '--allowed-origins 应为网页来源'],
  [['--retention-years', '0'], '--retention-years 应在1到30之间'],
  [['--mail-server', 'smtp.example.cn', '--mail-from', 'a@example.cn'], 'smtps://主机:端口'],
  [['--mail-server', 'smtps://smtp.example.cn'], '--mail-server 和 --mail-from 应同时填写'],
  [['--mail-server', 'smtps://smtp.example.cn', '--mail-from', 'filing'], '--mail-from 应为电子邮箱'],
  [['--trusted-proxies', '11'], '--trusted-proxies 应在0到10之间'],
  [['--trusted-proxies', 'many'], '--trusted-proxies 应为数字'],
])('npm start -- %j: exit 2, and how it is done', async (args, message) => {
  const server = new Process(MAIN, args);
  expect(await server.ended).toEqual({ code: 2, signal: null });
  expect(server.errors).toContain(message);
  expect(server.errors).toContain('用法：npm start');
});
