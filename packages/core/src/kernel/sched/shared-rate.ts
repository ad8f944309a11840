// The discipline of classes that share a rate: HTB (net/sched/sch_htb.c) of one level below one class with the whole rate, which is what
// Open vSwitch makes of it. A class sends what its own rate lets it, then borrows what the others leave up to its ceiling, by
// priority and in turn. HFSC (net/sched/sch_hfsc.c) is the same here: its curves are straight lines of these two rates.

import type { ClassCounters, ClassRates, Queueing, SharedRate } from "../device-queueing.ts";
import type { NetDevice } from "../device.ts";
import type { Packet } from "../packet.ts";
import type { Timer } from "../../system/system.ts";
import { classOrder } from "./class-order.ts";
import type { Discipline } from "./discipline.ts";
import { noCounters } from "./discipline.ts";
import { bucketOf, durationOf, LEAST_BYTES } from "./rates.ts";

/** The handle of the discipline, 1:0. */
const HANDLE = 0x1_0000;
/** The class 1:fffe above all others. */
const ROOT_CLASS = 0xfffe;
/** Where packets of no class go (TCA_HTB_INIT, defcls). */
const DEFAULT_CLASS = 1;
const PRIORITIES = 8;
/** Rate over quantum, bytes (rate2quantum). */
const RATE_TO_QUANTUM = 10;
const MOST_QUANTUM = 200_000;
/** Longest debt, nanoseconds (mbuffer). */
const MOST_DEBT = 60e9;

type Mode = "send" | "borrow" | "wait";

/** Tokens of a class at its rate and at its ceiling, nanoseconds. */
class Tokens {
  rates: ClassRates;
  bucket: number;
  ceilBucket: number;
  #tokens: number;
  #ceilTokens: number;
  #checked: number;
  #mode: Mode = "send";

  constructor(rates: ClassRates, now: number) {
    this.rates = rates;
    this.bucket = this.#tokens = bucketOf(rates.burst, rates.rate);
    this.ceilBucket = this.#ceilTokens = bucketOf(rates.burst, rates.ceil);
    this.#checked = now;
  }

  change(rates: ClassRates): void {
    this.rates = rates;
    this.bucket = bucketOf(rates.burst, rates.rate);
    this.ceilBucket = bucketOf(rates.burst, rates.ceil);
  }

