// The multicast database over rtnetlink: RTM_NEWMDB, RTM_DELMDB, RTM_GETMDB (net/bridge/br_mdb.c).

import type { DumpResult, Request } from "../../kernel/netlink/handlers.ts";
import type { Profile } from "../../kernel/profile.ts";
import { AttributeReader } from "../../netlink/attributes.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { MdbEntry } from "../../netlink/rtnl/mdb.ts";
import { decodeMdbRequest, MDB_STATE } from "../../netlink/rtnl/mdb.ts";
import { RTM } from "../../netlink/rtnl/types.ts";
import { readU32BE } from "../../wire/bytes.ts";
import { EtherType } from "../../wire/ethernet.ts";
import { isLocalMulticastIpv4, isMulticastIpv4 } from "../../wire/ipv4-address.ts";
import { IPV6_ALL_NODES, readIpv6Address } from "../../wire/ipv6-address.ts";
import { isMulticastMac, readMac } from "../../wire/mac.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { Bridge } from "./bridge.ts";
import { encodeDatabase } from "./mdb-message.ts";
import { RTPROT } from "./multicast-database.ts";
import type { GroupAddress } from "./multicast-database.ts";
import { BR_STATE } from "./netlink.ts";
import type { BridgePort } from "./port.ts";
import { portOf } from "./port.ts";
import { bridgeOf } from "./sysfs-bridge.ts";
import { inUse } from "./vlan-group.ts";

const { EINVAL, ENODEV, EOPNOTSUPP, EEXIST } = ERRNO;
const VID_LIMIT = 0xfff;
const MDBE_ATTR_SOURCE = 1;

function refuse(errno: number, text: string): never {
  throw new Refusal(errno, `bridge: ${text}`);
}

interface Wanted {
  readonly bridge: Bridge;
  readonly entry: MdbEntry;
  /** For frames of one source; those are not kept apart from the others of their group. */
  readonly hasSource: boolean;
}

/** br_mdb_parse() */
function parse(request: Request): Wanted {
  const message = decodeMdbRequest(request.message.body);
  if (isMalformed(message)) throw new Refusal(EINVAL);
  if (message.ifindex === 0) refuse(EINVAL, "Invalid bridge ifindex");
  const device = request.netns.deviceByIndex(message.ifindex);
  if (!device) refuse(ENODEV, "Bridge device doesn't exist");
  if (device.kind?.kind !== "bridge") {
    if (device.kernel.profile.mdbChecked === "by-bridge") refuse(EOPNOTSUPP, "Device is not a bridge");
    throw new Refusal(EOPNOTSUPP, "Device does not support MDB operations");
  }
  if (!message.entry) refuse(EINVAL, "Missing MDBA_SET_ENTRY attribute");
  checkEntry(message.entry, device.kernel.profile.mdbChecked);
  const attributes = new AttributeReader(message.entryAttributes ?? new Uint8Array(0));
  let hasSource = false;
  while (attributes.next()) hasSource ||= attributes.type === MDBE_ATTR_SOURCE;
  return { bridge: bridgeOf(device), entry: message.entry, hasSource };
}

/** is_valid_mdb_entry(), or since 6.7 rtnl_validate_mdb_entry(), which does not name the bridge. */
function checkEntry({ ifindex, address, proto, state, vid }: MdbEntry, checked: Profile["mdbChecked"]): void {
  const byBridge = checked === "by-bridge";
  const invalid = (text: string): never => {
    throw new Refusal(EINVAL, byBridge ? `bridge: ${text}` : text);
  };
  if (ifindex === 0) invalid("Zero entry ifindex is not allowed");
  if (proto === EtherType.IPV4) {
    const group = readU32BE(address, 0);
    if (!isMulticastIpv4(group) && (byBridge || group !== 0)) {
      invalid(`IPv4 entry group address is not multicast${byBridge ? "" : " or 0.0.0.0"}`);
    }
    if (isLocalMulticastIpv4(group)) invalid("IPv4 entry group address is local multicast");
  } else if (proto === EtherType.IPV6) {
    if (readIpv6Address(address, 0) === IPV6_ALL_NODES) {
      invalid("IPv6 entry group address is link-local all nodes");
    }
  } else if (proto === 0) {
    if (!isMulticastMac(readMac(address, 0))) invalid("L2 entry group is not multicast");
  } else invalid("Unknown entry protocol");
  if (state !== MDB_STATE.PERMANENT && state !== MDB_STATE.TEMPORARY) invalid("Unknown entry state");
  if (vid >= VID_LIMIT) invalid("Invalid entry VLAN id");
  // br_mdb_config_init(): only VXLAN has an entry for all groups
  if (!byBridge && proto === EtherType.IPV4 && readU32BE(address, 0) === 0) {
    refuse(EINVAL, "IPv4 entry group address 0.0.0.0 is not allowed");
  }
}

