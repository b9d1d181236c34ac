/**
 * `npm run -s token -- --data DIR --subject ID --name NAME --role ROLE … [--organisation CODE] [--ttl SECONDS]`
 * prints a token of the embedded issuer. It needs the key file in the data folder and makes it where there is none.
 * Exit 2 with a sentence on standard error for arguments that don't fit.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { mintToken } from '#embedded/identity/issuer.ts';
import { ROLES } from '#functions/shared/access/policy.ts';
import { zodFaults } from '#functions/shared/faults.ts';

const Arguments = z.strictObject({
  data: z.string().min(1),
  subject: z.string().min(1).max(256),
  name: z.string().min(1).max(256),
  role: z.array(z.enum(ROLES)).min(1),
  organisation: z.string().min(1).max(256).optional(),
  ttl: z
    .string()
    .regex(/^[1-9]\d{0,7}$/, '应为秒数，例如 3600。')
    .transform(Number)
    .default(12 * 3600),
});

const read = (): Record<string, unknown> =>
  parseArgs({
    options: {
      data: { type: 'string' },
      subject: { type: 'string' },
      name: { type: 'string' },
      role: { type: 'string', multiple: true },
      organisation: { type: 'string' },
      ttl: { type: 'string' },
    },
  }).values;

const refuse = (lines: readonly string[]): void => {
  for (const line of lines) console.error(line);
  process.exitCode = 2;
};

const USAGE =
  '用法：npm run -s token -- --data 数据目录 --subject 账号 --name 姓名 --role 角色 [--role 角色 …] [--organisation 工会代码] [--ttl 秒数]';

const readArguments = (): Record<string, unknown> | undefined => {
  try {
    return read();
  } catch {
    return undefined;
  }
};

const values = readArguments();
if (values === undefined) {
  refuse([USAGE]);
} else {
  const parsed = Arguments.safeParse(values);
  if (!parsed.success) {
    const faults = zodFaults(parsed.error, values);
    refuse([...faults.map(({ pointer, message }) => `--${pointer.split('/')[1]}：${message}`), USAGE]);
  } else {
    const { data, subject, name, role, organisation, ttl } = parsed.data;
    const holder = { subject, name, roles: role, ttlSeconds: ttl };
    const keys = join(data, 'keys');
    console.log(await mintToken(keys, organisation === undefined ? holder : { ...holder, organisation }));
  }
}
