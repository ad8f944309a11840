// sFlow of bridges (table sFlow; bridge_configure_sflow of ovs-vswitchd), and what its agents tell of ports.

import { ipv4OfIpv6, ipv6ToBytes, isV4MappedIpv6, readIpv6Address } from "../../wire/ipv6-address.ts";
import { readIpv4Address, writeIpv4Address } from "../../wire/ipv4-address.ts";
import type { NetDevice } from "../../kernel/device.ts";
import { TUNNEL_TYPES } from "../export/ipfix/record.ts";
import type {
  DatapathTotals,
  LacpCounters,
  PortCounterSample,
  PortErrorCounters,
} from "../export/sflow/samples.ts";
import { SFLOW_DEFAULTS, SFlow } from "../export/sflow/sflow.ts";
import type { SflowOptions, SflowSource } from "../export/sflow/sflow.ts";
import { parseInetAddress, parseInetTarget } from "../inet-target.ts";
import type { Bridge } from "../ofproto/bridge.ts";
import type { OfPort } from "../ofproto/port.ts";
import type { RowView } from "../ovsdb/value.ts";
import type { BridgeRecord } from "./bridge-record.ts";
import { portOf, tunnelTypeOf } from "./export-settings.ts";
import type { SwitchDaemon } from "./switchd.ts";

/** Of a device that does not tell its speed, bits a second. */
const ASSUMED_SPEED = 100_000_000;
const UNKNOWN = 0xffff_ffff;

/** `number`: of the bridge among those with sFlow, from 0. True if it takes the number. */
export function configureSflow(
  daemon: SwitchDaemon,
  record: BridgeRecord,
  row: RowView,
  number: number,
): boolean {
  const { bridge } = record;
  const [config] = daemon.database.follow(row, "sflow", "sFlow");
  const targets = config?.strings("targets") ?? [];
  const before = bridge.sflow?.probability ?? 0;
  if (!config || targets.length === 0) {
    bridge.sflow?.close();
    bridge.sflow = undefined;
  } else {
    bridge.sflow ??= new SFlow(daemon.host, sourceOf(daemon, bridge));
    const controllers = daemon.database.follow(row, "controller", "Controller");
    bridge.sflow.configure({
      targets,
      sampling: config.number("sampling") ?? SFLOW_DEFAULTS.sampling,
      polling: config.number("polling") ?? SFLOW_DEFAULTS.polling,
      header: config.number("header") ?? SFLOW_DEFAULTS.header,
      subId: number,
      agent: config.string("agent"),
      controlIp: controllers.map((each) => each.string("local_ip")).find((ip) => ip !== undefined),
    });
    bridge.sflow.portsChanged();
  }
  if ((bridge.sflow?.probability ?? 0) !== before) bridge.backer.revalidate();
  return config !== undefined;
}

function sourceOf(daemon: SwitchDaemon, bridge: Bridge): SflowSource {
  return {
    agentAddress: (options) => agentAddress(daemon, options),
    ifindexOf: (port) => portOf(bridge, port)?.ifindex,
    tunnelProtocol: (port) => {
      const type = tunnelTypeOf(portOf(bridge, port));
      return type === undefined
        ? 0
        : type === "gre"
          ? TUNNEL_TYPES.gre.protocol
          : TUNNEL_TYPES.vxlan.protocol;
    },
    get polled() {
      const ports = new Map<number, number>();
      for (const { datapathPort, ifindex } of bridge.ports) {
        if (datapathPort !== undefined && ifindex !== undefined) ports.set(datapathPort, ifindex);
      }
      return ports;
    },
    counters: (port) => {
      const found = portOf(bridge, port);
      return found && countersOf(found);
    },
    totals: () => totalsOf(daemon, bridge),
  };
}