  /** htb_class_mode() */
  mode(now: number): Mode {
    const passed = now - this.#checked;
    if (this.#ceilTokens + passed < 0) return "wait";
    return this.#tokens + passed >= 0 ? "send" : "borrow";
  }

  /** What there was at the last packet, nanoseconds. */
  get left(): { readonly tokens: number; readonly ctokens: number } {
    return { tokens: this.#tokens, ctokens: this.#ceilTokens };
  }

  /** Nanoseconds until it may borrow, or send. */
  untilBorrow(now: number): number {
    return Math.max(0, -(this.#ceilTokens + now - this.#checked));
  }

  untilSend(now: number): number {
    return Math.max(this.untilBorrow(now), -(this.#tokens + now - this.#checked));
  }

  /** htb_charge_class(). True if it has reached its ceiling by that. */
  charge(bytes: number, borrows: boolean, now: number): boolean {
    const before = this.#mode === "wait" ? this.mode(now) : this.#mode;
    const wire = Math.max(bytes, LEAST_BYTES);
    const passed = Math.min(now - this.#checked, MOST_DEBT);
    if (borrows) this.#tokens += passed;
    else {
      const full = Math.min(this.#tokens + passed, this.bucket);
      this.#tokens = Math.max(full - durationOf(wire, this.rates.rate), 1 - MOST_DEBT);
    }
    const full = Math.min(this.#ceilTokens + passed, this.ceilBucket);
    this.#ceilTokens = Math.max(full - durationOf(wire, this.rates.ceil), 1 - MOST_DEBT);
    this.#checked = now;
    this.#mode = this.mode(now);
    return this.#mode === "wait" && before !== "wait";
  }
}

export class RateClass {
  readonly minor: number;
  readonly created: number;
  readonly tokens: Tokens;
  readonly counters = noCounters();
  readonly queue: Packet[] = [];
  /** By level: own rate, borrowed. */
  readonly deficits: [number, number] = [0, 0];
  lends = 0;
  borrows = 0;

  constructor(minor: number, rates: ClassRates, now: number) {
    this.minor = minor;
    this.created = now;
    this.tokens = new Tokens(rates, now);
  }
}

const OWN = 0;
const BORROWED = 1;
type Level = typeof OWN | typeof BORROWED;

export class SharedRateDiscipline implements Discipline {
  readonly kind: SharedRate["kind"];
  queueing: SharedRate;
  readonly counters = noCounters();
  readonly #device: NetDevice;
  readonly #send: (packet: Packet) => void;
  readonly root: RateClass;
  readonly #classes = new Map<number, RateClass>();
  /** Of each level and priority, the class whose turn it is. */
  readonly #turns: readonly [number[], number[]] = [[], []];
  #packets = 0;
  #bytes = 0;
  #sending = false;
  #timer: Timer | undefined;
  /** Packets that had no class. */
  direct = 0;

  constructor(device: NetDevice, queueing: SharedRate, send: (packet: Packet) => void) {
    this.#device = device;
    this.kind = queueing.kind;
    this.queueing = queueing;
    this.#send = send;
    this.root = new RateClass(ROOT_CLASS, rootRates(device, queueing), this.#now);
    this.configure(queueing);
  }

  get #now(): number {
    return this.#device.kernel.clock.now;
  }

  configure(queueing: Queueing): void {
    if (queueing.kind !== "htb" && queueing.kind !== "hfsc") return;
    this.queueing = queueing;
    this.root.tokens.change(rootRates(this.#device, queueing));
    for (const [minor, each] of this.#classes) {
      if (queueing.classes.has(minor - 1)) continue;
      for (const packet of each.queue.splice(0)) this.#dropWaiting(packet, each);
      this.#classes.delete(minor);
    }
    for (const [queue, rates] of queueing.classes) {
      const known = this.#classes.get(queue + 1);
      if (known) known.tokens.change(rates);
      else this.#classes.set(queue + 1, new RateClass(queue + 1, rates, this.#now));
    }
  }

  get classes(): RateClass[] {
    const all = new Map([[ROOT_CLASS, this.root], ...this.#classes]);
    return classOrder([...all.keys()].map((minor) => HANDLE | minor)).flatMap(
      (id) => all.get(id & 0xffff) ?? [],
    );
  }

  classCounters(): ReadonlyMap<number, ClassCounters> {
    const leaves = this.classes.filter((each) => each !== this.root);
    return new Map(
      leaves.map(({ minor, created, counters: { packets, bytes, drops } }) => [
        minor - 1,
        { packets, bytes, drops, created },
      ]),
    );
  }

  get waiting(): { readonly packets: number; readonly bytes: number } {
    return { packets: this.#packets, bytes: this.#bytes };
  }

  /** htb_classify(), htb_enqueue() */
  enqueue(packet: Packet): void {
    const { priority } = packet;
    const chosen = (priority & 0xffff_0000) === HANDLE ? this.#classes.get(priority & 0xffff) : undefined;
    const leaf = chosen ?? this.#classes.get(DEFAULT_CLASS);
    if (!leaf) {
      this.direct++;
      this.#count(this.counters, packet);
      this.#send(packet);
      return;
    }
    if (leaf.queue.length >= Math.max(1, this.#device.txQueueLength)) {
      leaf.counters.drops++;
      this.counters.drops++;
      this.#device.kernel.drop(packet, "QDISC_DROP", this.#device.name);
      return;
    }
    leaf.queue.push(packet);
    this.#packets++;
    this.#bytes += packet.length;
    this.#run();
  }

  #count(counters: { packets: number; bytes: number }, { length }: Packet): void {
    counters.packets++;
    counters.bytes += length;
  }

  #dropWaiting(packet: Packet, { counters }: RateClass): void {
    this.#packets--;
    this.#bytes -= packet.length;
    counters.drops++;
    this.#device.kernel.drop(packet, "QDISC_DROP", this.#device.name);
  }

  /** htb_dequeue(), until nothing may go. */
  #run(): void {
    if (this.#sending) return;
    this.#sending = true;
    try {
      for (;;) {
        const now = this.#now;
        const next = this.#next(now, OWN) ?? this.#next(now, BORROWED);
        if (!next) break;
        const packet = next.leaf.queue.shift();
        if (!packet) break;
        this.#packets--;
        this.#bytes -= packet.length;
        this.#charge(next.leaf, next.level, packet, now);
        this.#send(packet);
      }
    } finally {
      this.#sending = false;
    }
    this.#watch();
  }

  /** Who sends next at a level: the first priority that has one, in turn. */
  #next(now: number, level: Level): { readonly leaf: RateClass; readonly level: Level } | undefined {
    if (level === BORROWED && this.root.tokens.mode(now) !== "send") return undefined;
    const wanted: Mode = level === OWN ? "send" : "borrow";
    const ready = [...this.#classes.values()].filter(
      ({ queue, tokens }) => queue.length > 0 && tokens.mode(now) === wanted,
    );
    if (ready.length === 0) return undefined;
    const priority = Math.min(...ready.map(priorityOf));
    const sorted = ready
      .filter((each) => priorityOf(each) === priority)
      .toSorted((a, b) => a.minor - b.minor);
    const turn = this.#turns[level][priority] ?? 0;
    const leaf = sorted.find(({ minor }) => minor >= turn) ?? sorted[0];
    return leaf && { leaf, level };
  }

  #charge(leaf: RateClass, level: Level, packet: Packet, now: number): void {
    const { length } = packet;
    this.#count(this.counters, packet);
    this.#count(leaf.counters, packet);
    leaf.deficits[level] -= length;
    if (leaf.deficits[level] < 0) {
      leaf.deficits[level] += quantumOf(leaf, this.#device.mtu);
      this.#turns[level][priorityOf(leaf)] = leaf.minor + 1;
    }
    const borrows = level === BORROWED;
    if (borrows) {
      leaf.borrows++;
      this.root.lends++;
    } else leaf.lends++;
    this.#chargeOne(leaf, length, borrows, now);
    this.#count(this.root.counters, packet);
    this.#chargeOne(this.root, length, false, now);
  }

  #chargeOne(each: RateClass, bytes: number, borrows: boolean, now: number): void {
    if (!each.tokens.charge(bytes, borrows, now)) return;
    each.counters.overlimits++;
    this.counters.overlimits++;
  }

  /** Comes back when the first class that has packets may send. */
  #watch(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#packets === 0) return;
    const now = this.#now;
    const shared = this.root.tokens.untilSend(now);
    let delay = Infinity;
    for (const { queue, tokens } of this.#classes.values()) {
      if (queue.length === 0) continue;
      delay = Math.min(delay, tokens.untilSend(now), Math.max(tokens.untilBorrow(now), shared));
    }
    this.#timer = this.#device.kernel.clock.after(Math.max(1, Math.ceil(delay)), () => {
      this.#timer = undefined;
      this.#run();
    });
  }

  reset(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    for (const each of this.#classes.values()) {
      for (const packet of each.queue.splice(0)) this.#dropWaiting(packet, each);
    }
  }
}

/** tc_calc_buffer() of a class that says nothing of bursts: one packet, with its header. */
function rootRates(device: NetDevice, { maxRate }: SharedRate): ClassRates {
  return { rate: maxRate, ceil: maxRate, burst: device.mtu, priority: 0 };
}

function priorityOf({ tokens }: RateClass): number {
  return Math.min(tokens.rates.priority, PRIORITIES - 1);
}

/** At least a packet (htb_setup_class__ of netdev-linux.c). */
export function quantumOf({ tokens }: RateClass, mtu: number): number {
  const quantum = Math.floor(tokens.rates.rate / RATE_TO_QUANTUM);
  return quantum < mtu ? mtu : Math.min(quantum, MOST_QUANTUM);
}
