/**
 * What a Lambda function reads of its environment. `infra/stacks/functions.ts` sets all of these for all functions; a
 * function names the groups that it needs, and they are parsed once, when its module is loaded.
 */
import * as z from 'zod';

const Name = z.string().min(1);
const Arn = z.string().startsWith('arn:');
/** Encrypted on its way, unless it never leaves the machine: a function in Lambda reaches nobody on its loopback. */
const Https = z.url().regex(/^(https:\/\/|http:\/\/127\.0\.0\.1(:\d+)?(\/|$))/);

/** The variables by what they are for. */
export const TABLE = { TABLE_NAME: Name };
export const DOCUMENTS = {
  UPLOADS_BUCKET: Name,
  ARCHIVE_BUCKET: Name,
  ARCHIVE_LOCK_MODE: z.enum(['GOVERNANCE', 'COMPLIANCE']),
};
export const WORKFLOW = { STATE_MACHINE_ARN: Arn };
export const VAULT = { SEAL_KEY_ARN: Arn, INDEX_KEY_ARN: Arn, SIGNING_KEY_ARN: Arn };
export const NOTIFIER = { MESSAGES_TOPIC_ARN: Arn };
/** A mail server, by which messages go as well; without it (empty) none go. The secret holds `{user, password}`. */
export const MAIL = {
  MAIL_SERVER: z.string().optional(),
  MAIL_FROM: z.string().optional(),
  MAIL_SECRET_ARN: z.string().optional(),
};
/**
 * Where the API is reached from outside: the base of callbacks, and the authority that their signatures cover. Where it
 * stands who holds which post.
 */
export const SETTINGS = { API_URL: Https, ROLES_FROM: z.enum(['claims', 'posts']).default('claims') };
/** The secret holds a key ring: see `docs/cross-check.md`. */
export const CENTRE_KEYS = { CENTRE_SECRET_ARN: Arn };
export const CENTRE = { ...CENTRE_KEYS, CENTRE_URL: Https };

/** `host:port` of ClamAV's daemon; without it papers are taken in unscanned. */
export const SCANNER = { CLAMD_ADDRESS: z.string().optional() };

export type Configured<Variables extends z.ZodRawShape> = z.output<z.ZodObject<Variables>>;

/** The values of the variables. Throws one error that names every variable at fault, and no value. */
export const configuration = <Variables extends z.ZodRawShape>(
  variables: Variables,
  environment: NodeJS.ProcessEnv = process.env,
): Configured<Variables> => {
  const parsed = z.object(variables).safeParse(environment);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, code }) => `${path.join('.')}: ${code}`);
  throw new Error(`the function's environment is wrong: ${faults.join('; ')}`);
};
