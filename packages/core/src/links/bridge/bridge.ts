// The state of a bridge (struct net_bridge). What happens to it is told by one file per concern: input.ts, forward.ts,
// fdb.ts, stp.ts, vlan.ts, multicast.ts, membership.ts, options.ts. The device that it is to the host is in device.ts.

import type { NetDevice } from "../../kernel/device.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { BRIDGE_GROUP_MAC } from "../../wire/mac.ts";
import { EtherType } from "../../wire/ethernet.ts";
import type { BridgeId } from "../../wire/stp.ts";
import { FdbTable } from "./fdb-table.ts";
import type { Jiffies } from "./jiffies.ts";
import type { JiffyTimer } from "./jiffies.ts";
import type { BridgeMulticastOptions } from "./multicast-options.ts";
import { bridgeMulticastDefaults } from "./multicast-options.ts";
import type { MulticastDatabase } from "./multicast-database.ts";
import type { BridgePort } from "./port.ts";
import { PORT_LIMIT } from "./port-id.ts";
import { VlanGroup } from "./vlan-group.ts";

const DEFAULT_PRIORITY = 0x8000;
// Seconds, IEEE 802.1D-1998 table 8-3.
const MAX_AGE = 20;
const HELLO_TIME = 2;
const FORWARD_DELAY = 15;
const AGEING_TIME = 300;

export interface BridgeTimers {
  readonly hello: JiffyTimer;
  readonly tcn: JiffyTimer;
  readonly topologyChange: JiffyTimer;
  /** Clean-up of the forwarding database (gc_work). */
  readonly gc: JiffyTimer;
}

export class Bridge {
  readonly kernel: Kernel;
  readonly device: NetDevice;
  /** Newest first, as in the kernel's list: the order of flooding. */
  readonly ports: BridgePort[] = [];
  /** Numbers of ports: 1 where one is taken. */
  readonly portNumbers = new Uint8Array(PORT_LIMIT);
  readonly fdb = new FdbTable();
  readonly timers: BridgeTimers;

  // Spanning tree
  /** The kernel's spanning tree runs. */
  stp = false;
  id: BridgeId = { priority: DEFAULT_PRIORITY, mac: 0 };
  designatedRoot: BridgeId = this.id;
  rootPathCost = 0;
  /** Number of the root port; 0: this bridge is the root. */
  rootPort = 0;
  /**
   * Whether any port has ever recorded what another bridge told. Until then every port is designated and this bridge the
   * root, so a port that comes or goes changes nothing about the others, of which there may be a thousand.
   */
  heardOthers = false;
  /** Ports in state FORWARDING. */
  forwardingPorts = 0;
  topologyChange = false;
  topologyChangeDetected = false;
  /** In force: those of the root. */
  maxAge: Jiffies;
  helloTime: Jiffies;
  forwardDelay: Jiffies;
  ageingTime: Jiffies;
  /** As configured here, in force when this bridge is the root. */
  bridgeMaxAge: Jiffies;
  bridgeHelloTime: Jiffies;
  bridgeForwardDelay: Jiffies;
  bridgeAgeingTime: Jiffies;
  groupAddress = BRIDGE_GROUP_MAC;
  groupAddressSet = false;
  /** Reserved groups 01:80:c2:00:00:0X that are forwarded, as bits. */
  groupFwdMask = 0;
  /** Those that a provider bridge has to forward (BR_GROUPFWD_8021AD). */
  groupFwdMaskRequired = 0;
  noLinklocalLearn = false;

  // VLANs
  readonly vlans = new VlanGroup();
  vlanFiltering = false;
  vlanProtocol: number = EtherType.VLAN;
  defaultPvid = 0;
  vlanStats = false;
  vlanStatsPerPort = false;

  /** The MTU was set by a user and does not follow the ports. */
  mtuSet = false;
  /** Ports that learn or are flooded to (BR_AUTO_MASK). */
  autoPorts = 0;
  /** Ports whose devices the bridge has made promiscuous. */
  promiscuousPorts = 0;
  neighSuppress = false;
  nfCallIptables = false;
  nfCallIp6tables = false;
  nfCallArptables = false;

  readonly multicast: BridgeMulticastOptions;
  readonly groups: MulticastDatabase;

  constructor(
    device: NetDevice,
    timers: (bridge: Bridge) => BridgeTimers,
    groups: (bridge: Bridge) => MulticastDatabase,
  ) {
    const { kernel } = device;
    const { hz } = kernel.profile;
    this.kernel = kernel;
    this.device = device;
    this.maxAge = this.bridgeMaxAge = MAX_AGE * hz;
    this.helloTime = this.bridgeHelloTime = HELLO_TIME * hz;
    this.forwardDelay = this.bridgeForwardDelay = FORWARD_DELAY * hz;
    this.ageingTime = this.bridgeAgeingTime = AGEING_TIME * hz;
    this.multicast = bridgeMulticastDefaults(hz);
    this.timers = timers(this);
    this.groups = groups(this);
  }

  /** br_is_root_bridge() */
  get isRoot(): boolean {
    return this.id.priority === this.designatedRoot.priority && this.id.mac === this.designatedRoot.mac;
  }

  portByNumber(number: number): BridgePort | undefined {
    return this.ports.find((port) => port.number === number);
  }

  /** hold_time(): how long a learned address is kept. */
  get holdTime(): Jiffies {
    return this.topologyChange ? this.forwardDelay : this.ageingTime;
  }
}
