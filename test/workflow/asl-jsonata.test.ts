import { describe, expect, test } from 'vitest';
import type { Json } from '#functions/shared/ports.ts';
import { detailsOf, outputOf, pass, run, START } from './engine-harness.ts';

const failure = async (output: unknown, input: unknown = {}) => {
  const result = await run({ P: pass({ Output: output }) }, { input });
  expect(result).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
  return result;
};

describe('results', () => {
  test.each<[string, Json]>([
    // A sequence of one is its element, an array that was written stays one.
    ['$states.input.items[price > 5].name', 'b'],
    ['$states.input.items.name', ['a', 'b']],
    ['$states.input.items[price > 5].[name]', ['b']],
    ['[$states.input.items[price > 5].name]', ['b']],
    ['$filter($states.input.items, function($i) { $i.price > 5 }).name', 'b'],
    ['$states.input.items[0]', { name: 'a', price: 1 }],
    ['$sum($states.input.items.price)', 10],
    // Null is a value.
    ['null', null],
    ['$states.input.nothing', null],
    ['$exists($states.input.nothing)', true],
    ['{"a": null}', { a: null }],
    // What is undefined inside an expression is left out of what it builds.
    ['{"a": $states.input.absent, "b": 1}', { b: 1 }],
    ['[1, $states.input.absent, 2]', [1, 2]],
    // Numbers.
    ['1/3', 1 / 3],
    ['0.1 + 0.2', 0.30000000000000004],
    ['9007199254740991', 9007199254740991],
    ['-0', 0],
    ['10 % 3', 1],
    // As the service writes them.
    ['1/0', 'Infinity'],
    ['-1/0', '-Infinity'],
    ['$number("12.50")', 12.5],
    ['"1" & 2', '12'],
    ['true and $states.input.items', true],
    ['"" = $states.input.absent', false],
    ['$states.input."odd key"', 'odd'],
    ['($x := 5; $x * 2)', 10],
    ['$string(1e21)', '1e+21'],
  ])('%s is %j', async (expression, expected) => {
    const input = {
      items: [
        { name: 'a', price: 1 },
        { name: 'b', price: 9 },
      ],
      nothing: null,
      'odd key': 'odd',
    };
    expect(await outputOf(`{% ${expression} %}`, input)).toEqual(expected);
  });

  test('only a whole string is an expression', async () => {
    expect(await outputOf(['{%1+1%}', 'x {% 1 %} y', '1 + 1', { '{% 1 %}': '{%\n 2 \n%}' }])).toEqual([
      2,
      'x {% 1 %} y',
      '1 + 1',
      { '{% 1 %}': 2 },
    ]);
  });
});

