import { describe, expect, test } from 'vitest';
import { lintDefinition } from '../../scripts/lint-asl.ts';
import { awaitToken, definition, invoke, pass, placeholder } from './engine-harness.ts';

const options = { functions: ['work', 'ask'], payloadKeys: ['caseId', 'token', 'step'] };
const lint = (states: Parameters<typeof definition>[0], top = {}): string[] =>
  lintDefinition(definition(states, top), options).map(({ pointer, code }) => `${pointer} ${code}`);

const caught = {
  TimeoutSeconds: 60,
  Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'Late' }],
};
const Late = pass();

describe('lint', () => {
  test('finds nothing wrong with a definition that keeps to the rules', () => {
    const faults = lint({
      Begin: pass({ Assign: { caseId: '{%$states.input.caseId%}' }, Next: 'Call' }),
      Call: invoke({
        Resource: `arn:${placeholder('Partition')}:states:::lambda:invoke`,
        Arguments: {
          FunctionName: placeholder('work'),
          Payload: { caseId: '{% $caseId %}', step: { step: 1 } },
        },
        Next: 'Ask',
      }),
      Ask: awaitToken({
        TimeoutSeconds: 60,
        HeartbeatSeconds: 30,
        Catch: [
          { ErrorEquals: ['States.HeartbeatTimeout'], Next: 'Late' },
          { ErrorEquals: ['States.Timeout'], Next: 'Late' },
          { ErrorEquals: ['States.ALL'], Next: 'Late' },
        ],
        Output: '{%\n  $states.result ~> $string()\n%}',
      }),
      Late,
    });
    expect(faults).toEqual([]);
  });

  test.each<[string, Parameters<typeof definition>[0], string]>([
    [
      'a token without a time limit',
      { Ask: awaitToken({ Catch: caught.Catch }), Late },
      '/States/Ask no-timeout',
    ],
    [
      'a timeout that nobody catches',
      { Ask: awaitToken({ TimeoutSeconds: 60 }) },
      '/States/Ask/Catch timeout-not-caught',
    ],
    [
      'a timeout that only States.ALL catches',
      {
        Ask: awaitToken({ TimeoutSeconds: 60, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Late' }] }),
        Late,
      },
      '/States/Ask/Catch timeout-not-caught',
    ],
    [
      'a heartbeat that nothing names',
      { Ask: awaitToken({ ...caught, HeartbeatSeconds: 9 }), Late },
      '/States/Ask/Catch heartbeat-not-caught-first',
    ],
    [
      'a heartbeat that is named too late',
      {
        Ask: awaitToken({
          ...caught,
          HeartbeatSeconds: 9,
          Catch: [...caught.Catch, { ErrorEquals: ['States.HeartbeatTimeout'], Next: 'Late' }],
        }),
        Late,
      },
      '/States/Ask/Catch heartbeat-not-caught-first',
    ],
    [
      'a token that is not handed on',
      { Ask: { ...awaitToken(caught), Arguments: { FunctionName: 'ask' } }, Late },
      '/States/Ask/Arguments token-not-passed',
    ],
    [
      'an unknown function',
      { T: invoke({ Arguments: { FunctionName: 'other' } }) },
      '/States/T/Arguments/FunctionName unknown-function',
    ],
    [
      'no function',
      { T: invoke({ Arguments: { Payload: {} } }) },
      '/States/T/Arguments/FunctionName unknown-function',
    ],
    [
      'arguments that are an expression',
      { T: invoke({ Arguments: '{% $states.input %}' }) },
      '/States/T/Arguments arguments-not-literal',
    ],
    [
      'a payload that is an expression',
      { T: invoke({ Arguments: { FunctionName: 'work', Payload: '{% $states.input %}' } }) },
      '/States/T/Arguments/Payload payload-not-literal',
    ],
    [
      'a payload key that is not allowed',
      {
        T: invoke({
          Arguments: { FunctionName: 'work', Payload: { step: [{ idNumber: '{% $states.input.x %}' }] } },
        }),
      },
      '/States/T/Arguments/Payload/step/0/idNumber payload-key',
    ],
    [
      'another argument',
      { T: invoke({ Arguments: { FunctionName: 'work', LogType: 'Tail' } }) },
      '/States/T/Arguments/LogType unknown-argument',
    ],
    ['$eval', { P: pass({ Output: '{% $eval("1") %}' }) }, '/States/P eval'],
    [
      'a variable that nothing assigns',
      { P: pass({ Output: '{% $caseId %}' }) },
      '/States/P unassigned-variable',
    ],
    [
      'a variable that the state itself assigns',
      { P: pass({ Assign: { x: 1 }, Output: '{% $x %}' }) },
      '/States/P unassigned-variable',
    ],
    [
      'a variable that only a later state assigns',
      { P: pass({ Output: '{% $x %}', Next: 'Q' }), Q: pass({ Assign: { x: 1 } }) },
      '/States/P unassigned-variable',
    ],
    [
      'a state from which no path ends',
      {
        C: { Type: 'Choice', Choices: [{ Condition: '{% true %}', Next: 'Loop' }], Default: 'End' },
        Loop: { Type: 'Pass', Next: 'Loop' },
        End: pass(),
      },
      '/States/Loop no-way-out',
    ],
    ['what the loader refuses', { P: pass({ Result: 1 }) }, '/States/P/Result unsupported-field'],
    ['what asl-validator refuses', { P: pass({ Output: [] }) }, ' asl-validator'],
  ])('finds %s', (_, states, fault) => {
    expect(lint(states)).toContain(fault);
  });

  test('a variable that some path assigns is enough, also around a loop', () => {
    const states = {
      C: { Type: 'Choice', Choices: [{ Condition: '{% $exists($again) %}', Next: 'End' }], Default: 'Again' },
      Again: pass({ Assign: { again: true }, Next: 'C' }),
      End: pass({ Output: '{% $again %}' }),
    };
    expect(lint(states)).toEqual([]);
  });
});
