// arping (iputils 20221126): ARP requests (RFC 826) to a neighbour, probes for duplicate addresses and announcements (RFC 5227).

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import type { Nanoseconds } from "../../system/system.ts";
import { SECOND } from "../../system/system.ts";
import { formatIpv4, readIpv4Address } from "../../wire/ipv4-address.ts";
import { complain, fail, INT_MAX, readNumber, readOptions } from "../iputils/arguments.ts";
import { NameFault, resolveHost } from "../resolver/hosts.ts";
import { inetAton } from "../resolver/inet-aton.ts";
import type { ArpDevice } from "./device.ts";
import { arpDevice, guessDevice } from "./device.ts";
import type { ArpSettings } from "./exchange.ts";
import { Exchange } from "./exchange.ts";
import { USAGE, VERSION } from "./usage.ts";

const LETTERS = "h?bfDUAqc:w:i:s:I:V";
const PROBE_PORT = 1025;
/** Bit of the exit status: the device went down. */
const DEVICE_LOST = 2;

interface Options extends ArpSettings {
  device: string | undefined;
  source: string | undefined;
  target: string;
}

function usage(process: Process): never {
  process.flush();
  process.warn(USAGE);
  process.exit(2);
}

function readArguments(process: Process): Options {
  const options: Options = {
    device: undefined,
    source: undefined,
    target: "",
    count: -1,
    timeout: 0,
    interval: 1,
    advertise: false,
    broadcastOnly: false,
    dad: false,
    quiet: false,
    quitOnReply: false,
    unsolicited: false,
  };
  const handle = (letter: string, value: string): void => {
    switch (letter) {
      case "b":
        options.broadcastOnly = true;
        break;
      case "D":
        options.dad = true;
        options.quitOnReply = true;
        break;
      case "U":
        options.unsolicited = true;
        break;
      case "A":
        options.advertise = true;
        options.unsolicited = true;
        break;
      case "q":
        options.quiet = true;
        break;
      case "c":
        options.count = readNumber(process, value, 1n, INT_MAX);
        break;
      case "w":
        options.timeout = readNumber(process, value, 0n, INT_MAX);
        break;
      case "i":
        options.interval = readNumber(process, value, 0n, INT_MAX);
        break;
      case "I":
        options.device = value === "" ? undefined : value;
        break;
      case "f":
        options.quitOnReply = true;
        break;
      case "s":
        options.source = value;
        break;
      case "V":
        process.print(VERSION);
        process.exit(0);
        break;
      default:
        usage(process);
    }
  };
  const operands = readOptions(process, LETTERS, handle, () => usage(process));
  const [target] = operands;
  if (target === undefined || operands.length !== 1) usage(process);
  options.target = target;
  return options;
}

function ipv4Bytes(address: number): Uint8Array {
  return Uint8Array.of(address >>> 24, address >>> 16, address >>> 8, address);
}

function lookUp(process: Process, name: string): Uint8Array {
  const numeric = inetAton(name);
  if (numeric !== undefined) return ipv4Bytes(numeric);
  try {
    const [host] = resolveHost(process, name, "inet");
    if (host !== undefined) return host.address;
  } catch (fault) {
    if (!(fault instanceof NameFault)) throw fault;
    fail(process, 2, 0, `${name}: ${fault.text}`);
  }
  return fail(process, 2, 0, `${name}: no address`);
}

/** Ends the process with what was refused. */
function orFail<T>(process: Process, text: string, call: () => T): T {
  try {
    return call();
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return fail(process, 2, refusal.errno, text);
  }
}

/** The address that requests are sent from: given, the announced one, or what routing says for the link. */
function sourceAddress(
  process: Process,
  options: Options,
  device: ArpDevice,
  target: Uint8Array,
): Uint8Array {
  const unspecified: Uint8Array = new Uint8Array(4);
  let source = unspecified;
  if (options.source !== undefined) {
    const given = inetAton(options.source);
    if (given === undefined) fail(process, 2, 0, `invalid source ${options.source}`);
    source = ipv4Bytes(given);
  } else if (options.dad) return unspecified;
  else if (options.unsolicited) source = target;
  const probe = orFail(process, "socket", () =>
    process.inet({ family: "inet", type: "datagram", protocol: 17 }),
  );
  try {
    try {
      probe.setOption("SO_BINDTODEVICE", device.name);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      complain(process, refusal.errno, "WARNING: interface is ignored");
    }
    if (options.source !== undefined || source !== unspecified) {
      orFail(process, "bind", () => probe.bind({ address: source, port: 0 }));
    } else {
      probe.setOption("SO_DONTROUTE", true);
      orFail(process, "connect", () => probe.connect({ address: target, port: PROBE_PORT }));
      source = probe.localAddress().address;
    }
  } finally {
    probe.close();
  }
  return source;
}

export async function arping(process: Process): Promise<number> {
  const options = readArguments(process);
  const socket = orFail(process, "socket", () => process.packet("datagram"));
  const target = lookUp(process, options.target);
  const device = arpDevice(process, options.device ?? guessDevice(process, target), options);
  const source = sourceAddress(process, options, device, target);
  orFail(process, "bind", () => socket.bind(device.ifindex, 0x0806));
  if (!options.quiet) {
    const from = formatIpv4(readIpv4Address(source, 0));
    process.print(`ARPING ${formatIpv4(readIpv4Address(target, 0))} from ${from} ${device.name}\n`);
  }
  if (options.source === undefined && !options.dad && source.every((byte) => byte === 0)) {
    fail(process, 2, 0, "no source address in not-DAD mode");
  }
  const exchange = new Exchange(process, options, socket, device, source, target);
  return loop(process, options, exchange);
}

/** Sends every interval and reads what comes until the exchange, a signal or the timeout ends it. */
async function loop(process: Process, options: Options, exchange: Exchange): Promise<number> {
  let ended = false;
  let lost = false;
  const end = (): void => void (ended = true);
  for (const signal of ["SIGINT", "SIGQUIT", "SIGTERM"] as const) process.onSignal(signal, end);
  const start = process.monotonic();
  const deadline: Nanoseconds = options.timeout > 0 ? start + options.timeout * SECOND : Infinity;
  let next: Nanoseconds = options.interval > 0 ? start + options.interval * SECOND : Infinity;
  let turns = 1;
  exchange.send();
  while (!ended) {
    if (options.unsolicited && exchange.sent === options.count) break;
    const until = Math.min(next, deadline);
    const wait = until === Infinity ? undefined : Math.max(0, until - process.monotonic());
    const result = await process.wait([exchange.socket], wait);
    const now = process.monotonic();
    if (now >= next) {
      const expired = Math.floor((now - next) / (options.interval * SECOND)) + 1;
      next += expired * options.interval * SECOND;
      turns += expired;
      if (options.count > 0 && options.count < turns) ended = true;
      else exchange.send();
    }
    if (now >= deadline) ended = true;
    if (result !== "ready") continue;
    try {
      if (exchange.receive()) ended = true;
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      complain(process, refusal.errno, "recvfrom");
      if (refusal.errno === ERRNO.ENETDOWN) lost = ended = true;
    }
  }
  return exchange.finish() | (lost ? DEVICE_LOST : 0);
}
