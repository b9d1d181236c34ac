import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bankOf, checkBankCard } from '#domain/identity/bank-card.ts';
import type { Checked } from '#domain/identity/checked.ts';
import { checkCreditCode } from '#domain/identity/credit-code.ts';
import { divisionOf, leadingDivision, prefectures } from '#domain/identity/divisions.ts';
import { checkPhone } from '#domain/identity/phone.ts';
import { syntheticCardNumber } from '../../../scripts/demo/synthetic.ts';

const verdict = (result: Checked): string =>
  result.ok ? ['ok', ...result.warnings.map(({ code }) => code)].join(' ') : result.code;

describe('统一社会信用代码（GB 32100）', () => {
  // The standard's own example and two large companies' published codes.
  const published = ['91350100M000100Y43', '91330100799655058B', '9144030071526726XG'];

  it('公开的代码有效', () => {
    for (const code of published) {
      expect(checkCreditCode(code), code).toEqual({ ok: true, value: code, warnings: [] });
      expect(checkCreditCode(` ${code.toLowerCase()} `)).toMatchObject({ ok: true, value: code });
    }
  });

  it('输错任何一位必被发现', () => {
    const characters = '0123456789ABCDEFGHJKLMNPQRTUWXY';
    fc.assert(
      fc.property(
        fc.constantFrom(...published),
        fc.nat(17),
        fc.constantFrom(...characters),
        (code, place, character) => {
          fc.pre(code.charAt(place) !== character);
          const wrong = code.slice(0, place) + character + code.slice(place + 1);
          expect(checkCreditCode(wrong).ok).toBe(false);
        },
      ),
    );
  });

  it('不用的字母与长度不符的不予通过', () => {
    for (const code of ['', '91350100M000100Y4', '91350100I000100Y43', '9135010AM000100Y43']) {
      expect(verdict(checkCreditCode(code)), code).toBe('form');
    }
  });

  it('组织机构代码校验位不符的只提示', () => {
    // The example with 5 for its organisation code's check character 4; one last character fits the outer check.
    const found = [...'0123456789ABCDEFGHJKLMNPQRTUWXY'].map((last) =>
      verdict(checkCreditCode(`91350100M000100Y5${last}`)),
    );
    expect(found.filter((one) => one === 'ok organisation-code')).toHaveLength(1);
  });
});

describe('银行卡号', () => {
  it('校验位正确的有效，并识别发卡银行', () => {
    const number = syntheticCardNumber(1);
    expect(checkBankCard(number)).toEqual({ ok: true, value: number, warnings: [] });
    expect(bankOf(number)).toBe('中国工商银行');
    expect(checkBankCard(number.replace(/(.{4})/g, '$1 '))).toMatchObject({ ok: true, value: number });
    // The usual test number of the Luhn algorithm's descriptions, of no issuer in the table.
    expect(verdict(checkBankCard('4111-1111-1111-1111'))).toBe('ok unknown-issuer');
  });

  it('输错任何一位必被发现', () => {
    fc.assert(
      fc.property(fc.nat(9999), fc.nat(18), fc.integer({ min: 1, max: 9 }), (serial, place, by) => {
        const number = syntheticCardNumber(serial);
        const digit = (Number(number.charAt(place)) + by) % 10;
        expect(checkBankCard(number.slice(0, place) + digit + number.slice(place + 1)).ok).toBe(false);
      }),
    );
  });

  it('位数不符或含其他字符的不予通过', () => {
    for (const text of ['', '6222', '6222020000000000000001', '62220200000000000x1']) {
      expect(verdict(checkBankCard(text)), text).toBe('form');
    }
  });
});

describe('电话号码', () => {
  it('手机号与固定电话各有规范形式', () => {
    const forms = {
      13800138000: '13800138000',
      '138-0013-8000': '13800138000',
      '+86 138 0013 8000': '13800138000',
      '008613800138000': '13800138000',
      '１３８００１３８０００': '13800138000',
      '0551-62345678': '0551-62345678',
      '055162345678': '0551-62345678',
      '（0551）62345678': '0551-62345678',
      '+86-551-62345678': '0551-62345678',
      '0551-62345678转801': '0551-62345678-801',
      '0559-2345678': '0559-2345678',
      '010-62345678': '010-62345678',
    };
    for (const [text, value] of Object.entries(forms)) {
      expect(checkPhone(text), text).toEqual({ ok: true, value, warnings: [] });
    }
  });

  it('号段、区号或位数不符的不予通过', () => {
    for (const text of [
      '',
      '12345678901',
      '1380013800',
      '138001380000',
      '62345678',
      '0123-4567890',
      '010-6234567',
      '0551-12345678',
    ]) {
      expect(verdict(checkPhone(text)), text).toBe('form');
    }
  });
});

describe('安徽省行政区划代码', () => {
  const everyDivision = Array.from({ length: 10_000 }, (_, n) => divisionOf(String(340000 + n))).filter(
    (division) => division !== undefined,
  );

  it('现行16个设区的市、104个县区市', () => {
    expect(prefectures()).toHaveLength(16);
    const inForce = everyDivision.filter((division) => division.inForce && !division.code.endsWith('00'));
    expect(inForce).toHaveLength(104);
  });

  it('已撤销的代码仍可查到其原属地', () => {
    expect(divisionOf('340822')).toEqual({
      code: '340822',
      name: '怀宁县',
      prefecture: '安庆市',
      inForce: true,
    });
    expect(divisionOf('341402')).toEqual({
      code: '341402',
      name: '居巢区',
      prefecture: '巢湖市',
      inForce: false,
    });
    expect(divisionOf('342422')).toMatchObject({ name: '寿县', prefecture: '六安地区', inForce: false });
    expect(divisionOf('340100')).toMatchObject({ name: '合肥市', prefecture: '合肥市' });
    for (const code of ['349999', '320100', '', 'toString']) expect(divisionOf(code), code).toBeUndefined();
  });

  it('每个县区都有所属的市或原地区，名称互不为前缀', () => {
    for (const { code, name, prefecture } of everyDivision) {
      expect(prefecture, code).toMatch(/(?:市|地区|省)$/);
      expect(leadingDivision(`${name}某路1号`)).toBe(name);
    }
    expect(leadingDivision('某路1号')).toBe('');
  });
});
