// Node's event loop as the embedded system's host: turns for a virtual clock, and real time where that is asked for.

import type { HostLoop } from "@patchcord/core/embedded.ts";

/** A turn is over when everything that was runnable has run. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** A tick comes after all promises that are settled meanwhile, if it is asked for by one of them. */
function drain(): Promise<void> {
  return new Promise((resolve) => void Promise.resolve().then(() => process.nextTick(resolve)));
}

export const virtualTimeHost: HostLoop = { turn, drain };

/** A host whose clock the embedded one follows; `wake` ends a sleep early when input arrives. */
export function realTimeHost(): HostLoop {
  let wakeUp: (() => void) | undefined;
  return {
    turn,
    realTime: {
      now: () => Number(process.hrtime.bigint()),
      sleep: (delay) =>
        new Promise((resolve) => {
          const timer = setTimeout(() => wakeUp?.(), Math.min((delay ?? 3.6e12) / 1e6, 3.6e6));
          wakeUp = () => {
            clearTimeout(timer);
            wakeUp = undefined;
            resolve();
          };
        }),
      wake: () => wakeUp?.(),
    },
  };
}
