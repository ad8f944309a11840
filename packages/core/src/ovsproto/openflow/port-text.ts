/** Ports as `ovs-ofctl show` and `dump-ports` print them. */
import { formatMac } from "../../wire/mac.ts";
import { hex } from "./field-text.ts";
import { formatDuration } from "./duration-text.ts";
import type { Names } from "./names.ts";
import { formatPort } from "./names.ts";
import { PortConfig, PortState } from "./port-messages.ts";
import type { PhyPort, PortCounters, PortMod } from "./port-messages.ts";

type BitNames = readonly (readonly [bit: number, name: string])[];

/** Names of bits with spaces, what has none as one number; `0` for none. */
export function formatBits(bits: number, names: BitNames, separator = " "): string {
  if (bits === 0) return "0";
  const words: string[] = [];
  let rest = bits;
  for (const [bit, name] of names) {
    if ((rest & bit) !== bit) continue;
    words.push(name);
    rest &= ~bit;
  }
  if (rest !== 0) words.push(hex(rest >>> 0));
  return words.join(separator);
}

const CONFIG: BitNames = Object.entries(PortConfig).map(([name, bit]) => [bit, name] as const);

const FEATURES: BitNames = [
  [1 << 0, "10MB-HD"],
  [1 << 1, "10MB-FD"],
  [1 << 2, "100MB-HD"],
  [1 << 3, "100MB-FD"],
  [1 << 4, "1GB-HD"],
  [1 << 5, "1GB-FD"],
  [1 << 6, "10GB-FD"],
  [1 << 7, "40GB-FD"],
  [1 << 8, "100GB-FD"],
  [1 << 9, "1TB-FD"],
  [1 << 10, "OTHER"],
  [1 << 11, "COPPER"],
  [1 << 12, "FIBER"],
  [1 << 13, "AUTO_NEG"],
  [1 << 14, "AUTO_PAUSE"],
  [1 << 15, "AUTO_PAUSE_ASYM"],
];

const STP_STATES = ["STP_LISTEN", "STP_LEARN", "STP_FORWARD", "STP_BLOCK"] as const;
const STP_MASK = 3 << 8;
const STP_BITS = 0x300;

function formatState(state: number): string {
  // The original puts no space between the STP state and what follows it; STP_LISTEN is 0, so only the other states show.
  const stp = (state & STP_BITS) >>> 8;
  const words: string[] = [];
  const simple = state & ~STP_MASK;
  if ((simple & PortState.LINK_DOWN) !== 0) words.push("LINK_DOWN");
  if ((simple & PortState.BLOCKED) !== 0) words.push("BLOCKED");
  if ((simple & PortState.LIVE) !== 0) words.push("LIVE");
  const rest = simple & ~7;
  if (rest !== 0) words.push(hex(rest));
  const stpText = stp === 0 ? "" : (STP_STATES[stp] ?? "");
  return state === 0 ? "0" : stpText + words.join(" ");
}

/** A switch's word for a port is not to be trusted: it ends where it cannot be printed, and after 15 bytes. */
function printable(name: string): string {
  // eslint-disable-next-line no-control-regex
  return name.slice(0, 15).replace(/[^\x20-\x7f].*$/s, "");
}

/** Several lines. */
export function formatPhyPort(port: PhyPort, names: Names | undefined): string {
  void names;
  let text = ` ${formatPort(port.port)}(${printable(port.name)}): addr:${formatMac(port.mac)}\n`;
  text += `     config:     ${formatBits(port.config, CONFIG)}\n     state:      ${formatState(port.state)}\n`;
  for (const [name, features] of [
    ["current:    ", port.current],
    ["advertised: ", port.advertised],
    ["supported:  ", port.supported],
    ["peer:       ", port.peer],
  ] as const) {
    if (features !== 0) text += `     ${name}${formatBits(features, FEATURES)}\n`;
  }
  return `${text}     speed: ${Math.trunc(port.currentSpeed / 1000)} Mbps now, ${Math.trunc(port.maxSpeed / 1000)} Mbps max\n`;
}

