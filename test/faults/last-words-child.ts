/** A process that dies of a fault that nobody foresaw. Arguments: how it dies, and what the fault quotes. */
import { installLastWords } from '#embedded/last-words.ts';
import { createLogger } from '#functions/shared/log.ts';

const [how = '', quoted = ''] = process.argv.slice(2);

installLastWords(createLogger({ sink: (line) => console.error(line), wall: Date.now }));
const stumble = (): unknown => JSON.parse(quoted);
if (how === 'thrown') setImmediate(stumble);
else void Promise.resolve().then(stumble);
