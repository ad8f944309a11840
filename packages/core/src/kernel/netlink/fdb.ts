// Forwarding databases over rtnetlink: RTM_NEWNEIGH, RTM_DELNEIGH and RTM_GETNEIGH of family AF_BRIDGE
// (net/core/rtnetlink.c: rtnl_fdb_add and the like). Every Ethernet device has one: the addresses that it listens to
// besides its own. Bridges keep more, and answer for their ports.

import { ERRNO } from "../../netlink/errno.ts";
import { NLM_F } from "../../netlink/message.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { decodeLink } from "../../netlink/rtnl/link.ts";
import { RTNLGRP } from "../../netlink/rtnl/multicast-groups.ts";
import type { NeighbourMessage } from "../../netlink/rtnl/neighbour.ts";
import { decodeNeighbour, encodeNeighbour, NTF, NUD } from "../../netlink/rtnl/neighbour.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import { isMulticastMac, isReservedBridgeMac, readMac } from "../../wire/mac.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { addUnicast, removeUnicast, updateRxMode } from "../device-state.ts";
import type { NetDevice } from "../device.ts";
import { ARPHRD } from "../device.ts";
import type { Kernel } from "../kernel.ts";
import type { Netns } from "../netns.ts";
import type { BridgeOperations } from "./bridge-operations.ts";
import { hasListeners, notifyGroup } from "./endpoint.ts";
import type { DumpResult, Request } from "./handlers.ts";
import { macBytes } from "./link-fill.ts";

const NDMSG_LENGTH = 12;
const VID_LIMIT = 0xfff; // VLAN_VID_MASK
const { EINVAL, ENODEV, EOPNOTSUPP } = ERRNO;

function decode(request: Request): NeighbourMessage {
  const message = decodeNeighbour(request.message.body);
  if (isMalformed(message)) throw new Refusal(EINVAL);
  return message;
}

function target(netns: Netns, message: NeighbourMessage): NetDevice {
  if (message.ifindex === 0) throw new Refusal(EINVAL, "invalid ifindex");
  const device = netns.deviceByIndex(message.ifindex);
  if (!device) throw new Refusal(ENODEV, "unknown ifindex");
  return device;
}

function addressOf(message: NeighbourMessage): number {
  if (message.lladdr?.length !== 6) throw new Refusal(EINVAL, "invalid address");
  return readMac(message.lladdr, 0);
}

/** fdb_vid_parse(): 0 if the request names none. */
function vidOf(message: NeighbourMessage): number {
  const { vlan } = message;
  if (vlan === undefined) return 0;
  if (vlan === 0 || vlan >= VID_LIMIT) throw new Refusal(EINVAL, "invalid vlan id");
  return vlan;
}

/** Who answers for `device` as the port of a master; undefined if the request is not meant so. */
function masterOperations(device: NetDevice, message: NeighbourMessage): BridgeOperations | undefined {
  if (message.flags !== 0 && (message.flags & NTF.MASTER) === 0) return undefined;
  return device.master?.bridgeOperations;
}

/** rtnl_fdb_add() */
function add(request: Request): void {
  const message = decode(request);
  const device = target(request.netns, message);
  const mac = addressOf(message);
  if (device.hardwareType !== ARPHRD.ETHER) {
    throw new Refusal(EINVAL, "FDB add only supported for Ethernet devices");
  }
  const vid = vidOf(message);
  const { flags } = request.message;
  const master = masterOperations(device, message);
  master?.addFdb(device, message, mac, vid, flags);
  if (message.flags & NTF.SELF) {
    if (device.bridgeOperations) device.bridgeOperations.addFdb(device, message, mac, vid, flags);
    else addListened(device, message, mac, vid, flags);
    notifyListened(device, mac, vid, RTM.NEWNEIGH, message.state);
  } else if (!master) throw new Refusal(EOPNOTSUPP);
}

