// Reno (RFC 5681).

import { increaseBy, slowStart } from "./control.ts";
import type { CongestionControl } from "./control.ts";

export const reno: CongestionControl = {
  name: "reno",
  thresholdAfterLoss: ({ congestionWindow }) => Math.max(congestionWindow >> 1, 2),
  onAcknowledged(window, acknowledged) {
    const left = window.inSlowStart ? slowStart(window, acknowledged) : acknowledged;
    if (left > 0) increaseBy(window, window.congestionWindow, left);
  },
};
