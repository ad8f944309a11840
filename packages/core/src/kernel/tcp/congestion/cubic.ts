// CUBIC (RFC 9438) with HyStart (RFC 9406 tells of its successor; Ha and Rhee, "Taming the elephants", 2011), with Linux's constants.
// The window grows as a cubic function of the time since the last loss, and never slower than Reno's would.

import { after } from "../sequence.ts";
import { increaseBy, slowStart } from "./control.ts";
import type { CongestionControl, CongestionWindow, RoundTripSample } from "./control.ts";

const SECOND = 1e6;
const MILLISECOND = 1e3;
/** RFC 9438, 4.6: the window after a loss, as a fraction of that before. */
const BETA = 717 / 1024;
/** RFC 9438, 5: segments per cubic second. */
const C = (41 * 10) / 1024;
/** HyStart is on from this window on, segments. */
const HYSTART_LEAST_WINDOW = 16;
const HYSTART_SAMPLES = 8;
const HYSTART_TRAIN_GAP = 2 * MILLISECOND;
const HYSTART_LEAST_DELAY = 4 * MILLISECOND;
const HYSTART_MOST_DELAY = 16 * MILLISECOND;
/** Growth is worked out again after this long at the earliest. */
const UPDATE_INTERVAL = SECOND / 32;

export type HystartFinding = "train" | "delay";

export class Cubic implements CongestionControl {
  readonly name = "cubic";
  readonly #found: (how: HystartFinding, window: number) => void;
  /** W_max */
  #windowMax = 0;
  #lastWindow = 0;
  #lastUpdate = 0;
  /** Acknowledged segments for each segment of growth. */
  #perSegment = 0;
  #origin = 0;
  /** K, µs */
  #untilOrigin = 0;
  #epochStart = 0;
  /** The window that Reno would have (W_est). */
  #renoWindow = 0;
  #renoAcknowledged = 0;
  #acknowledged = 0;
  #leastDelay = 0;
  // HyStart
  #roundEnd = 0;
  #roundStart = 0;
  #lastAck = 0;
  #samples = 0;
  #roundDelay = Number.POSITIVE_INFINITY;
  #left = false;

  constructor(found: (how: HystartFinding, window: number) => void) {
    this.#found = found;
  }

  thresholdAfterLoss({ congestionWindow }: CongestionWindow): number {
    this.#epochStart = 0;
    // Fast convergence (RFC 9438, 4.7).
    this.#windowMax =
      congestionWindow < this.#windowMax ? Math.floor((congestionWindow * (1 + BETA)) / 2) : congestionWindow;
    return Math.max(Math.floor(congestionWindow * BETA), 2);
  }

  onAcknowledged(window: CongestionWindow, acknowledged: number, now: number): void {
    const left = window.inSlowStart ? slowStart(window, acknowledged) : acknowledged;
    if (left <= 0) return;
    this.#update(window.congestionWindow, left, now);
    increaseBy(window, this.#perSegment, left);
  }

  #update(window: number, acknowledged: number, now: number): void {
    this.#acknowledged += acknowledged;
    if (this.#lastWindow === window && now - this.#lastUpdate <= UPDATE_INTERVAL) return;
    if (this.#epochStart !== 0 && now === this.#lastUpdate) return this.#followReno(window);
    this.#lastWindow = window;
    this.#lastUpdate = now;
    if (this.#epochStart === 0) this.#beginEpoch(window, acknowledged, now);
    const elapsed = (now - this.#epochStart + this.#leastDelay - this.#untilOrigin) / SECOND;
    const target = this.#origin + Math.trunc(C * elapsed ** 3);
    this.#perSegment = target > window ? Math.max(1, Math.floor(window / (target - window))) : 100 * window;
    if (this.#windowMax === 0 && this.#perSegment > 20) this.#perSegment = 20;
    this.#followReno(window);
  }

  #beginEpoch(window: number, acknowledged: number, now: number): void {
    this.#epochStart = now;
    this.#acknowledged = acknowledged;
    this.#renoWindow = window;
    if (this.#windowMax <= window) {
      this.#untilOrigin = 0;
      this.#origin = window;
    } else {
      this.#untilOrigin = Math.cbrt((this.#windowMax - window) / C) * SECOND;
      this.#origin = this.#windowMax;
    }
  }

  /** RFC 9438, 4.3 */
  #followReno(window: number): void {
    const perSegment = Math.max(1, Math.floor((window * ((8 * (1 + BETA)) / 3 / (1 - BETA))) / 8));
    this.#renoAcknowledged += this.#acknowledged;
    this.#acknowledged = 0;
    while (this.#renoAcknowledged > perSegment) {
      this.#renoAcknowledged -= perSegment;
      this.#renoWindow++;
    }
    if (this.#renoWindow > window)
      this.#perSegment = Math.min(
        this.#perSegment,
        Math.max(1, Math.floor(window / (this.#renoWindow - window))),
      );
    this.#perSegment = Math.max(this.#perSegment, 2);
  }

  onRoundTrip(window: CongestionWindow, { rtt, now, acknowledged, next }: RoundTripSample): void {
    // Losses make the measured delay useless for a second.
    if (this.#epochStart !== 0 && now - this.#epochStart < SECOND) return;
    const delay = Math.max(1, rtt);
    if (this.#leastDelay === 0 || this.#leastDelay > delay) this.#leastDelay = delay;
    if (this.#left || !window.inSlowStart || window.congestionWindow < HYSTART_LEAST_WINDOW) {
      if (window.inSlowStart && after(acknowledged, this.#roundEnd)) this.#beginRound(now, next);
      return;
    }
    this.#hystart(window, delay, now, acknowledged, next);
  }

  #beginRound(now: number, next: number): void {
    this.#roundStart = this.#lastAck = now;
    this.#roundEnd = next;
    this.#roundDelay = Number.POSITIVE_INFINITY;
    this.#samples = 0;
  }

  #hystart(window: CongestionWindow, delay: number, now: number, acknowledged: number, next: number): void {
    if (after(acknowledged, this.#roundEnd)) this.#beginRound(now, next);
    if (now - this.#lastAck <= HYSTART_TRAIN_GAP) {
      this.#lastAck = now;
      if (now - this.#roundStart > this.#leastDelay / 2) return this.#leave(window, "train");
    }
    if (this.#roundDelay > delay) this.#roundDelay = delay;
    if (this.#samples < HYSTART_SAMPLES) {
      this.#samples++;
      return;
    }
    const margin = Math.min(Math.max(this.#leastDelay / 8, HYSTART_LEAST_DELAY), HYSTART_MOST_DELAY);
    if (this.#roundDelay > this.#leastDelay + margin) this.#leave(window, "delay");
  }

  #leave(window: CongestionWindow, how: HystartFinding): void {
    this.#left = true;
    window.slowStartThreshold = window.congestionWindow;
    this.#found(how, window.congestionWindow);
  }

  onTimeout(): void {
    this.#windowMax = 0;
    this.#lastWindow = 0;
    this.#lastUpdate = 0;
    this.#perSegment = 0;
    this.#origin = 0;
    this.#untilOrigin = 0;
    this.#epochStart = 0;
    this.#renoWindow = 0;
    this.#renoAcknowledged = 0;
    this.#acknowledged = 0;
    this.#leastDelay = 0;
    this.#left = false;
    this.#samples = 0;
    this.#roundDelay = Number.POSITIVE_INFINITY;
  }

  /** The time of the pause does not count as time since the loss. */
  onRestart(now: number, lastSent: number): void {
    if (this.#epochStart !== 0) this.#epochStart = Math.min(now, this.#epochStart + (now - lastSent));
  }
}
