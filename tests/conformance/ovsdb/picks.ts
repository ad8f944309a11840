// What generators of lines choose by.

import type { Random } from "../ovs-tools/message-templates.ts";

export class Picks {
  protected readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  protected pick<T>(list: readonly T[]): T {
    return list[this.random(list.length)] as T;
  }

  /** Once in so many times. */
  protected once(times: number): boolean {
    return this.random(times) === 0;
  }
}
