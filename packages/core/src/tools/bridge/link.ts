// `bridge link`: ports, their states and flags.

import { BRIDGE_FLAGS } from "../../netlink/rtnl/bridge-vlan.ts";
import type { LinkMessage } from "../../netlink/rtnl/link.ts";
import { encodeLink } from "../../netlink/rtnl/link.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { BridgePortData } from "../../links/bridge/netlink.ts";
import { decodeBridgePortData, encodeBridgePortData } from "../../links/bridge/netlink.ts";
import { fail, giveUp, matches, switchValue } from "../ip/arguments.ts";
import type { Arguments } from "../ip/arguments.ts";
import { decodeLinks } from "../ip/link-cache.ts";
import { printFlags } from "../ip/link/flags.ts";
import { printName } from "../ip/link/print.ts";
import { atoi, leadingNumber } from "../ip/numbers.ts";
import type { Output } from "../ip/output.ts";
import type { Session } from "../ip/session.ts";
import type { BridgeSession } from "./bridge.ts";
import { dump } from "./dump.ts";
import { printState, stateByName } from "./states.ts";

const USAGE = `Usage: bridge link set dev DEV [ cost COST ] [ priority PRIO ] [ state STATE ]
                               [ guard {on | off} ]
                               [ hairpin {on | off} ]
                               [ fastleave {on | off} ]
                               [ root_block {on | off} ]
                               [ learning {on | off} ]
                               [ learning_sync {on | off} ]
                               [ flood {on | off} ]
                               [ mcast_router MULTICAST_ROUTER ]
                               [ mcast_flood {on | off} ]
                               [ bcast_flood {on | off} ]
                               [ mcast_to_unicast {on | off} ]
                               [ neigh_suppress {on | off} ]
                               [ vlan_tunnel {on | off} ]
                               [ isolated {on | off} ]
                               [ locked {on | off} ]
                               [ hwmode {vepa | veb} ]
                               [ backup_port DEVICE ] [ nobackup_port ]
                               [ self ] [ master ]
       bridge link show [dev DEV]
`;

/** EINVAL as an exit code: what a wrong on/off ends with. */
const WRONG_SWITCH = 234;
const HARDWARE_MODES = ["VEB", "VEPA"] as const;

/** Members of BridgePortData that are numbers. */
type NumberOption = {
  [K in keyof BridgePortData]-?: Exclude<BridgePortData[K], undefined> extends number ? K : never;
}[keyof BridgePortData];

/** Switches by keyword, spelled out. */
const SWITCHES: ReadonlyMap<string, NumberOption> = new Map([
  ["guard", "guard"],
  ["hairpin", "mode"],
  ["fastleave", "fastLeave"],
  ["root_block", "protect"],
  ["learning", "learning"],
  ["learning_sync", "learningSync"],
  ["flood", "unicastFlood"],
  ["mcast_flood", "mcastFlood"],
  ["bcast_flood", "bcastFlood"],
  ["mcast_to_unicast", "mcastToUcast"],
  ["neigh_suppress", "neighSuppress"],
  ["vlan_tunnel", "vlanTunnel"],
  ["isolated", "isolated"],
  ["locked", "locked"],
]);

export function link(session: BridgeSession, args: Arguments): number {
  const { process } = session;
  if (args.left === 0) return show(session, args);
  const word = args.current;
  args.advance();
  if (matches(word, "set") || matches(word, "change")) return set(session, args);
  if (matches(word, "show") || matches(word, "lst") || matches(word, "list")) return show(session, args);
  if (matches(word, "help")) return fail(process, 255, USAGE);
  return fail(process, 255, `Command "${word}" is unknown, try "bridge link help".\n`);
}

/** Number of a device that a listing is limited to; 0 for none. */
export function filterIndex(session: Session, name: string | undefined): number {
  if (name === undefined) return 0;
  return session.links.index(name) || giveUp(session.process, `Cannot find device "${name}"\n`, 255);
}

function show(session: BridgeSession, args: Arguments): number {
  let device: string | undefined;
  for (; args.left > 0; args.advance()) {
    if (args.current !== "dev") continue;
    args.next();
    if (device !== undefined) args.duplicate("dev");
    device = args.current;
  }
  const only = filterIndex(session, device);
  const messages = dump(session, RTM.GETLINK, encodeLink({ family: AF.BRIDGE }));
  if (messages === undefined) return 1;
  const { out } = session;
  out.begin();
  for (const each of decodeLinks(messages)) {
    if (only === 0 || each.index === only) printPort(session, each, false);
  }
  out.end();
  return 0;
}

/** One port, or in a notification any link. */
export function printPort(session: Session, message: LinkMessage, deleted: boolean): void {
  const { out, links } = session;
  out.openObject();
  if (deleted) out.flag("deleted", "Deleted ");
  out.fact("ifindex", message.index, `${message.index}: `);
  const lowerDown = printName(session, message, (name) => `${name}: `);
  printFlags(out, message.flags, lowerDown);
  if (message.mtu !== undefined) out.fact("mtu", message.mtu, `mtu ${message.mtu} `);
  if (message.master !== undefined) {
    const master = links.name(message.master);
    out.fact("master", master, `master ${master} `);
  }
  if (message.protinfo !== undefined) printProtinfo(session, message.protinfo);
  const mode = message.bridge?.mode;
  if (mode !== undefined) {
    const name = HARDWARE_MODES[mode];
    if (name === undefined) out.fact("hwmode", `0x${mode.toString(16)}`, `hwmode 0x${mode.toString(16)} `);
    else out.fact("hwmode", name, `hwmode ${name} `);
  }
  out.text("\n");
  out.closeObject();
}

