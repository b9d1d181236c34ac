import { describe, expect, it } from 'vitest';
import { FUNCTION_NAMES } from '#functions/manifest.ts';
import { functionsNamed, placeholder, substitute } from '#statemachines/substitutions.ts';

const definition = JSON.stringify({
  Resource: `arn:\${Partition}:states:::lambda:invoke.waitForTaskToken`,
  Arguments: { FunctionName: `\${OpenTaskArn}`, Payload: `{% \${ "a": 1 } %}` },
  Again: [`\${RequestCrossCheckArn}`, `\${OpenTaskArn}`],
});

describe('placeholders of a definition', () => {
  it('names a function by its pascal-cased name', () => {
    expect(placeholder('open-task')).toBe('OpenTaskArn');
    expect(placeholder('request-cross-check')).toBe('RequestCrossCheckArn');
  });

  it('gives every function of the manifest a name of its own, which leads back to it', () => {
    const text = FUNCTION_NAMES.map((name) => `\${${placeholder(name)}}`).join(' ');
    expect(functionsNamed(text)).toEqual([...FUNCTION_NAMES].sort());
  });

  it('finds the functions that a definition invokes, each once', () => {
    expect(functionsNamed(definition)).toEqual(['open-task', 'request-cross-check']);
    expect(functionsNamed('{}')).toEqual([]);
  });

  it.each(['QueueUrl', 'openTaskArn', 'Arn'])('refuses %s', (name) => {
    expect(() => functionsNamed(`\${${name}}`)).toThrow(`\${${name}} does not name a function`);
  });

  it('replaces every occurrence and leaves JSONata alone', () => {
    const text = substitute(definition, {
      Partition: 'aws-cn',
      OpenTaskArn: 'one',
      RequestCrossCheckArn: 'two',
      AssessCaseArn: 'not needed here',
    });
    expect(JSON.parse(text)).toEqual({
      Resource: 'arn:aws-cn:states:::lambda:invoke.waitForTaskToken',
      Arguments: { FunctionName: 'one', Payload: `{% \${ "a": 1 } %}` },
      Again: ['two', 'one'],
    });
  });

  it('refuses to leave a name open, and names all that are', () => {
    expect(() => substitute(definition, { OpenTaskArn: 'one' })).toThrow(
      `no value for \${Partition}, \${RequestCrossCheckArn}`,
    );
    expect(() => substitute(`\${toString}`, {})).toThrow(`no value for \${toString}`);
  });
});
