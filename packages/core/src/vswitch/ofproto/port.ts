// Ports and bundles of a bridge. A port is one OpenFlow port; a bundle is what the database calls a port: one interface, or
// several that are bonded, with VLAN settings. Only state is here; ofproto/xlate tells what it means for packets.

import type { NetDevice } from "../../kernel/device.ts";
import { portStatistics } from "../datapath/port-statistics.ts";
import type { PortStatistics } from "../datapath/port-statistics.ts";
import type { BfdPort } from "./bfd/bfd-port.ts";
import type { Bond } from "./bond.ts";
import type { DummyNetdev } from "../dummy/dummy-netdev.ts";
import type { Bridge } from "./bridge.ts";
import type { Cfm } from "./cfm/cfm.ts";
import type { Lacp } from "./lacp/lacp.ts";
import type { LldpAgent } from "./lldp/lldp-agent.ts";
import type { PortCounters } from "./port-counters.ts";
import type { PortQos } from "./port-qos.ts";
import { PortState } from "./port-state.ts";
import type { PacketTypes } from "../../ovsproto/datapath/tunnel-config.ts";
import type { Tunnel } from "./tunnel.ts";

/** What a spanning tree lets a port do. */
export interface SpanningTreePort {
  readonly forwards: boolean;
  readonly learns: boolean;
  /** BPDUs may leave by it (stp_should_forward_bpdu, rstp_should_manage_bpdu). */
  readonly passesBpdus: boolean;
  /** OFPPS_STP_*, bits of the port's state. */
  readonly openflowState: number;
}

/** OFPPC_*: what a controller may set of a port. */
export interface PortConfig {
  down: boolean;
  noStp: boolean;
  noReceive: boolean;
  noReceiveStp: boolean;
  noFlood: boolean;
  noForward: boolean;
  noPacketIn: boolean;
}

export class OfPort {
  readonly bridge: Bridge;
  readonly name: string;
  /** OpenFlow port number, 65534 for the bridge's own port. */
  readonly number: number;
  /** Type of the interface as the database gives it: "" is system. */
  readonly type: string;
  /** Port of the datapath; undefined for a patch port. */
  datapathPort: number | undefined;
  device: NetDevice | undefined;
  /** Name of the port at the other end, for a patch port. */
  peerName: string | undefined = undefined;
  /** It is one end of a tunnel. */
  tunnel: Tunnel | undefined = undefined;
  bundle: Bundle | undefined = undefined;
  readonly config: PortConfig = {
    down: false,
    noStp: false,
    noReceive: false,
    noReceiveStp: false,
    noFlood: false,
    noForward: false,
    noPacketIn: false,
  };
  /** As OpenFlow is told. */
  state = new PortState(undefined);
  stp: SpanningTreePort | undefined = undefined;
  rstp: SpanningTreePort | undefined = undefined;
  cfm: Cfm | undefined = undefined;
  bfd: BfdPort | undefined = undefined;
  lldp: LldpAgent | undefined = undefined;
  /** Its queueing, if its device has been given one. */
  qos: PortQos | undefined = undefined;
  /** Code points that packets leave with, by priority in the datapath. */
  queueMarks: ReadonlyMap<number, number> = new Map();
  /** MAC address of a port without a device. */
  address = 0;
  counters: PortCounters = { rxPackets: 0, rxBytes: 0, txPackets: 0, txBytes: 0 };
  /** Its device is one of the daemon's own (--enable-dummy). */
  dummy: DummyNetdev | undefined = undefined;
  /** Clock when it was made, nanoseconds. */
  readonly created: number;

  constructor(bridge: Bridge, name: string, number: number, type: string, created: number) {
    this.bridge = bridge;
    this.name = name;
    this.number = number;
    this.type = type;
    this.created = created;
  }

  /** Of the device, if it is one that has an index. */
  get ifindex(): number | undefined {
    const index = this.dummy ? this.dummy.ifindex : this.device?.ifindex;
    return index !== undefined && index > 0 ? index : undefined;
  }

