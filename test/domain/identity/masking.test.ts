import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskAddress, maskCard, maskIdNumber, maskName, maskPhone } from '#domain/identity/masking.ts';

describe('脱敏显示', () => {
  it('姓名只显示首尾，生僻字（扩展区汉字、异体字选择符）不被拆开', () => {
    const names = {
      张三: '张*',
      王小明: '王*明',
      欧阳小明: '欧**明',
      阿卜杜拉·买买提: '阿******提',
      𠮷: '*',
      𠮷田: '𠮷*',
      王𬎆𫞩: '王*𫞩',
      '\u845b\u{e0100}小明': '\u845b\u{e0100}*明',
      '': '',
    };
    for (const [name, masked] of Object.entries(names)) expect(maskName(name), name).toBe(masked);
  });

  it('身份证号码显示前三后四', () => {
    expect(maskIdNumber('340000199001010017')).toBe('340***********0017');
  });

  it('电话显示前三后四，固定电话显示区号和末两位', () => {
    expect(maskPhone('13800138000')).toBe('138****8000');
    expect(maskPhone('0551-62345678')).toBe('0551-******78');
    expect(maskPhone('0559-2345678-801')).toBe('0559-*****78');
  });

  it('银行卡号只显示后四位', () => {
    expect(maskCard('6222020000000000018')).toBe('***************0018');
  });

  it('地址只显示到县区，小区、街巷与门牌不显示', () => {
    const addresses = {
      安徽省合肥市蜀山区黄山路1号: '安徽省合肥市蜀山区****',
      安徽省无为市无城镇: '安徽省无为市****',
      合肥市肥西县上派镇某村: '合肥市肥西县****',
      安徽省黄山市黄山区甘棠镇: '安徽省黄山市黄山区****',
      合肥市滨湖苑东区3栋: '合肥市****',
      合肥市百大超市旁: '合肥市****',
      长江路123号小区3栋: '****',
      上海市浦东新区某路1号: '上海市****',
      江苏省南京市玄武区某路: '江苏省南京市****',
      '': '',
    };
    for (const [address, masked] of Object.entries(addresses))
      expect(maskAddress(address), address).toBe(masked);
  });

  it('whatever comes in, too short to be cut is hidden whole, and nothing is split into halves', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 12 }), (text) => {
        for (const mask of [maskName, maskIdNumber, maskPhone, maskCard, maskAddress]) {
          expect(mask(text).isWellFormed()).toBe(true);
        }
        if ([...text.trim()].length < 8) {
          expect(maskCard(text).replaceAll('*', '')).toBe('');
          expect(maskIdNumber(text).replaceAll('*', '')).toBe('');
        }
      }),
    );
  });
});
