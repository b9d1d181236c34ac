import { expect, test } from 'vitest';
import { mailServerSchema } from '#adapters/smtp/mail-server.ts';

test.each([
  ['smtps://smtp.example.cn', { host: 'smtp.example.cn', port: 465, security: 'tls' }],
  ['smtps://smtp.example.cn:994', { host: 'smtp.example.cn', port: 994, security: 'tls' }],
  ['smtp://smtp.example.cn', { host: 'smtp.example.cn', port: 587, security: 'startTls' }],
  ['smtp://localhost:25', { host: 'localhost', port: 25, security: 'startTls' }],
  ['smtp://127.0.0.1:25', { host: '127.0.0.1', port: 25, security: 'none' }],
  ['smtp://[::1]:25/', { host: '::1', port: 25, security: 'none' }],
  ['smtps://127.0.0.1', { host: '127.0.0.1', port: 465, security: 'tls' }],
])('%s', (text, server) => {
  expect(mailServerSchema.parse(text)).toEqual(server);
});

test.each([
  'smtp.example.cn',
  'http://smtp.example.cn',
  'smtp://',
  'smtp://user:secret@smtp.example.cn',
  'smtp://smtp.example.cn/path',
  'smtp://smtp.example.cn?x=1',
  'smtp://smtp.example.cn:99999',
])('%s is none', (text) => {
  expect(mailServerSchema.safeParse(text).success).toBe(false);
});
