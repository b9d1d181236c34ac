/**
 * The engine's history as the service tells it: JSON values as text, details under a member named by the type, each
 * event with the one before it.
 */
import type { HistoryEvent, Json, JsonObject } from '#functions/shared/ports.ts';

/** What may hold data of the case, left out where it isn't asked for, and the member that says so. */
const DATA = ['input', 'output', 'parameters'] as const;
type DataMember = (typeof DATA)[number];
const isData = (name: string): name is DataMember => DATA.some((member) => member === name);

const text = (value: Json): string => JSON.stringify(value);

/** `TaskStateEntered` is told in `stateEnteredEventDetails`, `TaskScheduled` in `taskScheduledEventDetails`. */
function memberOf(type: string): string {
  const stem = /State(Entered|Exited)$/.exec(type)?.[0] ?? type;
  return `${stem.charAt(0).toLowerCase()}${stem.slice(1)}EventDetails`;
}

/** Assigned variables are told as a map of JSON texts. */
const assigned = (variables: Json): Json =>
  variables === null || typeof variables !== 'object' || Array.isArray(variables)
    ? {}
    : Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, text(value)]));

function detailsOf(details: JsonObject, region: string, withData: boolean): JsonObject {
  const told = Object.entries(details).flatMap(([name, value]): [string, Json][] => {
    if (name === 'assignedVariables') {
      return withData
        ? [
            [name, assigned(value)],
            ['assignedVariablesDetails', { truncated: false }],
          ]
        : [];
    }
    if (!isData(name)) return [[name, value]];
    if (!withData) return [];
    if (name === 'parameters')
      return [
        [name, text(value)],
        ['region', region],
      ];
    return [
      [name, text(value)],
      [`${name}Details`, { truncated: false }],
    ];
  });
  return Object.fromEntries(told);
}

export type EventForm = { readonly region: string; readonly withData: boolean };

/** One event in the service's form; times are seconds since the epoch. */
export function serviceEvent(event: HistoryEvent, { region, withData }: EventForm): JsonObject {
  const { id, type, timestamp, details } = event;
  const told = details === undefined ? {} : detailsOf(details, region, withData);
  return {
    id,
    // The start is nobody's consequence, and the service says the same of the first state.
    previousEventId: id <= 2 ? 0 : id - 1,
    timestamp: timestamp / 1000,
    type,
    ...(Object.keys(told).length === 0 ? {} : { [memberOf(type)]: told }),
  };
}
