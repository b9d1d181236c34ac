import { describe, expect, test } from 'vitest';
import { DefinitionRefused, loadDefinition } from '#embedded/engine/definition.ts';
import { awaitToken, definition, invoke, pass, placeholder } from './engine-harness.ts';

const faultsOf = (text: string, options = {}): readonly string[] => {
  try {
    loadDefinition(text, options);
    return [];
  } catch (error) {
    if (!(error instanceof DefinitionRefused)) throw error;
    return error.faults.map(({ pointer, code }) => `${pointer} ${code}`);
  }
};

const choice = (fields: Record<string, unknown>) => ({
  C: { Type: 'Choice', Choices: [{ Condition: '{% true %}', Next: 'P', ...fields }] },
  P: pass(),
});

describe('a definition is refused, by JSON pointer, for', () => {
  test.each<[string, string, string[]]>([
    // ---- the machine
    ['text that is no JSON', '{', [' invalid-json']],
    [
      'no QueryLanguage',
      definition({ P: pass() }, { QueryLanguage: undefined }),
      ['/QueryLanguage unsupported-query-language'],
    ],
    [
      'JSONPath',
      definition({ P: pass() }, { QueryLanguage: 'JSONPath' }),
      ['/QueryLanguage unsupported-query-language'],
    ],
    [
      'JSONPath in a state',
      definition({ P: pass({ QueryLanguage: 'JSONPath' }) }),
      ['/States/P/QueryLanguage unsupported-query-language'],
    ],
    [
      'an unknown field of the machine',
      definition({ P: pass() }, { Owner: 'x' }),
      ['/Owner unsupported-field'],
    ],
    ['another version', definition({ P: pass() }, { Version: '2.0' }), ['/Version invalid_value']],
    ['a time of 0', definition({ P: pass() }, { TimeoutSeconds: 0 }), ['/TimeoutSeconds too_small']],
    [
      'an unknown start',
      definition({ P: pass() }, { StartAt: 'X' }),
      ['/StartAt missing-state', '/States/P unreachable-state'],
    ],
    ['more than 1 MB', definition({ P: pass({ Comment: 'x'.repeat(1024 * 1024) }) }), [' too-large']],
    // ---- states
    [
      'Parallel',
      definition({ P: { Type: 'Parallel', Branches: [], End: true } }),
      ['/States/P/Type unsupported-state'],
    ],
    ['Map', definition({ M: { Type: 'Map', End: true } }), ['/States/M/Type unsupported-state']],
    [
      'a field of JSONPath',
      definition({ P: pass({ InputPath: '$', ResultPath: '$.x' }) }),
      ['/States/P/InputPath unsupported-field', '/States/P/ResultPath unsupported-field'],
    ],
    [
      'Credentials',
      definition({ T: invoke({ Credentials: {} }) }),
      ['/States/T/Credentials unsupported-field'],
    ],
    ['Result', definition({ P: pass({ Result: 1 }) }), ['/States/P/Result unsupported-field']],
    ['Retry of a Pass', definition({ P: pass({ Retry: [] }) }), ['/States/P/Retry unsupported-field']],
    [
      'Assign of a Succeed',
      definition({ S: { Type: 'Succeed', Assign: {} } }),
      ['/States/S/Assign unsupported-field'],
    ],
    ['Next of a Fail', definition({ F: { Type: 'Fail', Next: 'F' } }), ['/States/F/Next unsupported-field']],
    [
      'End of a Choice',
      definition({ ...choice({}), C: { ...choice({}).C, End: true } }),
      ['/States/C/End unsupported-field'],
    ],
    [
      'a name of 81 characters',
      definition({ ['x'.repeat(81)]: pass() }),
      [`/States/${'x'.repeat(81)} name-too-long`],
    ],
    [
      'a pointer with / and ~',
      definition({ 'a/b~c': pass({ X: 1 }) }),
      ['/States/a~1b~0c/X unsupported-field'],
    ],
    ['neither Next nor End', definition({ P: { Type: 'Pass' } }), ['/States/P next-or-end']],
    [
      'both Next and End',
      definition({ P: pass({ End: true, Next: 'Q' }), Q: pass() }),
      ['/States/P next-or-end'],
    ],
    // ---- tasks
    [
      'a Lambda ARN as resource',
      definition({ T: invoke({ Resource: 'arn:aws:lambda:cn-north-1:1:function:x' }) }),
      ['/States/T/Resource unsupported-resource'],
    ],
    [
      'another integration',
      definition({ T: invoke({ Resource: 'arn:aws:states:::sqs:sendMessage' }) }),
      ['/States/T/Resource unsupported-resource'],
    ],
    [
      'another pattern',
      definition({ T: invoke({ Resource: 'arn:aws:states:::lambda:invoke.sync' }) }),
      ['/States/T/Resource unsupported-resource'],
    ],
    [
      'TimeoutSeconds of 0',
      definition({ T: invoke({ TimeoutSeconds: 0 }) }),
      ['/States/T/TimeoutSeconds too_small'],
    ],
    [
      'TimeoutSeconds of 100000000',
      definition({ T: invoke({ TimeoutSeconds: 100_000_000 }) }),
      ['/States/T/TimeoutSeconds too_big'],
    ],
    [
      'a heartbeat as long as the timeout',
      definition({ T: awaitToken({ TimeoutSeconds: 9, HeartbeatSeconds: 9 }) }),
      ['/States/T/HeartbeatSeconds heartbeat-too-long'],
    ],
    [
      'IntervalSeconds of 0',
      definition({ T: invoke({ Retry: [{ ErrorEquals: ['X'], IntervalSeconds: 0 }] }) }),
      ['/States/T/Retry/0/IntervalSeconds too_small'],
    ],
    [
      'MaxAttempts of 100000000',
      definition({ T: invoke({ Retry: [{ ErrorEquals: ['X'], MaxAttempts: 100_000_000 }] }) }),
      ['/States/T/Retry/0/MaxAttempts too_big'],
    ],
    [
      'BackoffRate below 1',
      definition({ T: invoke({ Retry: [{ ErrorEquals: ['X'], BackoffRate: 0.9 }] }) }),
      ['/States/T/Retry/0/BackoffRate too_small'],
    ],
    [
      'MaxDelaySeconds of a year and more',
      definition({ T: invoke({ Retry: [{ ErrorEquals: ['X'], MaxDelaySeconds: 31_622_400 }] }) }),
      ['/States/T/Retry/0/MaxDelaySeconds too_big'],
    ],
    [
      'an unknown jitter',
      definition({ T: invoke({ Retry: [{ ErrorEquals: ['X'], JitterStrategy: 'HALF' }] }) }),
      ['/States/T/Retry/0/JitterStrategy invalid_value'],
    ],
    [
      'no ErrorEquals',
      definition({ T: invoke({ Retry: [{ ErrorEquals: [] }] }) }),
      ['/States/T/Retry/0/ErrorEquals too_small'],
    ],
    [
      'States.ALL in company',
      definition({ T: invoke({ Retry: [{ ErrorEquals: ['X', 'States.ALL'] }] }) }),
      ['/States/T/Retry/0/ErrorEquals states-all-not-last'],
    ],
    [
      'States.ALL before others',
      definition({ T: invoke({ Retry: [{ ErrorEquals: ['States.ALL'] }, { ErrorEquals: ['X'] }] }) }),
      ['/States/T/Retry/0/ErrorEquals states-all-not-last'],
    ],
    [
      'ResultPath of a catcher',
      definition({ T: invoke({ Catch: [{ ErrorEquals: ['X'], Next: 'T', ResultPath: '$' }] }) }),
      ['/States/T/Catch/0/ResultPath unsupported-field'],
    ],
    // ---- choices, waits
    ['no choices', definition({ C: { Type: 'Choice', Choices: [] } }), ['/States/C/Choices too_small']],
    [
      'a JSONPath comparison',
      definition(choice({ Variable: '$.x' })),
      ['/States/C/Choices/0/Variable unsupported-field'],
    ],
    [
      'a condition that is plain text',
      definition(choice({ Condition: 'true' })),
      ['/States/C/Choices/0/Condition invalid_format'],
    ],
    [
      'neither Seconds nor Timestamp',
      definition({ W: { Type: 'Wait', End: true } }),
      ['/States/W seconds-or-timestamp'],
    ],
    [
      'Seconds and Timestamp',
      definition({ W: { Type: 'Wait', End: true, Seconds: 1, Timestamp: '2026-03-09T08:00:00Z' } }),
      ['/States/W seconds-or-timestamp'],
    ],
    [
      'a timestamp without T and Z',
      definition({ W: { Type: 'Wait', End: true, Timestamp: '2026-03-09 08:00' } }),
      ['/States/W/Timestamp invalid-timestamp'],
    ],
    [
      'SecondsPath',
      definition({ W: { Type: 'Wait', End: true, Seconds: 1, SecondsPath: '$.x' } }),
      ['/States/W/SecondsPath unsupported-field'],
    ],
    // ---- the graph
    [
      'a missing Next',
      definition({ P: { Type: 'Pass', Next: 'X' }, Q: pass() }),
      ['/States/P/Next missing-state', '/States/Q unreachable-state'],
    ],
    [
      'a missing Default',
      definition({ ...choice({}), C: { ...choice({}).C, Default: 'X' } }),
      ['/States/C/Default missing-state'],
    ],
    [
      'a missing Next of a rule',
      definition(choice({ Next: 'X' })),
      [
        '/States/C/Choices/0/Next missing-state',
        '/States/P unreachable-state',
        '/States no-terminal-state',
      ].slice(0, 2),
    ],
    [
      'a missing Next of a catcher',
      definition({ T: invoke({ Catch: [{ ErrorEquals: ['X'], Next: 'Y' }] }) }),
      ['/States/T/Catch/0/Next missing-state'],
    ],
    [
      'no end',
      definition({ P: { Type: 'Pass', Next: 'Q' }, Q: { Type: 'Pass', Next: 'P' } }),
      ['/States no-terminal-state'],
    ],
    // ---- variables, expressions
    [
      'a variable called states',
      definition({ P: pass({ Assign: { states: 1 } }) }),
      ['/States/P/Assign/states invalid-variable'],
    ],
    [
      'a variable that is no name',
      definition({ P: pass({ Assign: { $x: 1, 'a-b': 1 } }) }),
      ['/States/P/Assign/$x invalid-variable', '/States/P/Assign/a-b invalid-variable'],
    ],
    [
      'an expression that does not parse',
      definition({ P: pass({ Output: { a: ['{% 1 + %}'] } }) }),
      ['/States/P/Output/a/0 invalid-expression'],
    ],
    [
      'an expression not closed',
      definition({ P: pass({ Output: '{% 1 ' }) }),
      ['/States/P/Output invalid-expression'],
    ],
    [
      'a space before an expression',
      definition({ P: pass({ Output: ' {% 1 %}' }) }),
      ['/States/P/Output invalid-expression'],
    ],
    [
      'a name at the top level',
      definition({ P: pass({ Output: '{% phone %}' }) }),
      ['/States/P/Output invalid-expression'],
    ],
    [
      'a name at the top level of a lambda',
      definition({ P: pass({ Output: '{% $map($states.input, function($x) { phone }) %}' }) }),
      ['/States/P/Output invalid-expression'],
    ],
    [
      '$ at the top level',
      definition({ P: pass({ Output: '{% $ %}' }) }),
      ['/States/P/Output invalid-expression'],
    ],
    [
      '$$',
      definition({ P: pass({ Output: '{% $states.input.a[b = $$.c] %}' }) }),
      ['/States/P/Output invalid-expression'],
    ],
    [
      '$states.result where there is none',
      definition({ P: pass({ Output: '{% $states.result %}' }) }),
      ['/States/P/Output invalid-expression'],
    ],
    [
      '$states.result in Arguments',
      definition({ T: invoke({ Arguments: { x: '{% $states.result %}' } }) }),
      ['/States/T/Arguments/x invalid-expression'],
    ],
    [
      '$states.errorOutput outside Catch',
      definition({ T: invoke({ Output: '{% $states.errorOutput %}' }) }),
      ['/States/T/Output invalid-expression'],
    ],
    [
      '$states.result in a catcher',
      definition({
        T: invoke({ Catch: [{ ErrorEquals: ['X'], Next: 'P', Assign: { x: '{% $states.result %}' } }] }),
        P: pass(),
      }),
      ['/States/T/Catch/0/Assign/x invalid-expression'],
    ],
    [
      'operators newer than JSONata 2.0.6',
      definition({ P: pass({ Output: ['{% $x ?? 1 %}', '{% $x ?: 1 %}'] }) }),
      ['/States/P/Output/0 invalid-expression', '/States/P/Output/1 invalid-expression'],
    ],
  ])('%s', (_, text, faults) => {
    expect(faultsOf(text)).toEqual(faults);
  });

  test('several faults at once, each with a sentence', () => {
    const text = definition({ P: pass({ X: 1, Output: '{% ' }), T: { Type: 'Map' } });
    expect(faultsOf(text).length).toBeGreaterThan(1);
  });
});