function printProtinfo(session: Session, protinfo: Uint8Array): void {
  const { out, options } = session;
  const data = decodeBridgePortData(protinfo);
  if (isMalformed(data)) return;
  if (data.state !== undefined) printState(out, data.state);
  if (data.priority !== undefined) out.fact("priority", data.priority, `priority ${data.priority} `);
  if (data.cost !== undefined) out.fact("cost", data.cost, `cost ${data.cost} `);
  if (options.details === 0) return;
  out.text(`${out.lineEnd}    `);
  const before = ["hairpin", "guard", "root_block", "fastleave", "learning", "learning_sync", "flood"];
  for (const key of [...before, "mcast_flood", "bcast_flood"]) printSwitch(out, data, key);
  const { multicastRouter, backupPort } = data;
  if (multicastRouter !== undefined) {
    out.fact("mcast_router", multicastRouter, `mcast_router ${multicastRouter} `);
  }
  for (const key of ["mcast_to_unicast", "neigh_suppress", "vlan_tunnel"]) printSwitch(out, data, key);
  if (backupPort !== undefined) {
    const name = session.links.name(backupPort);
    out.fact("backup_port", name, `backup_port ${name} `);
  }
  for (const key of ["isolated", "locked"]) printSwitch(out, data, key);
}

function printSwitch(out: Output, data: BridgePortData, key: string): void {
  const option = SWITCHES.get(key);
  const value = option && data[option];
  if (value !== undefined) out.fact(key, value !== 0, `${key} ${value !== 0 ? "on" : "off"} `);
}

/** What a `set` collects. */
interface Settings {
  device: string | undefined;
  flags: number;
  mode: number | undefined;
  data: { -readonly [K in keyof BridgePortData]: BridgePortData[K] };
}

function set(session: BridgeSession, args: Arguments): number {
  const { process, rtnl, links } = session;
  const settings: Settings = { device: undefined, flags: 0, mode: undefined, data: {} };
  for (; args.left > 0; args.advance()) parseSetting(session, args, settings);
  const { device, flags, mode, data } = settings;
  if (device === undefined) giveUp(process, "Device is a required argument.\n", 255);
  const index = links.index(device) || giveUp(process, `Cannot find bridge device "${device}"\n`, 255);
  const body = encodeLink({
    family: AF.BRIDGE,
    index,
    protinfo: encodeBridgePortData(data),
    bridge: mode !== undefined || flags !== 0 ? { mode, flags: flags === 0 ? undefined : flags } : undefined,
  });
  return rtnl.talk(RTM.SETLINK, 0, body) === undefined ? 255 : 0;
}

function parseSetting(session: BridgeSession, args: Arguments, settings: Settings): void {
  const { process } = session;
  const { data } = settings;
  const word = args.current;
  const option = SWITCHES.get(word);
  if (option !== undefined) {
    data[option] = onOff(session, args, word);
    return;
  }
  switch (word) {
    case "dev":
      settings.device = args.next();
      break;
    case "mcast_router":
      data.multicastRouter = args.nextAtoi();
      break;
    case "cost": {
      const cost = args.nextAtoi();
      if (cost > 0) data.cost = cost;
      break;
    }
    case "priority": {
      const priority = args.nextAtoi();
      if (priority >= 0) data.priority = priority & 0xffff;
      break;
    }
    case "state":
      data.state = portState(session, args.next());
      break;
    case "hwmode": {
      const mode = args.next();
      settings.flags = BRIDGE_FLAGS.SELF;
      if (mode !== "vepa" && mode !== "veb") {
        giveUp(process, 'Mode argument must be "vepa" or "veb".\n', 255);
      }
      settings.mode = mode === "vepa" ? 1 : 0;
      break;
    }
    case "self":
      settings.flags |= BRIDGE_FLAGS.SELF;
      break;
    case "master":
      settings.flags |= BRIDGE_FLAGS.MASTER;
      break;
    case "backup_port": {
      const name = args.next();
      data.backupPort =
        session.links.index(name) || giveUp(process, `Error: device ${name} does not exist\n`, 255);
      break;
    }
    case "nobackup_port":
      data.backupPort = 0;
      break;
    default:
      fail(process, 255, USAGE);
  }
}

function onOff({ process }: Session, args: Arguments, key: string): number {
  const word = args.next();
  const value = switchValue(word);
  if (value !== undefined) return value ? 1 : 0;
  return giveUp(
    process,
    `Error: argument of "${key}" must be one of "off", "on", not "${word}"\n`,
    WRONG_SWITCH,
  );
}

function portState({ process }: Session, word: string): number {
  const number = leadingNumber(word, 10);
  if (number?.rest === "") return atoi(word) & 0xff;
  return stateByName(word) ?? giveUp(process, "Error: invalid STP port state\n", 255);
}
