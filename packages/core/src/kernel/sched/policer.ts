// A policer on what comes in (net/sched/act_police.c under a filter of the ingress discipline): a packet for which there are no
// tokens is dropped.

import type { Policing } from "../device-queueing.ts";
import { bucketOf, durationOf } from "./rates.ts";

/** Longer packets never pass (TCA_POLICE_TBF, mtu of lib/netdev-linux.c). */
export const MOST_BYTES = 65_535;

export class Policer {
  readonly settings: Policing;
  /** Of bytes, or of packets; neither if both are asked for, which the kernel refuses of one action. */
  readonly unit: "bytes" | "packets" | undefined;
  /** Number of the action in its namespace. */
  readonly index: number;
  /** Nanoseconds. */
  readonly bucket: number;
  readonly created: number;
  firstUsed: number | undefined = undefined;
  used: number | undefined = undefined;
  packets = 0;
  bytes = 0;
  drops = 0;
  readonly #rate: number;
  #tokens: number;
  #checked: number;

  constructor(settings: Policing, index: number, now: number) {
    const { rate, burst, packetRate, packetBurst } = settings;
    this.settings = settings;
    this.index = index;
    if (rate > 0 && packetRate > 0) this.unit = undefined;
    else this.unit = rate > 0 ? "bytes" : "packets";
    this.#rate = this.unit === "bytes" ? rate : packetRate;
    this.bucket = this.#tokens = bucketOf(this.unit === "bytes" ? burst : packetBurst, this.#rate);
    this.created = this.#checked = now;
  }

  /** tcf_police_act(): false if the packet is to go no further. @param bytes without the link-layer header */
  passes(bytes: number, now: number): boolean {
    this.packets++;
    this.bytes += bytes;
    this.firstUsed ??= now;
    this.used = now;
    if (this.unit === undefined) return true;
    const full = Math.min(this.#tokens + Math.min(now - this.#checked, this.bucket), this.bucket);
    const left = full - durationOf(this.unit === "bytes" ? bytes : 1, this.#rate);
    if (bytes > MOST_BYTES || left < 0) {
      this.drops++;
      return false;
    }
    this.#tokens = left;
    this.#checked = now;
    return true;
  }
}
