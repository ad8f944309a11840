// `bridge vlan add` and `delete`: VLANs and tunnels of a port. Words that mean nothing here are passed over, as
// iproute2 does.

import { BRIDGE_FLAGS, BRIDGE_VLAN_INFO } from "../../netlink/rtnl/bridge-vlan.ts";
import type { BridgeSpecification } from "../../netlink/rtnl/bridge-vlan.ts";
import { encodeLink } from "../../netlink/rtnl/link.ts";
import { AF } from "../../netlink/rtnl/types.ts";
import { giveUp, matches } from "../ip/arguments.ts";
import type { Arguments } from "../ip/arguments.ts";
import { atoi, parseUnsigned } from "../ip/numbers.ts";
import type { BridgeSession } from "./bridge.ts";

const VLAN_LIMIT = 4096;
const TUNNEL_ID_LIMIT = 1 << 24;
const { PVID, UNTAGGED, RANGE_BEGIN, RANGE_END } = BRIDGE_VLAN_INFO;

/** One number or two with a minus sign between; `last` is -1 without it. */
export interface VlanRange {
  readonly first: number;
  readonly last: number;
}

/** "10", "10-20", and what atoi(3) makes of anything else, in a C short. */
export function parseVlanRange(text: string): VlanRange & { readonly isRange: boolean } {
  const short = (word: string): number => (atoi(word) << 16) >> 16;
  const at = text.indexOf("-");
  if (at < 0) return { first: short(text), last: -1, isRange: false };
  return { first: short(text.slice(0, at)), last: short(text.slice(at + 1)), isRange: true };
}

const unsigned = (value: number): number => value & 0xffff;

interface Wanted {
  device: string | undefined;
  vlan: ReturnType<typeof parseVlanRange> | undefined;
  flags: number;
  target: number;
  tunnel: { first: number; last: number } | undefined;
}

function parse(args: Arguments): Wanted {
  const wanted: Wanted = { device: undefined, vlan: undefined, flags: 0, target: 0, tunnel: undefined };
  for (; args.left > 0; args.advance()) {
    switch (args.current) {
      case "dev":
        wanted.device = args.next();
        break;
      case "vid":
        wanted.vlan = parseVlanRange(args.next());
        break;
      case "self":
        wanted.target |= BRIDGE_FLAGS.SELF;
        break;
      case "master":
        wanted.target |= BRIDGE_FLAGS.MASTER;
        break;
      case "pvid":
        wanted.flags |= PVID;
        break;
      case "untagged":
        wanted.flags |= UNTAGGED;
        break;
      case "tunnel_info":
        wanted.tunnel = parseTunnel(args);
        break;
      default:
        if (matches(args.current, "help")) args.next();
    }
  }
  return wanted;
}

/** `tunnel_info id N` or `id N-M`. */
function parseTunnel(args: Arguments): { first: number; last: number } {
  if (args.next() !== "id") args.invalid("tunnel id expected");
  const text = args.next();
  const [first = "", last] = text.split("-", 2);
  const number = (word: string): number => {
    const value = parseUnsigned(word);
    return value === undefined || value >= TUNNEL_ID_LIMIT ? args.invalid("invalid tun id", word) : value;
  };
  return { first: number(first), last: last === undefined ? -1 : number(last) };
}

export function changeVlan(session: BridgeSession, args: Arguments, type: number): number {
  const { process, links, rtnl } = session;
  const { device, vlan, flags, target, tunnel } = parse(args);
  if (device === undefined || vlan === undefined || (vlan.first === -1 && !vlan.isRange)) {
    giveUp(process, "Device and VLAN ID are required arguments.\n", 255);
  }
  const index = links.index(device) || giveUp(process, `Cannot find bridge device "${device}"\n`, 255);
  const { first, last, isRange } = vlan;
  if (first >= VLAN_LIMIT) giveUp(process, `Invalid VLAN ID "${unsigned(first)}"\n`, 255);
  if (isRange) {
    if (last === -1 || last >= VLAN_LIMIT || first >= last) {
      giveUp(process, `Invalid VLAN range "${unsigned(first)}-${unsigned(last)}"\n`, 255);
    }
    if (flags & PVID) giveUp(process, "pvid cannot be configured for a vlan range\n", 255);
  }
  const bridge: BridgeSpecification = {
    flags: target === 0 ? undefined : target,
    ...(tunnel === undefined ? { vlans: vlanList(vlan, flags) } : { tunnels: tunnelList(vlan, tunnel) }),
  };
  const body = encodeLink({ family: AF.BRIDGE, index, bridge });
  return rtnl.talk(type, 0, body) === undefined ? 255 : 0;
}

function vlanList({ first, last }: VlanRange, flags: number): NonNullable<BridgeSpecification["vlans"]> {
  if (last === -1) return [{ vid: unsigned(first), flags }];
  return [
    { vid: unsigned(first), flags: flags | RANGE_BEGIN },
    { vid: unsigned(last), flags: flags | RANGE_END },
  ];
}

function tunnelList(
  { first, last }: VlanRange,
  tunnel: { readonly first: number; readonly last: number },
): NonNullable<BridgeSpecification["tunnels"]> {
  const start = { id: tunnel.first, vid: unsigned(first) };
  if (last === -1) return [{ ...start, flags: 0 }];
  return [
    { ...start, flags: RANGE_BEGIN },
    { id: tunnel.last >>> 0, vid: unsigned(last), flags: RANGE_END },
  ];
}
