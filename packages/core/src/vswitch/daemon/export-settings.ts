// What bridges tell collectors: tables NetFlow and IPFIX with Flow_Sample_Collector_Set (bridge_configure_netflow,
// bridge_configure_ipfix of ovs-vswitchd). sFlow is in sflow-settings.ts.

import { Ipfix } from "../export/ipfix/ipfix.ts";
import type { BridgeExporterOptions, FlowExporterOptions } from "../export/ipfix/ipfix.ts";
import type { ExporterOptions } from "../export/ipfix/exporter.ts";
import { TUNNEL_TYPES } from "../export/ipfix/record.ts";
import type { TunnelType } from "../export/ipfix/record.ts";
import { DEFAULT_ACTIVE_TIMEOUT, NetFlow } from "../export/netflow/netflow.ts";
import { SFLOW_DEFAULTS } from "../export/sflow/sflow.ts";
import { hashString } from "../../ovsproto/murmur-hash.ts";
import type { Bridge } from "../ofproto/bridge.ts";
import type { OfPort } from "../ofproto/port.ts";
import type { RowView } from "../ovsdb/value.ts";
import type { BridgeRecord } from "./bridge-record.ts";
import type { SwitchDaemon } from "./switchd.ts";

/** Above these numbers of an interface are those of others, if the engine's id is put into them. */
const MANGLED_ENGINES = 0x7f;
const MANGLED_PORTS = 508;

export function configureNetflow(daemon: SwitchDaemon, record: BridgeRecord, row: RowView): void {
  const { bridge, name } = record;
  const [config] = daemon.database.follow(row, "netflow", "NetFlow");
  const targets = config?.strings("targets") ?? [];
  if (!config || targets.length === 0) {
    if (!bridge.netflow) return;
    bridge.netflow.close();
    bridge.netflow = undefined;
    bridge.backer.revalidate();
    return;
  }
  const warn = (text: string) => daemon.host.vlog.log("bridge", "warn", `bridge ${name}: ${text}`);
  const standard = engineOf(bridge);
  const timeout = config.number("active_timeout") ?? 0;
  if (timeout < 0) {
    warn(
      `active timeout interval set to negative value, using default instead (${DEFAULT_ACTIVE_TIMEOUT} seconds)`,
    );
  }
  const engineId = config.number("engine_id") ?? standard.id;
  const addIdToInterface = config.boolean("add_id_to_interface") ?? false;
  if (addIdToInterface && engineId > MANGLED_ENGINES) {
    warn("NetFlow port mangling may conflict with another vswitch, choose an engine id less than 128");
  }
  if (addIdToInterface && record.ports.size > MANGLED_PORTS) {
    warn("NetFlow port mangling will conflict with another port when more than 508 ports are used");
  }
  const options = {
    targets,
    engineType: config.number("engine_type") ?? standard.type,
    engineId,
    activeTimeout: timeout <= 0 ? DEFAULT_ACTIVE_TIMEOUT : timeout,
    addIdToInterface,
  };
  if (bridge.netflow) bridge.netflow.configure(options);
  else {
    bridge.netflow = new NetFlow(daemon.host, options);
    bridge.backer.revalidate();
  }
}

/** dpif_get_netflow_ids(): two bytes of a hash of the name, or of the index of the kernel's datapath. */
function engineOf({ backer: { datapath } }: Bridge): { readonly type: number; readonly id: number } {
  if (datapath.kind === "kernel") {
    const { ifindex } = datapath.local;
    return { type: ifindex & 0xff, id: ifindex & 0xff };
  }
  const hash = hashString(datapath.name, 0);
  return { type: (hash >>> 8) & 0xff, id: hash & 0xff };
}

export function configureIpfix(daemon: SwitchDaemon, record: BridgeRecord, row: RowView): void {
  const { bridge } = record;
  const { database } = daemon;
  const [config] = database.follow(row, "ipfix", "IPFIX");
  const whole = config && config.strings("targets").length > 0 ? bridgeOptions(config) : undefined;
  const sets = database.rows("Flow_Sample_Collector_Set").flatMap((set): FlowExporterOptions[] => {
    const [exporter] = database.follow(set, "ipfix", "IPFIX");
    const [owner] = database.follow(set, "bridge", "Bridge");
    if (!exporter || exporter.strings("targets").length === 0 || owner?.uuid !== row.uuid) return [];
    return [{ ...exporterOptions(exporter), collectorSet: set.number("id") ?? 0 }];
  });
  if (!whole && sets.length === 0) {
    if (!bridge.ipfix) return;
    bridge.ipfix.close();
    bridge.ipfix = undefined;
    bridge.backer.revalidate();
    return;
  }
  const before = bridge.ipfix && describe(bridge.ipfix);
  bridge.ipfix ??= new Ipfix(daemon.host, {
    interfaceOf: (port) => {
      const found = portOf(bridge, port);
      return found && { ifindex: found.ifindex ?? 0, name: found.name };
    },
    tunnelOf: (port) => tunnelTypeOf(portOf(bridge, port)),
    nextExporter: () => ++daemon.exporters,
  });
  bridge.ipfix.configure(whole, sets);
  if (before !== describe(bridge.ipfix)) bridge.backer.revalidate();
}

function describe(ipfix: Ipfix): string {
  const { probability, inputSampling, outputSampling, tunnelSampling } = ipfix;
  return JSON.stringify([probability, inputSampling, outputSampling, tunnelSampling]);
}

function exporterOptions(row: RowView): ExporterOptions {
  return {
    targets: row.strings("targets"),
    cacheActiveTimeout: row.number("cache_active_timeout") ?? 0,
    cacheMaxFlows: row.number("cache_max_flows") ?? 0,
    tunnelSampling: row.entry("other_config", "enable-tunnel-sampling") !== "false",
    virtualId: row.entry("other_config", "virtual_obs_id"),
  };
}

function bridgeOptions(row: RowView): BridgeExporterOptions {
  return {
    ...exporterOptions(row),
    sampling: row.number("sampling") ?? SFLOW_DEFAULTS.sampling,
    domain: row.number("obs_domain_id") ?? 0,
    point: row.number("obs_point_id") ?? 0,
    // the original takes them the wrong way round
    inputSampling: row.entry("other_config", "enable-input-sampling") !== "true",
    outputSampling: row.entry("other_config", "enable-output-sampling") !== "true",
  };
}

/** By its number in the datapath. */
export function portOf(bridge: Bridge, datapathPort: number): OfPort | undefined {
  for (const port of bridge.ports) {
    if ((port.tunnel?.datapathPort ?? port.datapathPort) === datapathPort) return port;
  }
  return undefined;
}

export function tunnelTypeOf(port: OfPort | undefined): TunnelType | undefined {
  const type = port?.type;
  return type !== undefined && type in TUNNEL_TYPES ? (type as TunnelType) : undefined;
}
