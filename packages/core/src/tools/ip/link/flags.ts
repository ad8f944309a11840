// Device flags and states in words.

import { IFF } from "../../../netlink/rtnl/link-constants.ts";
import { hex } from "../numbers.ts";
import type { Color, Output } from "../output.ts";

/** Flags in the order in which they are printed. */
const NAMES: readonly (readonly [number, string])[] = [
  [IFF.LOOPBACK, "LOOPBACK"],
  [IFF.BROADCAST, "BROADCAST"],
  [IFF.POINTOPOINT, "POINTOPOINT"],
  [IFF.MULTICAST, "MULTICAST"],
  [IFF.NOARP, "NOARP"],
  [IFF.ALLMULTI, "ALLMULTI"],
  [IFF.PROMISC, "PROMISC"],
  [IFF.MASTER, "MASTER"],
  [IFF.SLAVE, "SLAVE"],
  [IFF.DEBUG, "DEBUG"],
  [IFF.DYNAMIC, "DYNAMIC"],
  [IFF.AUTOMEDIA, "AUTOMEDIA"],
  [IFF.PORTSEL, "PORTSEL"],
  [IFF.NOTRAILERS, "NOTRAILERS"],
  [IFF.UP, "UP"],
  [IFF.LOWER_UP, "LOWER_UP"],
  [IFF.DORMANT, "DORMANT"],
  [IFF.ECHO, "ECHO"],
];

/** `<BROADCAST,...> `. `lowerDown`: the device below is down (M-DOWN). */
export function printFlags(out: Output, flags: number, lowerDown: boolean): void {
  out.openArray("flags", "<");
  let left = flags;
  const words: string[] = [];
  if ((left & IFF.UP) !== 0 && (left & IFF.RUNNING) === 0) words.push("NO-CARRIER");
  left &= ~IFF.RUNNING;
  for (const [flag, name] of NAMES) {
    if ((left & flag) !== 0) words.push(name);
    left &= ~flag;
  }
  if (left !== 0) words.push(hex(left));
  if (lowerDown) words.push("M-DOWN");
  // M-DOWN comes with its comma even where it is alone.
  const comma = (index: number): string => (index > 0 || words[index] === "M-DOWN" ? "," : "");
  for (const [index, word] of words.entries()) out.element(word, `${comma(index)}${word}`);
  out.closeArray("> ");
}

const OPERSTATES = ["UNKNOWN", "NOTPRESENT", "DOWN", "LOWERLAYERDOWN", "TESTING", "DORMANT", "UP"] as const;

/** RFC 2863 state; `brief` as a column. */
export function printOperstate(out: Output, state: number, brief: boolean): void {
  const name = OPERSTATES[state];
  if (name === undefined) {
    out.fact("operstate_index", state, `state ${state === 0 ? "0" : `0x${hex(state)}`}`);
    return;
  }
  const color: Color | undefined = name === "UP" ? "up" : name === "DOWN" ? "down" : undefined;
  if (!brief) out.text("state ");
  out.fact("operstate", name, brief ? `${name.padEnd(14)} ` : `${name} `, color);
}

/** Number of a state as it is typed; undefined if there is none of that name. */
export function operstateByName(text: string): number | undefined {
  const index = OPERSTATES.findIndex((name) => name.toLowerCase() === text.toLowerCase());
  return index < 0 ? undefined : index;
}

const LINK_MODES = ["DEFAULT", "DORMANT"] as const;

export function printLinkMode(out: Output, mode: number): void {
  const name = LINK_MODES[mode];
  if (name === undefined) out.fact("linkmode_index", mode, `mode ${mode} `);
  else out.fact("linkmode", name, `mode ${name} `);
}

export function linkModeByName(text: string): number | undefined {
  const index = LINK_MODES.findIndex((name) => name.toLowerCase() === text.toLowerCase());
  return index < 0 ? undefined : index;
}

const EVENTS = [
  "NONE",
  "REBOOT",
  "FEATURE CHANGE",
  "BONDING FAILOVER",
  "NOTIFY PEERS",
  "RESEND IGMP",
  "BONDING OPTION",
] as const;

/** Why a notification was sent (IFLA_EVENT). */
export function printEvent(out: Output, event: number): void {
  const name = EVENTS[event];
  if (name === undefined) out.fact("event", event, `event ${event} `);
  else if (event !== 0) out.fact("event", name, `event ${name} `);
}

const ADDR_GEN_MODES = ["eui64", "none", "stable_secret", "random"] as const;

export function addrGenModeName(mode: number): string {
  return ADDR_GEN_MODES[mode] ?? `0x${hex(mode)}`;
}

export function addrGenModeByName(text: string): number | undefined {
  const index = ADDR_GEN_MODES.findIndex((name) => name === text.toLowerCase());
  return index < 0 ? undefined : index;
}
