/** Ids of 128 bits in the manner of ULID: 48 of wall time, 80 of chance. */
import { randomBytes } from 'node:crypto';
import { ID_ALPHABET, ID_CHANCE_BITS } from '#functions/shared/id-time.ts';
import type { Clock, Ids } from '#functions/shared/ports.ts';

const LENGTH = 26;
const CHANCE_END = 1n << ID_CHANCE_BITS;

const random = (bytes: number): bigint => BigInt(`0x${randomBytes(bytes).toString('hex')}`);

function encode(value: bigint): string {
  let text = '';
  for (let rest = value; text.length < LENGTH; rest >>= 5n)
    text = ID_ALPHABET.charAt(Number(rest & 31n)) + text;
  return text;
}

export class RandomIds implements Ids {
  readonly #clock: Pick<Clock, 'wall'>;
  #time = 0;
  #chance = 0n;

  constructor(clock: Pick<Clock, 'wall'>) {
    this.#clock = clock;
  }

  /**
   * Each id sorts after the ones before it, also within a millisecond and when the clock is set back: the chance
   * then grows by a random step of 64 bits, so that who knows one id still cannot guess the next.
   */
  next(): string {
    const time = Math.floor(this.#clock.wall());
    if (time > this.#time) {
      this.#time = time;
      this.#chance = random(10);
    } else {
      this.#chance += random(8) + 1n;
      if (this.#chance >= CHANCE_END) {
        this.#time += 1;
        this.#chance = random(10);
      }
    }
    return encode((BigInt(this.#time) << ID_CHANCE_BITS) | this.#chance);
  }
}
