// Tunnels in a datapath's keys (struct ip_tunnel_key, net/openvswitch/flow_netlink.c): what a tunnel device tells of a packet as
// words of the key, what a set(tunnel(...)) action tells a tunnel device, and both as text (format_odp_tun_attr of Open
// vSwitch's lib/odp-util.c).

import type { TunnelMetadata } from "../../kernel/device-vport.ts";
import { formatFlags, formatMaskedFlags, tunnelFlagNames } from "../../ovsproto/openflow/flags-text.ts";
import { TUNNEL_FLAG } from "../../ovsproto/openflow/tunnel-flags.ts";
import { readU32BE, writeU32BE } from "../../wire/bytes.ts";
import { formatIpv4 } from "../../wire/ipv4-address.ts";
import { formatIpv6, ipv6ToBytes, readIpv6Address } from "../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import { formatOptions, optionsOf, storeOptions } from "./geneve-options.ts";
import { tunnelFlags, tunnelTos, tunnelTtl, W, word } from "../../ovsproto/flow/flow.ts";
import type { Flow } from "../../ovsproto/flow/flow.ts";

export function readIpv6Words(flow: Flow, at: number): Ipv6Address {
  const bytes = new Uint8Array(16);
  for (let i = 0; i < 4; i++) writeU32BE(bytes, 4 * i, word(flow, at + i));
  return readIpv6Address(bytes, 0);
}

export function writeIpv6Words(flow: Flow, at: number, address: Ipv6Address): void {
  const bytes = ipv6ToBytes(address);
  for (let i = 0; i < 4; i++) flow[at + i] = readU32BE(bytes, 4 * i);
}

/** Sets the tunnel words of a key, which are zero, from what came with a packet (ip_tun_from_nlattr's opposite). */
export function fillTunnelKey(key: Flow, tunnel: TunnelMetadata): void {
  const { id, source, destination } = tunnel;
  if (id !== undefined) {
    key[W.TUN_ID] = Math.floor(id / 0x1_0000_0000);
    key[W.TUN_ID + 1] = id % 0x1_0000_0000;
  }
  if (typeof source === "number") key[W.TUN_SRC] = source;
  else writeIpv6Words(key, W.TUN_IPV6_SRC, source);
  if (typeof destination === "number") key[W.TUN_DST] = destination;
  else writeIpv6Words(key, W.TUN_IPV6_DST, destination);
  const flags =
    (id === undefined ? 0 : TUNNEL_FLAG.KEY) |
    (tunnel.checksum ? TUNNEL_FLAG.CSUM : 0) |
    (tunnel.dontFragment ? TUNNEL_FLAG.DF : 0) |
    (tunnel.oam === true ? TUNNEL_FLAG.OAM : 0);
  key[W.TUN_FLAGS_TOS_TTL] = ((flags << 16) | (tunnel.tos << 8) | tunnel.ttl) >>> 0;
  key[W.TUN_TP] = ((tunnel.sourcePort << 16) | tunnel.destinationPort) >>> 0;
  if (tunnel.options) storeOptions(key, tunnel.options);
  const policy = tunnel.groupPolicy ?? 0; // flags above the id
  key[W.TUN_GBP_ERSPAN] = (((policy & 0xffff) << 16) | (((policy >>> 16) & 0xff) << 8)) >>> 0;
}

/** What the words of a set(tunnel(...)) action tell the device that the packet goes to. */
export function tunnelInstructions(key: Flow): TunnelMetadata {
  const flags = tunnelFlags(key);
  const ports = word(key, W.TUN_TP);
  const v4 = word(key, W.TUN_DST) !== 0;
  const policy = word(key, W.TUN_GBP_ERSPAN);
  const options = optionsOf(key);
  return {
    ...(options.length > 0 ? { options } : {}),
    direction: "transmit",
    id: flags & TUNNEL_FLAG.KEY ? word(key, W.TUN_ID) * 0x1_0000_0000 + word(key, W.TUN_ID + 1) : undefined,
    source: v4 ? word(key, W.TUN_SRC) : readIpv6Words(key, W.TUN_IPV6_SRC),
    destination: v4 ? word(key, W.TUN_DST) : readIpv6Words(key, W.TUN_IPV6_DST),
    tos: tunnelTos(key),
    ttl: tunnelTtl(key),
    sourcePort: ports >>> 16,
    destinationPort: ports & 0xffff,
    checksum: (flags & TUNNEL_FLAG.CSUM) !== 0,
    dontFragment: (flags & TUNNEL_FLAG.DF) !== 0,
    oam: (flags & TUNNEL_FLAG.OAM) !== 0,
    groupPolicy: (policy >>> 16) | (((policy >>> 8) & 0xff) << 16),
  };
}

function anyOf(flow: Flow, at: number, count: number): boolean {
  for (let i = at; i < at + count; i++) if (flow[i] !== 0) return true;
  return false;
}

interface TextOptions {
  /** Which bits matter; undefined for an action. */
  readonly mask?: Flow;
  readonly verbose?: boolean;
}

/** `tunnel(tun_id=0x64,src=192.0.2.2,dst=192.0.2.1,flags(-df+csum+key))`. Attributes that the kernel would not send are left out. */
export function formatTunnel(value: Flow, { mask, verbose = false }: TextOptions = {}): string {
  const words: string[] = [];
  const flags = tunnelFlags(value);
  /** `wanted`: all bits of the field. */
  const add = (name: string, have: string, bits: string, wanted: string, none: boolean) => {
    if (mask === undefined || bits === wanted) words.push(`${name}=${have}`);
    else if (!none || verbose) words.push(`${name}=${have}/${bits}`);
  };
  if (flags & TUNNEL_FLAG.KEY) {
    const bits = mask ? longHex(mask, W.TUN_ID) : "";
    add("tun_id", longHex(value, W.TUN_ID), bits, "0xffffffffffffffff", bits === "0");
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
  if (ports >>> 16 !== 0) words.push(`tp_src=${ports >>> 16}`);
  if ((ports & 0xffff) !== 0) words.push(`tp_dst=${ports & 0xffff}`);
  const policy = word(value, W.TUN_GBP_ERSPAN);
  if (policy >>> 8 !== 0) {
    words.push(`vxlan(gbp(id=${policy >>> 16},flags=${hexadecimal((policy >>> 8) & 0xff)}))`);
  }
  const version = policy & 0xff;
  if (version === 1) words.push(`erspan(ver=1,idx=${hexadecimal(word(value, W.TUN_ERSPAN_IDX))})`);
  const erspan = word(value, W.TUN_ERSPAN_GTPU);
  if (version === 2)
    words.push(`erspan(ver=2,dir=${erspan >>> 24},hwid=${hexadecimal((erspan >>> 16) & 0xff)})`);
  if ((erspan & 0xffff) !== 0) {
    words.push(`gtpu(flags=${hexadecimal((erspan >>> 8) & 0xff)},msgtype=${erspan & 0xff})`);
  }
  const options = formatOptions(value, mask);
  if (options !== undefined) words.push(options);
  words.push(
    mask === undefined
      ? `flags(${formatFlags(tunnelFlagNames, flags)})`
      : `flags(${formatMaskedFlags(tunnelFlagNames, { value: BigInt(flags), mask: BigInt(tunnelFlags(mask)) }, TUNNEL_FLAG.ALL)})`,
  );
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
