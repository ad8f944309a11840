// Commands about dummies: netdev-dummy/* (lib/netdev-dummy.c) and dpif-dummy/* (lib/dpif-netdev.c).

import { ipv4OfIpv6, ipv6ToBytes, isV4MappedIpv6 } from "../../../wire/ipv6-address.ts";
import { composeFrame, composeFrameOfLength } from "../../../ovsproto/flow/compose.ts";
import { parseKey } from "../../../ovsproto/datapath/parse-key.ts";
import type { DummyNetdev } from "../../dummy/dummy-netdev.ts";
import type { DummyNetdevs } from "../../dummy/dummy-netdevs.ts";
import { parseMapped, parsePrefix } from "../../native-tunnels/mapped-address.ts";
import type { Prefix } from "../../native-tunnels/mapped-address.ts";
import type { SwitchDaemon } from "../switchd.ts";
import { CommandError } from "../unixctl.ts";
import type { UnixctlServer } from "../unixctl.ts";

const HEADER_LENGTH = 14;
/** ETH_TOTAL_MIN: less than that is not made on demand. */
const MIN_LENGTH = 60;
/** Bytes behind the headers of a packet that is made from a flow. */
const PAYLOAD_LENGTH = 64;

export function registerDummyCommands(
  server: UnixctlServer,
  daemon: SwitchDaemon,
  dummies: DummyNetdevs,
): void {
  server.register(
    "netdev-dummy/receive",
    "name [--qid queue_id] packet|flow [--len packet_len]",
    2,
    Infinity,
    (args) => {
      const netdev = dummies.named(args[0] ?? "");
      if (!netdev) throw new CommandError("no such dummy netdev");
      receive(daemon, netdev, args.slice(1));
      return "";
    },
  );
  server.register("netdev-dummy/set-admin-state", "[netdev] up|down", 1, 2, (args) => {
    const state = (args.at(-1) ?? "").toLowerCase();
    if (state !== "up" && state !== "down") throw new CommandError("Invalid Admin State");
    for (const netdev of chosen(dummies, args.length > 1 ? args[0] : undefined)) {
      dummies.setUp(netdev, state === "up");
    }
    return "OK";
  });
  server.register("netdev-dummy/conn-state", "[netdev]", 0, 1, ([name]) => {
    if (name !== undefined) return `${name}: ${dummies.named(name)?.connectionState ?? "unknown"}\n`;
    return [...dummies.all]
      .filter(({ connectionState }) => connectionState !== undefined)
      .map((netdev) => `${netdev.name}: ${netdev.connectionState}\n`)
      .join("");
  });
  for (const [version, usage] of [
    [4, "ipaddr/mask-prefix-len"],
    [6, "ip6addr"],
  ] as const) {
    server.register(`netdev-dummy/ip${version}addr`, `[netdev] ${usage}`, 2, 2, ([name = "", text = ""]) => {
      const netdev = dummies.named(name);
      if (!netdev) throw new CommandError("Unknown Dummy Interface");
      netdev.addresses.push(prefixOf(text, version));
      return "OK";
    });
  }
  server.register(
    "dpif-dummy/change-port-number",
    "dp port new-number",
    3,
    3,
    ([dp = "", name = "", text]) => {
      const backer = [...daemon.backers.values()].find(({ datapath }) => datapath.name === dp);
      if (backer?.datapath.kind !== "dummy") throw new CommandError("unknown datapath or not a dummy");
      const { datapath } = backer;
      const port = datapath.portNamed(name);
      if (!port) throw new CommandError("unknown port");
      const number = Number(text);
      if (!Number.isInteger(number) || number <= 0) throw new CommandError("bad port number");
      if (datapath.ports[number]) throw new CommandError("port number already in use");
      backer.renumbered(port.number, datapath.renumber(port, number).number);
      return "";
    },
  );
}

function chosen(dummies: DummyNetdevs, name: string | undefined): Iterable<DummyNetdev> {
  if (name === undefined) return dummies.all;
  const netdev = dummies.named(name);
  if (!netdev) throw new CommandError("Unknown Dummy Interface");
  return [netdev];
}

/** netdev_dummy_receive(): packets in hex, or flows in the datapath's words, each with a length if it is wanted. */
function receive(daemon: SwitchDaemon, netdev: DummyNetdev, args: readonly string[]): void {
  let at = 0;
  let queue = 0;
  if (args[0] === "--qid" && args.length > 1) {
    queue = Number(args[1]);
    if (!Number.isInteger(queue) || queue < 0 || queue >= netdev.rxQueues.length) {
      throw new CommandError("bad rx queue id.");
    }
    at = 2;
  }
  for (; at < args.length; at++) {
    const text = args[at] ?? "";
    const hex = frameOfHex(text);
    if (hex) {
      netdev.receive(hex, queue);
      continue;
    }
    const key = parseKey(text, (name) => portNumber(daemon, name));
    if (typeof key === "string") throw new CommandError(key);
    let length = 0;
    if (args[at + 1] === "--len" && args[at + 2] !== undefined) {
      length = Number(args[at + 2]);
      at += 2;
    }
    netdev.receive(frameOf(key, length), queue);
  }
}

function portNumber(daemon: SwitchDaemon, name: string): number | undefined {
  for (const { datapath } of daemon.backers.values()) {
    const port = datapath.portNamed(name);
    if (port) return port.number;
  }
  return undefined;
}

/** eth_from_packet(): undefined if it is no frame in hex. */
function frameOfHex(text: string): Uint8Array | undefined {
  if (!/^(?:[0-9a-f]{2}\s*)+$/i.test(text)) return undefined;
  const digits = text.replace(/\s/g, "");
  const bytes = Uint8Array.from({ length: digits.length / 2 }, (_, at) =>
    Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16),
  );
  return bytes.length < HEADER_LENGTH ? undefined : bytes;
}

/** eth_from_flow_str(): `length` 0 for the usual one. */
function frameOf(key: Uint32Array, length: number): Uint8Array {
  if (length === 0) return composeFrame(key, PAYLOAD_LENGTH);
  const frame = length < MIN_LENGTH ? undefined : composeFrameOfLength(key, length);
  if (!frame) throw new CommandError("too small packet len");
  return frame;
}

/** ip_parse_masked(), ipv6_parse_masked(): `10.1.1.92/24`, `10.1.1.92/255.255.255.0`. Errors: CommandError. */
function prefixOf(text: string, version: 4 | 6): Prefix {
  const [address = "", length = ""] = text.split("/");
  const most = version === 4 ? 32 : 128;
  const mask = parseMapped(length);
  if (mask !== undefined && isV4MappedIpv6(mask) === (version === 4)) {
    const bits = version === 4 ? ipv4OfIpv6(mask).toString(2) : bitsOf(ipv6ToBytes(mask));
    return prefixOf(`${address}/${bits.replaceAll("0", "").length}`, version);
  }
  const prefix = parsePrefix(text);
  if (prefix && isV4MappedIpv6(prefix.address) === (version === 4)) return prefix;
  const whole = parseMapped(address);
  if (whole !== undefined && isV4MappedIpv6(whole) === (version === 4) && /^-?\d+$/.test(length)) {
    throw new CommandError(`${text}: IPv${version} network prefix bits not between 0 and ${most}, inclusive`);
  }
  throw new CommandError(`${text}: invalid ${version === 4 ? "IP" : "IPv6"} address`);
}

function bitsOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(2)).join("");
}
