/**
 * Changes of single unions by the administrator: a new one, another name or place in the tree, a dissolution with whoever
 * takes over (B-12). Each is kept with its author and reason; the cases of a union that is dissolved, or stands elsewhere
 * now, are moved by the outbox.
 */
import { beijingDate } from '#domain/calendar/dates.ts';
import type { Organisation, OrganisationFields, OrganisationTree } from '#domain/filing/organisations.ts';
import type { Caller } from '#functions/shared/access/policy.ts';
import { AppError, InvalidInput } from '#functions/shared/errors.ts';
import { changeTree, type OrganisationPorts } from '#functions/shared/organisation-store.ts';
import { requireOrganisation } from '#functions/shared/organisation-view.ts';
import { signatoryOf } from '#functions/shared/signatory.ts';
import type { DissolutionForm, NewOrganisation } from './schema.ts';

type Changed = { readonly tree: OrganisationTree; readonly organisation: Organisation };

const change = async (
  ports: OrganisationPorts,
  caller: Caller,
  reason: string,
  id: string,
  decide: (tree: OrganisationTree) => Organisation,
): Promise<Changed> => {
  const by = signatoryOf(caller);
  const { tree, faults } = await changeTree(ports, by, reason, (before) => [decide(before)]);
  if (faults.length > 0) {
    throw new InvalidInput(
      faults.map((fault) => ({
        // The field of another union that stands in the way is none of the form.
        pointer: fault.field === null || fault.id !== id ? '' : `/${fault.field}`,
        code: fault.code,
        message:
          fault.id === id ? fault.message : `${tree.find(fault.id)?.name ?? fault.id}：${fault.message}`,
      })),
    );
  }
  return { tree, organisation: tree.get(id) };
};

export const createOrganisation = (
  ports: OrganisationPorts,
  caller: Caller,
  { reason, id: given, ...fields }: NewOrganisation,
): Promise<Changed> => {
  const id = given ?? ports.ids.next();
  return change(ports, caller, reason, id, (tree) => {
    if (tree.find(id) !== undefined) {
      throw new AppError('organisation-exists', 409, '这个单位编码已经使用，请换一个。');
    }
    return { ...fields, id, dissolution: null };
  });
};

/** The whole of what can be changed, as it shall be. */
export const changeOrganisation = (
  ports: OrganisationPorts,
  caller: Caller,
  id: string,
  { reason, ...fields }: OrganisationFields & { readonly reason: string },
): Promise<Changed> =>
  change(ports, caller, reason, id, (tree) => ({ ...requireOrganisation(tree, id), ...fields }));

/** Today where the form names no day. Doing it again with the same successor changes nothing. */
export const dissolveOrganisation = (
  ports: OrganisationPorts,
  caller: Caller,
  id: string,
  { reason, on, successor }: DissolutionForm,
): Promise<Changed> =>
  change(ports, caller, reason, id, (tree) => {
    const organisation = requireOrganisation(tree, id);
    if (organisation.dissolution?.successor === successor) return organisation;
    return {
      ...organisation,
      dissolution: { on: on ?? beijingDate(ports.clock.now()), successor },
    };
  });
