// A key as the attributes that somebody has given, in their order, with all fields: what a warning about a refused request
// shows (log_flow_message of Open vSwitch's lib/dpif.c). Keys of flows that are there: format-key.ts.

import { W, word } from "../flow/flow.ts";
import type { Flow } from "../flow/flow.ts";
import { exactRow } from "./key-attributes.ts";
import { conntrackText, formatGroup, formatTag, masked } from "./format-key.ts";
import { formatTunnel } from "./format-tunnel.ts";
import type { ParsedKey } from "./parse-flow.ts";

const SCALARS: Readonly<Record<string, number>> = {
  recirc_id: W.RECIRC_ID,
  dp_hash: W.DP_HASH,
  skb_priority: W.SKB_PRIORITY,
  skb_mark: W.PKT_MARK,
  in_port: W.IN_PORT,
};
const GROUPS = [
  "eth",
  "ipv4",
  "ipv6",
  "tcp",
  "udp",
  "sctp",
  "icmp",
  "icmpv6",
  "arp",
  "nd",
  "nsh",
  "mpls",
] as const;
/** What stands before the EtherType, however it was given. */
const OUTSIDE: ReadonlySet<string> = new Set([...Object.keys(SCALARS), "tunnel", "eth"]);

function attribute(name: string, key: Flow, mask: Flow): string {
  const place = SCALARS[name];
  if (name === "in_port") return `in_port(${word(key, W.IN_PORT)})`;
  if (place !== undefined) return `${name}(${masked(key, mask, place)})`;
  if (name === "tunnel") return formatTunnel(key, { mask, verbose: true });
  if (name.startsWith("ct_"))
    return conntrackText(key, mask, true).find((each) => each.startsWith(`${name}(`)) ?? "";
  const group = GROUPS.find((each) => each === name);
  return group === undefined ? "" : formatGroup(group, key, mask, true);
}

/** `exact`: of a request without a mask. Nothing at all is "<empty>". */
export function formatAttributes(parsed: ParsedKey, exact: boolean): string {
  const { key, present, tags } = parsed;
  const mask = exact ? exactRow(parsed) : parsed.mask;
  const names = [...present].filter((name) => !["eth_type", "vlan", "encap"].includes(name));
  const isOutside = (name: string): boolean => OUTSIDE.has(name) || name.startsWith("ct_");
  const texts = (wanted: boolean): string[] =>
    names
      .filter((name) => isOutside(name) === wanted)
      .map((name) => attribute(name, key, mask))
      .filter((text) => text !== "");
  const etherType = (type: number): string => `eth_type(0x${type.toString(16).padStart(4, "0")})`;
  let inside = [...(present.has("eth_type") ? [etherType(word(key, W.ETH_TYPE))] : []), ...texts(false)];
  for (let at = W.VLAN + tags - 1; at >= W.VLAN; at--) {
    const [tag, bits] = [word(key, at), word(mask, at)];
    inside = [etherType(tag >>> 16), formatTag(tag, bits, true), `encap(${inside.join(",")})`];
  }
  return [...texts(true), ...inside].join(",") || "<empty>";
}
