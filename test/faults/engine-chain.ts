/** The definition that the fault tests of the engine run, and the log that its effects leave. */
import * as z from 'zod';
import { awaitToken, invoke, machineOf, pass } from '../workflow/engine-harness.ts';

export const CHAIN = machineOf({
  Begin: pass({ Assign: { name: '{% $states.input.name %}' }, Next: 'First' }),
  First: invoke({
    Arguments: { FunctionName: 'work', Payload: { name: '{% $name %}' } },
    Assign: { first: '{% $states.result.given.Payload.name %}' },
    Next: 'Wait',
  }),
  Wait: { Type: 'Wait', Seconds: 3600, Next: 'Ask' },
  Ask: awaitToken({
    TimeoutSeconds: 86_400,
    Assign: { answer: '{% $states.result.answered %}' },
    Next: 'Last',
  }),
  Last: invoke({ TimeoutSeconds: 60, Next: 'End' }),
  End: {
    Type: 'Succeed',
    Output: ['{% $name %}', '{% $first %}', '{% $answer %}', '{% $states.input.state %}'],
  },
});

const effect = z.object({ execution: z.string(), state: z.string(), token: z.string().optional() });
export type Effect = z.output<typeof effect>;

/** A line that a crash cut short is no effect. */
export const readEffects = (log: string): Effect[] =>
  log
    .slice(0, log.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => effect.parse(JSON.parse(line)));