/** ndo_dflt_fdb_add(): one more address to listen to. */
function addListened(
  device: NetDevice,
  message: NeighbourMessage,
  mac: number,
  vid: number,
  flags: number,
): void {
  if (message.state !== 0 && (message.state & NUD.PERMANENT) === 0) throw new Refusal(EINVAL);
  if (message.flagsExt !== undefined || vid !== 0) throw new Refusal(EINVAL);
  const unicast = isUnicastLike(mac);
  if ((unicast ? device.unicast : device.multicast).has(mac)) {
    if (flags & NLM_F.EXCL) throw new Refusal(ERRNO.EEXIST);
    return;
  }
  if (unicast) addUnicast(device, mac);
  else {
    device.multicast.add(mac);
    updateRxMode(device);
  }
}

/** Reserved groups of a bridge are kept with the unicast addresses. */
function isUnicastLike(mac: number): boolean {
  return !isMulticastMac(mac) || isReservedBridgeMac(mac);
}

/** rtnl_fdb_del(), one entry or with NLM_F_BULK many. */
function remove(request: Request): void {
  const bulk = (request.message.flags & NLM_F.BULK) !== 0;
  const message = decode(request);
  const device = target(request.netns, message);
  const mac = bulk ? 0 : addressOf(message);
  const vid = vidOf(message);
  if (device.hardwareType !== ARPHRD.ETHER) {
    throw new Refusal(EINVAL, "FDB delete only supported for Ethernet devices");
  }
  const apply = (operations: BridgeOperations): void => {
    if (!bulk) operations.deleteFdb(device, message, mac, vid);
    else if (operations.flushFdb) operations.flushFdb(device, message, vid);
    else throw new Refusal(EOPNOTSUPP);
  };
  const master = masterOperations(device, message);
  if (master) apply(master);
  if (message.flags & NTF.SELF) {
    if (device.bridgeOperations) apply(device.bridgeOperations);
    else if (bulk) throw new Refusal(EOPNOTSUPP);
    else removeListened(device, message, mac);
    if (!bulk) notifyListened(device, mac, vid, RTM.DELNEIGH, message.state);
  } else if (!master) throw new Refusal(EOPNOTSUPP);
}

/** ndo_dflt_fdb_del() */
function removeListened(device: NetDevice, message: NeighbourMessage, mac: number): void {
  if ((message.state & NUD.PERMANENT) === 0) throw new Refusal(EINVAL);
  const unicast = isUnicastLike(mac);
  if (!(unicast ? device.unicast : device.multicast).has(mac)) throw new Refusal(ERRNO.ENOENT);
  if (unicast) removeUnicast(device, mac);
  else {
    device.multicast.remove(mac);
    updateRxMode(device);
  }
}

/** nlmsg_populate_fdb_fill(): an address that the device itself listens to. */
function encodeListened(device: NetDevice, mac: number, vid: number, state: number): Uint8Array {
  return encodeNeighbour({
    family: AF.BRIDGE,
    ifindex: device.ifindex,
    state,
    flags: NTF.SELF,
    lladdr: macBytes(mac),
    vlan: vid === 0 ? undefined : vid,
  });
}

/** rtnl_fdb_notify() */
function notifyListened(device: NetDevice, mac: number, vid: number, type: number, state: number): void {
  if (!hasListeners(device.netns, 0, RTNLGRP.NEIGH)) return;
  notifyGroup(device.netns, 0, RTNLGRP.NEIGH, type, encodeListened(device, mac, vid, state));
}

/** ndo_dflt_fdb_dump(): unicast, then multicast addresses. */
export function* dumpListened(device: NetDevice): Generator<Uint8Array> {
  if (device.hardwareType !== ARPHRD.ETHER) return;
  for (const { address } of device.unicast.entries()) yield encodeListened(device, address, 0, NUD.PERMANENT);
  for (const { address } of device.multicast.entries())
    yield encodeListened(device, address, 0, NUD.PERMANENT);
}

/** Which bridge and which device a dump is limited to; 0: no limit. */
interface DumpFilter {
  readonly bridge: number;
  readonly device: number;
}

