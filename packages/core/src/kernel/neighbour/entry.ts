// One neighbour: the link-layer address of a protocol address on a device, and how far it can be trusted
// (net/core/neighbour.c; RFC 4861, 7.3). Its table is in table.ts; what the protocol does (ARP, ND) comes through the
// table's operations.

import type { Nanoseconds, Timer } from "../../system/system.ts";
import { EtherType } from "../../wire/ethernet.ts";
import { MILLISECOND } from "../../system/system.ts";
import type { IpAddress } from "../../trace/packet-event.ts";
import { IFF } from "../device.ts";
import type { NetDevice } from "../device.ts";
import { note, traceDevice } from "../journey.ts";
import type { Packet } from "../packet.ts";
import { afterOnWheel } from "../timer-wheel.ts";
import { pushLinkHeader, transmit } from "../transmit.ts";
import type { NeighbourParameters } from "./parameters.ts";
import { NTF, NUD } from "../../netlink/rtnl/neighbour.ts";
import { NUD_CONNECTED, NUD_IN_TIMER, NUD_VALID, UPDATE } from "./state.ts";
import type { NeighbourTable } from "./table.ts";

/** A protocol address: a number for IPv4, a string for IPv6 (wire/ipv6-address.ts). */
export type NeighbourKey = number | string;

/** Timers are never shorter (HZ/100). */
const MIN_TIMER: Nanoseconds = 10 * MILLISECOND;
/** What a queued packet weighs beside its bytes: struct sk_buff and skb_shared_info, rounded up. */
const PACKET_OVERHEAD = 640;

/** Result of an update: an errno with the kernel's text. */
export interface UpdateRefusal {
  readonly errno: number;
  readonly text?: string;
}

const EPERM = 1;
const EINVAL = 22;

export class Neighbour<K extends NeighbourKey> {
  readonly table: NeighbourTable<K>;
  readonly device: NetDevice;
  readonly key: K;
  readonly parameters: NeighbourParameters;
  state: number = NUD.NONE;
  /** NTF_*. */
  flags = 0;
  /** RTN_* of the address. */
  type = 0;
  /** RTPROT_* of who made it. */
  protocol = 0;
  /** Link-layer address; meaningful while the state is valid. */
  address = 0;
  used: Nanoseconds;
  confirmed: Nanoseconds;
  updated: Nanoseconds;
  probes = 0;
  dead = false;
  /** Not counted by the garbage collector's limits. */
  exemptFromGc = false;
  #timer: Timer | undefined = undefined;
  #queue: Packet[] | undefined = undefined;
  #queueBytes = 0;

  constructor(table: NeighbourTable<K>, device: NetDevice, key: K, parameters: NeighbourParameters) {
    const { now } = device.kernel.clock;
    this.table = table;
    this.device = device;
    this.key = key;
    this.parameters = parameters;
    this.used = now;
    this.updated = now;
    this.confirmed = now - 2 * parameters.baseReachableTime;
  }

  /** Seen by /proc and netlink as a reference count: a running timer holds the entry. */
  get busy(): boolean {
    return this.#timer !== undefined;
  }

  /** Sends a packet that starts at its network layer, at once or when the address is known. */
  output(packet: Packet): void {
    if ((this.state & NUD_CONNECTED) !== 0 || !this.#mustWait(packet)) {
      const { device } = this;
      if (packet.traced) this.#note(packet, "known");
      // IPv4 by an IPv6 gateway (RFC 8950) has a neighbour of the other protocol: the packet itself says what it is.
      const isIpv4 = (packet.bytes[packet.start] ?? 0) >>> 4 === 4;
      const etherType = isIpv4 ? EtherType.IPV4 : this.table.operations.etherType;
      pushLinkHeader(packet, device, etherType, this.address, device.address);
      transmit(packet);
    }
  }

