/**
 * Collects what happens to packets in a ring of fixed size, and puts it together as trees when somebody reads.
 *
 * A packet has an id; a packet that was copied from another one, or sent because of it, is a child. The kernel has a
 * recorder only while somebody watches. Watchers say which packets they want: by the packet's making (`starts`), or by
 * its bytes when it is first sent (`frame`). What follows from a wanted packet is recorded with it.
 *
 * Not here: texts for people, and the places that report (kernel/journey.ts).
 */
import type { PacketEvent, PacketOrigin } from "./packet-event.ts";

/** An event and when it was. */
export interface TimedEvent {
  /** Of the clock that the recorder was given, in its unit. */
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

/** Says which packets are recorded. */
export interface Watcher {
  /** Asked when a packet is made that nobody caused. "by-frame": `frame` will tell. */
  starts(): boolean | "by-frame";
  /** Asked when a packet is sent for the first time: bytes [start, end) begin with its link-layer header. */
  frame?(bytes: Uint8Array, start: number, end: number): boolean;
  /** What happens to the packets is of no interest. */
  readonly idsOnly?: true;
}

/** Records every packet. */
export const EVERY_PACKET: Watcher = { starts: () => true };

/** Gives every packet an id, so that it can be told which journey it belongs to, and records nothing. */
export const IDS_ONLY: Watcher = { starts: () => true, idsOnly: true };

/** Records the first of every `count` packets. */
export function everyNth(count: number): Watcher {
  let made = 0;
  return { starts: () => made++ % count === 0 };
}

/** Records the packets whose first frame matches. */
export function matching(frame: NonNullable<Watcher["frame"]>): Watcher {
  return { starts: () => "by-frame", frame };
}

/** `event` undefined: the packet's birth. */
interface Entry {
  readonly time: number;
  readonly packet: number;
  readonly event: PacketEvent | undefined;
  /** 0 for a packet that nobody caused. */
  readonly parent: number;
  readonly origin: PacketOrigin | undefined;
}

/** A packet that is kept or forgotten when its first frame is seen, with all that has followed from it so far. */
interface Undecided {
  readonly watchers: readonly Watcher[];
  readonly entries: Entry[];
  readonly packets: number[];
}

interface OpenNode {
  readonly packet: number;
  readonly origin: PacketOrigin | undefined;
  readonly steps: TraceStep[];
}

/**
 * Events and births that are kept, unless told otherwise. Enough for a broadcast to a thousand ports; few enough that what is
 * overwritten is still young memory, which is what makes recording cheap.
 */
const CAPACITY = 20_000;

export class JourneyRecorder {
  readonly #now: () => number;
  readonly #capacity: number;
  readonly #ring: Entry[] = [];
  /** Place of the oldest entry once the ring is full. */
  #oldest = 0;
  #nextId = 1;
  readonly #watchers = new Set<Watcher>();
  readonly #undecided = new Map<number, Undecided>();
  #lost = 0;
  #records = false;
  /** Every packet gets an id, whatever else is asked for. */
  #all = false;

  /** `now` reads the clock; `capacity` is the number of events kept, the newest ones. */
  constructor(now: () => number, capacity = CAPACITY) {
    this.#now = now;
    this.#capacity = capacity;
  }

  /** Watches until the returned function is called. */
  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    this.#updateRecords();
    return () => {
      this.#watchers.delete(watcher);
      this.#updateRecords();
    };
  }

  /** False while nobody reads events, so that none need be made. */
  get records(): boolean {
    return this.#records;
  }

  #updateRecords(): void {
    const watchers = [...this.#watchers];
    this.#records = watchers.some(({ idsOnly }) => idsOnly !== true);
    this.#all = !this.#records && watchers.length > 0;
  }

  get watched(): boolean {
    return this.#watchers.size > 0;
  }

  /** The id of the next packet. */
  get nextId(): number {
    return this.#nextId;
  }

  /** Entries that the ring had no room for any more. */
  get lost(): number {
    return this.#lost;
  }

