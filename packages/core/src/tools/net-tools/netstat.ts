// netstat of net-tools 2.10: routing tables (-r), interfaces (-i) and sockets. Its other tables are named as missing.

import { IFF } from "../../netlink/rtnl/link-constants.ts";
import type { Process, Program } from "../../system/process.ts";
import { parseOptions } from "../coreutils/options.ts";
import type { OptionTable } from "../coreutils/options.ts";
import { deviceStatistics, interfaceFlags, tableHeading, tableRow } from "./interface-table.ts";
import { printIpv4Cache, printIpv4Routes, printIpv6Routes } from "./routing-tables.ts";
import { printSockets } from "./socket-table.ts";
import { NETSTAT_USAGE, NETSTAT_VERSION, ROUTE_FAMILIES } from "./usage.ts";

const OPTIONS: OptionTable = {
  short: "A:CFMacdeghilnNoprsStuUvVWwx64?Z",
  long: {
    "protocol=": "A",
    version: "V",
    interfaces: "i",
    help: "h",
    route: "r",
    statistics: "s",
    raw: "w",
    tcp: "t",
    udp: "u",
    unix: "x",
    all: "a",
    numeric: "n",
    "numeric-hosts": "n",
    "numeric-ports": "numeric-ports",
    "numeric-users": "numeric-users",
    symbolic: "N",
    extend: "e",
    verbose: "v",
    cache: "C",
    fib: "F",
    listening: "l",
    groups: "g",
    wide: "W",
    inet: "4",
    inet6: "6",
  },
};

function usage(process: Process, toStdout: boolean): number {
  if (toStdout) process.print(NETSTAT_USAGE);
  else process.warn(NETSTAT_USAGE);
  process.warn(ROUTE_FAMILIES);
  return toStdout ? 0 : 3;
}

function interfaces(process: Process, all: boolean): number {
  process.print(`Kernel Interface table\n${tableHeading(false)}`);
  for (const device of deviceStatistics(process)) {
    const up = ((interfaceFlags(process, device.name) ?? 0) & IFF.UP) !== 0;
    if (up || all) process.print(tableRow(process, device));
  }
  return 0;
}

export const netstat: Program = (process) => {
  const seen = new Map<string, number>();
  const wrong = (text: string): never => {
    process.warn(`netstat: ${text}\n`);
    return process.exit(usage(process, false));
  };
  const { options } = parseOptions(process, { ...OPTIONS, wrong });
  let family: "inet" | "inet6" | undefined;
  for (const { name, value } of options) {
    seen.set(name, (seen.get(name) ?? 0) + 1);
    if (name === "4") family = "inet";
    else if (name === "6") family = "inet6";
    else if (name === "A") {
      if (value !== "inet" && value !== "inet6") {
        process.warn(`Unknown address family \`${value}'.\n`);
        return 1;
      }
      family = value;
    } else if (name === "V") {
      process.print(NETSTAT_VERSION);
      return 0;
    } else if (name === "h" || name === "?") return usage(process, true);
  }
  const has = (name: string): boolean => seen.has(name);
  for (const letter of ["M", "s", "g", "c"]) {
    if (!has(letter)) continue;
    process.warn(`netstat: -${letter} is not implemented\n`);
    return 1;
  }
  if (has("r")) {
    if (family === "inet6") return printIpv6Routes(process, has("n"));
    const columns = (seen.get("e") ?? 0) > 1 ? "both" : "netstat";
    return has("C") ? printIpv4Cache(process, columns) : printIpv4Routes(process, columns, has("n"));
  }
  if (has("i")) return interfaces(process, has("a"));
  return printSockets(process, {
    family,
    udp: has("u"),
    raw: has("w"),
    tcp: has("t"),
    unix: has("x"),
    all: has("a"),
    listening: has("l"),
    numeric: has("n"),
  });
};
