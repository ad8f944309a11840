/** Statistics of Open vSwitch's IPFIX exporters (NXST_IPFIX_BRIDGE, NXST_IPFIX_FLOW). */
import type { MessageReader, MessageWriter } from "./message-bytes.ts";

export interface IpfixStats {
  /** In the order of the message, by these names. */
  readonly counters: Readonly<Record<(typeof COUNTERS)[number], bigint>>;
  readonly collectorSet: number;
}

const COUNTERS = [
  "flows",
  "currentFlows",
  "packets",
  "ipv4",
  "ipv6",
  "errors",
  "ipv4Errors",
  "ipv6Errors",
  "sent",
  "sendErrors",
] as const;

export function readIpfixStats(from: MessageReader): IpfixStats {
  const counters = Object.fromEntries(COUNTERS.map((name) => [name, from.u64()])) as IpfixStats["counters"];
  const collectorSet = from.u32();
  from.skip(4);
  return { counters, collectorSet };
}

export function writeIpfixStats(out: MessageWriter, { counters, collectorSet }: IpfixStats): void {
  for (const name of COUNTERS) out.u64(counters[name]);
  out.u32(collectorSet).zeros(4);
}

function formatStats({ counters: count }: IpfixStats, indent: number): string {
  const good =
    `flows=${count.flows}, current flows=${count.currentFlows}, sampled pkts=${count.packets}, ` +
    `ipv4 ok=${count.ipv4}, ipv6 ok=${count.ipv6}, tx pkts=${count.sent}\n`;
  const bad =
    `pkts errs=${count.errors}, ipv4 errs=${count.ipv4Errors}, ` +
    `ipv6 errs=${count.ipv6Errors}, tx errs=${count.sendErrors}\n`;
  return `${good}${" ".repeat(indent)}${bad}`;
}

const BRIDGE_INDENT = 16;
const FLOW_INDENT = 10;

export function formatIpfixBridge(stats: readonly IpfixStats[]): string {
  return `\n${stats.map((one) => `  bridge ipfix: ${formatStats(one, BRIDGE_INDENT)}`).join("")}`;
}

export function formatIpfixFlows(stats: readonly IpfixStats[]): string {
  const lines = stats.map(
    (one) => `  id ${String(one.collectorSet).padStart(3)}: ${formatStats(one, FLOW_INDENT)}`,
  );
  return ` ${stats.length} ids\n${lines.join("")}`;
}
