// What `trace --help` says, and the command line.

import type { Process } from "../../system/process.ts";
import { bytesFromHex } from "../../wire/hex.ts";
import { parseOptions, usageError } from "../coreutils/options.ts";

export const USAGE = `Usage: trace [OPTION]... NAMESPACE [DESTINATION]
Sends one packet and tells its whole way: one line for each thing that happens to it, in every namespace, and the way
of the answer. The last line says what became of it. NAMESPACE is one of \`ip netns\`, "host", or the id of a process that is
in it (1234 or pid:1234).

On the real kernel the packet is seen by packet sockets in every namespace that it passes, and the tables that decided are read
right afterwards, Open vSwitch's by its own ofproto/trace. Why the kernel dropped it is what its tracepoint skb:kfree_skb
says. What the kernel does not show is said to be unknown.

What is sent (an ICMP echo request, if nothing else is said):
      --icmp         an echo request to DESTINATION, as ping sends it
      --udp PORT     a UDP datagram to PORT of DESTINATION
      --tcp PORT     a SYN to PORT of DESTINATION: a connection is opened, and closed again
      --arp          an ARP request for DESTINATION
      --frame HEX    a whole Ethernet frame, out of the device that --from names
      --from DEVICE  by this device only
      --dry-run      send nothing and change nothing: tell from tables, settings and sockets which way it would take, also
                     through flows and tunnels, and what would answer; chains of netfilter are named, not followed
  -s, --size BYTES   data bytes of --icmp (56) and --udp (0)

How it is told:
      --json         as JSON
      --color WHEN   always, never or auto; NO_COLOR in the environment is never
      --help         this text

Examples:
  trace green 10.1.0.2               does a ping from green reach 10.1.0.2, and which way?
  trace --size 1472 green 10.1.0.2   and a large one?
  trace --udp 53 green 10.1.0.2
  trace --tcp 80 green 10.1.0.2      does somebody listen there?
  trace --frame ffffffffffff02000000000188b5 --from eth0 green

Exit status: 0 it arrived and was answered, or nothing answers to it; 1 it was lost, or its answer was; 2 wrong usage.
`;

export interface TraceOptions {
  readonly namespace: string;
  readonly destination: string | undefined;
  readonly kind: "icmp" | "udp" | "tcp" | "arp" | "frame";
  readonly port: number;
  readonly frame: Uint8Array;
  readonly from: string | undefined;
  readonly size: number | undefined;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly color: boolean;
}

export const USAGE_STATUS = 2;
const MAX_SIZE = 65_507; // the largest IPv4 packet without its headers

function number(process: Process, what: string, text: string, max: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > max)
    usageError(process, `invalid ${what}: '${text}' (it is a number up to ${max})`, USAGE_STATUS);
  return value;
}

/** Whether to colour, as "always", "never", and "auto" by the terminal and NO_COLOR (no-color.org). */
export function wantsColor(process: Process, when: string): boolean {
  if (when === "always") return true;
  if (when === "never") return false;
  if (when !== "auto") usageError(process, `invalid argument '${when}' for '--color'`, USAGE_STATUS);
  const terminal = process.fds.get(1)?.output?.terminal !== undefined;
  return terminal && !process.env.get("NO_COLOR") && process.env.get("TERM") !== "dumb";
}

/** Undefined after --help was printed. Ends the program if the command line is wrong. */
export function readTraceOptions(process: Process): TraceOptions | undefined {
  const { options, operands } = parseOptions(
    process,
    {
      short: "s:h",
      long: {
        icmp: "icmp",
        "udp=": "udp",
        "tcp=": "tcp",
        arp: "arp",
        "frame=": "frame",
        "from=": "from",
        "size=": "s",
        "dry-run": "dry-run",
        json: "json",
        "color=": "color",
        help: "h",
      },
    },
    USAGE_STATUS,
  );
  let kind: TraceOptions["kind"] = "icmp";
  let port = 0;
  let frame: Uint8Array = new Uint8Array(0);
  let from: string | undefined;
  let size: number | undefined;
  let dryRun = false;
  let json = false;
  let color = "auto";
  for (const { name, value } of options) {
    if (name === "h") {
      process.print(USAGE);
      return undefined;
    } else if (name === "icmp" || name === "arp") kind = name;
    else if (name === "udp" || name === "tcp") {
      kind = name;
      port = number(process, "port", value, 65_535);
    } else if (name === "frame") {
      kind = "frame";
      const bytes = bytesFromHex(value.replace(/[\s:]/g, ""));
      if (bytes === undefined) usageError(process, `invalid frame: '${value}'`, USAGE_STATUS);
      frame = bytes;
    } else if (name === "from") from = value;
    else if (name === "s") size = number(process, "size", value, MAX_SIZE);
    else if (name === "dry-run") dryRun = true;
    else if (name === "json") json = true;
    else if (name === "color") color = value;
  }
  const [namespace, destination, extra] = operands;
  if (namespace === undefined) usageError(process, "missing namespace", USAGE_STATUS);
  if (destination === undefined && kind !== "frame") usageError(process, "missing destination", USAGE_STATUS);
  if (extra !== undefined) usageError(process, `extra operand '${extra}'`, USAGE_STATUS);
  if ((kind === "udp" || kind === "tcp") && port === 0)
    usageError(process, "invalid port: '0'", USAGE_STATUS);
  return {
    namespace,
    destination,
    kind,
    port,
    frame,
    from,
    size,
    dryRun,
    json,
    color: wantsColor(process, color),
  };
}
