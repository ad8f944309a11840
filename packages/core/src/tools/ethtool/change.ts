// The commands that change something over netlink: channels, rings, pause, coalescing, and the generic options of -s.

import { ERRNO } from "../../netlink/errno.ts";
import * as codec from "../../netlink/generic/ethtool.ts";
import { ETHTOOL_MSG } from "../../netlink/generic/ethtool-constants.ts";
import type { BodyCodec } from "../../netlink/attribute-table.ts";
import { number, onOff, parseParameters, word } from "./parameters.ts";
import type { Parameters } from "./parameters.ts";
import type { EthtoolSession } from "./session.ts";

type Command = (session: EthtoolSession) => number;

/** Exit statuses of failed changes. */
const FAILED = { pause: 76, rings: 81, settings: 75, module: 83 } as const;

/** Sends what the arguments say in one request. */
function change<R extends { readonly cmd: number; readonly version: number }>(
  cmd: number,
  message: BodyCodec<R>,
  table: Parameters,
  failed: number,
): Command {
  return (session) => {
    const members = parseParameters(session, table);
    return session.ask(cmd, message, members as Partial<R>).errno === 0 ? 0 : failed; // members are named in the table
  };
}

const count = number();

/** ethtool -L */
export const setChannels = change(
  ETHTOOL_MSG.CHANNELS_SET,
  codec.channels,
  {
    rx: ["rxCount", count],
    tx: ["txCount", count],
    other: ["otherCount", count],
    combined: ["combinedCount", count],
  },
  1,
);

/** ethtool -A */
export const setPause = change(
  ETHTOOL_MSG.PAUSE_SET,
  codec.pause,
  { autoneg: ["autoneg", onOff], rx: ["rx", onOff], tx: ["tx", onOff] },
  FAILED.pause,
);

/** ethtool -G */
export const setRings = change(
  ETHTOOL_MSG.RINGS_SET,
  codec.rings,
  {
    rx: ["rx", count],
    "rx-mini": ["rxMini", count],
    "rx-jumbo": ["rxJumbo", count],
    tx: ["tx", count],
    "rx-buf-len": ["rxBufLen", count],
    "cqe-size": ["cqeSize", count],
    "tx-push": ["txPush", onOff],
  },
  FAILED.rings,
);

/** ethtool -C */
export const setCoalescing = change(
  ETHTOOL_MSG.COALESCE_SET,
  codec.coalesce,
  {
    "adaptive-rx": ["useAdaptiveRx", onOff],
    "adaptive-tx": ["useAdaptiveTx", onOff],
    "rx-usecs": ["rxUsecs", count],
    "rx-frames": ["rxMaxFrames", count],
    "rx-usecs-irq": ["rxUsecsIrq", count],
    "rx-frames-irq": ["rxMaxFramesIrq", count],
    "tx-usecs": ["txUsecs", count],
    "tx-frames": ["txMaxFrames", count],
    "tx-usecs-irq": ["txUsecsIrq", count],
    "tx-frames-irq": ["txMaxFramesIrq", count],
    "stats-block-usecs": ["statsBlockUsecs", count],
    "pkt-rate-low": ["pktRateLow", count],
    "rx-usecs-low": ["rxUsecsLow", count],
    "rx-frames-low": ["rxMaxFramesLow", count],
    "tx-usecs-low": ["txUsecsLow", count],
    "tx-frames-low": ["txMaxFramesLow", count],
    "pkt-rate-high": ["pktRateHigh", count],
    "rx-usecs-high": ["rxUsecsHigh", count],
    "rx-frames-high": ["rxMaxFramesHigh", count],
    "tx-usecs-high": ["txUsecsHigh", count],
    "tx-frames-high": ["txMaxFramesHigh", count],
    "sample-interval": ["rateSampleInterval", count],
    "cqe-mode-rx": ["useCqeModeRx", onOff],
    "cqe-mode-tx": ["useCqeModeTx", onOff],
  },
  1,
);

/** ethtool --set-module */
export const setModule = change(
  ETHTOOL_MSG.MODULE_SET,
  codec.pluginModule,
  { "power-mode-policy": ["powerModePolicy", word({ high: 1, auto: 2 })] },
  FAILED.module,
);

const byte = number(0xff);

/** Members of -s that go into one message each; `speed` and its kin into LINKMODES, `port` and its kin into LINKINFO. */
const LINK_MODES: Parameters = {
  speed: ["speed", count],
  lanes: ["lanes", count],
  duplex: ["duplex", word({ half: 0, full: 1 })],
  autoneg: ["autoneg", onOff],
  "master-slave": [
    "masterSlaveCfg",
    word({ "preferred-master": 2, "preferred-slave": 3, "forced-master": 4, "forced-slave": 5 }),
  ],
};
const LINK_INFORMATION: Parameters = {
  port: ["port", word({ tp: 0, aui: 1, mii: 2, fibre: 3, bnc: 4, da: 5 })],
  mdix: ["tpMdixCtrl", word({ off: 1, on: 2, auto: 3 })],
  phyad: ["phyaddr", byte],
};
/** What -s also takes. */
const NOT_IMPLEMENTED = ["advertise", "wol", "sopass", "msglvl", "xcvr"];

/** ethtool -s: each message that has something to say is sent, until one is refused. */
export function setSettings(session: EthtoolSession): number {
  const missing = session.args.find((argument, at) => at % 2 === 0 && NOT_IMPLEMENTED.includes(argument));
  if (missing !== undefined) return session.notImplemented(`'-s ${missing}'`);
  const members = parseParameters(session, { ...LINK_MODES, ...LINK_INFORMATION });
  const part = (table: Parameters): Record<string, unknown> => {
    const names = new Set(Object.values(table).map(([member]) => member));
    return Object.fromEntries(Object.entries(members).filter(([member]) => names.has(member)));
  };
  const modes = part(LINK_MODES);
  const information = part(LINK_INFORMATION);
  let errno = 0;
  if (Object.keys(modes).length > 0) {
    errno = session.ask(ETHTOOL_MSG.LINKMODES_SET, codec.linkmodes, modes).errno;
  }
  if (Object.keys(information).length > 0 && errno !== ERRNO.ENODEV) {
    errno = session.ask(ETHTOOL_MSG.LINKINFO_SET, codec.linkinfo, information).errno || errno;
  }
  return errno === 0 ? 0 : FAILED.settings;
}
