// Requests about the forwarding database (vxlan_fdb_add and the like: `bridge fdb`), and what is told about it.

import { notifyGroup, hasListeners } from "../../kernel/netlink/endpoint.ts";
import type { BridgeOperations } from "../../kernel/netlink/bridge-operations.ts";
import { macBytes } from "../../kernel/netlink/link-fill.ts";
import type { Netns } from "../../kernel/netns.ts";
import { nexthopObjects } from "../../kernel/nexthop/objects.ts";
import { allocateNsid } from "../../kernel/nsid.ts";
import type { IpAddress } from "../../kernel/sockets/ip-address.ts";
import { addressBytes, addressOf } from "../../kernel/sockets/ip-address.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { NLM_F } from "../../netlink/message.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { RTNLGRP } from "../../netlink/rtnl/multicast-groups.ts";
import { encodeNeighbour, NTF, NUD } from "../../netlink/rtnl/neighbour.ts";
import type { NeighbourMessage } from "../../netlink/rtnl/neighbour.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import type { MacAddress } from "../../wire/mac.ts";
import { isMulticastMac } from "../../wire/mac.ts";
import { VXLAN_F } from "./config.ts";
import type { VxlanDevice } from "./device.ts";
import type { FdbEntry, Remote } from "./fdb.ts";
import { ADDED_BY_USER, ALL_ZEROS } from "./fdb.ts";

const USER_HZ = 100;
const RTN_UNICAST = 1;
/** No VNI at all (VXLAN_N_VID). */
const NO_VNI = 1 << 24;

function refuse(errno: number, text?: string): never {
  throw new Refusal(errno, text);
}

/** Group addresses and the unknown may have several remotes. */
function mayHaveMany(mac: MacAddress): boolean {
  return mac === ALL_ZEROS || isMulticastMac(mac);
}

/** vxlan_fdb_info(), for entries. */
function encodeEntry(device: VxlanDevice, entry: FdbEntry, remote: Remote): Uint8Array {
  const { config, kernel, home, netns } = device;
  const { address } = remote;
  const age = (since: number): number => Math.floor(((kernel.jiffies - since) * USER_HZ) / kernel.profile.hz);
  return encodeNeighbour({
    family: AF.BRIDGE,
    ifindex: device.ifindex,
    state: entry.state,
    flags: entry.flags & 0xff,
    type: RTN_UNICAST,
    lladdr: macBytes(entry.mac),
    linkNetnsid: home === netns ? undefined : allocateNsid(netns, home),
    dst: address === undefined ? undefined : addressBytes(familyOf(address), address),
    port: remote.port !== 0 && remote.port !== config.port ? remote.port : undefined,
    vni: remote.vni === config.vni ? undefined : remote.vni,
    ndaIfindex: remote.link === 0 ? undefined : remote.link,
    srcVni: device.has(VXLAN_F.COLLECT_METADATA) && entry.vni !== 0 ? entry.vni : undefined,
    cacheinfo: { used: age(entry.used), confirmed: 0, updated: age(entry.updated), refcnt: 0 },
  });
}

function familyOf(address: IpAddress): "inet" | "inet6" {
  return typeof address === "number" ? "inet" : "inet6";
}

/** vxlan_fdb_notify() */
export function notifyFdb(device: VxlanDevice, entry: FdbEntry, remote: Remote, type: number): void {
  if (!hasListeners(device.netns, 0, RTNLGRP.NEIGH)) return;
  notifyGroup(device.netns, 0, RTNLGRP.NEIGH, type, encodeEntry(device, entry, remote));
}

/** vxlan_fdb_miss(): programs that keep the database are asked who has the address. */
export function notifyMissingMac(device: VxlanDevice, mac: MacAddress): void {
  const { config } = device;
  notifyMiss(device, {
    family: AF.INET,
    lladdr: macBytes(mac),
    vni: config.vni === 0 ? undefined : 0,
  });
}

/** vxlan_ip_miss(): nobody knows the MAC address of a neighbour. */
export function notifyMissingNeighbour(device: VxlanDevice, address: IpAddress): void {
  notifyMiss(device, {
    family: typeof address === "number" ? AF.INET : AF.INET6,
    dst: addressBytes(familyOf(address), address),
    vni: NO_VNI,
  });
}

function notifyMiss(device: VxlanDevice, about: Partial<NeighbourMessage>): void {
  if (!hasListeners(device.netns, 0, RTNLGRP.NEIGH)) return;
  const body = encodeNeighbour({
    ifindex: device.ifindex,
    state: NUD.STALE,
    flags: 0,
    type: RTN_UNICAST,
    cacheinfo: { used: 0, confirmed: 0, updated: 0, refcnt: 0 },
    ...about,
  });
  notifyGroup(device.netns, 0, RTNLGRP.NEIGH, RTM.GETNEIGH, body);
}

/** vxlan_fdb_nh_update(), as far as it refuses; remotes by next-hop objects are not there. */
function refuseObject(netns: Netns, id: number): never {
  const path = nexthopObjects.require(netns).find(id)?.path;
  if (path === undefined) refuse(ERRNO.EINVAL, "Nexthop id does not exist");
  if (!path.fdb) refuse(ERRNO.EINVAL, "Nexthop is not a fdb nexthop");
  if (path.kind !== "group") refuse(ERRNO.EINVAL, "Nexthop is not a multipath group");
  refuse(ERRNO.EOPNOTSUPP, "VXLAN by next-hop objects is not implemented");
}