  /** It has the four counters of `counters` and no others. */
  get sparse(): boolean {
    return this.device === undefined || this.tunnel !== undefined || this.dummy !== undefined;
  }

  /** The patch port at the other end, if both name each other. */
  get peer(): OfPort | undefined {
    if (this.peerName === undefined) return undefined;
    const peer = this.bridge.backer.portNamed(this.peerName);
    return peer?.peerName === this.name ? peer : undefined;
  }

  /** Whether it may be used, as far as its link and what watches it say. */
  get mayEnable(): boolean {
    return this.linkUp && this.#checksAllow && (this.bundle?.lacp?.mayEnable(this) ?? true);
  }

  /** One that is content is enough. */
  get #checksAllow(): boolean {
    const { cfm, bfd } = this;
    if (!cfm && !bfd) return true;
    return cfm?.isUp === true || bfd?.session.forwarding(this.bridge.monitor?.now ?? 0) === true;
  }

  /** Which packets it takes; a patch port passes all on as they are. */
  get packetTypes(): PacketTypes {
    if (this.peerName !== undefined) return "ptap";
    return this.tunnel?.config.packetTypes ?? "legacy_l2";
  }

  /** Packets that have come in by it. */
  get rxPackets(): number {
    const { device } = this;
    if (!device || this.sparse) return this.counters.rxPackets;
    return this.statisticsOf(device).rxPackets;
  }

  /** What its device has counted, as the switch sees it. */
  statisticsOf(device: NetDevice): PortStatistics {
    return portStatistics(this.bridge.backer.datapath.kind, this.type, device);
  }

  /** Whether frames may be sent and received (OFPPS_LINK_DOWN is not set). */
  get linkUp(): boolean {
    const { device } = this;
    if (!device) return true;
    return device.up && device.carrier;
  }
}

export type VlanMode = "access" | "trunk" | "native-tagged" | "native-untagged" | "dot1q-tunnel";
export type PriorityTags = "never" | "if-nonzero" | "always";

/** What the database says about a bundle (struct ofproto_bundle_settings). */
export interface BundleSettings {
  readonly vlanMode: VlanMode;
  /** Of an access port, the native VLAN of others; 0 for a trunk. */
  readonly vlan: number;
  /** VLANs that it carries; undefined: all. */
  readonly trunks: ReadonlySet<number> | undefined;
  /** Customer VLANs of a dot1q-tunnel; undefined: all. */
  readonly cvlans: ReadonlySet<number> | undefined;
  readonly qinqEthertype: number;
  readonly priorityTags: PriorityTags;
  readonly protected: boolean;
}

export const PLAIN_TRUNK: BundleSettings = {
  vlanMode: "trunk",
  vlan: 0,
  trunks: undefined,
  cvlans: undefined,
  qinqEthertype: 0x88a8,
  priorityTags: "never",
  protected: false,
};

export class Bundle {
  readonly name: string;
  readonly ports: OfPort[] = [];
  settings: BundleSettings = PLAIN_TRUNK;
  bond: Bond | undefined = undefined;
  lacp: Lacp<OfPort> | undefined = undefined;

  constructor(name: string) {
    this.name = name;
  }

  /** False if a controller has taken one of its ports out of floods, or one takes no frames. */
  get floodable(): boolean {
    return !this.ports.some((port) => port.config.noFlood || port.packetTypes === "legacy_l3");
  }

  /** xbundle_trunks_vlan() */
  trunks(vlan: number): boolean {
    const { vlanMode, vlan: native } = this.settings;
    if (vlan === 0 && native !== 0 && vlanMode.startsWith("native")) return false; // the native VLAN takes its place
    return this.settings.trunks === undefined || this.settings.trunks.has(vlan);
  }

  /** xbundle_allows_cvlan() */
  allowsCustomerVlan(vlan: number): boolean {
    return this.settings.cvlans === undefined || this.settings.cvlans.has(vlan);
  }
}
