// `route -6 add` and `route -6 del`.

import { RT_TABLE, RTN, RTPROT } from "../../netlink/rtnl/route-constants.ts";
import type { RouteMessage } from "../../netlink/rtnl/route.ts";
import { AF } from "../../netlink/rtnl/types.ts";
import type { Process } from "../../system/process.ts";
import { NameFault, resolveHost } from "../resolver/hosts.ts";
import { sendRoute } from "./route-request.ts";
import { INET6_ROUTE_USAGE } from "./usage.ts";

const WRONG_USAGE = 3;
/** What the real program asks for if no metric is given. */
const DEFAULT_METRIC = 1;
const UNKNOWN_NAME = 1;

function address(process: Process, name: string): Uint8Array | undefined {
  try {
    return resolveHost(process, name, "inet6")[0]?.address;
  } catch (fault) {
    if (fault instanceof NameFault) return undefined;
    throw fault;
  }
}

function usage(process: Process): number {
  process.warn(INET6_ROUTE_USAGE);
  return WRONG_USAGE;
}

function unknown(process: Process, name: string): number {
  process.warn(`${name}: Host name lookup failure\n`);
  return UNKNOWN_NAME;
}

/** `words`: TARGET[/LENGTH] [gw GATEWAY] [metric N] [[dev] IF]. The exit code. */
export function changeIpv6Route(process: Process, add: boolean, words: readonly string[]): number {
  const [target, ...rest] = words;
  if (target === undefined) return usage(process);
  const [, name = "", lengthText] = /^(.*?)(?:\/(\d+))?$/.exec(target) ?? [];
  const isDefault = name === "default";
  const dst = isDefault ? undefined : address(process, name);
  if (dst === undefined && !isDefault) return unknown(process, name);
  let gateway: Uint8Array | undefined;
  let metric = DEFAULT_METRIC;
  let device = "";
  for (let at = 0; at < rest.length; at++) {
    const word = rest[at] ?? "";
    const value = rest[at + 1];
    if (word === "mod" || word === "dyn") continue;
    if (word === "gw" || word === "gateway") {
      if (value === undefined || gateway !== undefined) return usage(process);
      gateway = address(process, value);
      if (gateway === undefined) return unknown(process, value);
      at++;
    } else if (word === "metric") {
      if (value === undefined || !/^\d+$/.test(value)) return usage(process);
      metric = Number(value);
      at++;
    } else if (word === "dev" || word === "device") {
      if (value === undefined || device !== "") return usage(process);
      device = value;
      at++;
    } else {
      if (value !== undefined || device !== "") return usage(process);
      device = word;
    }
  }
  const length = isDefault ? 0 : lengthText === undefined ? 128 : Number(lengthText);
  const request: Partial<RouteMessage> = {
    family: AF.INET6,
    table: RT_TABLE.MAIN,
    dstLen: length,
    type: add ? RTN.UNICAST : RTN.UNSPEC,
    ...(add ? { protocol: RTPROT.BOOT } : {}),
    ...(dst === undefined || length === 0 ? {} : { dst }),
    ...(gateway === undefined ? {} : { gateway }),
    priority: metric,
  };
  return sendRoute(process, add, request, device);
}
