// Which of the packets that a real kernel let go is the one that was seen last on a device: the buffer was there at that time,
// and it had that length. The kernel tells the device by its name only, and no namespace.

import type { BufferSighting, KernelDrop } from "../../system/kernel-drops.ts";
import { isDropReason, OPENVSWITCH_DROP_REASONS } from "../../trace/drop-reason.ts";
import type { DropReason } from "../../trace/drop-reason.ts";
import type { Sighting } from "./sighting-tree.ts";

/** Packet sockets stamp when a buffer is queued, and a busy processor may take its time until it is handed on: microseconds. */
const APART = 100_000;
const ETHERNET_HEADER = 14; // bytes, which what came in has no more
/** A tag that is kept beside the frame. */
const TAG = 4;
/** Bits of a reason that name a subsystem, and the one of Open vSwitch (enum skb_drop_reason_subsys). */
const SUBSYSTEM = 16;
const OPENVSWITCH = 3;

export interface FoundDrop {
  readonly reason: DropReason;
  /** The kernel's function, as far as it is known. */
  readonly place: string;
}

function reasonOf(name: string): DropReason | undefined {
  if (isDropReason(name)) return name;
  const number = Number(name);
  if (number >>> SUBSYSTEM !== OPENVSWITCH) return undefined;
  const names = Object.keys(OPENVSWITCH_DROP_REASONS);
  const found = names[(number & 0xffff) - 1];
  return found !== undefined && isDropReason(found) ? found : undefined;
}

function foundDrop(drop: KernelDrop): FoundDrop {
  const reason = reasonOf(drop.reason);
  const place = drop.place() ?? "the kernel";
  return reason === undefined
    ? { reason: "NOT_SPECIFIED", place: `${place}, ${drop.reason}` }
    : { reason, place };
}

function fits(seen: BufferSighting, { device, outgoing, frame, ethernet, time }: Sighting): boolean {
  if (seen.device !== device.name || seen.outgoing !== outgoing) return false;
  const length = frame.length - (ethernet && !outgoing ? ETHERNET_HEADER : 0);
  return Math.abs(length - seen.length) <= TAG && Math.abs(seen.time - time / 1000) <= APART;
}

export class DropFinder {
  readonly #drops: readonly KernelDrop[];

  constructor(drops: readonly KernelDrop[]) {
    this.#drops = drops;
  }

  /** Why what was seen there went no further; undefined if the kernel let no such buffer go. */
  after(sighting: Sighting): FoundDrop | undefined {
    const apart = ({ seen }: KernelDrop): number => Math.abs((seen?.time ?? 0) - sighting.time / 1000);
    const [nearest] = this.#drops
      .filter(({ seen }) => seen !== undefined && fits(seen, sighting))
      .sort((a, b) => apart(a) - apart(b));
    return nearest && foundDrop(nearest);
  }

  /** Why what we have sent came to no device at all. */
  unsent(): FoundDrop | undefined {
    const drop = this.#drops.find(({ ours, seen }) => ours && seen === undefined);
    return drop && foundDrop(drop);
  }
}