function addressOf({ proto, address }: MdbEntry, vid: number): GroupAddress {
  const length = proto === EtherType.IPV4 ? 4 : proto === EtherType.IPV6 ? 16 : 6;
  return { proto, vid, bytes: address.slice(0, length) };
}

/** The port that an entry is about; undefined: the bridge itself. */
function portFor({ bridge, entry }: Wanted): BridgePort | undefined {
  if (entry.ifindex === bridge.device.ifindex) return undefined;
  const device = bridge.device.netns.deviceByIndex(entry.ifindex);
  if (!device) refuse(ENODEV, "Port net device doesn't exist");
  const port = portOf(device);
  if (!port) refuse(EINVAL, "Net device is not a bridge port");
  if (port.bridge !== bridge) refuse(EINVAL, "Port belongs to a different bridge device");
  return port;
}

/** VLANs that an entry without one stands for while VLANs are filtered. */
function vids({ bridge, entry }: Wanted, port: BridgePort | undefined): number[] {
  if (!bridge.vlanFiltering || entry.vid !== 0) return [entry.vid];
  return (port ?? bridge).vlans
    .ascending()
    .filter(inUse)
    .map((vlan) => vlan.vid);
}

/** br_mdb_add() */
export function addMdb(request: Request): void {
  const wanted = parse(request);
  const { bridge, entry } = wanted;
  if (!bridge.device.up) refuse(EINVAL, "Bridge device is not running");
  if (!bridge.multicast.snooping) refuse(EINVAL, "Bridge's multicast processing is disabled");
  const port = portFor(wanted);
  if (port?.state === BR_STATE.DISABLED && entry.state !== MDB_STATE.PERMANENT) {
    refuse(EINVAL, "Port is in disabled state and entry is not permanent");
  }
  for (const vid of vids(wanted, port)) addOne(wanted, port, vid);
}

/** br_mdb_add_group() */
function addOne({ bridge, entry, hasSource }: Wanted, port: BridgePort | undefined, vid: number): void {
  const { groups } = bridge;
  const permanent = entry.state === MDB_STATE.PERMANENT;
  if (!port && entry.proto !== 0 && permanent) refuse(EINVAL, "Flags are not allowed for host groups");
  if (!port && hasSource) refuse(EINVAL, "Groups with sources cannot be manually host joined");
  if (entry.proto === 0 && !permanent) refuse(EINVAL, "Only permanent L2 entries allowed");
  const address = addressOf(entry, vid);
  const group = groups.open(address);
  if (!group) throw new Refusal(ERRNO.E2BIG);
  if (!port) {
    if (group.hostJoined) refuse(EEXIST, "Group is already joined by host");
    group.hostPermanent = permanent;
    groups.joinHost(group);
    if (!permanent) group.timer.start(bridge.multicast.membershipInterval);
    return;
  }
  if (groups.member(group, port)) {
    const any = bridge.kernel.profile.mdbChecked === "by-bridge" ? "Group" : "(*, G) group";
    refuse(EEXIST, `${any} is already joined by port`);
  }
  const member = groups.addMember(group, port, permanent, RTPROT.STATIC);
  if (!permanent) member.timer.start(bridge.multicast.membershipInterval);
}

/** br_mdb_del() */
export function deleteMdb(request: Request): void {
  const wanted = parse(request);
  const { bridge, entry } = wanted;
  const port = portFor(wanted);
  if (!bridge.device.up || !bridge.multicast.snooping) throw new Refusal(EINVAL);
  for (const vid of vids(wanted, port)) {
    const group = bridge.groups.find(addressOf(entry, vid));
    const member = group && port && bridge.groups.member(group, port);
    if (group && member) bridge.groups.removeMember(group, member);
    else if (group?.hostJoined && !port) bridge.groups.leaveHost(group);
    else throw new Refusal(EINVAL);
  }
}

/** br_mdb_dump(): one message for each bridge. */
export function dumpMdb(request: Request): DumpResult {
  const bodies: Uint8Array[] = [];
  for (const device of request.netns.devices.values()) {
    if (device.kind?.kind === "bridge") bodies.push(encodeDatabase(bridgeOf(device)));
  }
  return { type: RTM.GETMDB, bodies };
}
