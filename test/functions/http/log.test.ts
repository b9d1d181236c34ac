import { expect, test } from 'vitest';
import { createLogger, errorFields, type LogFields, type LogLevel } from '#functions/shared/log.ts';

const logged = (write: (logger: ReturnType<typeof createLogger>) => void, level?: LogLevel): unknown[] => {
  const lines: string[] = [];
  write(
    createLogger({
      sink: (line) => lines.push(line),
      wall: () => Date.UTC(2020, 0, 2, 3, 4, 5, 6),
      ...(level !== undefined && { level }),
    }),
  );
  return lines.map((line) => JSON.parse(line));
};

test('one line is one JSON object with time, level, message and fields', () => {
  expect(logged((logger) => logger.warn('an answer was late', { caseId: 'c1', durationMs: 12 }))).toEqual([
    {
      time: '2020-01-02T03:04:05.006Z',
      level: 'warn',
      message: 'an answer was late',
      caseId: 'c1',
      durationMs: 12,
    },
  ]);
});

test('a line end in a field stays inside its line', () => {
  const lines: string[] = [];
  createLogger({ sink: (line) => lines.push(line), wall: () => 0 }).info('x', {
    caseId: 'a\n{"level":"error"}',
  });
  expect(lines.join('').includes('\n')).toBe(false);
});

test('levels below the lowest are left out; info is the lowest where none is named', () => {
  const all = (logger: ReturnType<typeof createLogger>) => {
    logger.debug('d');
    logger.info('i');
    logger.error('e');
  };
  expect(logged(all)).toMatchObject([{ message: 'i' }, { message: 'e' }]);
  expect(logged(all, 'debug')).toHaveLength(3);
  expect(logged(all, 'error')).toMatchObject([{ message: 'e' }]);
});

test('a field that is not on the list is refused, and only its key is told', () => {
  const fields: LogFields = JSON.parse(
    '{"caseId":"c1","idNumber":"340102199001011234","phone":"13800000000"}',
  );
  const [line] = logged((logger) => logger.info('x', fields));
  expect(line).toMatchObject({ caseId: 'c1', refused: ['idNumber', 'phone'] });
  expect(JSON.stringify(line)).not.toMatch(/340102199001011234|13800000000/);
});

test('of an error its name and its place are told, never its message', () => {
  const fields = errorFields(new RangeError('身份证号 340102199001011234 无效\n    and a second line'));
  expect(fields.error).toBe('RangeError');
  expect(fields.frames).toContain('log.test.ts');
  expect(JSON.stringify(fields)).not.toContain('340102199001011234');
  expect(errorFields('340102199001011234')).toEqual({ error: 'string' });
});
