import { scryptSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Passwords, passwordFault, SCRYPT_COST } from '#embedded/identity/passwords.ts';

const weak = { logN: 8, r: 8, p: 1 };

describe('passwords as they are kept', () => {
  test('the cost of an installation is scrypt with N = 2^17, r = 8, p = 1', async () => {
    expect(SCRYPT_COST).toEqual({ logN: 17, r: 8, p: 1 });
    const passwords = new Passwords();
    const kept = await passwords.hash('一句很长很长的好记的话');
    expect(kept).toMatch(/^scrypt\$17\$8\$1\$/);
    expect(await passwords.verify('一句很长很长的好记的话', kept)).toEqual({ ok: true, stale: false });
  });

  test('the same password is kept differently each time, and only it is right', async () => {
    const passwords = new Passwords(weak);
    const [one, other] = [await passwords.hash('correct horse'), await passwords.hash('correct horse')];
    expect(one).not.toBe(other);
    expect(one).not.toContain('correct');
    expect(await passwords.verify('correct horse', other)).toMatchObject({ ok: true });
    expect(await passwords.verify('correct horsE', other)).toMatchObject({ ok: false });
  });

  test('salt, cost and hash stand in what is kept, as scrypt itself reckons them', async () => {
    const [, logN, r, p, salt, hash] = (await new Passwords(weak).hash('correct horse')).split('$');
    const cost = { N: 2 ** Number(logN), r: Number(r), p: Number(p) };
    const reckoned = scryptSync('correct horse', Buffer.from(salt ?? '', 'base64url'), 32, cost);
    expect(reckoned.toString('base64url')).toBe(hash);
  });

  test('a password kept with another cost is right, and due to be kept anew', async () => {
    const kept = await new Passwords(weak).hash('correct horse');
    expect(await new Passwords({ ...weak, logN: 9 }).verify('correct horse', kept)).toEqual({
      ok: true,
      stale: true,
    });
  });

  test('composed and decomposed signs are the same password', async () => {
    const passwords = new Passwords(weak);
    expect(await passwords.verify('caf\u0065\u0301', await passwords.hash('caf\u00e9'))).toMatchObject({
      ok: true,
    });
  });

  test('where there is no account, the same work is done and nothing is right', async () => {
    const passwords = new Passwords(weak);
    expect(await passwords.verify('', null)).toEqual({ ok: false, stale: false });
  });

  test('a kept form that is none is a fault, not a wrong password', async () => {
    await expect(new Passwords(weak).verify('x', 'plain')).rejects.toThrow('known form');
  });

  test('who comes when too many wait is sent away and told so', async () => {
    const passwords = new Passwords(weak);
    const all = await Promise.allSettled(Array.from({ length: 60 }, () => passwords.hash('x')));
    const refused = all.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    expect(refused).toHaveLength(18);
    expect(refused[0]).toMatchObject({ status: 503, code: 'busy' });
  });
});

describe('what is taken as a password', () => {
  test.each([
    ['too short', 'Zk4!vb9#q2x', []],
    ['one sign', 'aaaaaaaaaaaaaaaa', []],
    ['a run', '123456789012345', []],
    ['a run and a common word', 'password123456', []],
    ['a common word twice', 'qwertyuiopqwertyuiop', []],
    ['the own ID number', '34010419800101123x', ['34010419800101123X']],
    ['the own phone number and a tail', '13900001234abc', ['13900001234']],
    ['endless', 'ab3d5'.repeat(30), []],
  ])('not %s', (_, password, personal) => {
    expect(passwordFault(password, personal)).toMatch(/[。]$/);
  });

  test.each(['蓝色的自行车停在三楼门口', 'correct horse battery', 'Zk4!vb9#q2xW'])('%s', (password) => {
    expect(passwordFault(password, ['王合成', '13900001234'])).toBeUndefined();
  });
});
