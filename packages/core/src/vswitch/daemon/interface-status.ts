// Columns of an interface that tell how it is (iface_refresh_netdev_status, iface_refresh_stats, iface_refresh_ofproto_status).

import type { NetDevice } from "../../kernel/device.ts";
import { formatMac } from "../../wire/mac.ts";
import type { Atom } from "../../ovsproto/ovsdb/atom.ts";
import type { RowValues } from "../ovsdb/local-client.ts";
import type { Value } from "../ovsdb/value.ts";
import type { OfPort } from "../ofproto/port.ts";
import { linkCheckColumns } from "./link-checks.ts";
import { tunnelStatus } from "./tunnel-ports.ts";
import type { BridgeRecord, InterfaceRecord } from "./bridge-record.ts";

export function interfaceColumns(record: BridgeRecord, iface: InterfaceRecord): RowValues {
  return {
    ofport: iface.port.number,
    link_resets: iface.linkResets,
    ...linkColumns(iface),
    statistics: statisticsOf(record, iface),
    ...linkCheckColumns(iface.port, record.bridge.monitor?.now ?? 0),
    lacp_current: iface.port.bundle?.lacp?.isCurrent(iface.port),
  };
}

/** vport_get_status(): a patch port is there without its peer too. */
export function linkError({ peerName, peer, bridge }: OfPort): string | undefined {
  if (peerName === undefined || peer) return undefined;
  return `No usable peer '${peerName}' exists in '${bridge.backer.type}' datapath.`;
}

/** Whether the database need not be told of the second when it was told of the first. */
export function sameColumns(first: RowValues, second: RowValues): boolean {
  const names = Object.keys(first);
  return (
    names.length === Object.keys(second).length && names.every((name) => sameValue(first[name], second[name]))
  );
}

/** Sets and maps in another order count as others. */
function sameValue(first: Value, second: Value): boolean {
  if (first === second) return true;
  if (
    typeof first !== "object" ||
    typeof second !== "object" ||
    first instanceof Map ||
    second instanceof Map
  )
    return false;
  const [keys, otherKeys] = [Object.keys(first), Object.keys(second)];
  const [atoms, others] = [Object.values(first) as readonly Atom[], Object.values(second) as readonly Atom[]];
  return (
    keys.length === otherKeys.length &&
    keys.every((key, at) => key === otherKeys[at] && atoms[at] === others[at])
  );
}

function linkColumns({ port }: InterfaceRecord): RowValues {
  const { device } = port;
  if (!device) {
    return {
      admin_state: "up",
      link_state: "up",
      mac_in_use: formatMac(port.address),
      ifindex: port.tunnel ? (lowerOf(port)?.ifindex ?? 0) : 0,
      mtu: undefined,
      status: tunnelStatus(port),
      duplex: undefined,
      link_speed: undefined,
    };
  }
  if (!device.registered) {
    return port.bridge.backer.datapath.kind === "userspace"
      ? { admin_state: "down", link_state: "down", mac_in_use: undefined, ifindex: 0 }
      : { admin_state: undefined, link_state: undefined };
  }
  const link = device.ethtool?.linkSettings?.(device);
  const known = link !== undefined && link.speed > 0;
  return {
    admin_state: device.up ? "up" : "down",
    link_state: device.up && device.carrier ? "up" : "down",
    mac_in_use: formatMac(device.address),
    ifindex: port.dummy ? Math.max(0, port.dummy.ifindex) : device.ifindex,
    mtu: device.mtu,
    duplex: known ? (link.duplex === 1 ? "full" : "half") : undefined,
    link_speed: known ? link.speed * 1_000_000 : undefined,
    status: port.dummy ? {} : driverOf(device),
  };
}

/** The device that the tunnel's packets pass. */
function lowerOf({ bridge, tunnel }: OfPort): NetDevice | undefined {
  return tunnel && bridge.backer.datapath.ports[tunnel.datapathPort]?.device;
}

/** netdev_linux_get_status(): what ETHTOOL_GDRVINFO says. */
function driverOf(device: NetDevice): { readonly [key: string]: string } {
  const driver = device.ethtool?.driver;
  if (!driver) return { driver_name: "", driver_version: "", firmware_version: "" };
  const { release } = device.kernel.profile;
  return {
    driver_name: driver.name,
    driver_version: driver.version === "" ? release : driver.version,
    firmware_version: driver.firmwareVersion,
  };
}

/** Counters in the direction of the switch: what a host sends on an internal port is received by the switch. */
export function statisticsOf(
  record: BridgeRecord,
  { port }: InterfaceRecord,
): { readonly [key: string]: number } {
  const { device } = port;
  if (!device || port.sparse) {
    record.bridge.backer.pushStatistics();
    const { rxBytes, rxPackets, txBytes, txPackets } = port.counters;
    return {
      rx_bytes: rxBytes,
      rx_packets: rxPackets,
      tx_bytes: txBytes,
      tx_packets: txPackets,
      ...port.dummy?.customCounters(),
    };
  }
  const s = port.statisticsOf(device);
  return {
    collisions: s.collisions,
    rx_bytes: s.rxBytes,
    rx_crc_err: s.rxCrcErrors,
    rx_dropped: s.rxDropped,
    rx_errors: s.rxErrors,
    rx_frame_err: s.rxFrameErrors,
    rx_missed_errors: s.rxMissedErrors,
    rx_multicast_packets: s.multicast,
    rx_over_err: s.rxOverErrors,
    rx_packets: s.rxPackets,
    tx_bytes: s.txBytes,
    tx_dropped: s.txDropped,
    tx_errors: s.txErrors,
    tx_packets: s.txPackets,
  };
}
