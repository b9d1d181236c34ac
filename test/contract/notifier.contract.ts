/** What every `Notifier` does, run against each adapter. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Message, Notifier } from '#functions/shared/ports.ts';

export type NotifierUnderTest = {
  readonly notifier: Notifier;
  /** The messages that have gone out, in order, as far as this way tells of them. */
  sent(): Promise<readonly Partial<Message>[]>;
  close(): Promise<void>;
};

const message = (id: string, title = '公示通知'): Message => ({
  id,
  caseId: 'c1',
  to: { subject: 'worker-1' },
  title,
  text: '您的申请已进入公示。\n请留意“公示期”。',
});

export function notifierContract(name: string, open: () => Promise<NotifierUnderTest>): void {
  describe(`Notifier: ${name}`, () => {
    let subject: NotifierUnderTest;
    beforeAll(async () => {
      subject = await open();
    });
    afterAll(() => subject.close());

    it('sends each message once, however often and at the same time it is asked to', async () => {
      const { notifier } = subject;
      await Promise.all([
        notifier.send(message('m1')),
        notifier.send(message('m1')),
        notifier.send(message('m2')),
      ]);
      await notifier.send(message('m1', 'again'));
      await notifier.send({ ...message('m3'), to: { organisation: 'org-1' } });
      const expected = [message('m1'), message('m2'), { ...message('m3'), to: { organisation: 'org-1' } }];
      const sent = await subject.sent();
      expect(sent).toHaveLength(expected.length);
      // The case is for machines: a mail to a person doesn't name it.
      expect(expected).toMatchObject(sent);
      for (const one of sent)
        expect(Object.keys(one)).toEqual(expect.arrayContaining(['id', 'to', 'title', 'text']));
    });
  });
}
