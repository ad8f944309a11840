// A frame as `trace --dry-run` follows it, and where it can end: at a network layer, or in a tunnel.

import type { TraceDevice } from "../../../trace/packet-event.ts";
import type { LinkState, PlaceState } from "../../why/network-state.ts";
import type { IpPacket } from "./packet.ts";
import type { OpenNode } from "./tree.ts";
import type { TunnelWay } from "./tunnel-way.ts";

const ETHERNET = 14; // bytes of header
const TAG = 4;
export const TPID = 0x8100;
/** Bytes beyond the MTU that a frame may have: header and one tag (is_skb_forwardable). */
export const FRAME_ALLOWANCE = ETHERNET + TAG;
export const BROADCAST = "ff:ff:ff:ff:ff:ff";

/** A frame on a device; on one that carries packets of the network layer it has no addresses. */
export interface Frame {
  readonly from: string;
  readonly to: string;
  /** VLAN of its tag, which is beside the bytes; 0 without. */
  readonly vlan: number;
  /** A program has put the tag into the bytes, and no device has taken it out yet. */
  readonly inline?: boolean;
  /** EtherType of what it carries; a length (below 1536) of IEEE 802.3 frames. */
  readonly protocol: number;
  readonly payload: IpPacket;
  /** This host's own multicast, which it hears itself. */
  readonly looped?: boolean;
  /** How many devices it has been on. */
  readonly devices: number;
}

/** Bytes from the link-layer header on, as devices count them: a tag beside the bytes does not count. */
export function lengthOf({ from, payload, inline }: Frame): number {
  if (from === "") return payload.bytes.length;
  return payload.bytes.length + ETHERNET + (inline === true ? TAG : 0);
}

export function isGroup(mac: string): boolean {
  return (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1;
}

/** Where the network layer gets a frame, and as which packet of the tree. */
export interface Arrival {
  readonly kind: "arrival";
  readonly link: LinkState;
  readonly node: OpenNode;
  readonly frame: Frame;
}

/** Where a tunnel takes a frame, which it is to carry to another host. */
export interface Departure {
  readonly kind: "departure";
  readonly node: OpenNode;
  /** Whose network layer sends the outer packet. */
  readonly place: PlaceState;
  readonly device: TraceDevice;
  readonly way: TunnelWay;
  readonly frame: Frame;
}

export type FrameEnd = Arrival | Departure;
