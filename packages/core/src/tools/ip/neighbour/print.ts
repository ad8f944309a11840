// Prints one neighbour.

import { NTF, NTF_EXT, NUD } from "../../../netlink/rtnl/neighbour.ts";
import type { NeighbourMessage } from "../../../netlink/rtnl/neighbour.ts";
import { AF } from "../../../netlink/rtnl/types.ts";
import { formatLinkAddress } from "../addresses.ts";
import { matches } from "../arguments.ts";
import { parseUnsigned } from "../numbers.ts";
import { familyColor } from "../route/hop.ts";
import type { Session } from "../session.ts";

const USER_HZ = 100;

const STATES: readonly (readonly [number, string])[] = [
  [NUD.INCOMPLETE, "INCOMPLETE"],
  [NUD.REACHABLE, "REACHABLE"],
  [NUD.STALE, "STALE"],
  [NUD.DELAY, "DELAY"],
  [NUD.PROBE, "PROBE"],
  [NUD.FAILED, "FAILED"],
  [NUD.NOARP, "NOARP"],
  [NUD.PERMANENT, "PERMANENT"],
];

/** Which states may be shortened, in the order in which they are tried. */
const STATE_WORDS: readonly (readonly [string, number, boolean])[] = [
  ["permanent", NUD.PERMANENT, true],
  ["reachable", NUD.REACHABLE, true],
  ["noarp", NUD.NOARP, false],
  ["none", NUD.NONE, false],
  ["stale", NUD.STALE, false],
  ["incomplete", NUD.INCOMPLETE, false],
  ["delay", NUD.DELAY, false],
  ["probe", NUD.PROBE, false],
  ["failed", NUD.FAILED, true],
];

/** NUD_ number of a word or of a number with one bit; undefined if it is neither. */
export function stateByName(word: string): number | undefined {
  const found = STATE_WORDS.find(([name, , shortens]) => (shortens ? matches(word, name) : word === name));
  if (found !== undefined) return found[1];
  const number = parseUnsigned(word, 0xff);
  return number === undefined || (number & (number - 1)) !== 0 ? undefined : number;
}

export interface NeighbourView {
  /** The device was asked for and need not be repeated. */
  readonly withoutDevice: boolean;
  /** RTM_DELNEIGH, or RTM_GETNEIGH from a kernel that asks for help. */
  readonly event?: "deleted" | "miss" | undefined;
}

/** An FDB entry's destination is an address of either family. */
function familyOf({ family, dst }: NeighbourMessage): number {
  if (family !== AF.BRIDGE) return family;
  return dst?.length === 16 ? AF.INET6 : AF.INET;
}

/** Three columns for -br. */
function printBrief(session: Session, neighbour: NeighbourMessage, view: NeighbourView): void {
  const { out, links } = session;
  const family = familyOf(neighbour);
  if (neighbour.dst !== undefined) {
    const text = session.host(family, neighbour.dst);
    out.fact("dst", text, `${text.padEnd(39)} `, familyColor(family));
  }
  if (!view.withoutDevice && neighbour.ifindex !== 0) {
    const device = links.name(neighbour.ifindex);
    out.fact("dev", device, `${device.padEnd(16)} `, "ifname");
  }
  if (neighbour.lladdr !== undefined) {
    const text = formatLinkAddress(neighbour.lladdr, links.type(neighbour.ifindex) ?? 0);
    out.fact("lladdr", text, text, "mac");
  }
  out.text("\n");
}

export function printNeighbour(session: Session, neighbour: NeighbourMessage, view: NeighbourView): void {
  const { out, links, options, names } = session;
  const { flags, state } = neighbour;
  out.openObject();
  if (options.brief) {
    printBrief(session, neighbour, view);
    out.closeObject();
    return;
  }
  if (view.event === "deleted") out.flag("deleted", "Deleted ");
  else if (view.event === "miss") out.fact("miss", null, "miss ");
  if (neighbour.dst !== undefined) {
    const family = familyOf(neighbour);
    const text = session.host(family, neighbour.dst);
    out.fact("dst", text, `${text} `, familyColor(family));
  }
  if (!view.withoutDevice && neighbour.ifindex !== 0) {
    const device = links.name(neighbour.ifindex);
    out.text("dev ");
    out.fact("dev", device, `${device} `, "ifname");
  }
  if (neighbour.lladdr !== undefined) {
    const text = formatLinkAddress(neighbour.lladdr, links.type(neighbour.ifindex) ?? 0);
    out.text("lladdr ");
    out.fact("lladdr", text, `${text} `, "mac");
  }
  const flag = (set: boolean, name: string): void => {
    if (set) out.fact(name, null, `${name} `);
  };
  flag((flags & NTF.ROUTER) !== 0, "router");
  flag((flags & NTF.PROXY) !== 0, "proxy");
  flag((flags & NTF.EXT_LEARNED) !== 0, "extern_learn");
  flag((flags & NTF.OFFLOADED) !== 0, "offload");
  flag(((neighbour.flagsExt ?? 0) & NTF_EXT.MANAGED) !== 0, "managed");
  if (options.stats > 0) printAges(session, neighbour);
  if (state !== 0) {
    out.openArray("state");
    for (const [bit, name] of STATES) if ((state & bit) !== 0) out.element(name, `${name} `);
    out.closeArray();
  }
  if (neighbour.protocol) {
    const protocol = names.name("protocol", neighbour.protocol);
    out.fact("protocol", protocol, `proto ${protocol} `);
  }
  out.text("\n");
  out.closeObject();
}

/** Seconds since the entry was used, confirmed and changed. */
function printAges({ out }: Session, { cacheinfo, probes }: NeighbourMessage): void {
  if (cacheinfo !== undefined) {
    const seconds = (ticks: number): number => Math.trunc(ticks / USER_HZ);
    if (cacheinfo.refcnt !== 0) out.fact("refcnt", cacheinfo.refcnt, ` ref ${cacheinfo.refcnt}`);
    out.fact("used", seconds(cacheinfo.used), ` used ${seconds(cacheinfo.used)}/`);
    out.fact("confirmed", seconds(cacheinfo.confirmed), `${seconds(cacheinfo.confirmed)}/`);
    out.fact("updated", seconds(cacheinfo.updated), `${seconds(cacheinfo.updated)}`);
  }
  if (probes !== undefined) out.fact("probes", probes, `probes ${probes} `);
}
