// The commands that change one thing over netlink: channels, rings, pause, coalescing, modules.

import * as codec from "../../netlink/generic/ethtool.ts";
import { ETHTOOL_MSG } from "../../netlink/generic/ethtool-constants.ts";
import type { BodyCodec } from "../../netlink/attribute-table.ts";
import { number, onOff, parseParameters, word } from "./parameters.ts";
import type { Parameters } from "./parameters.ts";
import type { EthtoolSession } from "./session.ts";

type Command = (session: EthtoolSession) => number;

/** Exit statuses of failed changes. */
const FAILED = { pause: 76, rings: 81, module: 83 } as const;

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
