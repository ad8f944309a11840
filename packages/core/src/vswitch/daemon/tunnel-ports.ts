// Tunnels as interfaces: their port of the datapath, which all tunnels of a kind and UDP port share and which goes with the last of
// them, and what becomes of changed options (type_run and port_add of ofproto-dpif.c).

import type { TunnelKind } from "../../kernel/device-vport.ts";
import { ERRNO, strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { tunnelPortName } from "../../ovsproto/datapath/tunnel-vports.ts";
import type { DpPort } from "../datapath/datapath.ts";
import type { Backer } from "../ofproto/backer.ts";
import type { OfPort } from "../ofproto/port.ts";
import { Tunnel } from "../ofproto/tunnel.ts";
import type { TunnelConfig } from "../../ovsproto/datapath/tunnel-config.ts";
import { parseTunnelOptions } from "../../ovsproto/datapath/tunnel-options.ts";

const TYPES: ReadonlySet<string> = new Set<TunnelKind>([
  "vxlan",
  "gre",
  "geneve",
  "ip6gre",
  "erspan",
  "ip6erspan",
  "gtpu",
  "lisp",
  "stt",
  "bareudp",
]);

export function isTunnelType(type: string): type is TunnelKind {
  return TYPES.has(type);
}

/** The datapath's port for a configuration; made if need be. Errors: Refusal of the kernel. */
function datapathPort({ datapath }: Backer, config: TunnelConfig): DpPort {
  const name = tunnelPortName(config.type, config.destinationPort);
  return (
    datapath.portNamed(name) ?? datapath.addTunnel(config.type as TunnelKind, name, config.destinationPort)
  );
}

function releaseDatapathPort(backer: Backer, number: number): void {
  if (backer.tunnels.all().some((tunnel) => tunnel.datapathPort === number)) return;
  backer.datapath.removePort(number);
}

/** Makes `port` an end of a tunnel. Undefined if all went well, else the text of the column "error". */
export function openTunnel(
  port: OfPort,
  type: TunnelKind,
  options: ReadonlyMap<string, string>,
): string | undefined {
  const config = parseTunnelOptions(port.name, type, options);
  if (typeof config === "string") return config;
  const errno = connect(port, config);
  return errno === 0
    ? undefined
    : `could not add network device ${port.name} to ofproto (${strerror(errno)})`;
}

function connect(port: OfPort, config: TunnelConfig): number {
  const { backer } = port.bridge;
  let lower: DpPort;
  try {
    lower = datapathPort(backer, config);
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return refusal.errno;
  }
  const tunnel = new Tunnel(port, config, lower.number);
  if (!backer.tunnels.add(tunnel)) {
    const holder = backer.tunnels.holder(tunnel)?.port.name;
    const what = `attempting to add tunnel port with same config as port '${holder}' (${tunnel.matchText})`;
    backer.vlog?.log("tunnel", "warn", `${port.name}: ${what}`);
    backer.vlog?.log("ofproto", "warn", `${port.bridge.name}: could not add port ${port.name} (File exists)`);
    releaseDatapathPort(backer, lower.number);
    return ERRNO.EEXIST;
  }
  port.tunnel = tunnel;
  port.datapathPort = lower.number;
  return 0;
}

export function closeTunnel(port: OfPort): void {
  const { tunnel } = port;
  if (!tunnel) return;
  const { backer } = port.bridge;
  backer.tunnels.remove(tunnel);
  releaseDatapathPort(backer, tunnel.datapathPort);
  port.tunnel = undefined;
}

/** Options may have changed (tnl_port_reconfigure). Wrong ones leave the tunnel as it is. */
export function reconfigureTunnel(port: OfPort, options: ReadonlyMap<string, string>): void {
  const { tunnel } = port;
  if (!tunnel) return;
  const config = parseTunnelOptions(port.name, tunnel.config.type, options);
  if (typeof config === "string" || sameConfig(config, tunnel.config)) return;
  const { backer } = port.bridge;
  backer.tunnels.remove(tunnel);
  const errno = connect(port, config);
  if (errno === 0) releaseDatapathPort(backer, tunnel.datapathPort);
  else backer.tunnels.add(tunnel);
  backer.revalidate();
}

function sameConfig(a: TunnelConfig, b: TunnelConfig): boolean {
  const { erspan, ...rest } = a;
  if (JSON.stringify(erspan) !== JSON.stringify(b.erspan)) return false;
  return (Object.keys(rest) as (keyof typeof rest)[]).every((key) => rest[key] === b[key]);
}

/** tunnel_get_status(): where the packets of a tunnel with a fixed end leave. */
export function tunnelStatus(port: OfPort): { readonly [key: string]: string } {
  const remote = port.tunnel?.config.remote;
  if (remote === undefined || remote === "flow") return {};
  const egress = port.bridge.backer.datapath.host.egressTo(remote);
  if (!egress) return {};
  return {
    tunnel_egress_iface: egress.name,
    tunnel_egress_iface_carrier: egress.up && egress.carrier ? "up" : "down",
  };
}
