// A network device: what all kinds have in common, and what a kind may override (net_device_ops). Its life in a
// namespace is in device-register.ts, its states in device-state.ts, its traffic in transmit.ts and receive.ts.

import type { Ipv6Address } from "../wire/ipv6-address.ts";
import type { SeenDevice } from "../system/network-capture.ts";
import { ARPHRD, IFF, OPERSTATE } from "../netlink/rtnl/link-constants.ts";
import { DropCounts } from "./drop-counts.ts";
import { LinkStatistics } from "./statistics.ts";
import type { EthtoolOperations } from "./ethtool/operations.ts";
import type { LinkKind } from "./link-kind.ts";
import type { BridgeOperations } from "./netlink/bridge-operations.ts";
import type { AddressList } from "./address-list.ts";
import type { Kernel } from "./kernel.ts";
import type { Netns } from "./netns.ts";
import type { Packet } from "./packet.ts";
import type { Discipline } from "./sched/discipline.ts";
import type { Policer } from "./sched/policer.ts";
import type { SysfsGroup } from "./sysfs-attribute.ts";

// What the kernel tells programs by these numbers it also keeps by them.
export { ARPHRD, IFF, OPERSTATE };

/** What a device does with a received packet before the protocols see it (rx_handler_result_t). */
export type RxVerdict =
  /** Taken over. */
  | "consumed"
  /** `packet.device` was changed: start again with that device. */
  | "another"
  /** Only for sockets bound to exactly this device. */
  | "exact"
  /** Go on as if there were no handler. */
  | "pass";

export type RxHandler = (packet: Packet) => RxVerdict;

/** Figures that differ between kinds of device. */
export interface DeviceSetup {
  readonly hardwareType?: number;
  readonly flags?: number;
  readonly mtu?: number;
  readonly minMtu?: number;
  readonly maxMtu?: number;
  readonly txQueueLength?: number;
  readonly address?: number;
  readonly broadcast?: number;
  readonly addressLength?: number;
  /** True for devices without a queue of their own (IFF_NO_QUEUE, LLTX): qdisc noqueue. */
  readonly noQueue?: boolean;
  readonly queues?: number;
  readonly tsoMaxSize?: number;
}

const BROADCAST_MAC = 0xffff_ffff_ffff;

export abstract class NetDevice {
  readonly kernel: Kernel;
  readonly kind: LinkKind | undefined;
  readonly slots: unknown[] = [];
  name: string;
  netns: Netns;
  ifindex = 0;
  registered = false;
  /** It is going for good, not to another namespace (NETREG_UNREGISTERING). */
  unregistering = false;

  /** User-visible flags without RUNNING, LOWER_UP and DORMANT, which follow from the state. */
  flags: number;
  /** Promiscuous / allmulti by request of a user (IFF_PROMISC in gflags), beside the counts. */
  userFlags = 0;
  promiscuity = 0;
  allmulti = 0;
  /** One of the counts above is for unicast addresses that the device cannot filter (uc_promisc). */
  unicastPromiscuous = false;

  readonly hardwareType: number;
  readonly addressLength: number;
  readonly noQueue: boolean;
  /** Queues that there is room for (num_tx_queues, num_rx_queues). */
  txQueues: number;
  rxQueues: number;
  tsoMaxSize: number;
  mtu: number;
  minMtu: number;
  maxMtu: number;
  txQueueLength: number;
  address: number;
  broadcast: number;
  /** NET_ADDR_*: 0 permanent, 1 random, 2 stolen, 3 set. */
  addressAssignType = 0;
  /** NET_NAME_*: 1 enumerated by the kernel, 3 given by user space, 4 renamed. */
  nameAssignType = 1;
  group = 0;
  alias: string | undefined;
  readonly altNames: string[] = [];
  qdisc = "noop";
  /** The discipline runs; false until the device has been up with carrier. */
  qdiscActive = false;
  /** One that it was given. */
  discipline: Discipline | undefined = undefined;
  /** Its handle, as in `struct tcmsg`. */
  disciplineHandle = 0;
  policer: Policer | undefined = undefined;
  linkMode = 0;
  /** dev_id: tells devices that share an address apart. */
  interfaceId = 0;
  protoDown = false;
  protoDownReason = 0;
  /** The largest packet that is handed to the device to be segmented, and that it may put together. Bytes, segments. */
  gsoMaxSize = 65536;
  gsoMaxSegs = 65535;
  groMaxSize = 65536;
  gsoIpv4MaxSize = 65536;
  groIpv4MaxSize = 65536;

  /** __LINK_STATE_START: set before the kind opens the device, cleared before it stops. */
  running = false;
  carrier = true;
  dormant = false;
  operstate: number = OPERSTATE.UNKNOWN;
  carrierUpCount = 0;
  carrierDownCount = 0;
  /** Waits in the queue of link events (linkwatch.ts). */
  linkEventPending = false;

  readonly statistics = new LinkStatistics();
  /** Packets that ended here, by reason: finer than the statistics, and nothing is left out. */
  readonly drops = new DropCounts();
  readonly multicast: AddressList;
  readonly unicast: AddressList;

  /** Bridge, bond, ... that it is a port of. */
  master: NetDevice | undefined;
  /** Lower devices of a stacked one (ports of a bridge; the base of a VLAN), in order of linking. */
  readonly lowers: NetDevice[] = [];
  /** Devices stacked on this one, in order of linking; the master included. */
  readonly uppers: NetDevice[] = [];
  rxHandler: RxHandler | undefined;
  /** Taps bound to this device; those for all devices are with the namespace. */
  tapCount = 0;
  /**
   * What a capture of the whole system knows it as (network-capture.ts) until it is renamed or moved; null: its frames are of
   * no interest. Looked at for every hop.
   */
  seen: SeenDevice | null | undefined = undefined;

