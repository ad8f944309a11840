/**
 * Messages of the ethtool family (Linux Documentation/networking/ethtool-netlink.rst; net/ethtool/*.c, whose
 * `fill_reply` functions set the order). Each kind of message has one codec for request and answer: both start with
 * genlmsghdr and a `header` nest that names the device. Requests that only name the device, of kinds that no embedded
 * device answers (EEE, FEC, PHC and so on), are read with `deviceOnly`.
 */

import { type AttributeCodec, bytes, flag, flaggedNest, text, u32, u64, u8 } from "../attribute-codecs.ts";
import {
  type AnyFields,
  type Attributes,
  AttributeTable,
  type BodyCodec,
  bodyCodec,
  field,
  type Field,
  type Fields,
  repeated,
} from "../attribute-table.ts";
import { genericHeader } from "./control.ts";
import { bitset } from "./ethtool-bitset.ts";

const headerTable = new AttributeTable({
  devIndex: field(1, u32),
  devName: field(2, text),
  /** ETHTOOL_FLAG.*. */
  flags: field(3, u32),
  phyIndex: field(4, u32),
});

/** The `header` nest. An answer has index and name. */
export type EthtoolHeader = Fields<typeof headerTable>;

const header = flaggedNest(headerTable);

type GenericHeader = ReturnType<typeof genericHeader.get>;

/** Any message of the family with these attributes. */
export type EthtoolMessage<F> = GenericHeader & Attributes<F>;

function message<F extends AnyFields>(fields: F, what: string): BodyCodec<EthtoolMessage<F>> {
  return bodyCodec(genericHeader, new AttributeTable(fields), `ethtool ${what}`);
}

/** Numbered attributes from `first` on, all of one codec. */
function numbered<const N extends string>(
  first: number,
  codec: AttributeCodec<number>,
  names: readonly N[],
): Readonly<Record<N, Field<number>>> {
  const fields = names.map((name, index) => [name, field(first + index, codec)] as const);
  return Object.fromEntries(fields) as Record<N, Field<number>>; // one entry a name
}

/** Only the device: requests without further attributes. */
export const deviceOnly = message({ header: field(1, header) }, "header");

const stringEntry = new AttributeTable({ index: field(1, u32), value: field(2, text) });
const stringSet = new AttributeTable({
  /** ETH_SS.*. */
  id: field(1, u32),
  count: field(2, u32),
  strings: field(3, flaggedNest(new AttributeTable({ string: repeated(1, flaggedNest(stringEntry)) }))),
});

/** Names of bits and counters. The answer about sets that belong to no device has no header. */
export const strset = message(
  {
    header: field(1, header),
    stringsets: field(2, flaggedNest(new AttributeTable({ stringset: repeated(1, flaggedNest(stringSet)) }))),
    countsOnly: field(3, flag),
  },
  "STRSET",
);

export const linkinfo = message(
  {
    header: field(1, header),
    /** PORT_*. */
    port: field(2, u8),
    phyaddr: field(3, u8),
    /** ETH_TP_MDI_*. */
    tpMdix: field(4, u8),
    tpMdixCtrl: field(5, u8),
    transceiver: field(6, u8),
  },
  "LINKINFO",
);

export const linkmodes = message(
  {
    header: field(1, header),
    autoneg: field(2, u8),
    /** Value: advertised, mask: supported. */
    ours: field(3, bitset),
    peer: field(4, bitset),
    /** Mb/s; 0xffffffff is unknown. */
    speed: field(5, u32),
    /** 0 half, 1 full, 255 unknown. */
    duplex: field(6, u8),
    lanes: field(9, u32),
    masterSlaveCfg: field(7, u8),
    masterSlaveState: field(8, u8),
    rateMatching: field(10, u8),
  },
  "LINKMODES",
);

export const linkstate = message(
  {
    header: field(1, header),
    link: field(2, u8),
    sqi: field(3, u32),
    sqiMax: field(4, u32),
    extState: field(5, u8),
    extSubstate: field(6, u8),
    extDownCnt: field(7, u32),
  },
  "LINKSTATE",
);

export const debug = message({ header: field(1, header), msgmask: field(2, bitset) }, "DEBUG");

export const wol = message(
  { header: field(1, header), modes: field(2, bitset), sopass: field(3, bytes) },
  "WOL",
);

/**
 * Offload features, bits of ETH_SS.FEATURES. GET answers with all four; a SET request has `wanted`, and its answer
 * tells in `wanted` what was asked for and not done, in `active` what changed.
 */
