// What an algorithm of congestion control decides (struct tcp_congestion_ops). Windows are segments, times microseconds.

/** What is told of a connection. The window and the threshold are the algorithm's to set. */
export interface CongestionWindow {
  congestionWindow: number;
  slowStartThreshold: number;
  /** The window's fraction in congestion avoidance, in acknowledged segments. */
  windowCount: number;
  /** Of the last round trip; NaN if the acknowledgement gave no sample. */
  readonly inSlowStart: boolean;
}

export interface CongestionControl {
  readonly name: "reno" | "cubic";
  /** The threshold after a loss. */
  thresholdAfterLoss(window: CongestionWindow): number;
  /** `acknowledged` segments were delivered while the window limited. */
  onAcknowledged(window: CongestionWindow, acknowledged: number, now: number): void;
  /** A round-trip time was measured. `flight`: segments on the way; `next` and `acknowledged` are sequence numbers. */
  onRoundTrip?(window: CongestionWindow, sample: RoundTripSample): void;
  /** A timeout: the state starts anew. */
  onTimeout?(): void;
  /** Sending begins again after a pause of `idle` µs. */
  onRestart?(now: number, lastSent: number): void;
}

export interface RoundTripSample {
  readonly rtt: number;
  readonly now: number;
  readonly acknowledged: number;
  readonly next: number;
}

/** tcp_slow_start(): a segment for each acknowledged one, up to the threshold (RFC 5681, 3.1). What is left over. */
export function slowStart(window: CongestionWindow, acknowledged: number): number {
  const target = Math.min(window.congestionWindow + acknowledged, window.slowStartThreshold);
  const left = acknowledged - (target - window.congestionWindow);
  window.congestionWindow = target;
  return left;
}

/** tcp_cong_avoid_ai(): a segment more for every `per` acknowledged. */
export function increaseBy(window: CongestionWindow, per: number, acknowledged: number): void {
  if (window.windowCount >= per) {
    window.windowCount = 0;
    window.congestionWindow++;
  }
  window.windowCount += acknowledged;
  if (window.windowCount < per) return;
  const more = Math.floor(window.windowCount / per);
  window.windowCount -= more * per;
  window.congestionWindow += more;
}
