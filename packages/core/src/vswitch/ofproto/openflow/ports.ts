// Messages about ports: descriptions, counters, configuration.

import { ERRNO, strerror } from "../../../netlink/errno.ts";
import type { NetDevice } from "../../../kernel/device.ts";
import { durationOf } from "./duration.ts";
import { OpenflowError } from "../../../ovsproto/openflow/errors.ts";
import type { OpenFlowVersion } from "../../../ovsproto/openflow/fields.ts";
import { PortConfig, PortState } from "../../../ovsproto/openflow/port-messages.ts";
import type { PhyPort, PortCounters, PortMod } from "../../../ovsproto/openflow/port-messages.ts";
import type { Message } from "../../../ovsproto/openflow/message-body.ts";
import { Port } from "../../../ovsproto/openflow/ports.ts";
import type { DummyNetdev } from "../../dummy/dummy-netdev.ts";
import type { Bridge, BridgeListener } from "../bridge.ts";
import type { OfPort } from "../port.ts";
import type { OfConnection } from "./connection.ts";

/** OFPPF_*: 10 Gb/s full duplex, copper. */
const FEATURE_BITS = { "10GB_FD": 1 << 6, "1GB_FD": 1 << 5, "100MB_FD": 1 << 3, COPPER: 1 << 11 } as const;

function featuresOf(device: NetDevice | undefined): { readonly current: number; readonly speed: number } {
  const link = device && device.ethtool?.linkSettings?.(device);
  switch (link?.speed) {
    case 10000:
      return { current: FEATURE_BITS["10GB_FD"] | FEATURE_BITS.COPPER, speed: 10_000_000 };
    case 1000:
      return { current: FEATURE_BITS["1GB_FD"] | FEATURE_BITS.COPPER, speed: 1_000_000 };
    case 100:
      return { current: FEATURE_BITS["100MB_FD"] | FEATURE_BITS.COPPER, speed: 100_000 };
    default:
      return { current: 0, speed: 0 };
  }
}

/** A userspace datapath keeps ports whose devices somebody else has deleted: nothing is known of them any more. */
function isGone(device: NetDevice | undefined): boolean {
  return device?.registered === false;
}

export function describePort(port: OfPort, version: OpenFlowVersion): PhyPort {
  const { device, config, state: told } = port;
  const gone = isGone(device);
  const { current, speed } = featuresOf(gone ? undefined : device);
  const down = config.down || told.down;
  // what later versions do not know any more
  const early =
    (config.noStp ? PortConfig.NO_STP : 0) |
    (config.noReceiveStp ? PortConfig.NO_RECV_STP : 0) |
    (config.noFlood ? PortConfig.NO_FLOOD : 0);
  const bits =
    (down ? PortConfig.PORT_DOWN : 0) |
    (version === 1 ? early : 0) |
    (config.noReceive ? PortConfig.NO_RECV : 0) |
    (config.noForward ? PortConfig.NO_FWD : 0) |
    (config.noPacketIn ? PortConfig.NO_PACKET_IN : 0);
  const live = version > 1 && told.live;
  const state = (told.linkDown ? PortState.LINK_DOWN : 0) | (live ? PortState.LIVE : 0);
  return {
    port: port.number,
    mac: gone ? 0 : (device?.address ?? port.address),
    name: port.name,
    config: bits,
    state: state | (version === 1 ? ((port.stp ?? port.rstp)?.openflowState ?? 0) : 0),
    current,
    advertised: 0,
    supported: 0,
    peer: 0,
    currentSpeed: speed,
    maxSpeed: 0,
  };
}

export function describePorts(bridge: Bridge, version: OpenFlowVersion): PhyPort[] {
  return [...bridge.portsInOrder()].map((port) => describePort(port, version));
}

const UNKNOWN = 0xffff_ffff_ffff_ffffn;
const UNKNOWN_DROPS = {
  rxDropped: UNKNOWN,
  txDropped: UNKNOWN,
  rxErrors: UNKNOWN,
  txErrors: UNKNOWN,
  rxFrameErrors: UNKNOWN,
  rxOverErrors: UNKNOWN,
  rxCrcErrors: UNKNOWN,
  collisions: UNKNOWN,
} as const;

/** port_get_stats(): frames of the switch's own count as if the bridge's own port had received them. */
function countersOf(bridge: Bridge, port: OfPort): PortCounters {
  const found = deviceCounters(bridge, port);
  if (port.number !== Port.LOCAL || found.rxPackets === UNKNOWN) return found;
  const { packets, bytes } = bridge.ownFrames;
  return {
    ...found,
    rxPackets: found.rxPackets + BigInt(packets),
    rxBytes: found.rxBytes + BigInt(bytes),
  };
}

