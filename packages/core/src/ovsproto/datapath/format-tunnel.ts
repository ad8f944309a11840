// Tunnels of a datapath's keys and set actions as text (format_odp_tun_attr of Open vSwitch's lib/odp-util.c).

import { formatFlags, formatMaskedFlags, tunnelFlagNames } from "../openflow/flags-text.ts";
import { TUNNEL_FLAG } from "../openflow/tunnel-flags.ts";
import { anyOf, tunnelFlags, tunnelTos, tunnelTtl, W, word } from "../flow/flow.ts";
import type { Flow } from "../flow/flow.ts";
import { readIpv6Words } from "../flow/ipv6-words.ts";
import { formatIpv4 } from "../../wire/ipv4-address.ts";
import { formatIpv6 } from "../../wire/ipv6-address.ts";
import { formatOptions } from "./geneve-options.ts";

/** format_u8u(), format_u8x() */
function byte(
  name: string,
  value: number,
  mask: number,
  verbose: boolean,
  text: (byte: number) => string,
): readonly string[] {
  if (mask === 0xff) return [`${name}=${text(value)}`];
  return mask === 0 && !verbose ? [] : [`${name}=${text(value)}/${hexadecimal(mask)}`];
}

/** format_odp_tun_vxlan_opt() */
function formatPolicy(policy: number, mask: number | undefined, verbose: boolean): string {
  const id = mask === undefined ? 0xffff : mask >>> 16;
  const flags = mask === undefined ? 0xff : (mask >>> 8) & 0xff;
  const fields: string[] = [];
  if (id === 0xffff) fields.push(`id=${policy >>> 16}`);
  else if (id !== 0 || verbose) fields.push(`id=${policy >>> 16}/${hexadecimal(id)}`);
  fields.push(...byte("flags", (policy >>> 8) & 0xff, flags, verbose, hexadecimal));
  return `vxlan(gbp(${fields.join(",")}))`;
}

/** format_odp_tun_erspan_opt(): of the hardware id the lower four bits, and the index with its mask whatever that is. */
function formatErspan(value: Flow, mask: Flow | undefined, verbose: boolean): string {
  const version = word(value, W.TUN_GBP_ERSPAN) & 0xff;
  const versionMask = mask ? word(mask, W.TUN_GBP_ERSPAN) & 0xff : 0xff;
  const fields = [...byte("ver", version, versionMask, verbose, String)];
  if (version === 1) {
    const index = hexadecimal(word(value, W.TUN_ERSPAN_IDX));
    fields.push(mask ? `idx=${index}/${hexadecimal(word(mask, W.TUN_ERSPAN_IDX))}` : `idx=${index}`);
  } else if (version === 2) {
    const words = word(value, W.TUN_ERSPAN_GTPU);
    const bits = mask && word(mask, W.TUN_ERSPAN_GTPU);
    const direction = bits === undefined ? 0xff : (bits >>> 24) & 1;
    const hardware = bits === undefined ? 0xff : (bits >>> 16) & 0xf;
    fields.push(...byte("dir", (words >>> 24) & 1, direction, verbose, String));
    fields.push(...byte("hwid", (words >>> 16) & 0xf, hardware, verbose, hexadecimal));
  }
  return `erspan(${fields.join(",")})`;
}

interface TextOptions {
  /** Which bits matter; undefined for an action. */
  readonly mask?: Flow;
  readonly verbose?: boolean;
}

