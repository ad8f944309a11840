// route of net-tools 2.10: prints the routing tables and changes them.

import type { Process, Program } from "../../system/process.ts";
import { parseOptions } from "../coreutils/options.ts";
import type { OptionTable } from "../coreutils/options.ts";
import { changeIpv4Route } from "./route-change.ts";
import { changeIpv6Route } from "./route-change6.ts";
import type { Columns } from "./routing-tables.ts";
import { printIpv4Cache, printIpv4Routes, printIpv6Routes } from "./routing-tables.ts";
import { INET6_ROUTE_USAGE, INET_ROUTE_USAGE, ROUTE_FAMILIES, ROUTE_USAGE, ROUTE_VERSION } from "./usage.ts";

/** E_USAGE and E_OPTERR of net-tools. */
const WRONG_USAGE = 3;

const OPTIONS: OptionTable = {
  short: "A:eCFhnN64Vv?",
  long: {
    extend: "e",
    verbose: "v",
    version: "V",
    numeric: "n",
    symbolic: "N",
    protocol: "A",
    cache: "C",
    fib: "F",
    help: "h",
    inet: "4",
    inet6: "6",
    "protocol=": "A",
  },
};

function usage(process: Process, toStdout: boolean): number {
  if (toStdout) process.print(ROUTE_USAGE);
  else process.warn(ROUTE_USAGE);
  process.warn(ROUTE_FAMILIES);
  return toStdout ? 0 : WRONG_USAGE;
}

/** -net and -host are operands, though they look like options. */
function operandsFirst(process: Process): void {
  const [name = "route", ...words] = process.argv;
  process.argv = [name, ...words.map((word) => (/^-(net|host)$/.test(word) ? `#${word.slice(1)}` : word))];
}

export const route: Program = (process) => {
  operandsFirst(process);
  let family: "inet" | "inet6" = "inet";
  let extended = 0;
  let numeric = false;
  let cache = false;
  const wrong = (text: string): never => {
    process.warn(`route: ${text}\n`);
    return process.exit(usage(process, true));
  };
  const { options, operands } = parseOptions(process, { ...OPTIONS, wrong });
  for (const { name, value } of options) {
    if (name === "e") extended++;
    else if (name === "n") numeric = true;
    else if (name === "C") cache = true;
    else if (name === "F") cache = false;
    else if (name === "4") family = "inet";
    else if (name === "6") family = "inet6";
    else if (name === "A") {
      if (value !== "inet" && value !== "inet6") {
        process.warn(`Unknown address family \`${value}'.\n`);
        return 1;
      }
      family = value;
    } else if (name === "V") {
      process.print(ROUTE_VERSION);
      return 0;
    } else if (name === "h" || name === "?") return usage(process, true);
  }
  const [command, ...rest] = operands;
  if (command === undefined) {
    const columns: Columns = extended === 0 ? "route" : extended === 1 ? "netstat" : "both";
    if (family === "inet6") return printIpv6Routes(process, numeric);
    return cache ? printIpv4Cache(process, columns) : printIpv4Routes(process, columns, numeric);
  }
  if (command === "flush") {
    process.warn(`Flushing \`${family}' routing table not supported\n`);
    process.warn(family === "inet" ? INET_ROUTE_USAGE : INET6_ROUTE_USAGE);
    return WRONG_USAGE;
  }
  if (command !== "add" && command !== "del" && command !== "delete") return usage(process, false);
  const add = command === "add";
  return family === "inet" ? changeIpv4Route(process, add, rest) : changeIpv6Route(process, add, rest);
};
