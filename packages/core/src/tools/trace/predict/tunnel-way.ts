// What tunnels put around frames, for `trace --dry-run`: to whom a device sends, how large the outer packet is, and which device
// of the other end takes it. How the kernel looks tunnels up: vxlan_vs_find_vni, geneve_lookup, ip_tunnel_lookup.

import type { DropReason } from "../../../trace/drop-reason.ts";
import { GENEVE_HEADER_LENGTH } from "../../../wire/geneve.ts";
import { GRE_KEY, greHeaderLength } from "../../../wire/gre.ts";
import { IPV4_MIN_HEADER } from "../../../wire/ipv4.ts";
import { IPV6_HEADER_LENGTH } from "../../../wire/ipv6.ts";
import { UDP_HEADER_LENGTH } from "../../../wire/udp.ts";
import { VXLAN_HEADER_LENGTH } from "../../../wire/vxlan.ts";
import type { LinkState, PlaceState, TunnelKind, TunnelState } from "../../why/network-state.ts";
import { bytesKey } from "../../why/network-state.ts";
import { isMulticast } from "./packet.ts";

/** How one frame goes through a tunnel. */
export interface TunnelWay {
  readonly kind: TunnelKind;
  /** VNI or key. */
  readonly vni: number;
  readonly port: number;
  readonly remote: Uint8Array;
  /** Undefined: routing chooses. */
  readonly local: Uint8Array | undefined;
  readonly dontFragment: boolean;
  /** ifindex of the device that it has to leave by; 0 for the one that routing chooses. */
  readonly link: number;
  /** Of the outer packet; 0: what the route says, and with GRE what is inside. */
  readonly ttl: number;
}

/** As traces call it. */
export const TUNNEL_NAMES: Readonly<Record<TunnelKind, string>> = {
  vxlan: "VXLAN",
  geneve: "Geneve",
  gre: "GRE",
  gretap: "GRE",
};

const ALL_ZEROS = "00:00:00:00:00:00";

/** Where a device sends what is for a MAC address: each other end gets a copy. `learned`: who would have sent frames of it. */
export function tunnelWays(tunnel: TunnelState, mac: string, learned?: Uint8Array): TunnelWay[] {
  const { kind, vni, port, remote, local, dontFragment, link, ttl, forwards } = tunnel;
  const way = (to: Uint8Array, id = vni): TunnelWay => ({
    kind,
    vni: id,
    port,
    remote: to,
    local,
    dontFragment,
    link,
    // Groups stay on their link, if nothing else is said.
    ttl: ttl === 0 && isMulticast(to) ? 1 : ttl,
  });
  const entries = forwards.filter((entry) => entry.mac === mac);
  if (entries.length === 0 && learned !== undefined) return [way(learned)];
  const chosen = entries.length > 0 ? entries : forwards.filter((entry) => entry.mac === ALL_ZEROS);
  if (chosen.length > 0) return chosen.map((entry) => way(entry.remote, entry.vni));
  return remote === undefined ? [] : [way(remote)];
}

/** Bytes of the outer headers from the network layer on. */
export function outerHeaders({ kind, vni, remote }: TunnelWay): number {
  const ip = remote.length === 4 ? IPV4_MIN_HEADER : IPV6_HEADER_LENGTH;
  switch (kind) {
    case "vxlan":
      return ip + UDP_HEADER_LENGTH + VXLAN_HEADER_LENGTH;
    case "geneve":
      return ip + UDP_HEADER_LENGTH + GENEVE_HEADER_LENGTH;
    case "gre":
    case "gretap":
      return ip + greHeaderLength(vni === 0 ? 0 : GRE_KEY);
    default: {
      const never: never = kind;
      return never;
    }
  }
}

/** The device of `place` that takes what came from `source` to `destination`, or why none does. */
export function tunnelEnd(
  place: PlaceState,
  { kind, vni, port }: TunnelWay,
  source: Uint8Array,
  destination: Uint8Array,
): LinkState | DropReason {
  const alike = place.links.filter(({ tunnel }) => tunnel?.kind === kind && tunnel.port === port);
  const found = alike.find(({ tunnel }) => {
    if (tunnel === undefined || tunnel.vni !== vni) return false;
    if (kind === "vxlan") return true;
    const named = tunnel.remote !== undefined && bytesKey(tunnel.remote) === bytesKey(source);
    return named && (tunnel.local === undefined || bytesKey(tunnel.local) === bytesKey(destination));
  });
  if (found !== undefined) return found.up ? found : "DEV_READY";
  if (kind === "gre" || kind === "gretap") return alike.length > 0 ? "NOT_SPECIFIED" : "IP_NOPROTO";
  if (alike.length === 0) return "NO_SOCKET";
  return kind === "vxlan" ? "VXLAN_VNI_NOT_FOUND" : "NOT_SPECIFIED";
}