describe('failures', () => {
  test.each([
    ['{% $states.input.absent %}', 'Output'],
    [{ v: '{% $states.input.absent %}' }, 'Output/v'],
    [{ a: { b: [[1, '{% $states.input.absent %}']] } }, 'Output/a/b[0][1]'],
    [['{% $states.input.absent %}'], 'Output[0]'],
  ])('%j names the field that came to nothing: %s', async (output, location) => {
    const result = await failure(output);
    const cause = `An error occurred while executing the state 'P' (entered at the event id #2). The JSONata expression '$states.input.absent' specified for the field '${location}' returned nothing (undefined).`;
    expect(result.cause).toBe(cause);
    expect(detailsOf(result.history, 'EvaluationFailed')).toEqual([
      { error: 'States.QueryEvaluationError', cause, location, state: 'P' },
    ]);
  });

  test.each([
    ['1 + "a"', 'T2002'],
    ['$number("x")', 'D3030'],
    ['$uppercase(1)', 'threw an error during evaluation. T0410: Argument 1 of function "uppercase"'],
    ['$error("stop")', 'D3137'],
    ['$eval("1")', 'T1006'],
    ['$unknown()', 'T1006'],
    ['$parse("{")', 'JSON'],
    ['$hash("a", "CRC32")', 'T0410'],
    ['$partition([1], "2")', 'T0410'],
    ['[1..20000000]', 'D2014'],
    ['$count([1..900000])', 'D2015'],
  ])('%s fails with %s in its cause', async (expression, code) => {
    expect((await failure(`{% ${expression} %}`)).cause).toContain(code);
  });

  test.each(['function($x) { $x }', '$uppercase', '{"f": $sum}', '[$sum, $max]', '/a+/'])(
    '%s is no JSON and is refused',
    async (expression) => {
      expect((await failure(`{% ${expression} %}`)).cause).toContain('unsupported result type');
    },
  );

  test('a recursion without end and one too deep are stopped', async () => {
    expect((await failure('{% ($f := function($n) { 1 + $f($n) }; $f(1)) %}')).cause).toContain('D1011');
    expect(await outputOf(`{% ${Array.from({ length: 90 }, () => '1').join(' + ')} %}`)).toBe(90);
    expect((await failure(`{% ${Array.from({ length: 102 }, () => '1').join(' + ')} %}`)).cause).toContain(
      'D1011',
    );
  });

  test('an endless loop is stopped by the clock', async () => {
    expect((await failure('{% ($f := function($n) { $f($n + 1) }; $f(1)) %}')).cause).toContain('D1012');
  });
});

describe("Step Functions' own functions", () => {
  test.each<[string, Json]>([
    ['$partition([1,2,3,4,5], 2)', [[1, 2], [3, 4], [5]]],
    ['$partition([1,2,3], 2.9)', [[1, 2], [3]]],
    ['$partition([1,2], 5)', [[1, 2]]],
    ['$range(1, 10, 3)', [1, 4, 7, 10]],
    ['$range(10, 1, -4)', [10, 6, 2]],
    ['$range(-1.7, 2, 1)', [-1, 0, 1, 2]],
    ['$range(5, 5, 1)', 5],
    // Published test vectors for "abc".
    ['$hash("abc", "MD5")', '900150983cd24fb0d6963f7d28e17f72'],
    ['$hash("abc", "SHA-1")', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
    ['$hash("abc", "SHA-256")', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    ['$hash("中文", "SHA-256") ~> $length()', 64],
    ['$parse("{\\"a\\": [1, null]}")', { a: [1, null] }],
    ['$random(7) = $random(7)', true],
    ['$random(7) = $random(8)', false],
    // java.util.Random(42).nextDouble(), from the generator's definition.
    ['$random(42)', 0.7275636800328681],
    ['($r := $random(); $r >= 0 and $r < 1)', true],
    [
      '$match($uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/) ~> $exists()',
      true,
    ],
    ['$uuid() = $uuid()', false],
  ])('%s is %j', async (expression, expected) => {
    expect(await outputOf(`{% ${expression} %}`)).toEqual(expected);
  });

  test.each([
    '$partition([1,2], 0)',
    '$partition([], 2)',
    '$range(1, 5)',
    '$range(1, 5, -1)',
    '$range(1, 5, 0)',
    '$hash("abc")',
  ])('%s comes to nothing', async (expression) => {
    expect((await failure(`{% ${expression} %}`)).cause).toContain('returned nothing (undefined)');
  });

  test('a range over the bound of the service is refused before it is built', async () => {
    expect((await failure('{% $range(1, 360146, 1) %}')).cause).toContain(
      'during evaluation: Expression evaluation memory limit exceeded',
    );
    expect(await outputOf('{% $count($range(1, 360145, 1)) %}')).toBe(360_145);
  });

  test('$now and $millis are case time', async () => {
    expect(
      await outputOf(['{% $now() %}', '{% $millis() %}', '{% $now("[Y0001]-[M01]-[D01]", "+0800") %}']),
    ).toEqual(['2026-03-02T08:00:00.000Z', START, '2026-03-02']);
  });
});
