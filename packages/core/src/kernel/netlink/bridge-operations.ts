// What a device with a forwarding database offers to rtnetlink: the ndo_fdb_* and ndo_bridge_* members of
// struct net_device_ops. `device` is the device of the request: a port, or the one that offers this.

import type { LinkMessage } from "../../netlink/rtnl/link.ts";
import type { NeighbourMessage } from "../../netlink/rtnl/neighbour.ts";
import type { NetDevice } from "../device.ts";

export interface BridgeOperations {
  /** ndo_fdb_add. `flags`: NLM_F_*. Errors: Refusal. */
  addFdb(device: NetDevice, message: NeighbourMessage, mac: number, vid: number, flags: number): void;
  /** ndo_fdb_del. Errors: Refusal. */
  deleteFdb(device: NetDevice, message: NeighbourMessage, mac: number, vid: number): void;
  /** ndo_fdb_del_bulk. Errors: Refusal. */
  flushFdb?(device: NetDevice, message: NeighbourMessage, vid: number): void;
  /** ndo_fdb_dump: bodies of the entries behind a port, or with `port` undefined of the device itself. */
  dumpFdb(port: NetDevice | undefined): Iterable<Uint8Array>;
  /** ndo_fdb_get. Errors: ENOENT. */
  getFdb?(mac: number, vid: number): Uint8Array;
  /** ndo_bridge_getlink: undefined if it has nothing to tell. `extMask`: RTEXT_FILTER_*. */
  getLink?(device: NetDevice, extMask: number): Uint8Array | undefined;
  /** ndo_bridge_setlink. Errors: Refusal. */
  setLink?(device: NetDevice, message: LinkMessage): void;
  /** ndo_bridge_dellink. Errors: Refusal. */
  deleteLink?(device: NetDevice, message: LinkMessage): void;
}
