// `bridge fdb add`, `append`, `replace`, `delete` and `flush`.

import type { NeighbourMessage } from "../../netlink/rtnl/neighbour.ts";
import { encodeNeighbour, NTF, NUD } from "../../netlink/rtnl/neighbour.ts";
import { NLM_F } from "../../netlink/message.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import type { Process } from "../../system/process.ts";
import { requireAddress } from "../ip/addresses.ts";
import { fail, giveUp, matches } from "../ip/arguments.ts";
import type { Arguments } from "../ip/arguments.ts";
import type { BridgeSession } from "./bridge.ts";

export const FDB_USAGE = `Usage: bridge fdb { add | append | del | replace } ADDR dev DEV
              [ self ] [ master ] [ use ] [ router ] [ extern_learn ]
              [ sticky ] [ local | static | dynamic ] [ vlan VID ]
              { [ dst IPADDR ] [ port PORT] [ vni VNI ] | [ nhid NHID ] }
	       [ via DEV ] [ src_vni VNI ]
       bridge fdb [ show [ br BRDEV ] [ brport DEV ] [ vlan VID ]
              [ state STATE ] [ dynamic ] ]
       bridge fdb get [ to ] LLADDR [ br BRDEV ] { brport | dev } DEV
              [ vlan VID ] [ vni VNI ] [ self ] [ master ] [ dynamic ]
       bridge fdb flush dev DEV [ brport DEV ] [ vlan VID ]
              [ self ] [ master ] [ [no]permanent | [no]static | [no]dynamic ]
              [ [no]added_by_user ] [ [no]extern_learn ] [ [no]sticky ]
              [ [no]offloaded ]
`;

const VLAN_LIMIT = 4096;
const VNI_MAX = 0xff_ffff;

/** Six numbers with colons, as sscanf("%hhx:...") reads them: short ones and what follows the last are fine. */
export function macOf(process: Process, text: string): Uint8Array {
  const found =
    /^\s*([0-9a-fA-F]+):([0-9a-fA-F]+):([0-9a-fA-F]+):([0-9a-fA-F]+):([0-9a-fA-F]+):([0-9a-fA-F]+)/.exec(
      text,
    );
  if (found === null) return giveUp(process, `Invalid mac address ${text}\n`, 255);
  return Uint8Array.from(found.slice(1), (digits) => Number.parseInt(digits.slice(-2), 16));
}

/** What a change collects. */
interface Entry {
  address: string | undefined;
  device: string | undefined;
  state: number;
  flags: number;
  vlan: number | undefined;
  fields: Partial<{ -readonly [K in keyof NeighbourMessage]: NeighbourMessage[K] }>;
}

export function change(session: BridgeSession, args: Arguments, type: number, flags: number): number {
  const { process, links, rtnl } = session;
  const entry: Entry = {
    address: undefined,
    device: undefined,
    state: NUD.NOARP,
    flags: 0,
    vlan: undefined,
    fields: {},
  };
  for (; args.left > 0; args.advance()) parseWord(session, args, entry);
  const { device, address, fields } = entry;
  if (device === undefined || address === undefined) {
    giveUp(process, "Device and address are required arguments.\n", 255);
  }
  const tunnel = fields.dst ?? fields.port ?? fields.vni;
  if (fields.nhId !== undefined && tunnel !== undefined) {
    giveUp(process, "dst, port, vni are mutually exclusive with nhid\n", 255);
  }
  if ((entry.flags & (NTF.SELF | NTF.MASTER)) === 0) entry.flags |= NTF.SELF;
  if ((entry.state & (NUD.PERMANENT | NUD.REACHABLE)) === 0) entry.state |= NUD.PERMANENT;
  const lladdr = macOf(process, address);
  const ifindex = links.index(device) || giveUp(process, `Cannot find device "${device}"\n`, 255);
  const body = encodeNeighbour({
    ...fields,
    family: AF.BRIDGE,
    ifindex,
    state: entry.state,
    flags: entry.flags,
    lladdr,
    vlan: entry.vlan,
  });
  return rtnl.talk(type, flags, body) === undefined ? 255 : 0;
}

