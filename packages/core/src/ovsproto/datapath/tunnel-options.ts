// Options of a tunnel's interface (set_tunnel_config and get_tunnel_config of Open vSwitch's lib/netdev-vport.c;
// ovs-vswitchd.conf.db(5), table Interface, tunnel options).

import { formatIpv4, parseIpv4 } from "../../wire/ipv4-address.ts";
import { formatIpv6, parseIpv6 } from "../../wire/ipv6-address.ts";
import { GENEVE_PORT } from "../../wire/geneve.ts";
import { VXLAN_PORT } from "../../wire/vxlan.ts";
import type { PacketTypes, TunnelAddress, TunnelConfig, TunnelKeySetting } from "./tunnel-config.ts";
import { hashString } from "../murmur-hash.ts";
import { ERRNO, strerror } from "../../netlink/errno.ts";
import { HmapOrder } from "../hmap-order.ts";
import { formatErspanOptions, NO_ERSPAN, parseErspanOption } from "./erspan-options.ts";

/** UDP port of GTP-U (3GPP TS 29.281, 4.4.2). */
const GTPU_PORT = 2152;

/** What packets a kind of tunnel carries: frames, packets without a link-layer header, or both (tunnel_supported_layers). */
type Layers = "l2" | "l3" | "both";

/** UDP port of LISP's data packets (RFC 6830, 14.9) and TCP port of STT (draft-davie-stt). */
const LISP_PORT = 4341;
const STT_PORT = 7471;

/** What a kind of tunnel has: a port (undefined: none; 0: one, which must be told), a checksum that may be asked for, sequence numbers. */
interface TunnelType {
  readonly defaultPort: number | undefined;
  readonly checksum: boolean;
  readonly sequence: boolean;
  readonly layers: Layers;
}

const TYPES: Readonly<Record<string, TunnelType>> = {
  vxlan: { defaultPort: VXLAN_PORT, checksum: true, sequence: false, layers: "l2" },
  geneve: { defaultPort: GENEVE_PORT, checksum: true, sequence: false, layers: "l2" },
  gre: { defaultPort: undefined, checksum: true, sequence: true, layers: "both" },
  ip6gre: { defaultPort: undefined, checksum: true, sequence: true, layers: "l2" },
  erspan: { defaultPort: undefined, checksum: false, sequence: false, layers: "l2" },
  ip6erspan: { defaultPort: undefined, checksum: false, sequence: false, layers: "l2" },
  gtpu: { defaultPort: GTPU_PORT, checksum: false, sequence: false, layers: "l3" },
  lisp: { defaultPort: LISP_PORT, checksum: false, sequence: false, layers: "l3" },
  stt: { defaultPort: STT_PORT, checksum: true, sequence: false, layers: "l2" },
  bareudp: { defaultPort: 0, checksum: false, sequence: false, layers: "l3" },
};

function layersOf(type: string, gpe: boolean): Layers {
  return gpe ? "both" : (TYPES[type]?.layers ?? "l2");
}

/** default_pt_mode() */
function defaultPacketTypes(layers: Layers): PacketTypes {
  return layers === "l3" ? "legacy_l3" : "legacy_l2";
}

/** What is asked for, or what is wrong with that. */
function packetTypesOf(
  type: string,
  options: ReadonlyMap<string, string>,
  gpe: boolean,
): { readonly packetTypes: PacketTypes } | { readonly error: string } {
  const layers = layersOf(type, gpe);
  const text = options.get("packet_type");
  if (text === undefined) return { packetTypes: defaultPacketTypes(layers) };
  const full = type === "vxlan" ? (gpe ? "VXLAN-GPE" : "VXLAN (without GPE)") : type;
  switch (text) {
    case "legacy_l2":
      if (layers !== "l3") return { packetTypes: text };
      return { error: `legacy_l2 configured on ${full} tunnel that cannot carry L2 traffic` };
    case "legacy_l3":
      if (layers !== "l2") return { packetTypes: text };
      return { error: `legacy_l3 configured on ${full} tunnel that cannot carry L3 traffic` };
    case "ptap":
      return { packetTypes: text };
    default:
      return { error: `unknown packet_type '${text}'` };
  }
}

/** The port that a tunnel of this type has unless it is told another; 0 for those without. */
function defaultTunnelPort(type: string): number {
  return TYPES[type]?.defaultPort ?? 0;
}

const DEFAULT_TTL = 64;
const DSCP_MASK = 0xfc;

