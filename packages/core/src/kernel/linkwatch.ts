// Link events (net/core/link_watch.c): carrier changes reach operstate and user space through this queue. Urgent ones
// act at once, others wait until one second after the previous batch.

import type { Timer } from "../system/system.ts";
import { SECOND } from "../system/system.ts";
import type { NetDevice } from "./device.ts";
import { OPERSTATE } from "./device.ts";
import type { Kernel } from "./kernel.ts";
import { activateQdisc, deactivateQdisc } from "./qdisc.ts";
import { notifyLinkChange } from "./device-notify.ts";

const DEVICES_PER_RUN = 100;

export class LinkEvents {
  readonly #kernel: Kernel;
  #queue: NetDevice[] = [];
  #nextBatch = 0;
  #timer: Timer | undefined;
  #timerAt = 0;
  #urgentScheduled = false;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** linkwatch_fire_event() */
  fire(device: NetDevice): void {
    const urgent = isUrgent(device);
    if (!device.linkEventPending) {
      device.linkEventPending = true;
      this.#queue.push(device);
    } else if (!urgent) return;
    this.#schedule(urgent);
  }

  /** Forgets a device that is unregistered, after bringing its operstate up to date (linkwatch_forget_dev). */
  forget(device: NetDevice): void {
    if (!device.linkEventPending) return;
    this.#queue = this.#queue.filter((queued) => queued !== device);
    device.linkEventPending = false;
    updateOperstate(device);
  }

  /** linkwatch_sync_dev(): deals with the device's pending event now. */
  synchronize(device: NetDevice): void {
    if (!device.linkEventPending) return;
    this.#queue = this.#queue.filter((queued) => queued !== device);
    device.linkEventPending = false;
    handleLinkEvent(device);
  }

  #schedule(urgent: boolean): void {
    const now = this.#kernel.clock.now;
    if (this.#urgentScheduled) return;
    let delay = this.#nextBatch - now;
    if (urgent) {
      this.#urgentScheduled = true;
      delay = 0;
    }
    if (delay < 0 || delay > SECOND) delay = 0;
    if (this.#timer !== undefined) {
      if (!urgent || this.#timerAt <= now + delay) return;
      this.#timer.cancel();
    }
    this.#timerAt = now + delay;
    this.#timer = this.#kernel.clock.after(delay, () => this.#run());
  }

  #run(): void {
    this.#timer = undefined;
    const now = this.#kernel.clock.now;
    const urgentOnly = this.#nextBatch > now;
    if (!urgentOnly) this.#nextBatch = now + SECOND;
    this.#urgentScheduled = false;
    const work = this.#queue;
    this.#queue = [];
    let left = DEVICES_PER_RUN;
    let at = 0;
    for (; at < work.length && left > 0; at++) {
      const device = work[at] as NetDevice;
      if (urgentOnly && !isUrgent(device)) {
        this.#queue.push(device);
        continue;
      }
      left--;
      device.linkEventPending = false;
      handleLinkEvent(device);
    }
    // What was not reached comes first the next time.
    if (at < work.length) this.#queue = work.slice(at).concat(this.#queue);
    if (this.#queue.length > 0) this.#schedule(false);
  }
}

/** linkwatch_urgent_event() */
function isUrgent(device: NetDevice): boolean {
  if (!device.running) return false;
  if (device.ifindex !== device.iflink) return true;
  // qdisc_tx_changing(): it has a discipline that is not running yet
  return device.carrier && device.qdisc !== "noop" && !device.qdiscActive;
}

/** linkwatch_do_dev() */
function handleLinkEvent(device: NetDevice): void {
  updateOperstate(device);
  if (!device.up) return;
  if (device.carrier) activateQdisc(device);
  else deactivateQdisc(device);
  device.kernel.tell(device, { type: "change" });
  notifyLinkChange(device, 0);
}

/** rfc2863_policy(): recomputes operstate. Called only on events, so that a stale state stays, as on Linux. */
export function updateOperstate(device: NetDevice): void {
  let state = stateFromCarrier(device);
  if (device.linkMode === 1 && state === OPERSTATE.UP) state = OPERSTATE.DORMANT;
  device.operstate = state;
}

function stateFromCarrier(device: NetDevice): number {
  if (!device.carrier) {
    const iflink = device.iflink;
    if (iflink === device.ifindex) return OPERSTATE.DOWN;
    if (device.kernel.profile.operstateWithoutCarrier === "iflink") return OPERSTATE.LOWERLAYERDOWN;
    const found = device.netns.deviceByIndex(iflink);
    return found === undefined || found.carrier ? OPERSTATE.DOWN : OPERSTATE.LOWERLAYERDOWN;
  }
  return device.dormant ? OPERSTATE.DORMANT : OPERSTATE.UP;
}
