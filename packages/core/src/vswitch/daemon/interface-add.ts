// Opens an interface and adds it to its bridge (iface_create of ovs-vswitchd): the device, the datapath's port, the OpenFlow
// port. What goes wrong is the text of the column "error".

import { ERRNO, strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { parseMac } from "../../wire/mac.ts";
import { LOCAL_PORT } from "../ofproto/bridge.ts";
import { PORT_MAX } from "../../ovsproto/openflow/ports.ts";
import { OfPort } from "../ofproto/port.ts";
import { PortState } from "../ofproto/port-state.ts";
import { configureDummy } from "../dummy/dummy-options.ts";
import type { RowView } from "../ovsdb/value.ts";
import type { BridgeRecord, InterfaceRecord } from "./bridge-record.ts";
import { bridgeAddress } from "./bridge-address.ts";
import type { SwitchDaemon } from "./switchd.ts";
import { optionsError } from "./interface-options.ts";
import { isTunnelType, openTunnel } from "./tunnel-ports.ts";

/** The type that an interface has in effect: the bridge's own is internal whatever it says, "" is system. */
export function normalType(row: RowView, bridge: string): string {
  const type = row.string("type") ?? "";
  if (row.string("name") === bridge) return "internal";
  return type === "" ? "system" : type;
}

/** Undefined if all went well. */
export function addInterface(
  daemon: SwitchDaemon,
  record: BridgeRecord,
  portRow: RowView,
  row: RowView,
): string | undefined {
  const name = row.string("name") ?? "";
  const type = normalType(row, record.name);
  const { bridge } = record;
  const { backer } = bridge;
  for (const other of daemon.bridges.values()) {
    if (other.interfaces.has(name)) {
      return `could not add network device ${name} to ofproto (${strerror(ERRNO.EEXIST)})`;
    }
  }
  const opened = open(daemon, record, row, name, type);
  if (typeof opened === "string") return opened;
  // Only what could be opened takes a number.
  const number = name === record.name ? LOCAL_PORT : chooseNumber(record, row);
  const port = new OfPort(bridge, name, number, type, backer.now);
  Object.assign(port, opened);
  if (isTunnelType(type) && !port.dummy) {
    const error = openTunnel(port, type, row.map("options"));
    if (error !== undefined) return error;
  }
  record.usedPorts.add(number);
  backer.bind(port);
  port.state = new PortState(port.device);
  record.interfaces.set(name, {
    name,
    uuid: row.uuid,
    type,
    portName: portRow.string("name") ?? "",
    port,
    asks: asksOf(row),
    linkResets: 0,
  });
  bridge.addPort(port);
  return undefined;
}

/** What an interface's device is to have. */
export function asksOf(row: RowView): InterfaceRecord["asks"] {
  return { mtu: row.number("mtu_request"), mac: parseMac(row.string("mac") ?? "") };
}

/** The device and the datapath's port of an interface, or what is wrong with it. */
function open(
  daemon: SwitchDaemon,
  record: BridgeRecord,
  row: RowView,
  name: string,
  type: string,
): Partial<Pick<OfPort, "device" | "datapathPort" | "peerName" | "address" | "dummy" | "counters">> | string {
  const { datapath } = record.bridge.backer;
  const { dummies, dummyTypes } = daemon.host;
  const error = optionsError(daemon.host, name, type, row.map("options"));
  if (error !== undefined) return error;
  try {
    if (dummies && dummyTypes.has(type)) {
      const dummy = dummies.open(name, type);
      configureDummy(daemon.host, dummy, row.map("options"));
      const { device, counters } = dummy;
      return { datapathPort: datapath.addDevice(device, type).number, device, dummy, counters };
    }
    switch (type) {
      case "internal":
      case "tap": {
        const address = parseMac(row.string("mac") ?? "");
        // A TAP cannot be opened by the name of another device.
        if (
          datapath.kind === "userspace" &&
          !datapath.portNamed(name) &&
          daemon.host.vports.deviceNamed(name)
        )
          return `could not open network device ${name} (${strerror(ERRNO.EINVAL)})`;
        const own = name === record.name ? bridgeAddress(daemon, record) : address;
        const made = datapath.portNamed(name) ?? datapath.addInternal(name, undefined, own);
        const dummy = dummies?.of(made.device);
        const counters = dummy && { dummy, counters: dummy.counters };
        if (dummy) configureDummy(daemon.host, dummy, row.map("options"));
        return { datapathPort: made.number, device: made.device, ...counters };
      }
      case "system": {
        const device = daemon.host.vports.deviceNamed(name);
        if (!device) return `could not open network device ${name} (No such device)`;
        // Left behind by a daemon that has exited.
        const made = datapath.portOf(device) ?? datapath.addDevice(device);
        return { datapathPort: made.number, device };
      }
      case "patch":
        return { peerName: row.entry("options", "peer"), address: randomAddress(daemon) };
      default:
        if (isTunnelType(type)) return { address: randomAddress(daemon) };
        return `could not open network device ${name} (${strerror(ERRNO.EAFNOSUPPORT)})`;
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return `could not add network device ${name} to ofproto (${strerror(error.errno)})`;
  }
}

/** alloc_ofp_port(): what is asked for, what it had before, else the next that was never used. */
function chooseNumber(record: BridgeRecord, row: RowView): number {
  const wanted = row.number("ofport_request") ?? row.number("ofport") ?? -1;
  if (wanted > 0 && wanted < PORT_MAX && !record.bridge.port(wanted)) return wanted;
  for (let tries = 0; tries < PORT_MAX; tries++) {
    record.lastPort = record.lastPort + 1 >= PORT_MAX ? 1 : record.lastPort + 1;
    if (!record.bridge.port(record.lastPort) && !record.usedPorts.has(record.lastPort))
      return record.lastPort;
  }
  // All were used once: take any that is free.
  record.usedPorts.clear();
  for (let number = 1; number < PORT_MAX; number++) if (!record.bridge.port(number)) return number;
  return 1;
}

/** eth_addr_random() */
function randomAddress(daemon: SwitchDaemon): number {
  const high = ((daemon.host.random32() >>> 16) & 0xfeff) | 0x0200;
  return high * 0x1_0000_0000 + daemon.host.random32();
}
