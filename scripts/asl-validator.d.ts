/** asl-validator 4 ships no types; this is the part that is used. */
declare module 'asl-validator' {
  export default function validate(definition: { States: Record<string, Record<string, unknown>> }): {
    isValid: boolean;
    errorsText: (separator?: string) => string;
  };
}
