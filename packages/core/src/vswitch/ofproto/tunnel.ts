// Tunnels as ports of bridges (ofproto/tunnel.c): which port a packet that has come through a tunnel belongs to, and what is
// told to the tunnel about a packet that leaves by a port. All tunnels of a kind and UDP port share one port of the datapath.

import { formatFlowText } from "../../ovsproto/flow/format.ts";
import type { DaemonLog } from "./daemon-log.ts";
import { PACKET_NAMESPACE_ETHERTYPE } from "../../ovsproto/openflow/prerequisites.ts";
import { TUNNEL_FLAG } from "../../ovsproto/openflow/tunnel-flags.ts";
import { formatIpv4 } from "../../wire/ipv4-address.ts";
import { formatIpv6 } from "../../wire/ipv6-address.ts";
import { readIpv6Words, writeIpv6Words } from "../../ovsproto/flow/ipv6-words.ts";
import {
  isIpAny,
  isTunnelled,
  nwTos,
  nwTtl,
  tunnelTos,
  unwildcard,
  W,
  word,
} from "../../ovsproto/flow/flow.ts";
import type { Flow } from "../../ovsproto/flow/flow.ts";
import type { ErspanConfig } from "../../ovsproto/datapath/erspan-header.ts";
import type { PacketTypes, TunnelAddress, TunnelConfig } from "../../ovsproto/datapath/tunnel-config.ts";
import type { OfPort } from "./port.ts";
import type { XlateContext } from "./xlate/context.ts";

const ECN_MASK = 3;
const ECN_ECT0 = 2;
const ECN_CE = 3;
const DSCP_MASK = 0xfc;

export class Tunnel {
  readonly port: OfPort;
  readonly config: TunnelConfig;
  readonly datapathPort: number;

  constructor(port: OfPort, config: TunnelConfig, datapathPort: number) {
    this.port = port;
    this.config = config;
    this.datapathPort = datapathPort;
  }

  /** tnl_port_send(): sets the tunnel fields of a flow that leaves by this port. */
  prepare({ flow, wildcards }: XlateContext): void {
    const { config } = this;
    if (config.local !== "flow") {
      setAddress(flow, W.TUN_SRC, W.TUN_IPV6_SRC, config.local);
    }
    if (config.remote !== "flow") setAddress(flow, W.TUN_DST, W.TUN_IPV6_DST, config.remote);
    flow[W.TUN_TP] = config.destinationPort;
    if (config.outKey !== "flow") {
      flow[W.TUN_ID] = Number((config.outKey ?? 0n) >> 32n);
      flow[W.TUN_ID + 1] = Number((config.outKey ?? 0n) & 0xffff_ffffn);
    }
    const ip = isIpAny(flow);
    let ttl: number;
    if (config.ttl === "inherit" && ip) {
      unwildcard(wildcards, W.NW, 0xff00);
      ttl = nwTtl(flow);
    } else ttl = config.ttl === "inherit" ? DEFAULT_TTL : config.ttl;
    let tos: number;
    if (config.tos === "inherit" && ip) {
      unwildcard(wildcards, W.NW, DSCP_MASK << 16);
      tos = nwTos(flow) & DSCP_MASK;
    } else tos = config.tos === "inherit" ? 0 : config.tos;
    // The marks of congestion are always inherited (RFC 6040).
    if (ip) {
      unwildcard(wildcards, W.NW, ECN_MASK << 16);
      const mark = nwTos(flow) & ECN_MASK;
      tos |= mark === ECN_CE ? ECN_ECT0 : mark;
    }
    const oam = (word(flow, W.TUN_FLAGS_TOS_TTL) >>> 16) & TUNNEL_FLAG.OAM;
    const flags =
      oam |
      (config.dontFragment ? TUNNEL_FLAG.DF : 0) |
      (config.checksum ? TUNNEL_FLAG.CSUM : 0) |
      (config.outKey === undefined ? 0 : TUNNEL_FLAG.KEY);
    flow[W.TUN_FLAGS_TOS_TTL] = ((flags << 16) | (tos << 8) | ttl) >>> 0;
    setErspan(flow, config.erspan ?? NO_ERSPAN);
    if (config.egressMark !== undefined) {
      unwildcard(wildcards, W.PKT_MARK);
      flow[W.PKT_MARK] = config.egressMark;
    }
  }