/** `tunnel(tun_id=0x64,src=192.0.2.2,dst=192.0.2.1,flags(-df+csum+key))`. Attributes that the kernel would not send are left out. */
export function formatTunnel(value: Flow, { mask, verbose = false }: TextOptions = {}): string {
  const words: string[] = [];
  // an id is told of even if it is of no key, as that of GTP-U is (tun_key_to_attr())
  const flags = tunnelFlags(value) | (anyOf(value, W.TUN_ID, 2) ? TUNNEL_FLAG.KEY : 0);
  /** `wanted`: all bits of the field. */
  const add = (name: string, have: string, bits: string, wanted: string, none: boolean) => {
    if (mask === undefined || bits === wanted) words.push(`${name}=${have}`);
    else if (!none || verbose) words.push(`${name}=${have}/${bits}`);
  };
  if (flags & TUNNEL_FLAG.KEY) {
    const bits = mask ? longHex(mask, W.TUN_ID) : "";
    const id = longHex(value, W.TUN_ID);
    add("tun_id", id === "0" ? "0x0" : id, bits, "0xffffffffffffffff", bits === "0");
  }
  for (const [name, at] of [
    ["src", W.TUN_SRC],
    ["dst", W.TUN_DST],
  ] as const) {
    if (word(value, at) === 0) continue;
    const bits = mask ? formatIpv4(word(mask, at)) : "";
    add(name, formatIpv4(word(value, at)), bits, "255.255.255.255", bits === "0.0.0.0");
  }
  for (const [name, at] of [
    ["ipv6_src", W.TUN_IPV6_SRC],
    ["ipv6_dst", W.TUN_IPV6_DST],
  ] as const) {
    if (!anyOf(value, at, 4)) continue;
    const bits = mask ? formatIpv6(readIpv6Words(mask, at)) : "";
    add(
      name,
      formatIpv6(readIpv6Words(value, at)),
      bits,
      "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
      bits === "::",
    );
  }
  const small = (name: string, have: number, bits: number, text: (byte: number) => string) =>
    add(name, text(have), hexadecimal(bits), "0xff", bits === 0);
  if (tunnelTos(value) !== 0) small("tos", tunnelTos(value), mask ? tunnelTos(mask) : 0xff, hexadecimal);
  small("ttl", tunnelTtl(value), mask ? tunnelTtl(mask) : 0xff, String);
  const ports = word(value, W.TUN_TP);
  const portBits = mask ? word(mask, W.TUN_TP) : 0xffff_ffff;
  for (const [name, shift] of [
    ["tp_src", 16],
    ["tp_dst", 0],
  ] as const) {
    const bits = (portBits >>> shift) & 0xffff;
    const port = (ports >>> shift) & 0xffff;
    if (port !== 0) add(name, String(port), hexadecimal(bits), "0xffff", bits === 0);
  }
  const policy = word(value, W.TUN_GBP_ERSPAN);
  if (policy >>> 8 !== 0) words.push(formatPolicy(policy, mask && word(mask, W.TUN_GBP_ERSPAN), verbose));
  if ((policy & 0xff) !== 0) words.push(formatErspan(value, mask, verbose));
  const gtpu = word(value, W.TUN_ERSPAN_GTPU) & 0xffff;
  if (gtpu !== 0) {
    const bits = mask && word(mask, W.TUN_ERSPAN_GTPU);
    const fields = [
      ...byte("flags", gtpu >>> 8, bits === undefined ? 0xff : (bits >>> 8) & 0xff, verbose, hexadecimal),
      ...byte("msgtype", gtpu & 0xff, bits === undefined ? 0xff : bits & 0xff, verbose, String),
    ];
    words.push(`gtpu(${fields.join(",")})`);
  }
  const options = formatOptions(value, mask);
  if (options !== undefined) words.push(options);
  if (mask === undefined) words.push(`flags(${formatFlags(tunnelFlagNames, flags)})`);
  else {
    // that there is a key is told by the attribute of the key, not by its mask
    const bits = (tunnelFlags(mask) & ~TUNNEL_FLAG.KEY) | (flags & TUNNEL_FLAG.KEY);
    const both = { value: BigInt(flags), mask: BigInt(bits) };
    words.push(`flags(${formatMaskedFlags(tunnelFlagNames, both, TUNNEL_FLAG.ALL)})`);
  }
  return `tunnel(${words.join(",")})`;
}

function hexadecimal(value: number): string {
  return value === 0 ? "0" : `0x${value.toString(16)}`;
}

/** 64 bits. */
function longHex(flow: Flow, at: number): string {
  const value = (BigInt(word(flow, at)) << 32n) | BigInt(word(flow, at + 1));
  return value === 0n ? "0" : `0x${value.toString(16)}`;
}