function deviceCounters(bridge: Bridge, port: OfPort): PortCounters {
  const { device, counters } = port;
  const age = bridge.backer.now - port.created;
  const duration = durationOf(age);
  const common = { port: port.number, duration, custom: [], rmon: [] };
  if (isGone(device))
    return {
      ...common,
      rxPackets: UNKNOWN,
      txPackets: UNKNOWN,
      rxBytes: UNKNOWN,
      txBytes: UNKNOWN,
      ...UNKNOWN_DROPS,
    };
  if (!device || port.sparse) {
    return {
      ...common,
      ...(port.dummy ? { custom: customOf(port.dummy) } : {}),
      rxPackets: BigInt(counters.rxPackets),
      txPackets: BigInt(counters.txPackets),
      rxBytes: BigInt(counters.rxBytes),
      txBytes: BigInt(counters.txBytes),
      ...UNKNOWN_DROPS,
    };
  }
  const s = port.statisticsOf(device);
  return {
    ...common,
    rxPackets: BigInt(s.rxPackets),
    txPackets: BigInt(s.txPackets),
    rxBytes: BigInt(s.rxBytes),
    txBytes: BigInt(s.txBytes),
    rxDropped: BigInt(s.rxDropped),
    txDropped: BigInt(s.txDropped),
    rxErrors: BigInt(s.rxErrors),
    txErrors: BigInt(s.txErrors),
    rxFrameErrors: BigInt(s.rxFrameErrors),
    rxOverErrors: BigInt(s.rxOverErrors),
    rxCrcErrors: BigInt(s.rxCrcErrors),
    collisions: BigInt(s.collisions),
  };
}

function customOf(dummy: DummyNetdev): PortCounters["custom"] {
  return Object.entries(dummy.customCounters()).map(([name, value]) => ({ name, value: BigInt(value) }));
}

/** `number` NONE: all. */
export function replyPortCounters(
  bridge: Bridge,
  connection: OfConnection,
  message: Message,
  number: number,
): void {
  bridge.backer.pushStatistics();
  const all = [...bridge.portsInOrder()];
  const ports = number === Port.NONE ? all : all.filter((port) => port.number === number);
  if (ports.length === 0 && number !== Port.NONE) throw new OpenflowError("OFPBRC_BAD_PORT");
  connection.replyParts(
    message,
    ports.map((port) => countersOf(bridge, port)),
    (some) => ({ type: "port_reply", ports: some }),
  );
}

const REFUSED = Symbol("refused");

/** netdev_turn_flags_off() of a device that has no such flags */
function refuseFlags({ backer }: Bridge, { name, device }: OfPort): typeof REFUSED {
  const fault = strerror(isGone(device) ? ERRNO.ENODEV : ERRNO.EOPNOTSUPP);
  const text = `failed to set flags for network device ${name}: ${fault}`;
  backer.vlog?.limited("netdev", "netdev", "warn", text, 5, 20);
  return REFUSED;
}

/** handle_port_mod(). `source`: who asks for it. Errors: OpenflowError. */
export function modifyPort(bridge: Bridge, mod: PortMod, source: BridgeListener): void {
  const port = bridge.port(mod.port);
  if (!port) throw new OpenflowError("OFPPMFC_BAD_PORT");
  const address = port.device?.address ?? port.address;
  if (mod.mac !== 0 && mod.mac !== address) throw new OpenflowError("OFPPMFC_BAD_HW_ADDR");
  const { config } = port;
  // the netdevs of patch ports and tunnels cannot be turned off
  const fixed = port.device === undefined || port.tunnel !== undefined || isGone(port.device);
  let changed = false;
  const follow = (bit: number, now: boolean, set: (on: boolean) => unknown): void => {
    const on = (mod.config & bit) !== 0;
    if ((mod.mask & bit) !== 0 && on !== now && set(on) !== REFUSED) changed = true;
  };
  follow(PortConfig.NO_STP, config.noStp, (on) => (config.noStp = on));
  follow(PortConfig.NO_RECV, config.noReceive, (on) => (config.noReceive = on));
  follow(PortConfig.NO_RECV_STP, config.noReceiveStp, (on) => (config.noReceiveStp = on));
  follow(PortConfig.NO_FLOOD, config.noFlood, (on) => (config.noFlood = on));
  follow(PortConfig.NO_FWD, config.noForward, (on) => (config.noForward = on));
  follow(PortConfig.NO_PACKET_IN, config.noPacketIn, (on) => (config.noPacketIn = on));
  const wasDown = port.state.down;
  follow(PortConfig.PORT_DOWN, config.down || wasDown, (on) => {
    if (fixed) return refuseFlags(bridge, port);
    return (port.state.down = config.down = on);
  });
  if (!changed) return;
  bridge.portModified(port, source);
  // the link follows
  if (port.device && port.state.down !== wasDown) {
    bridge.backer.datapath.host.setUp(port.device, !config.down);
  }
}
