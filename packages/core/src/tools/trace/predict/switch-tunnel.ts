// Tunnels of Open vSwitch for `trace --dry-run`: what datapath actions say about them (odp-util's text), and which port of a
// switch takes what comes out of one (ovs-vswitchd.conf.db(5), "Tunnel Options").

import { parseIpv4, writeIpv4Address } from "../../../wire/ipv4-address.ts";
import { ipv6ToBytes, parseIpv6 } from "../../../wire/ipv6-address.ts";
import { tunnelPortName } from "../../../ovsproto/datapath/tunnel-vports.ts";
import { formatBytes } from "../../why/network-state.ts";
import type { TunnelKind } from "../../why/network-state.ts";
import type { OvsBridgeState, OvsInterfaceState } from "../../why/switch-state.ts";
import type { TunnelWay } from "./tunnel-way.ts";

/** Kinds of the kernel by the types of interfaces. */
const KINDS: Readonly<Record<string, TunnelKind>> = { vxlan: "vxlan", geneve: "geneve", gre: "gretap" };
const PORTS: Readonly<Partial<Record<TunnelKind, number>>> = { vxlan: 4789, geneve: 6081 };

export function tunnelKindOf(type: string): TunnelKind | undefined {
  return Object.hasOwn(KINDS, type) ? KINDS[type] : undefined;
}

/** The device that takes a tunnel's frames from the kernel's datapath (ovs_vport_open of vport-vxlan.c and others). */
export function carrierName(kind: TunnelKind, port: number): string {
  return tunnelPortName(kind === "gretap" ? "gre" : kind, port);
}

/** What an interface of Open vSwitch says about its tunnel; "flow" where flows say it. */
export interface TunnelOptions {
  readonly kind: TunnelKind;
  readonly remote: string;
  readonly local: string;
  readonly key: string;
  readonly port: number;
}

/** Undefined of an interface that is no tunnel. */
export function tunnelOptions({ type, options }: OvsInterfaceState): TunnelOptions | undefined {
  const kind = tunnelKindOf(type);
  if (kind === undefined) return undefined;
  const key = options["in_key"] ?? options["key"] ?? "0";
  return {
    kind,
    remote: options["remote_ip"] ?? "flow",
    local: options["local_ip"] ?? "flow",
    key: key === "flow" ? key : String(Number(key)),
    port: Number(options["dst_port"] ?? PORTS[kind] ?? 0),
  };
}

/** An address of an action. */
export function addressBytes(text: string | undefined): Uint8Array | undefined {
  if (text === undefined) return undefined;
  const v4 = parseIpv4(text);
  if (v4 !== undefined) {
    const bytes = new Uint8Array(4);
    writeIpv4Address(bytes, 0, v4);
    return bytes;
  }
  const v6 = parseIpv6(text);
  return v6 === undefined ? undefined : ipv6ToBytes(v6);
}

/** `name=value` inside of an action. */
function word(action: string, name: string): string | undefined {
  return new RegExp(`[(,]${name}=([^,()]+)`).exec(action)?.[1];
}

/** set(tunnel(...)), for the tunnel port that follows. */
export function toldTunnel(action: string, kind: TunnelKind): TunnelWay | undefined {
  const remote = addressBytes(word(action, "dst") ?? word(action, "ipv6_dst"));
  if (remote === undefined) return undefined;
  return {
    kind,
    vni: Number(word(action, "tun_id") ?? 0),
    port: kind === "gretap" ? 0 : Number(word(action, "tp_dst") ?? PORTS[kind] ?? 0),
    remote,
    local: addressBytes(word(action, "src") ?? word(action, "ipv6_src")),
    dontFragment: /flags\([^)]*\bdf\b/.test(action),
    link: 0,
    ttl: Number(word(action, "ttl") ?? 0),
  };
}

/** tnl_push(...): a datapath in user space writes the outer headers itself. */
export function pushedTunnel(action: string): TunnelWay | undefined {
  const type = /[),](vxlan|geneve|gre)\(/.exec(action)?.[1];
  const kind = type === undefined ? undefined : tunnelKindOf(type);
  const ip = /[(,]ipv[46]\(([^)]*)\)/.exec(action)?.[0] ?? "";
  const remote = addressBytes(word(ip, "dst"));
  if (kind === undefined || remote === undefined) return undefined;
  const udp = /[(,]udp\(([^)]*)\)/.exec(action)?.[0] ?? "";
  return {
    kind,
    vni: Number(word(action, "vni") ?? word(action, "key") ?? 0),
    port: Number(word(udp, "dst") ?? 0),
    remote,
    local: addressBytes(word(ip, "src")),
    dontFragment: /frag=0x4000/.test(ip),
    link: 0,
    ttl: Number(word(ip, "ttl") ?? 0),
  };
}

/** A port of a switch that takes what comes out of a tunnel. */
export interface TunnelPort {
  readonly name: string;
  readonly bridge: string;
  /** The tunnel as a flow describes it. */
  readonly tunnel: string;
}

export function tunnelPort(
  switches: readonly OvsBridgeState[],
  { kind, vni, port }: TunnelWay,
  source: Uint8Array,
  destination: Uint8Array,
): TunnelPort | undefined {
  const [from, to] = [formatBytes(source), formatBytes(destination)];
  /** The more an interface names, the better it fits. */
  const score = (one: OvsInterfaceState): number => {
    const options = tunnelOptions(one);
    if (options === undefined || options.kind !== kind || options.port !== port) return -1;
    const named = [
      [options.remote, from],
      [options.local, to],
      [options.key, String(vni)],
    ] as const;
    if (named.some(([wanted, had]) => wanted !== "flow" && wanted !== had)) return -1;
    return named.filter(([wanted]) => wanted !== "flow").length;
  };
  let best: { readonly port: TunnelPort; readonly score: number } | undefined;
  const v6 = source.length === 16 ? "_ipv6" : "";
  const tunnel = `tun_id=${vni},tun${v6}_src=${from},tun${v6}_dst=${to}`;
  for (const bridge of switches) {
    for (const one of bridge.ports.flatMap(({ interfaces }) => interfaces)) {
      const fits = score(one);
      if (fits < 0 || (best !== undefined && best.score >= fits)) continue;
      best = { port: { name: one.name, bridge: bridge.name, tunnel }, score: fits };
    }
  }
  return best?.port;
}
