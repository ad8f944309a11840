// What a system with virtual time says when it can only stand still.

/** Every program waits, and neither a timer nor a packet nor the host will wake one: on Linux they would wait for ever. */
export class Stalled extends Error {
  constructor(message = "every program waits for something that cannot happen") {
    super(message);
  }
}