/** valid_fdb_dump_strict(), or valid_fdb_dump_legacy(): old programs send an ifinfomsg. */
function dumpFilter(request: Request): DumpFilter {
  const { body } = request.message;
  const { strictCheck } = request.endpoint.options;
  if (!strictCheck && body.length !== NDMSG_LENGTH && body.length !== NDMSG_LENGTH + 8) {
    const link = decodeLink(body);
    if (isMalformed(link)) throw new Refusal(EINVAL);
    return { bridge: link.master ?? 0, device: link.index };
  }
  const message = decode(request);
  if (strictCheck && (message.state !== 0 || message.flags !== 0 || message.type !== 0)) {
    throw new Refusal(EINVAL, "Invalid values in header for fdb dump request");
  }
  if (strictCheck && message.unknown !== undefined) {
    throw new Refusal(EINVAL, "Unsupported attribute in fdb dump request");
  }
  return { bridge: message.master ?? 0, device: message.ndaIfindex ?? message.ifindex };
}

/** rtnl_fdb_dump() */
function dump(request: Request): DumpResult {
  const { netns } = request;
  const filter = dumpFilter(request);
  const bridge = filter.bridge === 0 ? undefined : netns.deviceByIndex(filter.bridge);
  if (filter.bridge !== 0 && !bridge) throw new Refusal(ENODEV);
  const bodies: Uint8Array[] = [];
  for (const device of netns.devicesInDumpOrder()) {
    if (filter.device !== 0 && device.ifindex !== filter.device) continue;
    const master = device.master?.bridgeOperations;
    if (bridge && device !== bridge && (!master || device.master !== bridge)) continue;
    if (master) bodies.push(...master.dumpFdb(device));
    if (device.bridgeOperations) bodies.push(...device.bridgeOperations.dumpFdb(undefined));
    else bodies.push(...dumpListened(device));
  }
  return { type: RTM.NEWNEIGH, bodies };
}

/** rtnl_fdb_get() */
function get(request: Request): void {
  const { netns } = request;
  const message = decode(request);
  if (message.state !== 0 || message.type !== 0) {
    throw new Refusal(EINVAL, "Invalid values in header for fdb get request");
  }
  if (message.flags & ~(NTF.MASTER | NTF.SELF)) {
    throw new Refusal(EINVAL, "Invalid flags in header for fdb get request");
  }
  if (message.lladdr === undefined) throw new Refusal(EINVAL, "Missing lookup address for fdb get request");
  if (message.lladdr.length !== 6) throw new Refusal(EINVAL, "Invalid address in fdb get request");
  const mac = readMac(message.lladdr, 0);
  const vid = vidOf(message);
  const operations = answering(netns, message);
  if (!operations?.getFdb) throw new Refusal(EOPNOTSUPP, "Fdb get operation not supported by device");
  request.reply(RTM.NEWNEIGH, operations.getFdb(mac, vid));
}

function answering(netns: Netns, message: NeighbourMessage): BridgeOperations | undefined {
  const device = message.ifindex === 0 ? undefined : netns.deviceByIndex(message.ifindex);
  if (message.ifindex !== 0 && !device) throw new Refusal(ENODEV, "Unknown device ifindex");
  if (message.master !== undefined) {
    if (device) throw new Refusal(EINVAL, "Master and device are mutually exclusive");
    const bridge = netns.deviceByIndex(message.master);
    if (!bridge) throw new Refusal(EINVAL, "Invalid master ifindex");
    return bridge.bridgeOperations;
  }
  if (!device) throw new Refusal(ENODEV, "No device specified");
  if (message.flags === 0 || message.flags & NTF.MASTER) {
    if (!device.master?.bridgeOperations) throw new Refusal(EINVAL, "Device is not a bridge port");
    return device.master.bridgeOperations;
  }
  return device.bridgeOperations;
}

/** Registers the forwarding databases (rtnetlink_init). */
export function installFdb(kernel: Kernel): void {
  kernel.rtnetlink.register(AF.BRIDGE, RTM.NEWNEIGH, { doit: add });
  kernel.rtnetlink.register(AF.BRIDGE, RTM.DELNEIGH, { doit: remove });
  kernel.rtnetlink.register(AF.BRIDGE, RTM.GETNEIGH, { doit: get, dump });
}
