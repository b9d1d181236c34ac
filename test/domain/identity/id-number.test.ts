import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ageOn, checkIdNumber, idCheckCharacter, idNumberFacts } from '#domain/identity/id-number.ts';
import { syntheticIdNumber } from '../../../scripts/demo/synthetic.ts';

const on = '2026-03-02';

/** A number of 18 places from its first 17, whatever they say. */
const complete = (first17: string): string => first17 + idCheckCharacter(first17);

/** What a refusal's code is, or `ok` with the codes of its warnings. */
function verdict(text: string, options: Parameters<typeof checkIdNumber>[1] = { on }): string {
  const result = checkIdNumber(text, options);
  if (!result.ok) return result.code;
  return ['ok', ...result.warnings.map(({ code }) => code)].join(' ');
}

const person = fc.record({
  birthDate: fc
    .date({ min: new Date('1900-01-01'), max: new Date('2026-03-01'), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10)),
  sex: fc.constantFrom('male', 'female'),
  serial: fc.nat(499),
});

describe('公民身份号码（GB 11643）', () => {
  it('标准附录的示例号码校验位正确', () => {
    // The two examples printed in GB 11643-1999, clause 4.
    expect(idCheckCharacter('11010519491231002')).toBe('X');
    expect(idCheckCharacter('44052418800101001')).toBe('4');
  });

  it('合成号码全部有效，并读出出生日期与性别', () => {
    fc.assert(
      fc.property(person, (one) => {
        const number = syntheticIdNumber(one);
        expect(verdict(number)).toBe('ok');
        const { birthDate, sex } = one;
        expect(idNumberFacts(number)).toEqual({ kind: 'citizen', birthDate, sex, divisionCode: '340000' });
      }),
    );
  });

  it('输错任何一位，或将相邻两位颠倒，必被发现', () => {
    fc.assert(
      fc.property(person, fc.nat(17), fc.integer({ min: 1, max: 9 }), (one, place, by) => {
        const number = syntheticIdNumber(one);
        const digit = number.charAt(place) === 'X' ? 10 : Number(number.charAt(place));
        const wrong = number.slice(0, place) + ((digit + by) % 10) + number.slice(place + 1);
        if (wrong !== number) expect(verdict(wrong)).not.toMatch(/^ok/);
        const [a, b] = [number.charAt(place), number.charAt(place + 1)];
        if (place < 17 && a !== b) {
          expect(verdict(number.slice(0, place) + b + a + number.slice(place + 2))).not.toMatch(/^ok/);
        }
      }),
    );
  });

  it('小写x、全角数字和空格按规范形式读取', () => {
    const number = complete('34000019491231002');
    const found = [number, `${number.slice(0, 6)} ${number.slice(6)}`, number.toLowerCase()].map((text) =>
      checkIdNumber(text, { on }),
    );
    const wide = number.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)));
    for (const result of [...found, checkIdNumber(wide, { on })]) {
      expect(result).toEqual({ ok: true, value: number, warnings: [] });
    }
  });

  it('不存在的日期（如2月31日、平年2月29日）不予通过', () => {
    for (const date of ['19900231', '19900230', '20230229', '19901301', '19900001', '19900100', '21000229']) {
      expect(verdict(complete(`340100${date}001`)), date).toBe('birth-date');
    }
    expect(verdict(complete('34010020240229001'))).toBe('ok');
  });

  it('出生日期不得晚于当日，年龄须小于130岁', () => {
    expect(verdict(complete('34010020260302001'))).toBe('ok');
    expect(verdict(complete('34010020260303001'))).toBe('birth-date-future');
    expect(verdict(complete('34010018960303001'))).toBe('ok');
    expect(verdict(complete('34010018960302001'))).toBe('birth-date-past');
  });

  it('地区代码未收录的只提示、不拒绝', () => {
    expect(verdict(complete('34019919900101001'))).toBe('ok unknown-region');
    expect(verdict(complete('20010119900101001'))).toBe('ok unknown-region');
    expect(verdict(complete('34242219700101001'))).toBe('ok');
    expect(verdict(complete('11010119900101001'))).toBe('ok');
  });

  it('港澳台居民居住证（81、82、83）有效', () => {
    for (const code of ['810000', '820000', '830000']) {
      const number = complete(`${code}19900101001`);
      expect(verdict(number), code).toBe('ok');
      expect(idNumberFacts(number).kind).toBe('residencePermit');
    }
    expect(verdict(complete('83000119900101001'))).toBe('ok unknown-region');
  });

  it('外国人永久居留身份证（9开头）有效', () => {
    // 9, the province (34), the nationality (ISO 3166-1: 840).
    const number = complete('93484019900101001');
    expect(verdict(number)).toBe('ok');
    expect(idNumberFacts(number).kind).toBe('foreignPermanentResident');
    expect(verdict(complete('99984019900101001'))).toBe('ok unknown-region');
  });

  it('15位旧号码只在明确允许时换算', () => {
    const old = '340100700101001';
    expect(verdict(old)).toBe('fifteen-digits');
    const result = checkIdNumber(old, { on, fifteenDigits: 'convert' });
    expect(result).toMatchObject({ ok: true, warnings: [{ code: 'converted' }] });
    if (result.ok) {
      expect(result.value.slice(0, 17)).toBe('34010019700101001');
      expect(verdict(result.value)).toBe('ok');
    }
    expect(verdict('340100700231001', { on, fifteenDigits: 'convert' })).toBe('birth-date');
    // 996 to 999: born before 1900.
    expect(verdict('340100980101996', { on, fifteenDigits: 'convert' })).toBe('ok converted');
    expect(checkIdNumber('340100980101996', { on, fifteenDigits: 'convert' })).toMatchObject({
      value: expect.stringMatching(/^34010018980101996/),
    });
  });

  it('格式不符的不予通过，提示中不含号码', () => {
    for (const text of [
      '',
      '34010019900101001',
      'X40100199001010012',
      '0'.repeat(18),
      '34010019900101001Y',
    ]) {
      const result = checkIdNumber(text, { on });
      expect(result).toMatchObject({ ok: false, code: 'form' });
    }
    for (const wrong of ['340100199001010012', '340100199002310012']) {
      const result = checkIdNumber(wrong, { on });
      expect(result.ok).toBe(false);
      expect(JSON.stringify(result)).not.toContain('3401001990');
    }
  });
});

describe('age', () => {
  it('counts full years', () => {
    expect(ageOn('2000-03-02', '2026-03-01')).toBe(25);
    expect(ageOn('2000-03-02', '2026-03-02')).toBe(26);
    expect(ageOn('2004-02-29', '2025-02-28')).toBe(20);
    expect(ageOn('2004-02-29', '2025-03-01')).toBe(21);
  });
});
