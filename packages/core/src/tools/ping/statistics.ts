// What ping counts, and the texts that it makes of it: replies and losses, round-trip times, packets under way.

import type { Microseconds, Nanoseconds } from "../../system/system.ts";
import { SECOND } from "../../system/system.ts";
import { MAX_DUPLICATES } from "./options.ts";

export class Statistics {
  transmitted = 0;
  received = 0;
  repeats = 0;
  corrupted = 0;
  errors = 0;
  /** Highest sequence number that was answered, 16 bits. */
  #acknowledged = 0;
  /** Longest distance between a probe sent and one answered. */
  pipeSize = -1;
  #minimum: Microseconds = Infinity;
  maximum: Microseconds = 0;
  #sum = 0;
  #squares = 0;
  /** Moving average of round-trip times, microseconds times 8. */
  average8 = 0;
  /** Replies by sequence number. */
  readonly #seen = new Uint8Array(MAX_DUPLICATES);

  sent(): void {
    this.transmitted++;
    // The distance of 16-bit numbers must not turn over.
    if ((this.transmitted & 0xffff) - this.#acknowledged > 0x7fff) {
      this.#acknowledged = (this.transmitted + 1) & 0xffff;
    }
  }

  /** Probes that nothing is known of yet. */
  get inFlight(): number {
    const difference = (this.transmitted - this.#acknowledged) & 0xffff;
    return difference <= 0x7fff ? difference : this.transmitted - this.received - this.errors;
  }

  acknowledge(sequence: number): void {
    const difference = (this.transmitted - sequence) & 0xffff;
    if (difference > 0x7fff) return;
    if (difference + 1 > this.pipeSize) this.pipeSize = difference + 1;
    const ahead = ((sequence - this.#acknowledged) << 16) >> 16;
    if (ahead > 0 || ((this.transmitted - this.#acknowledged) & 0xffff) > 0x7fff)
      this.#acknowledged = sequence;
  }

  forget(sequence: number): void {
    this.#seen[sequence & 0xffff] = 0;
  }

  wasSeen(sequence: number): boolean {
    return this.#seen[sequence & 0xffff] === 1;
  }

  /** A reply; true if its sequence number was seen before. */
  receive(sequence: number, corrupted: boolean): boolean {
    if (corrupted) {
      this.corrupted++;
      return false;
    }
    if (this.wasSeen(sequence)) {
      this.repeats++;
      return true;
    }
    this.received++;
    this.#seen[sequence & 0xffff] = 1;
    return false;
  }

  addTime(time: Microseconds): void {
    this.#sum += time;
    this.#squares += time * time;
    this.#minimum = Math.min(this.#minimum, time);
    this.maximum = Math.max(this.maximum, time);
    if (this.average8 === 0) this.average8 = time * 8;
    else this.average8 += time - Math.trunc(this.average8 / 8);
  }

  /** "min/avg/max/mdev" of the last line. */
  times(): string {
    const total = this.received + this.repeats;
    const average = Math.trunc(this.#sum / total);
    const variance = Math.trunc((this.#squares - Math.trunc((this.#sum * this.#sum) / total)) / total);
    const deviation = integerRoot(variance);
    return [this.#minimum, average, this.maximum, deviation].map(milliseconds).join("/");
  }

  /** "N packets transmitted, ..." without the line's end. `elapsed`: from the start to the last probe. */
  summary(elapsed: Nanoseconds): string {
    let text = `${this.transmitted} packets transmitted, ${this.received} received`;
    if (this.repeats > 0) text += `, +${this.repeats} duplicates`;
    if (this.corrupted > 0) text += `, +${this.corrupted} corrupted`;
    if (this.errors > 0) text += `, +${this.errors} errors`;
    if (this.transmitted === 0) return text;
    const loss = Math.fround(((this.transmitted - this.received) * 100) / this.transmitted);
    const seconds = Math.floor(elapsed / SECOND);
    const rest = Math.trunc((elapsed - seconds * SECOND + 500_000) / 1_000_000);
    return `${text}, ${Number(loss.toPrecision(6))}% packet loss, time ${1000 * seconds + rest}ms`;
  }

  /** What SIGQUIT prints, without the line's end. */
  snapshot(timed: boolean): string {
    const lost = this.transmitted - this.received;
    const loss = this.transmitted === 0 ? 0 : Math.trunc((lost * 100) / this.transmitted);
    const text = `${this.received}/${this.transmitted} packets, ${loss}% loss`;
    if (this.received === 0 || !timed) return text;
    const average = Math.trunc(this.#sum / (this.received + this.repeats));
    const times = [this.#minimum, average, Math.trunc(this.average8 / 8), this.maximum];
    return `${text}, min/avg/ewma/max = ${times.map(milliseconds).join("/")} ms`;
  }
}

/** Microseconds as milliseconds with three places. */
export function milliseconds(time: Microseconds): string {
  return `${Math.trunc(time / 1000)}.${String(time % 1000).padStart(3, "0")}`;
}

/** The largest whole number whose square is not above `value` (Newton's iteration). */
function integerRoot(value: number): number {
  let previous = Infinity;
  let root = value;
  if (value <= 0) return 0;
  while (root < previous) {
    previous = root;
    root = Math.trunc((root + Math.trunc(value / root)) / 2);
  }
  return root;
}

/** " time=..." of a reply: three digits, or whole milliseconds from 100 ms on. */
export function replyTime(time: Microseconds): string {
  if (time >= 100_000 - 50) return ` time=${Math.trunc((time + 500) / 1000)} ms`;
  if (time >= 10_000 - 5) {
    return ` time=${Math.trunc((time + 50) / 1000)}.${Math.trunc(((time + 50) % 1000) / 100)} ms`;
  }
  if (time >= 1000) {
    const hundredths = Math.trunc(((time + 5) % 1000) / 10);
    return ` time=${Math.trunc((time + 5) / 1000)}.${String(hundredths).padStart(2, "0")} ms`;
  }
  return ` time=${milliseconds(time)} ms`;
}