  /** tnl_match_fmt(): `::->192.0.2.2, key=0x64, legacy_l2, dp port=2` */
  get matchText(): string {
    const { local, remote, inKey, packetTypes } = this.config;
    const ends =
      remote !== "flow"
        ? `${text(local)}->${text(remote)}`
        : local !== "flow"
          ? `${text(local)}->flow`
          : "flow->flow";
    return `${ends}, key=${keyText(inKey ?? 0n)}, ${packetTypes}, dp port=${this.datapathPort}`;
  }

  /** tnl_port_fmt() */
  get description(): string {
    const { config, port, datapathPort } = this;
    let out = `port ${datapathPort}: ${port.name} (${config.type}: ${this.matchText}`;
    if (config.outKey !== config.inKey) {
      out += `, out_key=${config.outKey === undefined ? "none" : keyText(config.outKey)}`;
    }
    out += `, ttl=${config.ttl}`;
    if (config.tos === "inherit") out += ", tos=inherit";
    else if (config.tos !== 0) out += `, tos=0x${config.tos.toString(16)}`;
    if (!config.dontFragment) out += ", df=false";
    if (config.checksum) out += ", csum=true";
    return `${out})`;
  }
}

const DEFAULT_TTL = 64;
const NO_ERSPAN: ErspanConfig = { version: 0, index: 0, direction: 0, hardwareId: 0 };

/** What is not left to the flows, also where the tunnel is of another kind. */
function setErspan(flow: Flow, { version, index, direction, hardwareId }: ErspanConfig): void {
  const set = (at: number, mask: number, value: number): void => {
    flow[at] = ((word(flow, at) & ~mask) | value) >>> 0;
  };
  if (version !== "flow") set(W.TUN_GBP_ERSPAN, 0xff, version);
  if (index !== "flow") flow[W.TUN_ERSPAN_IDX] = index;
  if (direction !== "flow") set(W.TUN_ERSPAN_GTPU, 0xff00_0000, direction << 24);
  if (hardwareId !== "flow") set(W.TUN_ERSPAN_GTPU, 0x00ff_0000, hardwareId << 16);
}

function text(address: TunnelAddress | "flow" | undefined): string {
  if (address === undefined || address === "flow") return "::";
  return typeof address === "number" ? formatIpv4(address) : formatIpv6(address);
}

function keyText(key: bigint | "flow"): string {
  if (key === "flow") return "flow";
  return key === 0n ? "0" : `0x${key.toString(16)}`;
}

function setAddress(flow: Flow, at: number, at6: number, address: TunnelAddress | undefined): void {
  flow[at] = typeof address === "number" ? address : 0;
  if (typeof address === "string") writeIpv6Words(flow, at6, address);
  else flow.fill(0, at6, at6 + 4);
}

/** What of a packet's tunnel chooses the port; parts that flows decide are not in it (struct tnl_match). */
function matchKey(
  source: TunnelAddress | "flow" | undefined,
  destination: TunnelAddress | "flow",
  key: bigint | "flow",
  datapathPort: number,
  packetTypes: PacketTypes,
): string {
  return `${source ?? ""}|${destination}|${key}|${datapathPort}|${packetTypes}`;
}

/** The tunnels of one datapath. */
export class Tunnels {
  readonly #byMatch = new Map<string, Tunnel>();

