import { expect, test } from 'vitest';
import { parametersOf, parseParameters } from '#infra/parameters.ts';
import { line, rightsOf, Templates } from './templates.ts';

const mail = { server: 'smtps://smtp.union.gov.cn:465', from: 'filing@union.gov.cn' };

const secretsOf = (templates: Templates) =>
  templates.of('data', 'AWS::SecretsManager::Secret').map(([id]) => id.replace(/[0-9A-F]{8}$/, ''));

test('with a mail server the relay alone may read its secret and open addresses', () => {
  const templates = new Templates(parseParameters({ ...parametersOf('china'), mail }));
  expect(secretsOf(templates)).toEqual(['Centre', 'Mail']);
  const readers = templates.of('functions', 'AWS::IAM::Role').flatMap(([id, role]) =>
    rightsOf(role)
      .filter(({ Action, Resource = [] }) => {
        return Action.includes('secretsmanager:GetSecretValue') && /Mail/.test(Resource.join(' '));
      })
      .map(() => id.replace(/role[0-9A-F]{8}$/, '')),
  );
  expect(readers).toEqual(['relayoutbox']);
  const opens = templates
    .of('functions', 'AWS::IAM::Role')
    .filter(([id]) => id.startsWith('relayoutbox'))
    .flatMap(([, role]) => rightsOf(role))
    .filter(({ Action, Resource = [] }) => Action.includes('kms:Decrypt') && /seal/.test(Resource.join(' ')));
  expect(opens).toHaveLength(1);
  const [[, lambda] = []] = templates.of('functions', 'AWS::Lambda::Function');
  expect(lambda?.Properties.Environment).toMatchObject({
    Variables: { MAIL_SERVER: mail.server, MAIL_FROM: mail.from },
  });
});

test('without one there is no secret, and addresses stay sealed', () => {
  const templates = new Templates('china');
  expect(secretsOf(templates)).toEqual(['Centre']);
  const relay = templates
    .of('functions', 'AWS::IAM::Role')
    .filter(([id]) => id.startsWith('relayoutbox'))
    .flatMap(([, role]) => rightsOf(role).flatMap(({ Resource = [] }) => Resource));
  expect(relay.join(' ')).not.toMatch(/seal|Mail/);
  const [[, lambda] = []] = templates.of('functions', 'AWS::Lambda::Function');
  expect(line(Object(lambda?.Properties.Environment).Variables.MAIL_SECRET_ARN)).toBe('');
});
