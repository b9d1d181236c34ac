/**
 * The names that a definition (`statemachines/*.asl.json`) leaves open, in the form that CloudFormation
 * substitutes: `${Name}`. There is `${Partition}`, and for each function of the manifest its pascal-cased name
 * with `Arn`: `open-task` is `${OpenTaskArn}`. Both editions run the same file; only the values differ.
 */

/** The partition of the ARNs: `aws` or `aws-cn`. */
export const PARTITION = 'Partition';

/**
 * A name alone, never an expression: JSONata may group the context by `${ "key": value }`, and that is not ours.
 */
const PLACEHOLDER = /\$\{([A-Za-z][A-Za-z0-9]*)\}/g;

/** The name without braces: the key of `substitute`'s values and of CloudFormation's `DefinitionSubstitutions`. */
export function placeholder(functionName: string): string {
  const words = functionName.split('-');
  return `${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')}Arn`;
}

/** The text with each `${Name}` replaced by its value. Throws where a name has no value, naming all of them. */
export function substitute(text: string, values: Readonly<Record<string, string>>): string {
  const missing = namesIn(text).filter((name) => !Object.hasOwn(values, name));
  if (missing.length > 0) throw new Error(`no value for ${missing.map((name) => `\${${name}}`).join(', ')}`);
  return text.replaceAll(PLACEHOLDER, (whole, name: string) => values[name] ?? whole);
}

/**
 * The functions that a definition invokes, by their names in the manifest, sorted, each once. Throws where a
 * name stands for neither the partition nor a function's ARN.
 */
export function functionsNamed(text: string): string[] {
  return namesIn(text)
    .filter((name) => name !== PARTITION)
    .map((name) => {
      const words = name.match(/[A-Z][a-z0-9]*/g) ?? [];
      const functionName = words
        .slice(0, -1)
        .map((word) => word.toLowerCase())
        .join('-');
      if (functionName === '' || placeholder(functionName) !== name)
        throw new Error(`\${${name}} does not name a function`);
      return functionName;
    })
    .sort();
}

function namesIn(text: string): string[] {
  return [...new Set([...text.matchAll(PLACEHOLDER)].flatMap(([, name]) => name ?? []))];
}