interface Ends {
  local: TunnelAddress | "flow" | undefined;
  remote: TunnelAddress | "flow" | undefined;
}

/** Whole numbers as strtol() and strtoull() with base 0 read them; undefined if anything follows. */
function integer(text: string): bigint | undefined {
  const trimmed = text.trim();
  if (/^[+]?0x[0-9a-f]+$/i.test(trimmed)) return BigInt(trimmed.replace("+", ""));
  if (/^[+]?0[0-7]+$/.test(trimmed)) return BigInt(`0o${trimmed.replace("+", "").slice(1)}`);
  return /^[+-]?[0-9]+$/.test(trimmed) ? BigInt(trimmed.replace("+", "")) : undefined;
}

/** The leading number of a text, 0 if there is none (atoi). */
function leading(text: string): number {
  return Number.parseInt(text, 10) || 0;
}

function keyOf(options: ReadonlyMap<string, string>, name: "in_key" | "out_key"): TunnelKeySetting {
  const text = options.get(name) ?? options.get("key");
  if (text === undefined) return undefined;
  if (text === "flow") return "flow";
  return BigInt.asUintN(64, integer(text) ?? BigInt(leading(text)));
}

export type OptionsLog = (
  module: "socket_util" | "netdev_vport",
  level: "err" | "warn",
  text: string,
) => void;

/** Options that are looked at by themselves, whatever the type. */
const COMMON: ReadonlySet<string> = new Set([
  "ttl",
  "df_default",
  "key",
  "in_key",
  "out_key",
  "packet_type",
  "egress_pkt_mark",
  "payload_type",
]);

/** Whether tunnels of a type know an option that is not read here. */
function isKnown(kind: TunnelType, type: string, option: string): boolean {
  switch (option) {
    case "dst_port":
      return kind.defaultPort !== undefined;
    case "csum":
      return kind.checksum;
    case "seq":
      return kind.sequence;
    case "exts":
      return type === "vxlan";
    default:
      return COMMON.has(option) || option.startsWith("erspan_");
  }
}

/** What is wrong with options when nothing better can be said. */
export function couldNotSet(name: string): string {
  return `${name}: could not set configuration (${strerror(ERRNO.EINVAL)})`;
}

/** A kind of packets, or the number of its Ethernet type in hexadecimal digits, which need not be below 0x600. */
function isPayloadType(text: string): boolean {
  return text === "mpls" || text === "ip" || /^(?:0x)?[0-9a-f]{1,4}$/i.test(text);
}

/** As the original walks its map of options. */
function inOrder(options: ReadonlyMap<string, string>): Iterable<readonly [string, string]> {
  const order = new HmapOrder<readonly [string, string]>();
  for (const option of options) order.insert(option, hashString(option[0], 0));
  return order.values();
}

const ENDS: Readonly<Record<string, keyof Ends>> = { remote_ip: "remote", local_ip: "local" };
const EXTENSIONS: ReadonlySet<string> = new Set(["gbp", "gpe", ""]);

/**
 * set_tunnel_config(): options, or what is wrong with them.
 * @param log hears of what is no address, and of what is wrong with options that are taken nevertheless
 */