  #keyOf({ config, datapathPort }: Tunnel): string {
    return matchKey(config.local, config.remote, config.inKey ?? 0n, datapathPort, config.packetTypes);
  }

  /** tnl_port_add(). False if another port has the same configuration. */
  add(tunnel: Tunnel): boolean {
    const key = this.#keyOf(tunnel);
    if (this.#byMatch.has(key)) return false;
    this.#byMatch.set(key, tunnel);
    return true;
  }

  /** Who has the configuration of `tunnel`. */
  holder(tunnel: Tunnel): Tunnel | undefined {
    return this.#byMatch.get(this.#keyOf(tunnel));
  }

  remove(tunnel: Tunnel): void {
    const key = this.#keyOf(tunnel);
    if (this.#byMatch.get(key) === tunnel) this.#byMatch.delete(key);
  }

  all(): Tunnel[] {
    return [...this.#byMatch.values()];
  }

  /** tnl_port_receive(): the tunnel that a packet has come from. That there is none is told five times, then so often a minute. */
  receiver(datapathPort: number, flow: Flow, log: DaemonLog | undefined): Tunnel | undefined {
    const tunnel = this.#find(datapathPort, flow);
    if (!tunnel && log?.writes("tunnel", "warn") === true) {
      const text = `receive tunnel port not found (${formatFlowText(flow)})`;
      log.limited("tnl_port_receive", "tunnel", "warn", text, 5, 5);
    }
    return tunnel;
  }

  /** tnl_find(): what says most about a packet wins. */
  #find(datapathPort: number, flow: Flow): Tunnel | undefined {
    if (this.#byMatch.size === 0) return undefined;
    const v4 = word(flow, W.TUN_DST) !== 0;
    const own = v4 ? word(flow, W.TUN_DST) : readIpv6Words(flow, W.TUN_IPV6_DST);
    const peer = v4 ? word(flow, W.TUN_SRC) : readIpv6Words(flow, W.TUN_IPV6_SRC);
    const id = (BigInt(word(flow, W.TUN_ID)) << 32n) | BigInt(word(flow, W.TUN_ID + 1));
    const legacy =
      word(flow, W.PACKET_TYPE) >>> 16 === PACKET_NAMESPACE_ETHERTYPE ? "legacy_l3" : "legacy_l2";
    for (const key of [id, "flow"] as const) {
      for (const remote of [peer, "flow"] as const) {
        for (const local of [own, undefined, "flow"] as const) {
          for (const packets of [legacy, "ptap"] as const) {
            const found = this.#byMatch.get(matchKey(local, remote, key, datapathPort, packets));
            if (found) return found;
          }
        }
      }
    }
    return undefined;
  }
}

/** tnl_wc_init(): what of a packet's tunnel chose the port. */
export function markTunnel(flow: Flow, wildcards: Flow): void {
  if (!isTunnelled(flow)) return;
  wildcards.fill(0xffff_ffff, W.TUN_ID, W.TUN_SRC);
  if (word(flow, W.TUN_DST) !== 0) wildcards.fill(0xffff_ffff, W.TUN_SRC, W.TUN_IPV6_SRC);
  else wildcards.fill(0xffff_ffff, W.TUN_IPV6_SRC, W.TUN_FLAGS_TOS_TTL);
  const flags = TUNNEL_FLAG.DF | TUNNEL_FLAG.CSUM | TUNNEL_FLAG.KEY;
  wildcards[W.TUN_FLAGS_TOS_TTL] = ((flags << 16) | 0xff00) >>> 0;
  if (isIpAny(flow) && (tunnelTos(flow) & ECN_MASK) === ECN_CE) unwildcard(wildcards, W.NW, ECN_MASK << 16);
}

/** tnl_process_ecn(): false for a packet that was marked on its way and cannot say so itself. */
export function takeCongestionMark(flow: Flow): boolean {
  if (!isTunnelled(flow) || !isIpAny(flow) || (tunnelTos(flow) & ECN_MASK) !== ECN_CE) return true;
  if ((nwTos(flow) & ECN_MASK) === 0) return false;
  flow[W.NW] = (word(flow, W.NW) | (ECN_CE << 16)) >>> 0;
  return true;
}

/** The end of the tunnel that a packet has come to: this host. */
export function samePlace(a: Flow, b: Flow): boolean {
  if (a[W.TUN_DST] !== b[W.TUN_DST]) return false;
  for (let at = W.TUN_IPV6_DST; at < W.TUN_IPV6_DST + 4; at++) if (a[at] !== b[at]) return false;
  return true;
}
