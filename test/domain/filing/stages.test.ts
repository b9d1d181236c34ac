import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { hasEnded, isSealed, mayMove, mayWithdraw, STAGES, stageSchema } from '#domain/filing/stages.ts';

const stages = stageSchema.options;
const ends = ['filed', 'rejected', 'withdrawn'];
const afterEstablishment = ['established', 'archiving', 'filed'];

test('只有归档、不予建档、撤回是结束', () => {
  expect(stages.filter(hasEnded)).toEqual(ends);
});

test('每一环节都能走到结束', () => {
  for (const stage of stages) {
    const reached = new Set([stage]);
    for (const one of reached) for (const next of STAGES[one].next) reached.add(next);
    expect({ stage, ends: ends.some((end) => [...reached].some((one) => one === end)) }).toEqual({
      stage,
      ends: true,
    });
  }
});

test('建档之前随时可以撤回，建档之后不能', () => {
  for (const stage of stages) {
    const wanted = ![...afterEstablishment, 'rejected', 'withdrawn'].includes(stage);
    expect({ stage, may: mayWithdraw(stage) }).toEqual({ stage, may: wanted });
  }
});

test('建档之后只往前走，不能再不予建档', () => {
  expect(STAGES.established.next).toEqual(['archiving']);
  expect(STAGES.archiving.next).toEqual(['filed']);
  for (const stage of ['grassrootsReview', 'notice', 'rejected', 'withdrawn'] as const) {
    expect(mayMove('established', stage)).toBe(false);
  }
});

test('停在原环节总是可以，结束之后哪里也去不了', () => {
  for (const stage of stages) expect(mayMove(stage, stage)).toBe(true);
  for (const end of stages.filter(hasEnded)) {
    expect(stages.filter((stage) => stage !== end && mayMove(end, stage))).toEqual([]);
  }
});

test('归档开始之后和结束之后，外来的东西不再进入', () => {
  expect(stages.filter(isSealed)).toEqual(['archiving', ...ends]);
});

test('可恢复的环节指向流程定义中真有的步骤，流程之外的环节没有', () => {
  const states = Object.keys(JSON.parse(readFileSync('statemachines/filing.asl.json', 'utf8')).States);
  for (const stage of stages) {
    const { resumeAt } = STAGES[stage];
    if (resumeAt !== null) expect(states).toContain(resumeAt);
  }
  const outside = stages.filter((stage) => STAGES[stage].resumeAt === null);
  expect(outside).toEqual(['draft', 'awaitingApplication', ...ends]);
});