describe('expressions that look alike and are fine', () => {
  test.each([
    '$states.input.items.price',
    '$states.input.items[price > 3].{"name": name, "p": price * 2}',
    '$states.input.items^(>price).name',
    '$states.input.items{kind: $sum(price)}',
    '$map($states.input.items, function($i) { $i.price })',
    '$states.input ~> |items|{"price": price + 1}|',
    '"what ?? is ?: this"',
    '$contains($states.input.a, /a??b/)',
    '$states.context.Execution.Name',
    '($f := function($x) { $x + 1 }; $f(1))',
  ])('%s', (expression) => {
    expect(faultsOf(definition({ P: pass({ Output: `{% ${expression} %}` }) }))).toEqual([]);
  });
});

describe('substitutions', () => {
  const text = definition({
    T: invoke({
      Resource: `arn:${placeholder('Partition')}:states:::lambda:invoke`,
      Arguments: { FunctionName: `${placeholder('Work')}:live`, Payload: { note: placeholder('Work') } },
    }),
  });

  test('are put into the text wherever their name stands', () => {
    const machine = loadDefinition(text, { substitutions: { Partition: 'aws-cn', Work: 'work' } });
    const state = machine.states.get('T');
    expect(state).toMatchObject({
      arguments: { value: { FunctionName: 'work:live', Payload: { note: 'work' } } },
    });
    expect(machine.text).not.toContain('$'.concat('{'));
  });

  test('that are missing are faults where they stand; they may stand for a dry run', () => {
    expect(faultsOf(text, { substitutions: { Partition: 'aws' } })).toEqual([
      '/States/T/Arguments/FunctionName unresolved-placeholder',
      '/States/T/Arguments/Payload/note unresolved-placeholder',
    ]);
    expect(faultsOf(text, { keepPlaceholders: true })).toEqual([]);
  });

  test('tell one definition from another', () => {
    const hash = (Work: string) => loadDefinition(text, { substitutions: { Partition: 'aws', Work } }).hash;
    expect(hash('a')).not.toBe(hash('b'));
    expect(hash('a')).toBe(hash('a'));
  });
});