/** sflow_choose_agent_address(): a device's, one that is given, that of a collector which can be reached, the controller's. */
function agentAddress(
  { host }: SwitchDaemon,
  { agent, targets, controlIp }: SflowOptions,
): Uint8Array | undefined {
  if (agent !== undefined) {
    const [dummy] = host.dummies?.named(agent)?.addresses ?? [];
    const own = dummy ? ipv6ToBytes(dummy.address) : host.addressOf(agent);
    const given = own ?? parseInetAddress(agent);
    if (given) return unmapped(given);
  }
  for (const target of [...targets].sort()) {
    const address = parseInetTarget(target, 0)?.address;
    if (!address) continue;
    const reached =
      address.length === 4
        ? host.vports.egressTo(readIpv4Address(address, 0))
        : host.vports.egressTo(readIpv6Address(address, 0));
    if (reached) return address;
  }
  return controlIp === undefined ? undefined : parseInetAddress(controlIp);
}

function unmapped(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 4) return bytes;
  const address = readIpv6Address(bytes, 0);
  if (!isV4MappedIpv6(address)) return bytes;
  const v4 = new Uint8Array(4);
  writeIpv4Address(v4, 0, ipv4OfIpv6(address));
  return v4;
}

/** sflow_agent_get_counters() */
function countersOf(port: OfPort): PortCounterSample | undefined {
  const { device, ifindex, bridge } = port;
  if (!device || ifindex === undefined) return undefined;
  const link = port.dummy ? undefined : device.ethtool?.linkSettings?.(device);
  const known = link !== undefined && link.speed > 0;
  const up = device.up;
  return {
    name: port.name,
    ifindex,
    speed: known ? link.speed * 1_000_000 : ASSUMED_SPEED,
    direction: known ? (link.duplex === 1 ? 1 : 2) : 0,
    status: up ? (device.carrier ? 3 : 1) : 0,
    ...trafficOf(port, device),
    datapathId: bridge.datapathId,
    portNumber: port.number,
    lacp: lacpOf(port),
  };
}

function trafficOf(
  port: OfPort,
  device: NetDevice,
): Pick<PortCounterSample, "rxBytes" | "rxPackets" | "txBytes" | "txPackets" | "errors"> {
  if (port.sparse) return { ...port.counters, errors: undefined };
  const s = port.statisticsOf(device);
  const errors: PortErrorCounters = {
    multicast: s.multicast,
    rxDropped: s.rxDropped,
    rxErrors: s.rxErrors,
    txDropped: s.txDropped,
    txErrors: s.txErrors,
    rxFrameErrors: s.rxFrameErrors,
    rxCrcErrors: s.rxCrcErrors,
  };
  const { rxBytes, rxPackets, txBytes, txPackets } = s;
  return { rxBytes, rxPackets, txBytes, txPackets, errors };
}

/** lacp_get_member_stats() */
function lacpOf(port: OfPort): LacpCounters | undefined {
  const lacp = port.bundle?.lacp;
  const member = lacp?.members.get(port);
  if (!lacp || !member) return undefined;
  const { statistics, partner, attached } = member;
  const actor = lacp.actorOf(member);
  return {
    actor: lacp.settings.systemId,
    partner: partner.systemId,
    aggregator: attached ? (lacp.keyMember?.settings.portId ?? 0) : 0,
    actorState: actor.state & 0xff,
    partnerState: partner.state & 0xff,
    received: statistics.received,
    bad: statistics.bad,
    sent: statistics.sent,
  };
}

/** sflow_get_dp_stats(): of all datapaths, told by the first bridge that asks. */
function totalsOf(daemon: SwitchDaemon, bridge: Bridge): DatapathTotals | undefined {
  const teller = [...daemon.bridgeOrder.values()].find((each) => each.bridge.sflow);
  if (teller?.bridge !== bridge) return undefined;
  const totals = { hits: 0, misses: 0, lost: 0, maskHits: 0, flows: 0, masks: 0 };
  for (const { datapath } of daemon.backers.values()) {
    const kernel = datapath.kind === "kernel";
    totals.hits += datapath.hits;
    totals.misses += datapath.misses;
    totals.lost += datapath.lost;
    totals.flows += datapath.table.flows.size;
    totals.maskHits += kernel ? datapath.table.maskHits : UNKNOWN;
    totals.masks += kernel ? datapath.table.maskCount : UNKNOWN;
  }
  return totals;
}
