/**
 * The generic netlink families of Open vSwitch's datapath (linux/openvswitch.h of Linux 6.1; net/openvswitch/datapath.c, meter.c,
 * conntrack.c): datapaths, ports, flows, packets, meters and limits of connections. Attributes stand in the order in which the
 * kernel writes them. Keys and actions are bytes here; what is in them: ovsproto/datapath/.
 */

import {
  arrayOf,
  at,
  bytes,
  flag,
  numberedList,
  s32,
  struct,
  text,
  u16,
  u32,
  u64,
  u8,
} from "../attribute-codecs.ts";
import {
  type AnyFields,
  type Attributes,
  AttributeTable,
  type BodyCodec,
  bodyCodec,
  field,
} from "../attribute-table.ts";

/** Names of the families; groups of notifications have the same ones. */
export const OVS_FAMILY = {
  DATAPATH: "ovs_datapath",
  VPORT: "ovs_vport",
  FLOW: "ovs_flow",
  PACKET: "ovs_packet",
  METER: "ovs_meter",
  CT_LIMIT: "ovs_ct_limit",
} as const;

/** OVS_DATAPATH_VERSION; the other families have 1. */
export const OVS_DATAPATH_VERSION = 2;
export const OVS_VERSION = 1;

/** Commands of ovs_datapath, ovs_vport and ovs_flow alike. */
export const OVS_CMD = { NEW: 1, DEL: 2, GET: 3, SET: 4 } as const;
export const OVS_PACKET_CMD = { MISS: 1, ACTION: 2, EXECUTE: 3 } as const;
export const OVS_METER_CMD = { FEATURES: 1, SET: 2, DEL: 3, GET: 4 } as const;
export const OVS_CT_LIMIT_CMD = { SET: 1, DEL: 2, GET: 3 } as const;

/** OVS_DP_F_* */
export const OVS_DP_FEATURE = {
  UNALIGNED: 1,
  VPORT_PIDS: 2,
  TC_RECIRC_SHARING: 4,
  DISPATCH_UPCALL_PER_CPU: 8,
} as const;

/** OVS_VPORT_TYPE_* */
export const OVS_VPORT_TYPE = { NETDEV: 1, INTERNAL: 2, GRE: 3, VXLAN: 4, GENEVE: 5 } as const;

/** OVS_UFID_F_*: what an answer is to leave out. */
export const OVS_UFID_FLAG = { OMIT_KEY: 1, OMIT_MASK: 2, OMIT_ACTIONS: 4 } as const;

/** Ports have numbers below it (DP_MAX_PORTS). */
export const OVS_MAX_PORTS = 0xffff;
/** The datapath's own (OVSP_LOCAL). */
export const OVS_LOCAL_PORT = 0;

/** struct genlmsghdr, then struct ovs_header. */
const header = struct(8, { cmd: at(0, u8), version: at(1, u8), dpIfindex: at(4, s32) });

type Header = ReturnType<typeof header.get>;

export type OvsMessage<F> = Header & Attributes<F>;

function message<F extends AnyFields>(fields: F, what: string): BodyCodec<OvsMessage<F>> {
  return bodyCodec(header, new AttributeTable(fields), `openvswitch ${what}`);
}

const datapathFields = {
  name: field(1, text),
  upcallPid: field(2, u32),
  stats: field(
    3,
    struct(32, { hits: at(0, u64), misses: at(8, u64), lost: at(16, u64), flows: at(24, u64) }),
  ),
  /** Pads of the structure are left out. */
  megaflowStats: field(4, struct(32, { maskHits: at(0, u64), masks: at(8, u32), cacheHits: at(16, u64) })),
  userFeatures: field(5, u32),
  masksCacheSize: field(7, u32),
  perCpuPids: field(8, arrayOf(u32)),
  /** Of the datapath's own device, when it is made. */
  ifindex: field(9, u32),
} as const;

export const ovsDatapath = message(datapathFields, "datapath");
export type OvsDatapathMessage = OvsMessage<typeof datapathFields>;

/** struct ovs_vport_stats */
const vportStats = struct(64, {
  rxPackets: at(0, u64),
  txPackets: at(8, u64),
  rxBytes: at(16, u64),
  txBytes: at(24, u64),
  rxErrors: at(32, u64),
  txErrors: at(40, u64),
  rxDropped: at(48, u64),
  txDropped: at(56, u64),
});

export type OvsVportStats = ReturnType<typeof vportStats.get>;

const vportFields = {
  portNo: field(1, u32),
  type: field(2, u32),
  name: field(3, text),
  ifindex: field(8, u32),
  /** Where its device is, if that is another namespace. */
  netnsid: field(9, s32),
  stats: field(6, vportStats),
  /** One, or with OVS_DP_F_VPORT_PIDS several. */
  upcallPid: field(5, arrayOf(u32)),
  options: field(4, new AttributeTable({ dstPort: field(1, u16), extension: field(2, bytes) })),
} as const;

export const ovsVport = message(vportFields, "vport");
export type OvsVportMessage = OvsMessage<typeof vportFields>;

/** struct ovs_flow_stats */
const packetStats = struct(16, { packets: at(0, u64), bytes: at(8, u64) });

const flowFields = {
  ufid: field(9, bytes),
  key: field(1, bytes),
  mask: field(7, bytes),
  /** Of the last packet, milliseconds since boot. */
  used: field(5, u64),
  stats: field(3, packetStats),
  tcpFlags: field(4, u8),
  actions: field(2, bytes),
  clear: field(6, flag),
  probe: field(8, flag),
  ufidFlags: field(10, u32),
} as const;

export const ovsFlow = message(flowFields, "flow");
export type OvsFlowMessage = OvsMessage<typeof flowFields>;

const packetFields = {
  packet: field(1, bytes),
  key: field(2, bytes),
  actions: field(3, bytes),
  userdata: field(4, bytes),
  egressTunKey: field(5, bytes),
  probe: field(8, flag),
  mru: field(9, u16),
  /** Length before it was cut. */
  len: field(10, u32),
} as const;

export const ovsPacket = message(packetFields, "packet");
export type OvsPacketMessage = OvsMessage<typeof packetFields>;

/** OVS_METER_BAND_TYPE_DROP */
export const OVS_METER_BAND_DROP = 1;

const band = new AttributeTable({
  type: field(1, u32),
  rate: field(2, u32),
  burst: field(3, u32),
  stats: field(4, packetStats),
});

const meterFields = {
  id: field(1, u32),
  /** Rates are kilobits, not packets. */
  kbps: field(2, flag),
  stats: field(3, packetStats),
  bands: field(4, numberedList(band, 0)),
  /** Milliseconds since boot. */
  used: field(5, u64),
  clear: field(6, flag),
  maxMeters: field(7, u32),
  maxBands: field(8, u32),
} as const;

export const ovsMeter = message(meterFields, "meter");
export type OvsMeterMessage = OvsMessage<typeof meterFields>;

/** The limit of zones that have none of their own (OVS_ZONE_LIMIT_DEFAULT_ZONE). */
export const OVS_DEFAULT_ZONE = -1;

const zoneLimit = struct(12, { zone: at(0, s32), limit: at(4, u32), count: at(8, u32) });

const limitFields = { zoneLimit: field(1, arrayOf(zoneLimit)) } as const;

export const ovsCtLimit = message(limitFields, "ct_limit");
export type OvsCtLimitMessage = OvsMessage<typeof limitFields>;
