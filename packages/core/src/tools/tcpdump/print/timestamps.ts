// The time in front of a packet: -t to -ttttt.

import { formatTime } from "../../../system/calendar.ts";
import { padded } from "./numbers.ts";

const DAY = 86_400; // seconds
const BROKEN = "[Error converting time]";

/** tcpdump looks at 32 bits of the seconds only, and believes them if they are not negative. */
function isBroken(seconds: number): boolean {
  return lowBits(seconds) >= 0x8000_0000;
}

function lowBits(seconds: number): number {
  return ((seconds % 0x1_0000_0000) + 0x1_0000_0000) % 0x1_0000_0000;
}

export class Timestamps {
  readonly #style: number;
  readonly #digits: number;
  readonly #unit: number;
  #second = -1;
  #secondText = "";
  #reference: { seconds: number; fraction: number } | undefined;

  constructor(style: number, nanoseconds: boolean) {
    this.#style = style;
    this.#digits = nanoseconds ? 9 : 6;
    this.#unit = nanoseconds ? 1e9 : 1e6;
  }

  text(seconds: number, fraction: number): string {
    switch (this.#style) {
      case 1:
        return "";
      case 2:
        if (isBroken(seconds)) return `${BROKEN} `;
        return `${lowBits(seconds)}.${padded(fraction, this.#digits)} `;
      case 3:
      case 5:
        return this.#since(seconds, fraction);
      default:
        return `${this.#clock(seconds, fraction, this.#style === 4)} `;
    }
  }

  /** Text of a second is kept: many packets come within one. */
  #clock(seconds: number, fraction: number, withDate: boolean): string {
    if (isBroken(seconds)) return BROKEN;
    if (seconds !== this.#second) {
      this.#second = seconds;
      if (withDate) this.#secondText = formatTime("%Y-%m-%d %H:%M:%S", seconds * 1e6);
      else {
        const time = ((seconds % DAY) + DAY) % DAY;
        const minutes = padded(Math.floor(time / 60) % 60, 2);
        this.#secondText = `${padded(Math.floor(time / 3600), 2)}:${minutes}:${padded(time % 60, 2)}`;
      }
    }
    return `${this.#secondText}.${padded(fraction, this.#digits)}`;
  }

  /** Time since the previous packet, or since the first. */
  #since(seconds: number, fraction: number): string {
    this.#reference ??= { seconds, fraction };
    const { seconds: from, fraction: fromFraction } = this.#reference;
    const negative = seconds < from || (seconds === from && fraction < fromFraction);
    let wholeSeconds = negative ? from - seconds : seconds - from;
    let rest = negative ? fromFraction - fraction : fraction - fromFraction;
    if (rest < 0) {
      wholeSeconds--;
      rest += this.#unit;
    }
    if (this.#style === 3) this.#reference = { seconds, fraction };
    return `${negative ? "-" : " "}${this.#clock(wholeSeconds, rest, false)} `;
  }
}
