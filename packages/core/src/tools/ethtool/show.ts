// The commands that show one thing over netlink: channels, rings, coalescing, pause, time stamps, the permanent address.

import * as codec from "../../netlink/generic/ethtool.ts";
import type { Bitset } from "../../netlink/generic/ethtool-bitset.ts";
import { ETHTOOL_MSG, ETHTOOL_REPLY } from "../../netlink/generic/ethtool-constants.ts";
import { NetlinkClient } from "../../netlink/client.ts";
import { NETLINK } from "../../netlink/message.ts";
import { RTEXT_FILTER } from "../../netlink/rtnl/link-constants.ts";
import { decodeLink, encodeLink } from "../../netlink/rtnl/link.ts";
import type { LinkMessage } from "../../netlink/rtnl/link.ts";
import { RTM } from "../../netlink/rtnl/types.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { JsonWriter } from "../ip/json-writer.ts";
import type { Answers, EthtoolSession } from "./session.ts";

type Number = number | undefined;

function orNone(value: Number): string {
  return value === undefined ? "n/a" : String(value);
}

function onOff(value: Number): string {
  return value === undefined ? "n/a" : value === 0 ? "off" : "on";
}

/** Label and number below each other, as the kernel's order has them. */
function rows(session: EthtoolSession, table: readonly (readonly [label: string, value: Number])[]): void {
  for (const [label, value] of table) session.print(`${label}${orNone(value)}\n`);
}

/** Exit status of a command that only shows. */
function status(answers: Answers): number {
  return answers.errno === 0 ? 0 : 1;
}

/** A blank line stands before each device when all are shown. */
function head(session: EthtoolSession, text: string, device: string | undefined): void {
  session.print(`${session.wildcard ? "\n" : ""}${text} ${device ?? session.device}:\n`);
}

/** ethtool -l */
export function showChannels(session: EthtoolSession): number {
  session.noMoreArguments();
  const answers = session.ask(ETHTOOL_MSG.CHANNELS_GET, codec.channels);
  for (const record of session.decode(answers, ETHTOOL_REPLY.CHANNELS_GET, codec.channels)) {
    head(session, "Channel parameters for", record.header?.devName);
    session.print("Pre-set maximums:\n");
    rows(session, [
      ["RX:\t\t", record.rxMax],
      ["TX:\t\t", record.txMax],
      ["Other:\t\t", record.otherMax],
      ["Combined:\t", record.combinedMax],
    ]);
    session.print("Current hardware settings:\n");
    rows(session, [
      ["RX:\t\t", record.rxCount],
      ["TX:\t\t", record.txCount],
      ["Other:\t\t", record.otherCount],
      ["Combined:\t", record.combinedCount],
    ]);
  }
  return status(answers);
}

const DATA_SPLIT = ["n/a", "off", "on"];

/** ethtool -g */
export function showRings(session: EthtoolSession): number {
  session.noMoreArguments();
  const answers = session.ask(ETHTOOL_MSG.RINGS_GET, codec.rings);
  for (const record of session.decode(answers, ETHTOOL_REPLY.RINGS_GET, codec.rings)) {
    head(session, "Ring parameters for", record.header?.devName);
    session.print("Pre-set maximums:\n");
    rows(session, [
      ["RX:\t\t", record.rxMax],
      ["RX Mini:\t", record.rxMiniMax],
      ["RX Jumbo:\t", record.rxJumboMax],
      ["TX:\t\t", record.txMax],
    ]);
    session.print("Current hardware settings:\n");
    rows(session, [
      ["RX:\t\t", record.rx],
      ["RX Mini:\t", record.rxMini],
      ["RX Jumbo:\t", record.rxJumbo],
      ["TX:\t\t", record.tx],
      ["RX Buf Len:\t\t", record.rxBufLen],
      ["CQE Size:\t\t", record.cqeSize],
    ]);
    session.print(`TX Push:\t${onOff(record.txPush)}\n`);
    session.print(`TCP data split:\t${DATA_SPLIT[record.tcpDataSplit ?? 0] ?? "n/a"}\n`);
  }
  return status(answers);
}

/** ethtool -c */
export function showCoalescing(session: EthtoolSession): number {
  session.noMoreArguments();
  const answers = session.ask(ETHTOOL_MSG.COALESCE_GET, codec.coalesce);
  for (const record of session.decode(answers, ETHTOOL_REPLY.COALESCE_GET, codec.coalesce)) {
    head(session, "Coalesce parameters for", record.header?.devName);
    session.print(`Adaptive RX: ${onOff(record.useAdaptiveRx)}  TX: ${onOff(record.useAdaptiveTx)}\n`);
    const groups: readonly (readonly (readonly [string, Number])[])[] = [
      [
        ["stats-block-usecs: ", record.statsBlockUsecs],
        ["sample-interval: ", record.rateSampleInterval],
        ["pkt-rate-low: ", record.pktRateLow],
        ["pkt-rate-high: ", record.pktRateHigh],
      ],
      [
        ["rx-usecs: ", record.rxUsecs],
        ["rx-frames: ", record.rxMaxFrames],
        ["rx-usecs-irq: ", record.rxUsecsIrq],
        ["rx-frames-irq: ", record.rxMaxFramesIrq],
      ],
      [
        ["tx-usecs: ", record.txUsecs],
        ["tx-frames: ", record.txMaxFrames],
        ["tx-usecs-irq: ", record.txUsecsIrq],
        ["tx-frames-irq: ", record.txMaxFramesIrq],
      ],
      [
        ["rx-usecs-low: ", record.rxUsecsLow],
        ["rx-frame-low: ", record.rxMaxFramesLow],
        ["tx-usecs-low: ", record.txUsecsLow],
        ["tx-frame-low: ", record.txMaxFramesLow],
      ],
      [
        ["rx-usecs-high: ", record.rxUsecsHigh],
        ["rx-frame-high: ", record.rxMaxFramesHigh],
        ["tx-usecs-high: ", record.txUsecsHigh],
        ["tx-frame-high: ", record.txMaxFramesHigh],
      ],
    ];
    for (const group of groups) {
      rows(session, group);
      session.print("\n");
    }
    session.print(`CQE mode RX: ${onOff(record.useCqeModeRx)}  TX: ${onOff(record.useCqeModeTx)}\n\n`);
  }
  return status(answers);
}

