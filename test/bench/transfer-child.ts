/** One command of the transfer, in a process of its own: prints its peak of memory in bytes as the last line. */
import { run } from '../../scripts/transfer.ts';

process.exitCode = await run(process.argv.slice(2), () => {}, console.error);
// `maxRSS` is in kilobytes.
console.log(process.resourceUsage().maxRSS * 1024);