/** vxlan_fdb_parse(): what a request says of a remote. Errors: EINVAL, EAFNOSUPPORT, EADDRNOTAVAIL. */
function parseRemote(device: VxlanDevice, message: NeighbourMessage): { remote: Remote; srcVni: number } {
  const { config, netns } = device;
  const { dst, port, vni, srcVni, ndaIfindex, nhId } = message;
  if (nhId !== undefined) {
    if (dst !== undefined || vni !== undefined || ndaIfindex !== undefined || port !== undefined) {
      refuse(ERRNO.EINVAL, "DST, VNI, ifindex and port are mutually exclusive with NH_ID");
    }
    refuseObject(netns, nhId);
  }
  let address: IpAddress | undefined;
  let { family } = config;
  if (dst !== undefined) {
    if (dst.length !== 4 && dst.length !== 16) refuse(ERRNO.EAFNOSUPPORT, "Unsupported address family");
    family = dst.length === 4 ? "inet" : "inet6";
    address = addressOf(family, dst);
  }
  if (ndaIfindex !== undefined && netns.deviceByIndex(ndaIfindex) === undefined) {
    refuse(ERRNO.EADDRNOTAVAIL, "Device not found");
  }
  if (family !== config.family) refuse(ERRNO.EAFNOSUPPORT);
  const remote = { address, port: port ?? config.port, vni: vni ?? config.vni, link: ndaIfindex ?? 0 };
  return { remote, srcVni: srcVni ?? config.vni };
}

/** vxlan_fdb_add(), vxlan_fdb_update() */
function add(device: VxlanDevice, message: NeighbourMessage, mac: MacAddress, flags: number): void {
  if ((message.state & (NUD.PERMANENT | NUD.REACHABLE)) === 0) refuse(ERRNO.EINVAL);
  if (message.dst === undefined && message.nhId === undefined) refuse(ERRNO.EINVAL);
  const { remote, srcVni } = parseRemote(device, message);
  const entry = device.fdb.find(mac, device.keyVni(srcVni));
  if (entry !== undefined) {
    if (flags & NLM_F.EXCL) refuse(ERRNO.EEXIST);
    update(device, entry, message, remote, flags);
    return;
  }
  if ((flags & NLM_F.CREATE) === 0) refuse(ERRNO.ENOENT);
  if (flags & NLM_F.REPLACE && mayHaveMany(mac)) refuse(ERRNO.EOPNOTSUPP);
  const made = device.addEntry(mac, srcVni, message.state, entryFlags(message), remote);
  notifyFdb(device, made, remote, RTM.NEWNEIGH);
}

function entryFlags({ flags }: NeighbourMessage): number {
  return (flags & ~NTF.USE) | ADDED_BY_USER;
}

/** vxlan_fdb_update_existing(). Errors: EOPNOTSUPP. */
function update(
  device: VxlanDevice,
  entry: FdbEntry,
  message: NeighbourMessage,
  remote: Remote,
  flags: number,
): void {
  const { jiffies } = device.kernel;
  const wanted = entryFlags(message);
  let changed = false;
  let told = entry.first;
  if ((wanted & NTF.EXT_LEARNED) === 0 || (entry.flags & ADDED_BY_USER) === 0) {
    if (entry.state !== message.state || entry.flags !== wanted) {
      entry.updated = jiffies;
      changed = true;
    }
    entry.state = message.state;
    entry.flags = wanted;
  }
  const many = mayHaveMany(entry.mac);
  if (flags & NLM_F.REPLACE) {
    if (many) refuse(ERRNO.EOPNOTSUPP, "Cannot replace non-unicast fdb entries");
    if (entry.find(remote) === undefined && told !== undefined) {
      Object.assign(told, remote);
      changed = true;
    }
  }
  if (flags & NLM_F.APPEND && many && entry.find(remote) === undefined) {
    entry.remotes.push(remote);
    told = remote;
    changed = true;
  }
  if (message.flags & NTF.USE) entry.used = jiffies;
  if (changed && told !== undefined) notifyFdb(device, entry, told, RTM.NEWNEIGH);
}

/** __vxlan_fdb_delete(): one remote, or the entry with its last. Errors: ENOENT. */
function remove(device: VxlanDevice, message: NeighbourMessage, mac: MacAddress): void {
  const { remote, srcVni } = parseRemote(device, message);
  const entry = device.fdb.find(mac, device.keyVni(srcVni)) ?? refuse(ERRNO.ENOENT);
  removeRemote(device, entry, remote);
}

/** Does nothing if the entry has no such remote. */
export function removeRemote(device: VxlanDevice, entry: FdbEntry, remote: Remote): void {
  if (remote.address !== undefined) {
    const found = entry.find(remote);
    if (found === undefined) return;
    if (entry.remotes.length > 1) {
      entry.remotes.splice(entry.remotes.indexOf(found), 1);
      notifyFdb(device, entry, found, RTM.DELNEIGH);
      return;
    }
  }
  device.removeEntry(entry);
}

/** vxlan_fdb_dump(): by the hash of the address, the newest first in a bucket; since 6.16 the newest first. */
function* dump(device: VxlanDevice): Generator<Uint8Array> {
  const entries = device.fdb.all().reverse();
  if (device.kernel.profile.vxlan === "6.1") entries.sort((a, b) => a.bucket - b.bucket);
  for (const entry of entries) for (const remote of entry.remotes) yield encodeEntry(device, entry, remote);
}

export function fdbOperations(device: VxlanDevice): BridgeOperations {
  return {
    addFdb: (_, message, mac, _vid, flags) => add(device, message, mac, flags),
    deleteFdb: (_, message, mac) => remove(device, message, mac),
    dumpFdb: () => dump(device),
    getFdb(mac) {
      const entry = device.fdb.find(mac, device.keyVni(0));
      const first = entry?.first;
      if (entry === undefined || first === undefined) return refuse(ERRNO.ENOENT, "Fdb entry not found");
      return encodeEntry(device, entry, first);
    },
  };
}
