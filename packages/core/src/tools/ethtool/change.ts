// The commands that change one thing over netlink: channels, rings, pause, coalescing, modules.

import * as codec from "../../netlink/generic/ethtool.ts";
import { ETHTOOL_MSG } from "../../netlink/generic/ethtool-constants.ts";
import type { BodyCodec } from "../../netlink/attribute-table.ts";
import { readBits } from "./bits.ts";
import { number, onOff, parseParameters, requireParameters, word, wrongParameter } from "./parameters.ts";
import type { Parameters } from "./parameters.ts";
import type { EthtoolSession } from "./session.ts";

type Command = (session: EthtoolSession) => number;

/** Exit statuses of failed changes. */
const FAILED = { pause: 76, eee: 76, rings: 81, module: 83, fec: 83 } as const;

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

const changeModule = change(
  ETHTOOL_MSG.MODULE_SET,
  codec.pluginModule,
  { "power-mode-policy": ["powerModePolicy", word({ high: 1, auto: 2 })] },
  FAILED.module,
);

/** ethtool --set-module */
export const setModule: Command = (session) => {
  requireParameters(session);
  return changeModule(session);
};

/** ethtool --set-eee */
export const setEee: Command = (session) => {
  requireParameters(session);
  const args = [...session.args];
  const at = args.indexOf("advertise");
  const modes = at < 0 ? undefined : readBits(session, "advertise", args.slice(at + 1));
  if (modes !== undefined) args.splice(at, modes.words + 1);
  const members = parseParameters(
    session,
    { eee: ["enabled", onOff], "tx-lpi": ["txLpiEnabled", onOff], "tx-timer": ["txLpiTimer", count] },
    args,
  );
  const request = { ...members, ...(modes === undefined ? {} : { modesOurs: modes.set }) };
  return session.ask(ETHTOOL_MSG.EEE_SET, codec.eee, request).errno === 0 ? 0 : FAILED.eee;
};

/** ethtool --set-fec: all words after "encoding" are names, which the kernel knows or not. */
export const setFec: Command = (session) => {
  requireParameters(session);
  const [name = "", ...encodings] = session.args;
  if (name !== "encoding") wrongParameter(session, `unknown parameter '${name}'`);
  if (encodings.length === 0) wrongParameter(session, `no value for parameter '${name}'`);
  const words = encodings.map((each) => each.toLowerCase());
  const bit = words
    .filter((each) => each !== "auto")
    .map((each) => ({ name: each === "off" ? "Off" : each.toUpperCase() }));
  const modes = { nomask: true as const, bits: { bit } };
  const request = { modes, auto: words.includes("auto") ? 1 : 0 };
  return session.ask(ETHTOOL_MSG.FEC_SET, codec.fec, request).errno === 0 ? 0 : FAILED.fec;
};

/** ethtool --set-priv-flags */
export const setPrivateFlags: Command = (session) => {
  const { set } = readBits(session, "(null)", session.args);
  return session.ask(ETHTOOL_MSG.PRIVFLAGS_SET, codec.privflags, { flags: set }).errno === 0 ? 0 : 1;
};
