// Sockets as `netstat` lists them, from /proc/net/{tcp,tcp6,udp,udp6,raw,raw6}.

import type { Process } from "../../system/process.ts";
import { formatIpv4 } from "../../wire/ipv4-address.ts";
import { formatIpv6, readIpv6Address } from "../../wire/ipv6-address.ts";
import { procRows } from "./names.ts";

export interface SocketFilter {
  readonly family: "inet" | "inet6" | undefined;
  readonly udp: boolean;
  readonly raw: boolean;
  readonly tcp: boolean;
  readonly unix: boolean;
  readonly all: boolean;
  readonly listening: boolean;
  readonly numeric: boolean;
}

const ADDRESS_WIDTH = 23;
const ESTABLISHED = 1;
const LISTEN = 10;
/** By number, as TCP's states are called here. */
const STATES = [
  "",
  "ESTABLISHED",
  "SYN_SENT",
  "SYN_RECV",
  "FIN_WAIT1",
  "FIN_WAIT2",
  "TIME_WAIT",
  "CLOSE",
  "CLOSE_WAIT",
  "LAST_ACK",
  "LISTEN",
  "CLOSING",
] as const;

/** Bytes of an address of /proc/net: words of 32 bits in the order of memory, here little-endian. */
function addressBytes(digits: string): Uint8Array {
  const bytes = Uint8Array.from({ length: digits.length / 2 }, (_, at) =>
    Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16),
  );
  for (let word = 0; word < bytes.length; word += 4) bytes.subarray(word, word + 4).reverse();
  return bytes;
}

/** Address and port in their column; the address is cut so that both fit. */
function endpoint(text: string): string {
  const [digits = "", port = "0"] = text.split(":");
  const bytes = addressBytes(digits);
  const [a = 0, b = 0, c = 0, d = 0] = bytes;
  const address =
    bytes.length === 4
      ? formatIpv4(((a << 24) | (b << 16) | (c << 8) | d) >>> 0)
      : formatIpv6(readIpv6Address(bytes, 0));
  const portText = port === "0000" ? "*" : String(Number.parseInt(port, 16));
  const cut = address.slice(0, ADDRESS_WIDTH - 1 - portText.length);
  return `${cut}:${portText}`.padEnd(ADDRESS_WIDTH);
}

function rows(process: Process, protocol: "udp" | "raw", suffix: "" | "6", filter: SocketFilter): void {
  for (const [, local = "", remote = "", state = "0", queues = ""] of procRows(process, protocol + suffix) ??
    []) {
    const number = Number.parseInt(state, 16);
    const connected = !/^0+:/.test(remote);
    if (!filter.all && (filter.listening ? connected : !connected)) continue;
    const [send = "0", receive = "0"] = queues.split(":").map((text) => String(Number.parseInt(text, 16)));
    const shown =
      protocol === "raw" ? String(number) : number === ESTABLISHED && connected ? "ESTABLISHED" : "";
    process.print(
      `${(protocol + suffix).padEnd(4)}  ${receive.padStart(6)} ${send.padStart(6)} ` +
        `${endpoint(local)} ${endpoint(remote)} ${shown.padEnd(11)}\n`,
    );
  }
}

function tcpRows(process: Process, suffix: "" | "6", filter: SocketFilter): void {
  for (const [, local = "", remote = "", state = "0", queues = ""] of procRows(process, `tcp${suffix}`) ??
    []) {
    const number = Number.parseInt(state, 16);
    if (!filter.all && filter.listening !== (number === LISTEN)) continue;
    const [send = "0", receive = "0"] = queues.split(":").map((text) => String(Number.parseInt(text, 16)));
    process.print(
      `${`tcp${suffix}`.padEnd(4)}  ${receive.padStart(6)} ${send.padStart(6)} ` +
        `${endpoint(local)} ${endpoint(remote)} ${(STATES[number] ?? "UNKNOWN").padEnd(11)}\n`,
    );
  }
}

/** Prints the sockets that `filter` lets through; the exit code. */
export function printSockets(process: Process, filter: SocketFilter): number {
  const any = !filter.udp && !filter.raw && !filter.tcp && !filter.unix;
  const kind = filter.all ? "servers and established" : filter.listening ? "only servers" : "w/o servers";
  if (any || filter.udp || filter.raw || filter.tcp) {
    process.print(
      `Active Internet connections (${kind})\n` +
        "Proto Recv-Q Send-Q Local Address           Foreign Address         State      \n",
    );
    if (any || filter.tcp) {
      if (filter.family !== "inet6") tcpRows(process, "", filter);
      if (filter.family !== "inet") tcpRows(process, "6", filter);
    }
    for (const protocol of ["udp", "raw"] as const) {
      if (!any && !filter[protocol]) continue;
      if (filter.family !== "inet6") rows(process, protocol, "", filter);
      if (filter.family !== "inet") rows(process, protocol, "6", filter);
    }
  }
  if ((any && filter.family === undefined) || filter.unix) {
    process.print(
      `Active UNIX domain sockets (${kind})\n` +
        "Proto RefCnt Flags       Type       State         I-Node   Path\n",
    );
  }
  return 0;
}
