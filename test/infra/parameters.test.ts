import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { parametersOf, parseParameters, placeholdersIn } from '#infra/parameters.ts';
import { withApplication } from './templates.ts';

describe('parametersOf', () => {
  it.each([
    [
      'dev',
      {
        partition: 'aws',
        archive: { lockMode: 'GOVERNANCE' },
        deletionProtection: false,
        publicRoutes: true,
      },
    ],
    [
      'prod',
      { partition: 'aws', archive: { lockMode: 'COMPLIANCE' }, deletionProtection: true, publicRoutes: true },
    ],
    [
      'china',
      {
        partition: 'aws-cn',
        archive: { lockMode: 'COMPLIANCE' },
        deletionProtection: true,
        publicRoutes: false,
      },
    ],
  ])('knows %s', (environment, expected) => {
    expect(parametersOf(environment)).toMatchObject({ environment, ...expected });
  });

  it.each(['staging', '', undefined, 'toString'])(
    'refuses %j and names those that there are',
    (environment) => {
      expect(() => parametersOf(environment)).toThrow('there are dev, prod, china');
    },
  );
});

describe('a mail server', () => {
  const mail = { server: 'smtps://smtp.union.gov.cn:465', from: 'filing@union.gov.cn' };
  it('is taken as it is written', () => {
    expect(parseParameters({ ...parametersOf('dev'), mail }).mail).toEqual(mail);
  });
  it.each([
    { ...mail, server: 'http://smtp.union.gov.cn' },
    { ...mail, server: 'smtps://user:secret@smtp.union.gov.cn' },
    { ...mail, from: 'filing' },
    { server: mail.server },
  ])('is refused where it is none: %j', (wrong) => {
    expect(() => parseParameters({ ...parametersOf('dev'), mail: wrong })).toThrow('mail');
  });
});

describe('parseParameters', () => {
  it.each([
    ['a region of another partition', { region: 'cn-north-1' }, 'another partition'],
    ['an issuer without TLS', { jwt: { issuer: 'http://id.example.org', audience: ['a'] } }, 'jwt.issuer'],
    ['an issuer for nobody', { jwt: { issuer: 'https://id.example.org', audience: [] } }, 'jwt.audience'],
    ['days that CloudWatch does not offer', { logDays: 8 }, 'logDays'],
    ['logs kept for less than six months', { logDays: 180 }, '184 days'],
    ['a level without its age', { alarms: { oldestTaskDays: { superior: 9, centre: 9 } } }, 'grassroots'],
    ['an unknown lock', { archive: { lockMode: 'NONE', lockDays: 1 } }, 'archive.lockMode'],
    ['every origin', { allowedOrigins: ['*'] }, 'allowedOrigins'],
    ['what it does not know', { colour: 'red' }, 'colour'],
  ])('refuses %s', (_, change, named) => {
    expect(() => parseParameters({ ...parametersOf('dev'), ...change })).toThrow(named);
  });
});

describe('placeholdersIn', () => {
  const real = {
    jwt: { ...parametersOf('dev').jwt, issuer: 'https://id.union.gov.cn' },
    allowedOrigins: ['https://www.union.gov.cn'],
    apiUrl: 'https://notexample.org',
    centreUrl: 'https://example.org.union.gov.cn',
  };

  it('finds every address that nobody has put in', () => {
    expect(placeholdersIn(parametersOf('china'))).toEqual([
      'https://id.example.cn',
      'https://www.example.cn',
      'https://api.example.cn',
      'https://centre.example.cn',
    ]);
    expect(placeholdersIn({ ...parametersOf('dev'), ...real, centreUrl: 'https://example.org/x' })).toEqual([
      'https://example.org/x',
    ]);
  });

  it.each(['dev', 'china'])(
    'are warned of when %s is synthesized, which stops a strict deployment',
    (environment) => {
      withApplication(environment, (_, { data }) => {
        Annotations.fromStack(data).hasWarning(
          '*',
          Match.stringLikeRegexp("names hosts that don't exist: https://id\\..*example"),
        );
      });
    },
  );

  it('finds none among real ones', () => {
    expect(placeholdersIn({ ...parametersOf('prod'), ...real })).toEqual([]);
  });
});