  /** The id of a packet that nobody caused; 0 when it is not to be recorded. */
  begin(): number {
    if (this.#all) return this.#nextId++;
    let wanted = false;
    let waiting: Watcher[] | undefined;
    for (const watcher of this.#watchers) {
      const answer = watcher.starts();
      if (answer === true) wanted = true;
      else if (answer === "by-frame") (waiting ??= []).push(watcher);
    }
    if (!wanted && waiting === undefined) return 0;
    const id = this.#nextId++;
    if (!wanted && waiting !== undefined) this.#hold(id, { watchers: waiting, entries: [], packets: [] });
    this.#record(id, undefined, 0, undefined);
    return id;
  }

  /** The id of a packet made from or because of the packet `parent`; 0 when that one is not recorded. */
  derive(parent: number, origin: PacketOrigin): number {
    if (parent === 0) return 0;
    const id = this.#nextId++;
    const undecided = this.#undecided.get(parent);
    if (undecided !== undefined) this.#hold(id, undecided);
    this.#record(id, undefined, parent, origin);
    return id;
  }

  /** Packets with id 0 are ignored. */
  event(packet: number, event: PacketEvent): void {
    if (packet !== 0) this.#record(packet, event, 0, undefined);
  }

  /** The packet is sent as a frame; false if that tells that nobody wants it. */
  frame(packet: number, bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#undecided.size === 0) return true;
    const undecided = this.#undecided.get(packet);
    if (undecided === undefined) return true;
    // A question to the link goes out first; the packet that waits for the answer is what was asked for.
    if (packet !== undecided.packets[0]) return true;
    for (const id of undecided.packets) this.#undecided.delete(id);
    const wanted = undecided.watchers.some((watcher) => watcher.frame?.(bytes, start, end) === true);
    if (wanted) for (const entry of undecided.entries) this.#keep(entry);
    return wanted;
  }

  /** The trees whose beginning is still in the ring, oldest first. */
  journeys(): readonly TraceNode[] {
    const nodes = new Map<number, OpenNode>();
    const roots: OpenNode[] = [];
    const { length } = this.#ring;
    for (let at = 0; at < length; at++) {
      const { time, packet, event, parent, origin } = this.#ring[(this.#oldest + at) % length] as Entry;
      if (event !== undefined) nodes.get(packet)?.steps.push({ kind: "event", time, event });
      else {
        const node: OpenNode = { packet, origin, steps: [] };
        const above = nodes.get(parent);
        if (parent !== 0 && above === undefined) continue;
        nodes.set(packet, node);
        if (above === undefined) roots.push(node);
        else above.steps.push({ kind: "child", time, child: node });
      }
    }
    return roots;
  }

  /** The tree of one packet that nobody caused. */
  journey(root: number): TraceNode | undefined {
    return this.journeys().find(({ packet }) => packet === root);
  }

  /** Forgets all packets; ids go on. */
  clear(): void {
    this.#ring.length = 0;
    this.#oldest = 0;
    this.#lost = 0;
    this.#undecided.clear();
  }

  #hold(id: number, undecided: Undecided): void {
    undecided.packets.push(id);
    this.#undecided.set(id, undecided);
  }

  #record(
    packet: number,
    event: PacketEvent | undefined,
    parent: number,
    origin: PacketOrigin | undefined,
  ): void {
    if (!this.#records) return;
    const entry: Entry = { time: this.#now(), packet, event, parent, origin };
    const undecided = this.#undecided.size === 0 ? undefined : this.#undecided.get(packet);
    if (undecided === undefined) this.#keep(entry);
    else if (undecided.entries.length < this.#capacity) undecided.entries.push(entry);
  }

  #keep(entry: Entry): void {
    const ring = this.#ring;
    if (ring.length < this.#capacity) {
      ring.push(entry);
      return;
    }
    ring[this.#oldest] = entry;
    this.#oldest = (this.#oldest + 1) % this.#capacity;
    this.#lost++;
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