export function parseTunnelOptions(
  name: string,
  type: string,
  options: ReadonlyMap<string, string>,
  log: OptionsLog = () => {},
): TunnelConfig | string {
  const kind = TYPES[type] as TunnelType;
  const wrong: string[] = [];
  const ends: Ends = { local: undefined, remote: undefined };
  let tos: number | "inherit" = 0;
  let erspan = NO_ERSPAN;
  const refuse = (text: string) => [...wrong, text].map((each) => `${name}: ${each}`).join("\n");
  for (const [option, text] of inOrder(options)) {
    const end = ENDS[option];
    if (end !== undefined) {
      const address = text === "flow" ? "flow" : (parseIpv4(text) ?? parseIpv6(text));
      if (address === undefined) {
        log("socket_util", "err", `"${text}" is not a valid IP address`);
        wrong.push(`bad ${type} '${option}'`);
      } else if (end === "remote" && isGroup(address))
        return refuse(`multicast ${option}=${text} not allowed`);
      else if (address !== 0) ends[end] = address;
      continue;
    }
    if (option === "tos") {
      const value = Number(integer(text) ?? -1n);
      if (text === "inherit") tos = "inherit";
      else if (value === (value & DSCP_MASK)) tos = value;
      else wrong.push(`invalid TOS ${text}`);
      continue;
    }
    const parsed = parseErspanOption(erspan, option, text);
    if (typeof parsed === "string") return refuse(parsed);
    erspan = parsed ?? erspan;
    if (option === "payload_type" && !isPayloadType(text))
      return wrong.length > 0 ? refuse(wrong.pop() ?? "") : couldNotSet(name);
    if (!isKnown(kind, type, option)) wrong.push(`unknown ${type} argument '${option}'`);
    else if (option === "exts") {
      for (const each of text.split(",")) {
        if (!EXTENSIONS.has(each)) wrong.push(`unknown extension '${each}'`);
      }
    }
  }
  const extensions = type === "vxlan" ? (options.get("exts") ?? "").split(",") : [];
  const gpe = extensions.includes("gpe");
  const packets = packetTypesOf(type, options, gpe);
  const { local, remote } = ends;
  if ("error" in packets) return refuse(packets.error);
  if (remote === undefined) return refuse(`${type} type requires valid 'remote_ip' argument`);
  if (local === "flow" && remote !== "flow") {
    return refuse(`${type} type requires 'remote_ip=flow' with 'local_ip=flow'`);
  }
  if (local !== undefined && local !== "flow" && remote !== "flow" && typeof local !== typeof remote) {
    return refuse("'remote_ip' and 'local_ip' has to be of the same address family");
  }
  if (wrong.length > 0) log("netdev_vport", "warn", wrong.map((each) => `${name}: ${each}`).join("\n"));
  const ttlText = options.get("ttl");
  const port = options.get("dst_port");
  const mark = options.get("egress_pkt_mark");
  return {
    type,
    local,
    remote,
    inKey: keyOf(options, "in_key"),
    outKey: keyOf(options, "out_key"),
    ttl: ttlText === "inherit" ? "inherit" : leading(ttlText ?? "") & 0xff || DEFAULT_TTL,
    tos,
    dontFragment: options.get("df_default") !== "false",
    checksum: kind.checksum && options.get("csum") === "true",
    destinationPort:
      kind.defaultPort === undefined || port === undefined ? (kind.defaultPort ?? 0) : leading(port) & 0xffff,
    sequence: kind.sequence && options.get("seq") === "true",
    groupPolicy: extensions.includes("gbp"),
    gpe,
    packetTypes: packets.packetTypes,
    erspan: type === "erspan" || type === "ip6erspan" ? erspan : undefined,
    egressMark: mark === undefined ? undefined : leading(mark) >>> 0,
  };
}

function isGroup(address: TunnelAddress | "flow"): boolean {
  if (address === "flow") return false;
  return typeof address === "number" ? address >>> 28 === 0xe : /^ff/i.test(formatIpv6(address));
}

function addressText(address: TunnelAddress | "flow"): string {
  if (address === "flow") return "flow";
  return typeof address === "number" ? formatIpv4(address) : formatIpv6(address);
}

/** `key=100, remote_ip=192.0.2.1`: options that are not as they are without being set, by name. */
export function formatTunnelOptions(config: TunnelConfig): string {
  const words = new Map<string, string>([["remote_ip", addressText(config.remote)]]);
  if (config.local !== undefined) words.set("local_ip", addressText(config.local));
  if (config.inKey !== undefined && config.inKey === config.outKey) words.set("key", String(config.inKey));
  else {
    if (config.inKey !== undefined) words.set("in_key", String(config.inKey));
    if (config.outKey !== undefined) words.set("out_key", String(config.outKey));
  }
  if (config.ttl !== DEFAULT_TTL) words.set("ttl", String(config.ttl));
  if (config.tos === "inherit") words.set("tos", "inherit");
  else if (config.tos !== 0) words.set("tos", `0x${config.tos.toString(16)}`);
  if (config.destinationPort !== 0 && config.destinationPort !== defaultTunnelPort(config.type))
    words.set("dst_port", String(config.destinationPort));
  if (config.checksum) words.set("csum", "true");
  if (config.sequence) words.set("seq", "true");
  if (!config.dontFragment) words.set("df_default", "false");
  if (config.packetTypes !== defaultPacketTypes(layersOf(config.type, config.gpe))) {
    words.set("packet_type", config.packetTypes);
  }
  for (const [option, text] of config.erspan ? formatErspanOptions(config.erspan) : [])
    words.set(option, text);
  if (config.egressMark !== undefined) words.set("egress_pkt_mark", String(config.egressMark));
  return [...words]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`)
    .join(", ");
}