/** By number. */
export function formatPhyPorts(ports: readonly PhyPort[], names: Names | undefined): string {
  const sorted = ports.toSorted((a, b) => a.port - b.port);
  return sorted.map((port) => formatPhyPort(port, names)).join("");
}

export function formatPortMod(mod: PortMod, names: Names | undefined): string {
  const address = ` addr:${formatMac(mod.mac)}`;
  const advertise = mod.advertise === 0 ? "UNCHANGED" : formatBits(mod.advertise, FEATURES);
  return (
    ` port: ${formatPort(mod.port, names)}:${address}\n` +
    `     config: ${formatBits(mod.config, CONFIG)}\n     mask:   ${formatBits(mod.mask, CONFIG)}\n` +
    `     advertise: ${advertise}\n`
  );
}

const UNKNOWN = 0xffff_ffff_ffff_ffffn;

/** A counter, or `?` if it is not counted. */
export const formatCounter = (value: bigint): string => (value === UNKNOWN ? "?" : String(value));

const PACKET_SIZES = [
  "1_to_64",
  "65_to_127",
  "128_to_255",
  "256_to_511",
  "512_to_1023",
  "1024_to_1522",
  "1523_to_max",
];
const SIZED = PACKET_SIZES.map((size, index) => [`${size}_packets`, index] as const);

/** Counters of RFC 2819 by direction, with their places in the message. */
const RMON = {
  rx: [
    ...SIZED,
    ["broadcast_packets", 15],
    ["undersized_errors", 17],
    ["oversize_errors", 18],
    ["rx_fragmented_errors", 19],
    ["rx_jabber_errors", 20],
  ],
  tx: [
    ...SIZED.map(([name, index]) => [name, index + PACKET_SIZES.length] as const),
    ["multicast_packets", 14],
    ["broadcast_packets", 16],
  ],
} as const;

function formatCustom(custom: PortCounters["custom"]): string {
  if (custom.length === 0) return "";
  let text = "           CUSTOM Statistics";
  for (const [index, { name, value }] of custom.entries()) {
    text += index % 3 === 0 ? `\n${" ".repeat(22)}` : " ";
    text += `${name}=${value},`;
  }
  return `${text}\n`;
}

function formatRmon(rmon: readonly bigint[]): string {
  const counted = (direction: "rx" | "tx"): string => {
    const words = RMON[direction]
      .map(([name, index]) => [name, rmon[index] ?? UNKNOWN] as const)
      .filter(([, value]) => value !== UNKNOWN)
      .map(([name, value]) => `${name}=${value}, `);
    return words.length === 0 ? "" : `           ${direction} rfc2819 ${words.join("")}\n`;
  };
  return counted("rx") + counted("tx");
}

function formatCounters(port: PortCounters, names: Names | undefined): string {
  const list = (words: readonly (readonly [string, bigint])[]) =>
    words.map(([name, value]) => `${name}=${formatCounter(value)}`).join(", ");
  const rx = list([
    ["pkts", port.rxPackets],
    ["bytes", port.rxBytes],
    ["drop", port.rxDropped],
    ["errs", port.rxErrors],
    ["frame", port.rxFrameErrors],
    ["over", port.rxOverErrors],
    ["crc", port.rxCrcErrors],
  ]);
  const tx = list([
    ["pkts", port.txPackets],
    ["bytes", port.txBytes],
    ["drop", port.txDropped],
    ["errs", port.txErrors],
    ["coll", port.collisions],
  ]);
  let text = `  port ${port.port < 10 ? " " : ""}${formatPort(port.port, names)}: rx ${rx}\n           tx ${tx}\n`;
  if (port.duration)
    text += `           duration=${formatDuration(port.duration.seconds, port.duration.nanoseconds)}\n`;
  return text + formatRmon(port.rmon) + formatCustom(port.custom);
}

export function formatPortStats(
  ports: readonly PortCounters[],
  verbosity: number,
  names: Names | undefined,
): string {
  const head = ` ${ports.length} ports\n`;
  return verbosity < 1 ? head : head + ports.map((port) => formatCounters(port, names)).join("");
}
