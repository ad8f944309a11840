// `route add` and `route del` for IPv4.

import { RT_SCOPE, RT_TABLE, RTN, RTPROT } from "../../netlink/rtnl/route-constants.ts";
import type { RouteMessage } from "../../netlink/rtnl/route.ts";
import { AF } from "../../netlink/rtnl/types.ts";
import type { Process } from "../../system/process.ts";
import { formatIpv4, ipv4PrefixMask, writeIpv4Address } from "../../wire/ipv4-address.ts";
import { findAddress } from "./names.ts";
import { sendRoute } from "./route-request.ts";
import { INET_ROUTE_USAGE } from "./usage.ts";

const WRONG_USAGE = 3;
/** E_LOOKUP of net-tools. */
const UNKNOWN_NAME = 6;
/** Bytes of IP and TCP headers: an advertised segment size is the `mss` of the command less these. */
const HEADERS = 40;
/** `mss` must be above 64 and at most 65536. */
const MSS = { MIN: 65, MAX: 65536 } as const;
/** irtt is in milliseconds, RTAX_RTT in eighths of one. */
const RTT_UNITS = 8;

/** What the words of the command line say. */
interface Wanted {
  mask: number | undefined;
  gateway: number | undefined;
  metric: number | undefined;
  mss: number | undefined;
  window: number | undefined;
  irtt: number | undefined;
  reject: boolean;
  device: string;
}

function addressBytes(address: number): Uint8Array {
  const bytes = new Uint8Array(4);
  writeIpv4Address(bytes, 0, address);
  return bytes;
}

function usage(process: Process, complaint = ""): number {
  process.warn(complaint + INET_ROUTE_USAGE);
  return WRONG_USAGE;
}

function unknownHost(process: Process, name: string): number {
  process.warn(`${name}: Unknown host\n`);
  return UNKNOWN_NAME;
}

/** Reads the words behind the target. A number is the exit code of a failure. */
function readWords(process: Process, words: readonly string[], into: Wanted): number | undefined {
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    if (word === "mod" || word === "dyn" || word === "reinstate") continue;
    if (word === "reject") {
      into.reject = true;
      continue;
    }
    const value = words[at + 1];
    switch (word) {
      case "metric":
      case "mss":
      case "window":
      case "irtt":
        if (value === undefined || !/^\d/.test(value)) return usage(process);
        into[word] = Number.parseInt(value, 10);
        if (word === "mss" && (into.mss === undefined || into.mss < MSS.MIN || into.mss > MSS.MAX)) {
          return usage(process, "route: Invalid MSS/MTU.\n");
        }
        break;
      case "netmask": {
        if (value === undefined || into.mask !== undefined) return usage(process);
        const mask = findAddress(process, value);
        if (mask === undefined) return usage(process, `route: bogus netmask ${value}\n`);
        into.mask = mask;
        break;
      }
      case "gw":
      case "gateway": {
        if (value === undefined || into.gateway !== undefined) return usage(process);
        const gateway = value.includes("/") ? undefined : findAddress(process, value);
        if (gateway === undefined) return unknownHost(process, value);
        into.gateway = gateway;
        break;
      }
      case "device":
      case "dev":
        if (into.device !== "" || value === undefined) return usage(process);
        into.device = value;
        break;
      default:
        // A last word alone is the interface.
        if (into.device !== "" || value !== undefined) return usage(process);
        into.device = word;
        return undefined;
    }
    at++;
  }
  return undefined;
}

function prefixLength(mask: number): number | undefined {
  for (let length = 0; length <= 32; length++) if (ipv4PrefixMask(length) === mask) return length;
  return undefined;
}

/** The default mask of a network: its class. */
function classMask(address: number): number {
  if (address === 0) return 0;
  if (address < 0x8000_0000) return 0xff00_0000;
  return address < 0xc000_0000 ? 0xffff_0000 : 0xffff_ff00;
}

/** Bytes of a mask in the order of memory, as the real program prints them. */
function rawHex(mask: number): string {
  const bytes = addressBytes(mask);
  return Array.from(bytes.reverse(), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** `words`: [#net | #host] TARGET[/LENGTH] ... The exit code. */
export function changeIpv4Route(process: Process, add: boolean, words: readonly string[]): number {
  if (words.length === 0) {
    process.print(INET_ROUTE_USAGE);
    return 0;
  }
  const kind = words[0] === "#net" || words[0] === "#host" ? words[0] : undefined;
  const [target, ...rest] = kind === undefined ? words : words.slice(1);
  if (target === undefined) return usage(process);
  const [, name = "", lengthText] = /^(.*?)(?:\/(\d+))?$/.exec(target) ?? [];
  const wanted: Wanted = {
    mask: lengthText === undefined ? undefined : ipv4PrefixMask(Math.min(Number(lengthText), 32)),
    gateway: undefined,
    metric: undefined,
    mss: undefined,
    window: undefined,
    irtt: undefined,
    reject: false,
    device: "",
  };
  const address = findAddress(process, name);
  if (address === undefined) {
    process.warn(`${name}: Host name lookup failure\n`);
    return UNKNOWN_NAME;
  }
  const failed = readWords(process, rest, wanted);
  if (failed !== undefined) return failed;
  const isHost =
    kind === "#host" ||
    (kind === undefined && wanted.mask === undefined && address !== 0 && name !== "default");
  if (isHost && wanted.mask !== undefined && wanted.mask !== 0xffff_ffff) {
    const shown = rawHex(~wanted.mask >>> 0).padStart(8, "0");
    return usage(process, `route: netmask ${shown} doesn't make sense with host route\n`);
  }
  const mask = isHost ? 0xffff_ffff : (wanted.mask ?? classMask(address));
  const length = prefixLength(mask);
  if (length === undefined) return usage(process, `route: bogus netmask ${formatIpv4(mask)}\n`);
  if ((address & ~mask) !== 0) return usage(process, "route: netmask doesn't match route address\n");
  return sendRoute(process, add, message(add, address, length, wanted), wanted.device);
}

function message(add: boolean, address: number, length: number, wanted: Wanted): Partial<RouteMessage> {
  const { gateway, metric, mss, window, irtt } = wanted;
  const metrics = {
    ...(mss === undefined ? {} : { advmss: mss - HEADERS }),
    ...(window === undefined ? {} : { window }),
    ...(irtt === undefined ? {} : { rtt: irtt * RTT_UNITS }),
  };
  const scope = !add
    ? RT_SCOPE.NOWHERE
    : wanted.reject
      ? RT_SCOPE.HOST
      : gateway === undefined
        ? RT_SCOPE.LINK
        : RT_SCOPE.UNIVERSE;
  return {
    family: AF.INET,
    table: RT_TABLE.MAIN,
    dstLen: length,
    scope,
    type: wanted.reject ? RTN.UNREACHABLE : add ? RTN.UNICAST : RTN.UNSPEC,
    ...(add ? { protocol: RTPROT.BOOT } : {}),
    ...(length === 0 && address === 0 ? {} : { dst: addressBytes(address) }),
    ...(gateway === undefined ? {} : { gateway: addressBytes(gateway) }),
    ...(metric === undefined ? {} : { priority: metric }),
    ...(Object.keys(metrics).length === 0 ? {} : { metrics }),
  };
}
