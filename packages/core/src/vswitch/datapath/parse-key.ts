// Reads the key of a datapath flow from text, as odp_flow_from_string of Open vSwitch's lib/odp-util.c does: for ofproto/trace
// and dpctl. Masks are read over: an exact key is wanted.

import { tunnelFlagNames } from "../../ovsproto/openflow/flags-text.ts";
import { parseIpv4 } from "../../wire/ipv4-address.ts";
import { parseIpv6, ipv6ToBytes } from "../../wire/ipv6-address.ts";
import { readU32BE } from "../../wire/bytes.ts";
import { parseMac } from "../../wire/mac.ts";
import { newFlow, setMacAt, setNwProto, setNwTos, setNwTtl, W, word } from "../flow/flow.ts";
import type { Flow } from "../flow/flow.ts";
import { parseOptions, storeOptions } from "./geneve-options.ts";
import { writeIpv6Words } from "./tunnel-key.ts";

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
    case "tunnel":
      return tunnel(key, inside);
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

/** `tun_id=0x64,src=192.0.2.2,dst=192.0.2.1,tos=0x0,ttl=64,tp_dst=4789,flags(csum|key)` */
function tunnel(key: Flow, inside: string): boolean {
  const flagsText = /flags\(([^)]*)\)/.exec(inside)?.[1] ?? "";
  let flags = 0;
  for (const name of flagsText.split(/[|,]|(?=[+-])/)) {
    const bit = TUNNEL_FLAGS.get(name.replace(/^[+-]/, ""));
    if (bit !== undefined && !name.startsWith("-")) flags |= bit;
    else if (bit === undefined && name !== "" && name !== "0") return false;
  }
  const options = /geneve\(([^)]*)\)/.exec(inside)?.[1];
  if (options !== undefined) {
    const bytes = parseOptions(options);
    if (!bytes) return false;
    storeOptions(key, bytes);
  }
  let tos = 0;
  let ttl = 0;
  let ports = 0;
  for (const pair of inside.replace(/,?(flags|vxlan|geneve)\([^)]*\)+/g, "").split(",")) {
    const [name = "", given = ""] = pair.trim().split("=");
    const value = given.split("/")[0] ?? "";
    switch (name) {
      case "tun_id": {
        if (!/^(0x[0-9a-f]+|[0-9]+)$/i.test(value)) return false;
        const id = BigInt(value);
        key[W.TUN_ID] = Number(id >> 32n);
        key[W.TUN_ID + 1] = Number(id & 0xffff_ffffn);
        break;
      }
      case "src":
      case "dst": {
        const address = parseIpv4(value);
        if (address === undefined) return false;
        key[name === "src" ? W.TUN_SRC : W.TUN_DST] = address;
        break;
      }
      case "ipv6_src":
      case "ipv6_dst": {
        const address = parseIpv6(value);
        if (address === undefined) return false;
        writeIpv6Words(key, name === "ipv6_src" ? W.TUN_IPV6_SRC : W.TUN_IPV6_DST, address);
        break;
      }
      case "tos":
        tos = Number(value) & 0xff;
        break;
      case "ttl":
        ttl = Number(value) & 0xff;
        break;
      case "tp_src":
        ports += Number(value) * 0x1_0000;
        break;
      case "tp_dst":
        ports += Number(value);
        break;
      case "":
        break;
      default:
        return false;
    }
  }
  key[W.TUN_FLAGS_TOS_TTL] = ((flags << 16) | (tos << 8) | ttl) >>> 0;
  key[W.TUN_TP] = ports >>> 0;
  return true;
}

const TUNNEL_FLAGS: ReadonlyMap<string, number> = new Map(
  [...tunnelFlagNames.names].map(([bit, name]) => [name, bit]),
);
