/** Plays all stories of the demonstration in one house, whichever edition it is: what `npm run demo` does between start and print. */
import * as z from 'zod';
import { endOfDayInstant } from '#domain/calendar/dates.ts';
import type { Role } from '#functions/shared/access/policy.ts';
import type { ApiClient } from './client.ts';
import { Filing, type People } from './filing.ts';
import * as households from './households.ts';
import {
  adjudicationStory,
  exampleOneStory,
  exampleTwoStory,
  objectionStory,
  type Pause,
  type Story,
  supplementStory,
  territorialStory,
  unauthorisedStory,
  withdrawalStory,
} from './stories.ts';

/** When the stories begin, milliseconds of case time: Thursday, 20 December 2018, nine in the morning in Hefei. */
export const DEMO_START = Date.parse('2018-12-20T01:00:00Z');
/** The fifth working day after the publication. */
const NOTICE_LAST_DAY = '2018-12-27';
const MEETING_DAY = '2018-12-28';

/** An edition at `DEMO_START`, as far as the stories need it. */
export type House = {
  /** Where its API listens. */
  readonly base: string;
  /** Someone who has signed in. */
  readonly sign: (subject: string, name: string, role: Role, organisation?: string) => Promise<ApiClient>;
  /** Resolves when every case waits for a person, a timer, or the centre. */
  readonly idle: () => Promise<void>;
  /** Moves case time. */
  readonly advanceTo: (instant: number) => Promise<void>;
};

type Staff = Omit<People, 'worker'> & { readonly secretary: ApiClient };

const staffOf = async (
  { sign }: House,
  prefix: string,
  [grassroots, superior, centre]: readonly [string, string, string],
): Promise<Staff> => ({
  grassroots: await sign(`${prefix}-grassroots`, '基层工会经办人', 'grassrootsOfficer', grassroots),
  superior: await sign(`${prefix}-superior`, '上级工会审核人', 'superiorOfficer', superior),
  centre: await sign(`${prefix}-centre`, '服务中心复审人', 'centreReviewer', centre),
  secretary: await sign(`${prefix}-secretary`, '会议记录人', 'meetingSecretary', centre),
});

/** Runs every story up to its next pause; the pauses that were reached come back with their stories. */
const runRound = async (
  running: ReadonlyMap<Story, AsyncGenerator<Pause, void>>,
): Promise<ReadonlyMap<Story, Pause>> => {
  const results = await Promise.all(
    [...running].map(async ([story, steps]) => [story, await steps.next()] as const),
  );
  return new Map(
    results.flatMap(([story, step]) => (step.done === true ? [] : [[story, step.value] as const])),
  );
};

const holdMeeting = async (
  secretary: ApiClient,
  stories: readonly Story[],
  say: (line: string) => void,
): Promise<void> => {
  if (stories.length === 0) return;
  await secretary.post(
    '/v1/meetings',
    {
      heldOn: MEETING_DAY,
      attendees: ['中心主任（样例）', '帮扶部负责人（样例）', '财务负责人（样例）'],
      minutes: '会议逐户研究了拟帮扶家庭的困难情况、帮扶措施和资金来源，形成如下意见。',
      agenda: stories.map(({ filing, aids = [], resolution = '' }) => ({
        caseId: filing.caseId,
        aids,
        resolution,
      })),
    },
    z.looseObject({ meetingId: z.string() }),
  );
  say(`会议研究 ${stories.length} 份档案：${stories.map(({ filing }) => filing.title).join('、')}`);
};

/** Plays them side by side, from draft to their ends; `say` is told what happens. Rejects where one gets stuck. */
export const playStories = async (house: House, say: (line: string) => void): Promise<readonly Story[]> => {
  const direct = await staffOf(house, 'ah', ['ah-direct-1', 'ah-direct', 'ah']);
  const city = await staffOf(house, 'hf', ['hf-1-1', 'hf-1', 'hf']);

  let worker = 0;
  const filingOf = async (title: string, household: households.Household, staff: Staff): Promise<Filing> => {
    worker += 1;
    const people = {
      ...staff,
      worker: await house.sign(`worker-${worker}`, household.persons[0]?.name ?? '', 'applicant'),
    };
    return new Filing(title, household, people, (line) => say(`［${title}］${line}`));
  };
  const stories: readonly Story[] = [
    exampleOneStory(await filingOf('例一', households.exampleOne, direct)),
    exampleTwoStory(await filingOf('例二', households.exampleTwo, direct)),
    territorialStory(await filingOf('属地', households.territorial, city)),
    supplementStory(await filingOf('补正', households.supplemented, direct)),
    objectionStory(await filingOf('异议', households.objected, direct), house.base),
    adjudicationStory(await filingOf('比对', households.adjudicated, direct)),
    unauthorisedStory(await filingOf('未授权', households.unauthorised, direct)),
    withdrawalStory(await filingOf('撤回', households.withdrawn, direct)),
  ];

  const running = new Map(stories.map((story) => [story, story.run()] as const));
  let waiting = await runRound(running);
  await house.idle();
  say(`公示期：时间推进到${NOTICE_LAST_DAY}结束`);
  await house.advanceTo(endOfDayInstant(NOTICE_LAST_DAY));
  waiting = await runRound(new Map([...running].filter(([story]) => waiting.has(story))));
  const forMeeting = [...waiting].flatMap(([story, pause]) => (pause === 'meeting' ? [story] : []));
  for (const [route, staff] of [
    ['provinceDirect', direct],
    ['territorial', city],
  ] as const) {
    const theirs = forMeeting.filter(({ filing }) => filing.household.route === route);
    await holdMeeting(staff.secretary, theirs, say);
  }
  await runRound(new Map([...running].filter(([story]) => waiting.has(story))));
  await house.idle();
  return stories;
};
