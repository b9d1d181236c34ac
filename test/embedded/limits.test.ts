import { expect, test } from 'vitest';
import { addressOf } from '#embedded/http/limits.ts';

const PEER = '198.51.100.7';

test.each<[string, string | undefined, number, string]>([
  ['no proxy: the peer', undefined, 0, PEER],
  ['no proxy: what the client claims is passed over', '192.0.2.1', 0, PEER],
  ['one proxy: the last hop', '203.0.113.9, 192.0.2.1', 1, '192.0.2.1'],
  ['two proxies: the last but one', '203.0.113.9, 192.0.2.1, 10.0.0.2', 2, '192.0.2.1'],
  ['fewer hops than proxies: the peer', '192.0.2.1', 2, PEER],
  ['a proxy that says nothing: the peer', undefined, 1, PEER],
  ['no address: the peer', 'unknown', 1, PEER],
  ['no address, but a key: the peer', '__proto__', 1, PEER],
  ['IPv4 in IPv6', '::ffff:192.0.2.1', 1, '192.0.2.1'],
  ['IPv6: its network', '2001:db8:1:2:3:4:5:6', 1, '2001:db8:1:2'],
  ['IPv6 written short', '2001:db8::6', 1, '2001:db8:0:0'],
  ['IPv6 with leading zeros and capitals', '2001:0DB8:0001::1', 1, '2001:db8:1:0'],
  ['the loopback of IPv6', '::1', 1, '0:0:0:0'],
])('%s', (_, forwardedFor, trustedProxies, address) => {
  expect(addressOf({ peer: PEER, forwardedFor }, trustedProxies)).toBe(address);
});

test('a household’s IPv6 addresses are one', () => {
  const network = (peer: string) => addressOf({ peer, forwardedFor: undefined }, 0);
  expect(network('2001:db8:1:2::1')).toBe(network('2001:db8:1:2:ffff:ffff:ffff:ffff'));
  expect(network('2001:db8:1:2::1')).not.toBe(network('2001:db8:1:3::1'));
  expect(network('fe80::1%eth0')).toBe(network('fe80::2'));
});