function parseWord(session: BridgeSession, args: Arguments, entry: Entry): void {
  const { fields } = entry;
  const word = args.current;
  if (word === "dev") entry.device = args.next();
  else if (word === "dst") {
    const text = args.next();
    if (fields.dst !== undefined) args.garbage("dst");
    fields.dst = requireAddress(args, session.family, text).bytes;
  } else if (word === "nhid") fields.nhId = args.nextUnsigned('"id" value is invalid\n');
  else if (word === "port") fields.port = args.nextUnsigned("invalid port\n", 0xffff);
  else if (word === "vni") fields.vni = args.nextUnsigned("invalid VNI\n", VNI_MAX);
  else if (word === "src_vni") fields.srcVni = args.nextUnsigned("invalid src VNI\n", VNI_MAX);
  else if (word === "via") {
    const name = args.next();
    fields.ndaIfindex =
      session.links.index(name) || fail(session.process, 255, `Cannot find device "${name}"\n`);
  } else if (word === "self") entry.flags |= NTF.SELF;
  else if (matches(word, "master")) entry.flags |= NTF.MASTER;
  else if (matches(word, "router")) entry.flags |= NTF.ROUTER;
  else if (matches(word, "local") || matches(word, "permanent")) entry.state |= NUD.PERMANENT;
  else if (matches(word, "temp") || matches(word, "static")) entry.state |= NUD.REACHABLE;
  else if (matches(word, "dynamic")) entry.state = (entry.state | NUD.REACHABLE) & ~NUD.NOARP;
  else if (matches(word, "vlan")) {
    if (entry.vlan !== undefined) args.garbage("vlan");
    entry.vlan = args.nextAtoi() & 0xffff;
  } else if (matches(word, "use")) entry.flags |= NTF.USE;
  else if (matches(word, "extern_learn")) entry.flags |= NTF.EXT_LEARNED;
  else if (matches(word, "sticky")) entry.flags |= NTF.STICKY;
  else {
    if (word === "to") args.next();
    if (matches(args.current, "help")) fail(session.process, 255, FDB_USAGE);
    if (entry.address !== undefined) args.garbage("to");
    entry.address = args.current;
  }
}

/** What a keyword of `flush` asks of an entry: bits that are looked at, and which of them must be set. */
interface Selection {
  readonly states?: number;
  readonly stateMask?: number;
  readonly flags?: number;
  readonly flagMask?: number;
}

const SELECTIONS: ReadonlyMap<string, Selection> = new Map([
  ["permanent", { states: NUD.PERMANENT, stateMask: NUD.PERMANENT }],
  ["nopermanent", { stateMask: NUD.PERMANENT }],
  ["static", { states: NUD.NOARP, stateMask: NUD.NOARP | NUD.PERMANENT }],
  ["nostatic", { stateMask: NUD.NOARP }],
  ["dynamic", { stateMask: NUD.NOARP | NUD.PERMANENT }],
  ["nodynamic", { states: NUD.NOARP, stateMask: NUD.NOARP }],
  ["added_by_user", { flags: NTF.USE, flagMask: NTF.USE }],
  ["noadded_by_user", { flagMask: NTF.USE }],
  ["extern_learn", { flags: NTF.EXT_LEARNED, flagMask: NTF.EXT_LEARNED }],
  ["noextern_learn", { flagMask: NTF.EXT_LEARNED }],
  ["sticky", { flags: NTF.STICKY, flagMask: NTF.STICKY }],
  ["nosticky", { flagMask: NTF.STICKY }],
  ["offloaded", { flags: NTF.OFFLOADED, flagMask: NTF.OFFLOADED }],
  ["nooffloaded", { flagMask: NTF.OFFLOADED }],
]);

export function flush(session: BridgeSession, args: Arguments): number {
  const { process, links, rtnl } = session;
  let device: string | undefined;
  let port: string | undefined;
  let vlan: number | undefined;
  let target = 0;
  let state = 0;
  let flags = 0;
  let stateMask = 0;
  let flagMask = 0;
  for (; args.left > 0; args.advance()) {
    const word = args.current;
    const selection = SELECTIONS.get(word);
    if (selection !== undefined) {
      state = (state & ~(selection.stateMask ?? 0)) | (selection.states ?? 0);
      flags = (flags & ~(selection.flagMask ?? 0)) | (selection.flags ?? 0);
      stateMask |= selection.stateMask ?? 0;
      flagMask |= selection.flagMask ?? 0;
    } else if (word === "dev") device = args.next();
    else if (word === "master") target |= NTF.MASTER;
    else if (word === "self") target |= NTF.SELF;
    else if (word === "brport") {
      if (port !== undefined) args.garbage("brport");
      port = args.next();
    } else if (word === "vlan") {
      if (vlan !== undefined) args.garbage("vlan");
      const number = args.nextAtoi();
      if (number >= 0) vlan = number;
    } else if (matches(word, "help")) fail(process, 255, FDB_USAGE);
  }
  if (device === undefined) giveUp(process, "Device is a required argument.\n", 255);
  const ifindex = links.index(device) || giveUp(process, `Cannot find bridge device "${device}"\n`, 255);
  const ndaIfindex =
    port === undefined
      ? undefined
      : links.index(port) || giveUp(process, `Cannot find bridge port device "${port}"\n`, 255);
  if (vlan !== undefined && vlan >= VLAN_LIMIT) giveUp(process, `Invalid VLAN ID "${vlan}"\n`, 255);
  const body = encodeNeighbour({
    family: AF.BRIDGE,
    ifindex,
    state,
    flags: (target === 0 ? NTF.SELF : target) | flags,
    ndaIfindex,
    vlan,
    ...(flagMask === 0 ? {} : { ndmFlagsMask: flagMask }),
    ...(stateMask === 0 ? {} : { ndmStateMask: stateMask }),
  });
  return rtnl.talk(RTM.DELNEIGH, NLM_F.BULK, body) === undefined ? 255 : 0;
}