export const features = message(
  {
    header: field(1, header),
    /** Can be changed. */
    hw: field(2, bitset),
    wanted: field(3, bitset),
    active: field(4, bitset),
    /** Can never be changed. */
    nochange: field(5, bitset),
  },
  "FEATURES",
);

export const privflags = message({ header: field(1, header), flags: field(2, bitset) }, "PRIVFLAGS");

export const rings = message(
  {
    header: field(1, header),
    rxMax: field(2, u32),
    rx: field(6, u32),
    rxMiniMax: field(3, u32),
    rxMini: field(7, u32),
    rxJumboMax: field(4, u32),
    rxJumbo: field(8, u32),
    txMax: field(5, u32),
    tx: field(9, u32),
    rxBufLen: field(10, u32),
    tcpDataSplit: field(11, u8),
    cqeSize: field(12, u32),
    txPush: field(13, u8),
    rxPush: field(14, u8),
  },
  "RINGS",
);

/** Numbers of queues. */
export const channels = message(
  {
    header: field(1, header),
    rxMax: field(2, u32),
    rxCount: field(6, u32),
    txMax: field(3, u32),
    txCount: field(7, u32),
    otherMax: field(4, u32),
    otherCount: field(8, u32),
    combinedMax: field(5, u32),
    combinedCount: field(9, u32),
  },
  "CHANNELS",
);

export const coalesce = message(
  {
    header: field(1, header),
    ...numbered(2, u32, [
      "rxUsecs",
      "rxMaxFrames",
      "rxUsecsIrq",
      "rxMaxFramesIrq",
      "txUsecs",
      "txMaxFrames",
      "txUsecsIrq",
      "txMaxFramesIrq",
      "statsBlockUsecs",
    ]),
    ...numbered(11, u8, ["useAdaptiveRx", "useAdaptiveTx"]),
    ...numbered(13, u32, [
      "pktRateLow",
      "rxUsecsLow",
      "rxMaxFramesLow",
      "txUsecsLow",
      "txMaxFramesLow",
      "pktRateHigh",
      "rxUsecsHigh",
      "rxMaxFramesHigh",
      "txUsecsHigh",
      "txMaxFramesHigh",
      "rateSampleInterval",
    ]),
    ...numbered(24, u8, ["useCqeModeTx", "useCqeModeRx"]),
  },
  "COALESCE",
);

export const pause = message(
  {
    header: field(1, header),
    autoneg: field(2, u8),
    rx: field(3, u8),
    tx: field(4, u8),
    stats: field(5, flaggedNest(new AttributeTable({ txFrames: field(2, u64), rxFrames: field(3, u64) }))),
  },
  "PAUSE",
);

/** Time stamping: bits of ETH_SS.SOF_TIMESTAMPING, TS_TX_TYPES and TS_RX_FILTERS. */
export const eee = message(
  {
    header: field(1, header),
    modesOurs: field(2, bitset),
    modesPeer: field(3, bitset),
    active: field(4, u8),
    enabled: field(5, u8),
    txLpiEnabled: field(6, u8),
    txLpiTimer: field(7, u32),
  },
  "EEE",
);

export const fec = message(
  { header: field(1, header), modes: field(2, bitset), auto: field(3, u8), active: field(4, u32) },
  "FEC",
);

export const tsinfo = message(
  {
    header: field(1, header),
    timestamping: field(2, bitset),
    txTypes: field(3, bitset),
    rxFilters: field(4, bitset),
    phcIndex: field(5, u32),
  },
  "TSINFO",
);

export const moduleEeprom = message(
  {
    header: field(1, header),
    offset: field(2, u32),
    length: field(3, u32),
    page: field(4, u8),
    bank: field(5, u8),
    i2cAddress: field(6, u8),
    data: field(7, bytes),
  },
  "MODULE_EEPROM",
);

/** Plug-in modules. The answer about a device without one has only the header. */
export const pluginModule = message(
  { header: field(1, header), powerModePolicy: field(2, u8), powerMode: field(3, u8) },
  "MODULE",
);

const statsGroup = new AttributeTable({
  /** Number of the group among ETH_SS.STATS_STD. */
  id: field(2, u32),
  /** The set of names of its counters. */
  stringSet: field(3, u32),
  /** One nest a counter: its type is the counter's number. */
  stat: repeated(4, flaggedNest(bytes)),
});

/** Standard statistics by groups. The header is attribute 2 here. */
export const stats = message(
  { header: field(2, header), groups: field(3, bitset), group: repeated(4, flaggedNest(statsGroup)) },
  "STATS",
);
