/**
 * Collects what happens to packets, and puts it together as trees.
 *
 * A packet has an id; a packet that was copied from another one, or sent because of it, is a child. `NO_TRACE` is what
 * runs when nobody watches: the one cost on the forwarding path is reading `active`.
 */
import type { PacketEvent, PacketOrigin } from "./packet-event.ts";

/** Where the network reports to. */
export interface Trace {
  /** False: nobody watches. To be read before an event is built. */
  readonly active: boolean;
  /** The id of a packet that nobody caused; 0 when it is not to be traced. */
  begin(): number;
  /** The id of a packet made from or because of the packet `parent`; 0 when that one is not traced. */
  derive(parent: number, origin: PacketOrigin): number;
  /** Packets with id 0 are ignored. */
  event(packet: number, event: PacketEvent): void;
}

/** Watches nothing. */
export const NO_TRACE: Trace = {
  active: false,
  begin: () => 0,
  derive: () => 0,
  event: () => undefined,
};

/** An event and when it was. */
export interface TimedEvent {
  /** Time of the injected clock, in its unit. */
  readonly time: number;
  readonly event: PacketEvent;
}

/** A packet's life. */
export interface TraceNode {
  readonly packet: number;
  /** How it was made from its parent; `undefined` at the root. */
  readonly origin: PacketOrigin | undefined;
  /** In the order in which they happened. */
  readonly steps: readonly TraceStep[];
}

/** Something that happened to a packet, or the birth of a child. */
export type TraceStep =
  | ({ readonly kind: "event" } & TimedEvent)
  | { readonly kind: "child"; readonly time: number; readonly child: TraceNode };

interface OpenNode {
  readonly packet: number;
  readonly origin: PacketOrigin | undefined;
  readonly steps: TraceStep[];
}

/** Keeps packets in memory, up to a limit; later packets are then not traced, and counted. */
export class TraceRecorder implements Trace {
  readonly active = true;
  readonly #now: () => number;
  readonly #limit: number;
  readonly #nodes = new Map<number, OpenNode>();
  readonly #roots: OpenNode[] = [];
  #steps = 0;
  #missed = 0;
  #nextId = 1;

  /**
   * @param now reads the clock
   * @param limit events and births kept in all; what comes after is only counted
   */
  constructor(now: () => number, limit = 100_000) {
    this.#now = now;
    this.#limit = limit;
  }

  begin(): number {
    const node = this.#open(undefined);
    if (node === undefined) return 0;
    this.#roots.push(node);
    return node.packet;
  }

  derive(parent: number, origin: PacketOrigin): number {
    const above = this.#nodes.get(parent);
    if (above === undefined) return 0;
    const child = this.#open(origin);
    if (child === undefined) return 0;
    above.steps.push({ kind: "child", time: this.#now(), child });
    return child.packet;
  }

  event(packet: number, event: PacketEvent): void {
    if (packet === 0) return;
    const node = this.#nodes.get(packet);
    if (node === undefined || !this.#claim()) return;
    node.steps.push({ kind: "event", time: this.#now(), event });
  }

  /** The packets that nobody caused, oldest first. */
  get packets(): readonly TraceNode[] {
    return this.#roots;
  }

  /** The packet with this id and all that came of it. */
  packet(id: number): TraceNode | undefined {
    return this.#nodes.get(id);
  }

  /** Events and births that came after the limit was reached. */
  get missed(): number {
    return this.#missed;
  }

  /** Forgets all packets; ids go on. */
  clear(): void {
    this.#nodes.clear();
    this.#roots.length = 0;
    this.#steps = 0;
    this.#missed = 0;
  }

  #open(origin: PacketOrigin | undefined): OpenNode | undefined {
    if (!this.#claim()) return undefined;
    const node: OpenNode = { packet: this.#nextId++, origin, steps: [] };
    this.#nodes.set(node.packet, node);
    return node;
  }

  #claim(): boolean {
    if (this.#steps >= this.#limit) {
      this.#missed++;
      return false;
    }
    this.#steps++;
    return true;
  }
}

/** The deliveries and drops of a packet and of all its descendants; a packet's own come before its descendants'. */
export function traceEnds(node: TraceNode): readonly TimedEvent[] {
  const ends: TimedEvent[] = [];
  const pending: TraceNode[] = [node];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const children: TraceNode[] = [];
    for (const step of next.steps) {
      if (step.kind === "child") children.push(step.child);
      else if (step.event.kind === "deliver" || step.event.kind === "drop") {
        ends.push({ time: step.time, event: step.event });
      }
    }
    pending.push(...children.toReversed());
  }
  return ends;
}