  constructor(
    kernel: Kernel,
    netns: Netns,
    name: string,
    kind: LinkKind | undefined,
    lists: DeviceLists,
    setup: DeviceSetup,
  ) {
    this.kernel = kernel;
    this.netns = netns;
    this.name = name;
    this.kind = kind;
    this.multicast = lists.multicast;
    this.unicast = lists.unicast;
    this.hardwareType = setup.hardwareType ?? ARPHRD.ETHER;
    this.addressLength = setup.addressLength ?? 6;
    this.flags = setup.flags ?? IFF.BROADCAST | IFF.MULTICAST;
    this.mtu = setup.mtu ?? 1500;
    this.minMtu = setup.minMtu ?? 68;
    this.maxMtu = setup.maxMtu ?? 65535;
    this.txQueueLength = setup.txQueueLength ?? 1000;
    this.address = setup.address ?? 0;
    this.broadcast = setup.broadcast ?? BROADCAST_MAC;
    this.noQueue = setup.noQueue ?? true;
    this.txQueues = setup.queues ?? 1;
    this.rxQueues = setup.queues ?? 1;
    this.tsoMaxSize = setup.tsoMaxSize ?? 65536;
  }

  get up(): boolean {
    return (this.flags & IFF.UP) !== 0;
  }

  /** dev_get_flags(): flags as user space sees them. */
  get visibleFlags(): number {
    let flags =
      (this.flags & ~(IFF.PROMISC | IFF.ALLMULTI)) | (this.userFlags & (IFF.PROMISC | IFF.ALLMULTI));
    if (this.up) {
      if (this.operstate === OPERSTATE.UP || this.operstate === OPERSTATE.UNKNOWN) flags |= IFF.RUNNING;
      if (this.carrier) flags |= IFF.LOWER_UP;
      if (this.dormant) flags |= IFF.DORMANT;
    }
    return flags;
  }

  // ---- what a kind may override

  /** Takes over a packet that starts at its link-layer header (ndo_start_xmit). Never calls a receiver. */
  abstract transmit(packet: Packet): void;

  /** ndo_open: called before the device counts as up. Errors: Refusal. */
  open(): void {}

  /** ndo_stop. */
  stop(): void {}

  /** ndo_init and later: called when the device has its index and is in its namespace. */
  afterRegister(): void {}

  /** ndo_uninit: the device leaves for good. */
  beforeUnregister(): void {}

  /** ifindex of the device at the other end or below (IFLA_LINK); the own one if there is none. */
  get iflink(): number {
    return this.ifindex;
  }

  /** Namespace of the device that `iflink` tells of (get_link_net). */
  get linkNetns(): Netns | undefined {
    return undefined;
  }

  /** Errors: Refusal (EINVAL with the kernel's text when out of range comes from the caller). */
  changeMtu(mtu: number): void {
    this.mtu = mtu;
  }

  /** ndo_set_mac_address; a kind refuses what it does not allow. */
  changeAddress(address: number): void {
    this.address = address;
  }

  /** The validators of new IP addresses (inetaddr_validator_chain). Errors: Refusal. */
  validateAddress?(address: number | Ipv6Address): void;

  /** NETIF_F_VLAN_CHALLENGED: there can be no VLANs on top. */
  get refusesVlans(): boolean {
    return false;
  }

  /** ndo_change_carrier. Undefined where the kind has none (EOPNOTSUPP). */
  changeCarrier?(on: boolean): void;

  /** ndo_add_slave / ndo_del_slave, for masters. Errors: Refusal. */
  addPort?(port: NetDevice): void;
  removePort?(port: NetDevice): void;

  /** ndo_set_rx_mode: promiscuity or address lists have changed. */
  rxModeChanged(): void {}

  /** dev_addr_flush and dev_uc_flush: nobody listens on a device that leaves. */
  multicastFlush(): void {
    this.multicast.clear();
    this.unicast.clear();
  }

  /** ndo_change_rx_flags: PROMISC or ALLMULTI has changed. */
  rxFlagsChanged(_changed: number): void {}

  /** What the driver tells through ethtool; undefined: next to nothing, as for a driver without ethtool_ops. */
  get ethtool(): EthtoolOperations | undefined {
    return undefined;
  }

  /** More groups in /sys/class/net/NAME, e.g. "bridge". */
  sysfsGroups(): readonly SysfsGroup[] {
    return [];
  }

  /** For masters: groups in the directory of a port, e.g. "brport". */
  portSysfsGroups?(port: NetDevice): readonly SysfsGroup[];

  /** Forwarding database and ports, of bridges and the like (ndo_fdb_*, ndo_bridge_*). */
  get bridgeOperations(): BridgeOperations | undefined {
    return undefined;
  }

  /** True if the device cannot leave its namespace (NETIF_F_NETNS_LOCAL). */
  get netnsLocal(): boolean {
    return false;
  }

  /** True for devices that can listen to more unicast addresses than their own (IFF_UNICAST_FLT). */
  get filtersUnicast(): boolean {
    return false;
  }

  /** True for tunnels that are told by each packet where it goes (`external`, collect_metadata). */
  get takesTunnelMetadata(): boolean {
    return false;
  }

  /** True for devices that keep VLAN tags beside the frame on transmit (NETIF_F_HW_VLAN_CTAG_TX). */
  get vlanOffload(): boolean {
    return true;
  }
}

/** Address lists are made by the caller, so that this module depends on no other state. */
export interface DeviceLists {
  readonly multicast: AddressList;
  readonly unicast: AddressList;
}
