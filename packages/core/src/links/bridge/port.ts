// A port of a bridge: state that belongs to neither the bridge nor the device (struct net_bridge_port). What happens to
// it is in membership.ts, stp.ts, vlan.ts and port-options.ts.

import type { NetDevice } from "../../kernel/device.ts";
import type { RxHandler } from "../../kernel/device.ts";
import { Slot } from "../../kernel/slot.ts";
import type { BridgeId } from "../../wire/stp.ts";
import type { Bridge } from "./bridge.ts";
import type { JiffyTimer } from "./jiffies.ts";
import { BR_STATE, MDB_RTR_TYPE } from "./netlink.ts";
import { DEFAULT_PORT_PRIORITY, makePortId } from "./port-id.ts";
import { VlanGroup } from "./vlan-group.ts";

export interface PortTimers {
  readonly forwardDelay: JiffyTimer;
  readonly hold: JiffyTimer;
  readonly messageAge: JiffyTimer;
}

/** Counters of the spanning tree (struct bridge_stp_xstats). */
export interface StpCounters {
  transitionBlocking: number;
  transitionForwarding: number;
  rxBpdu: number;
  txBpdu: number;
  rxTcn: number;
  txTcn: number;
}

export class BridgePort {
  readonly bridge: Bridge;
  readonly device: NetDevice;
  readonly number: number;
  readonly vlans = new VlanGroup();

  /** BR_STATE.* */
  state: number = BR_STATE.DISABLED;
  id: number;
  priority = DEFAULT_PORT_PRIORITY;
  pathCost: number;
  /** The cost was set by a user and does not follow the speed of the device. */
  costSet = false;
  designatedRoot: BridgeId;
  designatedCost: number;
  designatedBridge: BridgeId;
  designatedPort: number;
  /** When the root sent what this port has recorded, in jiffies. */
  designatedAge = 0;
  topologyChangeAck = false;
  configPending = false;
  readonly timers: PortTimers;
  readonly stpCounters: StpCounters = {
    transitionBlocking: 0,
    transitionForwarding: 0,
    rxBpdu: 0,
    txBpdu: 0,
    rxTcn: 0,
    txTcn: 0,
  };

  // Flags, in the order of BR_* in br_private.h
  hairpin = false;
  bpduGuard = false;
  rootBlock = false;
  fastLeave = false;
  /** The bridge has raised the device's promiscuity. */
  promiscuous = false;
  /** It is among those that its bridge counts in `autoPorts`. */
  countedAsAuto = false;
  learning = true;
  flood = true;
  multicastFlood = true;
  multicastToUnicast = false;
  broadcastFlood = true;
  proxyArp = false;
  proxyArpWifi = false;
  vlanTunnel = false;
  neighSuppress = false;
  isolated = false;
  locked = false;
  /** Reserved groups 01:80:c2:00:00:0X that it forwards, as bits. */
  groupFwdMask = 0;
  backup: BridgePort | undefined;
  /** MDB_RTR_TYPE */
  multicastRouter: number = MDB_RTR_TYPE.TEMP_QUERY;
  /** BR_MCAST_DEFAULT_EHT_HOSTS_LIMIT */
  ehtHostsLimit = 512;
  /** What the device's rx handler is while it is a port. */
  handler: RxHandler | undefined;

  constructor(
    bridge: Bridge,
    device: NetDevice,
    number: number,
    pathCost: number,
    timers: (port: BridgePort) => PortTimers,
  ) {
    this.bridge = bridge;
    this.device = device;
    this.number = number;
    this.pathCost = pathCost;
    this.id = makePortId(this.priority, number);
    this.designatedRoot = bridge.designatedRoot;
    this.designatedCost = bridge.rootPathCost;
    this.designatedBridge = bridge.id;
    this.designatedPort = this.id;
    this.timers = timers(this);
  }
}

const ports = new Slot<BridgePort>();

/** br_port_get_rtnl(): the port that a device is, if it is one. */
export function portOf(device: NetDevice): BridgePort | undefined {
  return ports.of(device);
}

export function setPort(device: NetDevice, port: BridgePort | undefined): void {
  ports.set(device, port);
}