/** ethtool -a */
export function showPause(session: EthtoolSession): number {
  session.noMoreArguments();
  const flags = session.statistics ? { header: { flags: 4 /* ETHTOOL_FLAG_STATS */ } } : {};
  const answers = session.ask(ETHTOOL_MSG.PAUSE_GET, codec.pause, flags);
  const json = session.json ? new JsonWriter((text) => session.print(text), true) : undefined;
  json?.beginArray();
  for (const record of session.decode(answers, ETHTOOL_REPLY.PAUSE_GET, codec.pause)) {
    const { autoneg, rx, tx } = record;
    if (json) {
      json.beginObject();
      json.name("ifname");
      json.value(record.header?.devName ?? session.device);
      for (const [name, value] of [
        ["autonegotiate", autoneg],
        ["rx", rx],
        ["tx", tx],
      ] as const) {
        if (value === undefined) continue;
        json.name(name);
        json.value(value !== 0);
      }
      json.endObject();
      continue;
    }
    head(session, "Pause parameters for", record.header?.devName);
    session.print(`Autonegotiate:\t${onOff(autoneg)}\nRX:\t\t${onOff(rx)}\nTX:\t\t${onOff(tx)}\n`);
    if (record.stats) {
      session.print("Statistics:\n");
      if (record.stats.txFrames !== undefined) session.print(`  tx_pause_frames: ${record.stats.txFrames}\n`);
      if (record.stats.rxFrames !== undefined) session.print(`  rx_pause_frames: ${record.stats.rxFrames}\n`);
    }
    session.print("\n");
  }
  if (json) {
    json.endArray();
    session.print("\n");
  }
  return status(answers);
}

function modes(session: EthtoolSession, label: string, set: Bitset | undefined): void {
  const names = (set?.bits?.bit ?? []).map((bit) => bit.name ?? "");
  session.print(
    names.length === 0 ? `${label}: none\n` : `${label}:\n${names.map((name) => `\t${name}\n`).join("")}`,
  );
}

/** ethtool -T */
export function showTimestamping(session: EthtoolSession): number {
  session.noMoreArguments();
  const answers = session.ask(ETHTOOL_MSG.TSINFO_GET, codec.tsinfo);
  for (const record of session.decode(answers, ETHTOOL_REPLY.TSINFO_GET, codec.tsinfo)) {
    head(session, "Time stamping parameters for", record.header?.devName);
    const capabilities = (record.timestamping?.bits?.bit ?? []).map((bit) => `\t${bit.name ?? ""}\n`);
    session.print(`Capabilities:\n${capabilities.join("")}`);
    session.print(`PTP Hardware Clock: ${record.phcIndex ?? "none"}\n`);
    modes(session, "Hardware Transmit Timestamp Modes", record.txTypes);
    modes(session, "Hardware Receive Filter Modes", record.rxFilters);
  }
  return status(answers);
}

/** ethtool --show-module */
export function showModule(session: EthtoolSession): number {
  session.noMoreArguments();
  const answers = session.ask(ETHTOOL_MSG.MODULE_GET, codec.pluginModule);
  for (const record of session.decode(answers, ETHTOOL_REPLY.MODULE_GET, codec.pluginModule)) {
    head(session, "Module parameters for", record.header?.devName);
    const policy = ["", "high", "auto"][record.powerModePolicy ?? 0];
    if (policy) session.print(`power-mode-policy ${policy}\n`);
    const mode = ["", "low", "high"][record.powerMode ?? 0];
    if (mode) session.print(`power-mode ${mode}\n`);
  }
  return status(answers);
}

function permanent(link: LinkMessage): string {
  if (!link.permAddress) return "not set";
  return [...link.permAddress].map((byte) => byte.toString(16).padStart(2, "0")).join(":");
}

/** ethtool -P: a question to rtnetlink. Devices without a permanent address are passed over when all are asked. */
export function showPermanentAddress(session: EthtoolSession): number {
  const socket = session.process.netlink(NETLINK.ROUTE);
  socket.setOption("extAck", true);
  const client = new NetlinkClient(socket);
  const question = { extMask: RTEXT_FILTER.SKIP_STATS };
  const result = session.wildcard
    ? client.dump(RTM.GETLINK, encodeLink(question))
    : client.request(RTM.GETLINK, 0, encodeLink({ ...question, ifname: session.device }));
  if (!result.ok) {
    session.perror("netlink error", result.errno);
    return 1;
  }
  for (const message of result.messages) {
    const link = decodeLink(message.body);
    if (isMalformed(link)) continue;
    if (!session.wildcard) session.print(`Permanent address: ${permanent(link)}\n`);
    else if (link.permAddress)
      session.print(`Permanent address of ${link.ifname ?? ""}: ${permanent(link)}\n`);
  }
  return 0;
}

/** A command whose answer no device that we know gives: errors are told, an answer is not understood. */
export function showOther(cmd: number, what: string): (session: EthtoolSession) => number {
  return (session) => {
    session.noMoreArguments();
    const answers = session.ask(cmd, codec.deviceOnly);
    if (session.json) session.print("[ ]\n");
    return answers.errno === 0 ? session.notImplemented(`showing ${what}`) : 1;
  };
}
