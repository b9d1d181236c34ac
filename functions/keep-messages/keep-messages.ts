/** Marks messages as read, and sends again what could not go out. */
import { type Caller, scopesOf } from '#functions/shared/access/policy.ts';
import type { CasePorts } from '#functions/shared/case-store.ts';
import { AppError, ConditionFailed } from '#functions/shared/errors.ts';
import { findDead, findLetter, readMark, resendOperations } from '#functions/shared/message-store.ts';

/** The same for what isn't there and what is none of the caller's: who asks learns nothing of it. */
const messageNotFound = (): AppError =>
  new AppError('message-not-found', 404, '没有找到该消息，请核对编号。');

/** Only for the one who reads. Marking again changes nothing. */
export const markRead = async (ports: CasePorts, caller: Caller, messageId: string): Promise<void> => {
  const letter = await findLetter(ports.items, messageId);
  if (letter === undefined) throw messageNotFound();
  const mine =
    'subject' in letter.to
      ? letter.to.subject === caller.subject
      : letter.to.organisation === caller.organisation &&
        scopesOf(caller, 'message.list').has('ownOrganisation');
  if (!mine) throw messageNotFound();
  await ports.items.transact([readMark(caller.subject, letter)]);
};

/** Back into the outbox, for each way by which it did not go out. Two who do it at once send it once. */
export const resendMessage = async (ports: CasePorts, messageId: string): Promise<void> => {
  const dead = await findDead(ports.items, messageId);
  if (dead.length === 0) throw messageNotFound();
  try {
    await ports.items.transact(dead.flatMap((item) => resendOperations(ports.ids, item)));
  } catch (error) {
    if (error instanceof ConditionFailed) throw messageNotFound();
    throw error;
  }
};