  #note(packet: Packet, outcome: "known" | "wait"): void {
    const { device, state } = this;
    if ((device.flags & IFF.LOOPBACK) !== 0) return; // one's own neighbour
    const address = this.key as IpAddress; // NeighbourKey leaves the brand out
    const mac = outcome === "known" ? this.address : undefined;
    note(packet, { kind: "neighbour", device: traceDevice(device), address, outcome, state, mac });
  }

  /** neigh_event_send() without a packet: starts a check or a resolution. */
  use(): void {
    this.#mustWait(undefined);
  }

  /** Reachability confirmed by an upper layer (dst_confirm_neigh). */
  confirm(): void {
    this.confirmed = this.device.kernel.clock.now;
  }

  /** __neigh_event_send(): true if the packet was kept or dropped instead. */
  #mustWait(packet: Packet | undefined): boolean {
    const { kernel } = this.device;
    const { now } = kernel.clock;
    const { parameters } = this;
    this.used = now;
    if ((this.state & (NUD_CONNECTED | NUD.DELAY | NUD.PROBE)) !== 0) return false;
    if (this.dead) {
      if (packet) kernel.drop(packet, "NEIGH_DEAD", this.device.name);
      return true;
    }
    if (this.state === NUD.STALE) {
      this.#setState(NUD.DELAY);
      this.#schedule(now + parameters.delayProbeTime);
      return false;
    }
    let probe = false;
    if (this.state !== NUD.INCOMPLETE) {
      if (parameters.mcastProbes + parameters.appProbes === 0) {
        this.#setState(NUD.FAILED);
        if (packet) kernel.drop(packet, "NEIGH_FAILED", this.device.name);
        return true;
      }
      this.probes = parameters.ucastProbes;
      this.#setState(NUD.INCOMPLETE);
      this.#schedule(now + Math.max(parameters.retransTime, MIN_TIMER));
      probe = true;
    }
    if (packet) this.#enqueue(packet);
    if (probe) this.#probe();
    return true;
  }

  #enqueue(packet: Packet): void {
    const queue = (this.#queue ??= []);
    const weight = packet.room + PACKET_OVERHEAD;
    while (this.#queueBytes + weight > this.parameters.queueLengthBytes) {
      const oldest = queue.shift();
      if (!oldest) break;
      this.#queueBytes -= oldest.room + PACKET_OVERHEAD;
      this.table.statistics.unresolvedDiscards++;
      this.device.kernel.drop(oldest, "NEIGH_QUEUEFULL", this.device.name);
    }
    queue.push(packet);
    this.#queueBytes += weight;
    if (packet.traced) this.#note(packet, "wait");
  }

  #setState(state: number): void {
    this.state = state;
    this.updated = this.device.kernel.clock.now;
  }

  #stopTimer(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #schedule(at: Nanoseconds): void {
    this.#timer?.cancel();
    const { kernel } = this.device;
    this.#timer = afterOnWheel(kernel, at - kernel.clock.now, () => this.#expire());
  }

  #probe(): void {
    const { operations } = this.table;
    operations.solicit(this, this.#queue?.at(-1));
    this.probes++;
  }

  /** neigh_max_probes() */
  #maxProbes(): number {
    const { parameters } = this;
    return (
      parameters.ucastProbes +
      parameters.appProbes +
      (this.state === NUD.PROBE ? parameters.mcastReprobes : parameters.mcastProbes)
    );
  }

  #reachableTime(): Nanoseconds {
    const { kernel } = this.device;
    return this.parameters.reachableTime(kernel.clock, kernel.random);
  }

  /** neigh_timer_handler() */
  #expire(): void {
    this.#timer = undefined;
    const { now } = this.device.kernel.clock;
    const { parameters } = this;
    let next = now + Math.max(parameters.retransTime, MIN_TIMER);
    let notify = false;
    if (this.state === NUD.REACHABLE) {
      const until = this.confirmed + this.#reachableTime();
      if (now <= until) next = until;
      else if (now <= this.used + parameters.delayProbeTime) {
        this.#setState(NUD.DELAY);
        next = now + parameters.delayProbeTime;
      } else {
        this.#setState(NUD.STALE);
        notify = true;
      }
    } else if (this.state === NUD.DELAY) {
      notify = true;
      if (now <= this.confirmed + parameters.delayProbeTime) {
        this.#setState(NUD.REACHABLE);
        next = this.confirmed + this.#reachableTime();
      } else {
        this.#setState(NUD.PROBE);
        this.probes = 0;
      }
    } else if ((this.state & NUD_IN_TIMER) === 0) return;
    const probing = (this.state & (NUD.INCOMPLETE | NUD.PROBE)) !== 0;
    if (probing && this.probes >= this.#maxProbes()) {
      this.state = NUD.FAILED;
      this.#invalidate();
      notify = true;
    } else {
      if ((this.state & NUD_IN_TIMER) !== 0) this.#schedule(Math.max(next, now + MIN_TIMER));
      if (probing) this.#probe();
    }
    if (notify) this.table.changed(this);
  }

  /** neigh_invalidate(): tells those whose packets waited. */
  #invalidate(): void {
    const { table } = this;
    table.statistics.failedResolutions++;
    this.updated = this.device.kernel.clock.now;
    for (let packet = this.#queue?.shift(); packet !== undefined; packet = this.#queue?.shift()) {
      if (this.state !== NUD.FAILED) this.device.kernel.drop(packet, "NEIGH_FAILED", this.device.name);
      else table.operations.reportFailure(this, packet);
    }
    this.#queueBytes = 0;
  }

  /** Drops what waits, when the entry goes away. */
  discardQueue(): void {
    for (const packet of this.#queue ?? []) this.device.kernel.drop(packet, "NEIGH_DEAD", this.device.name);
    this.#queue = undefined;
    this.#queueBytes = 0;
  }

  /** neigh_flush_dev(), neigh_del(): the entry is out of its table. */
  bury(): void {
    this.dead = true;
    this.#stopTimer();
    this.discardQueue();
  }

  /**
   * __neigh_update(): new state and address from a message or an administrator. `flags` are UPDATE bits; `address`
   * undefined keeps the known one. Undefined if it was taken or rightly ignored, else why it was refused.
   */
  update(address: number | undefined, wanted: number, flags: number): UpdateRefusal | undefined {
    const { now } = this.device.kernel.clock;
    const old = this.state;
    if (this.dead) return { errno: EPERM, text: "Neighbor entry is now dead" };
    if ((flags & UPDATE.ADMIN) === 0 && (old & (NUD.NOARP | NUD.PERMANENT)) !== 0) return { errno: EPERM };

    let notify = this.#updateFlags(flags);
    if ((flags & UPDATE.USE) !== 0) {
      this.state = old & ~NUD.PERMANENT;
      this.table.setExempt(this, (this.flags & NTF.EXT_LEARNED) !== 0);
      return undefined;
    }
    if ((wanted & NUD_VALID) === 0) {
      this.#stopTimer();
      this.state = wanted;
      notify ||= (old & NUD_VALID) !== 0;
      if ((old & (NUD.INCOMPLETE | NUD.PROBE)) !== 0 && wanted === NUD.FAILED) {
        this.#invalidate();
        notify = true;
      }
      if (notify) this.table.changed(this);
      return undefined;
    }

    let lladdr = this.address;
    if (this.device.addressLength !== 0) {
      if (address !== undefined) lladdr = address;
      else if ((old & NUD_VALID) === 0) return { errno: EINVAL, text: "No link layer address given" };
    }
    const same = (old & NUD_VALID) !== 0 && lladdr === this.address;
    const differs = !same && !(this.device.addressLength === 0);
    if ((wanted & NUD_CONNECTED) !== 0) this.confirmed = now;
    let state = wanted;
    let updateIsRouter = (flags & UPDATE.OVERRIDE_ISROUTER) !== 0;
    let takeAddress = differs;
    if ((old & NUD_VALID) !== 0) {
      if (differs && (flags & UPDATE.OVERRIDE) === 0) {
        updateIsRouter = false;
        if ((flags & UPDATE.WEAK_OVERRIDE) === 0 || (old & NUD_CONNECTED) === 0) {
          if (notify) this.table.changed(this);
          return undefined;
        }
        takeAddress = false;
        state = NUD.STALE;
      } else if (!differs && state === NUD.STALE && (flags & UPDATE.ADMIN) === 0) state = old;
    }
    if (state !== old || takeAddress) this.updated = now;
    if (state !== old) {
      this.#stopTimer();
      if (state === NUD.PROBE) this.probes = 0;
      if ((state & NUD_IN_TIMER) !== 0)
        this.#schedule(now + (state === NUD.REACHABLE ? this.#reachableTime() : 0));
      this.state = state;
      notify = true;
    }
    if (takeAddress) {
      this.address = lladdr;
      if ((state & NUD_CONNECTED) === 0) this.confirmed = now - 2 * this.parameters.baseReachableTime;
      notify = true;
    }
    if (state !== old && (old & NUD_VALID) === 0) this.#release();
    if (updateIsRouter) {
      const router = (flags & UPDATE.ISROUTER) !== 0;
      this.flags = router ? this.flags | NTF.ROUTER : this.flags & ~NTF.ROUTER;
    }
    this.table.setExempt(this, this.state === NUD.PERMANENT || (this.flags & NTF.EXT_LEARNED) !== 0);
    if (notify) this.table.changed(this);
    return undefined;
  }

  /** neigh_update_flags(): only an administrator's update carries them. */
  #updateFlags(flags: number): boolean {
    if ((flags & UPDATE.ADMIN) === 0) return false;
    const learned = (flags & UPDATE.EXT_LEARNED) !== 0;
    if (learned === ((this.flags & NTF.EXT_LEARNED) !== 0)) return false;
    this.flags ^= NTF.EXT_LEARNED;
    return true;
  }

  /** The address has become known: what waited goes out. */
  #release(): void {
    const queue = this.#queue;
    this.#queue = undefined;
    this.#queueBytes = 0;
    for (const packet of queue ?? []) this.output(packet);
  }
}
