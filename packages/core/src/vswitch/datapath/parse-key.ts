// Reads the key of a datapath flow from text, as odp_flow_from_string of Open vSwitch's lib/odp-util.c does: for ofproto/trace
// and dpctl. Masks are read over: an exact key is wanted.

import { parseIpv4 } from "../../wire/ipv4-address.ts";
import { parseIpv6, ipv6ToBytes } from "../../wire/ipv6-address.ts";
import { readU32BE } from "../../wire/bytes.ts";
import { parseMac } from "../../wire/mac.ts";
import { newFlow, setMacAt, setNwProto, setNwTos, setNwTtl, W, word } from "../flow/flow.ts";
import type { Flow } from "../flow/flow.ts";

/** The key, or the error as the original words it. */
export function parseKey(text: string, portNamed: (name: string) => number | undefined): Flow | string {
  const key = newFlow();
  const reader = { tags: 0 };
  let rest = text.trim();
  if (rest === "") return "syntax error at";
  while (rest !== "") {
    const match = /^([a-z0-9_]+)\(/.exec(rest);
    if (!match) return `syntax error at ${rest}`;
    const name = match[1] as string;
    const end = closing(rest, match[0].length);
    if (end < 0) return `syntax error at ${rest}`;
    const inside = rest.slice(match[0].length, end);
    if (name === "encap") {
      rest = `${inside}${rest.slice(end + 1)}`;
      continue;
    }
    if (!attribute(key, name, inside, portNamed, reader)) return `syntax error at ${rest}`;
    rest = rest.slice(end + 1).replace(/^[,\s]+/, "");
  }
  return key;
}

/** Index of the parenthesis that closes the one before `from`. */
function closing(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    if (text[at] === "(") depth++;
    else if (text[at] === ")" && --depth === 0) return at;
  }
  return -1;
}

function attribute(
  key: Flow,
  name: string,
  inside: string,
  portNamed: (name: string) => number | undefined,
  reader: { tags: number },
): boolean {
  const values = new Map(
    inside.split(",").map((pair) => {
      const equals = pair.indexOf("=");
      return [pair.slice(0, equals).trim(), pair.slice(equals + 1).split("/")[0] ?? ""] as const;
    }),
  );
  const number = Number((inside.split("/")[0] ?? "").trim());
  const field = (word_: string) => Number(values.get(word_) ?? 0);
  const address = (word_: string, at: number) => {
    key[at] = parseIpv4(values.get(word_) ?? "0.0.0.0") ?? 0;
  };
  const long = (word_: string, at: number) => {
    const parsed = parseIpv6(values.get(word_) ?? "::");
    if (parsed === undefined) return;
    const bytes = ipv6ToBytes(parsed);
    for (let i = 0; i < 4; i++) key[at + i] = readU32BE(bytes, 4 * i);
  };
  switch (name) {
    case "recirc_id":
      key[W.RECIRC_ID] = number;
      return true;
    case "dp_hash":
      key[W.DP_HASH] = number;
      return true;
    case "skb_priority":
      key[W.SKB_PRIORITY] = number;
      return true;
    case "skb_mark":
      key[W.PKT_MARK] = number;
      return true;
    case "in_port": {
      const port = Number.isInteger(number) && inside !== "" ? number : portNamed(inside.trim());
      if (port === undefined) return false;
      key[W.IN_PORT] = port;
      return true;
    }
    case "eth":
      setMacAt(key, W.ETH_SRC, parseMac(values.get("src") ?? "") ?? 0);
      setMacAt(key, W.ETH_DST, parseMac(values.get("dst") ?? "") ?? 0);
      return true;
    case "eth_type":
      key[W.ETH_TYPE] = number;
      return true;
    case "vlan": {
      const tpid = word(key, W.ETH_TYPE) || 0x8100;
      key[W.VLAN + reader.tags] = (tpid * 0x1_0000 + ((field("pcp") << 13) | 0x1000 | field("vid"))) >>> 0;
      reader.tags++;
      key[W.ETH_TYPE] = 0;
      return true;
    }
    case "ipv4":
    case "ipv6":
      if (name === "ipv4") {
        address("src", W.NW_SRC);
        address("dst", W.NW_DST);
      } else {
        long("src", W.IPV6_SRC);
        long("dst", W.IPV6_DST);
        key[W.IPV6_LABEL] = field("label");
      }
      setNwProto(key, field("proto"));
      setNwTos(key, field(name === "ipv4" ? "tos" : "tclass"));
      setNwTtl(key, field(name === "ipv4" ? "ttl" : "hlimit"));
      key[W.NW] =
        word(key, W.NW) | (({ first: 1, later: 3 } as Record<string, number>)[values.get("frag") ?? ""] ?? 0);
      return true;
    case "tcp":
    case "udp":
    case "sctp":
      key[W.TP] = (field("src") * 0x1_0000 + field("dst")) >>> 0;
      return true;
    case "icmp":
    case "icmpv6":
      key[W.TP] = (field("type") * 0x1_0000 + field("code")) >>> 0;
      return true;
    case "tcp_flags":
      key[W.TCP_FLAGS] = (number * 0x1_0000) >>> 0;
      return true;
    case "arp":
      address("sip", W.NW_SRC);
      address("tip", W.NW_DST);
      setNwProto(key, field("op"));
      setMacAt(key, W.ARP_SHA, parseMac(values.get("sha") ?? "") ?? 0);
      setMacAt(key, W.ARP_THA, parseMac(values.get("tha") ?? "") ?? 0);
      return true;
    case "nd":
      long("target", W.ND_TARGET);
      setMacAt(key, W.ARP_SHA, parseMac(values.get("sll") ?? "") ?? 0);
      setMacAt(key, W.ARP_THA, parseMac(values.get("tll") ?? "") ?? 0);
      return true;
    case "mpls":
      key[W.MPLS_LSE] =
        ((field("label") << 12) | (field("tc") << 9) | (field("bos") << 8) | field("ttl")) >>> 0;
      return true;
    case "ct_state":
    case "ct_zone":
    case "ct_mark":
    case "ct_label":
      return true;
    default:
      return false;
  }
}
