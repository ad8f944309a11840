// Ages as OpenFlow tells them. The original's clock counts milliseconds.

export interface Duration {
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** `age` in nanoseconds. */
export function durationOf(age: number): Duration {
  return { seconds: Math.floor(age / 1e9), nanoseconds: Math.floor((age % 1e9) / 1e6) * 1e6 };
}
