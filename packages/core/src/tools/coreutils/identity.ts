// uname, hostname, id, whoami, nproc, arch: what the host and its user are called.

import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import { formatIpv6, readIpv6Address } from "../../wire/ipv6-address.ts";
import { allAddresses } from "../resolver/interfaces.ts";
import { has, parseOptions, usageError } from "./options.ts";
import { complain, program, localeQuoted } from "./program.ts";

const MACHINE = "x86_64";

/** First line of a file under /proc or /sys, or what to say without it. */
function firstLine(process: Process, path: string, otherwise: string): string {
  try {
    return new TextDecoder().decode(process.files.readFile(path)).split("\n")[0] ?? otherwise;
  } catch (refusal) {
    if (refusal instanceof Refusal) return otherwise;
    throw refusal;
  }
}

export const uname = program((process) => {
  const parsed = parseOptions(process, {
    short: "asnrvmpio",
    long: {
      all: "a",
      "kernel-name": "s",
      nodename: "n",
      "kernel-release": "r",
      "kernel-version": "v",
      machine: "m",
      processor: "p",
      "hardware-platform": "i",
      "operating-system": "o",
    },
  });
  const [operand] = parsed.operands;
  if (operand !== undefined) usageError(process, `extra operand ${localeQuoted(process, operand)}`);
  const { system } = process;
  const fields: readonly (readonly [string, string])[] = [
    ["s", "Linux"],
    ["n", system.hostName],
    ["r", system.release],
    ["v", firstLine(process, "/proc/sys/kernel/version", "#1 SMP")],
    ["m", MACHINE],
    ["p", "unknown"],
    ["i", "unknown"],
    ["o", "GNU/Linux"],
  ];
  const all = has(parsed, "a");
  // -a leaves out what is unknown.
  const shown = fields.filter(([letter, text]) => (all ? text !== "unknown" : has(parsed, letter)));
  process.print(`${shown.length === 0 ? "Linux" : shown.map(([, text]) => text).join(" ")}\n`);
  return 0;
});

/** hostname(1), which shows names and addresses and changes nothing. */
export const hostname = program((process) => {
  const parsed = parseOptions(process, {
    short: "sIifdaA",
    long: {
      short: "s",
      "all-ip-addresses": "I",
      "ip-address": "i",
      fqdn: "f",
      long: "f",
      domain: "d",
      alias: "a",
      "all-fqdns": "A",
    },
  });
  const { hostName } = process.system;
  if (parsed.operands.length > 0) {
    process.warn("hostname: you must be root to change the host name\n");
    return 1;
  }
  if (has(parsed, "I")) {
    process.print(`${hostAddresses(process).join(" ")} \n`);
    return 0;
  }
  if (["i", "f", "d", "a"].some((letter) => has(parsed, letter))) {
    // None of these is known without a name server.
    process.warn("hostname: Name or service not known\n");
    return 1;
  }
  if (has(parsed, "A")) process.print(" \n");
  else process.print(`${has(parsed, "s") ? hostName.replace(/\..*/, "") : hostName}\n`);
  return 0;
});

/** Addresses of all devices but the loopback, without those of their links. */
function hostAddresses(process: Process): string[] {
  return (["inet", "inet6"] as const).flatMap((family) =>
    allAddresses(process, family).flatMap((address) => {
      if (family === "inet") return address[0] === 127 ? [] : address.join(".");
      const text = formatIpv6(readIpv6Address(address, 0));
      return text === "::1" || text.startsWith("fe80:") ? [] : text;
    }),
  );
}

export const id = program((process) => {
  const parsed = parseOptions(process, {
    short: "agGnruz",
    long: { group: "g", groups: "G", name: "n", real: "r", user: "u", zero: "z" },
  });
  const [user] = parsed.operands;
  if (user !== undefined && user !== "root" && user !== "0") {
    complain(process, `${localeQuoted(process, user)}: no such user`);
    return 1;
  }
  const one = has(parsed, "u") || has(parsed, "g") || has(parsed, "G");
  if (!one && (has(parsed, "n") || has(parsed, "r"))) {
    complain(process, "cannot print only names or real IDs in default format");
    return 1;
  }
  process.print(!one ? "uid=0(root) gid=0(root) groups=0(root)\n" : has(parsed, "n") ? "root\n" : "0\n");
  return 0;
});

export const whoami = program((process) => {
  process.print("root\n");
  return 0;
});

export const arch = program((process) => {
  process.print(`${MACHINE}\n`);
  return 0;
});

export const nproc = program((process) => {
  const online = firstLine(process, "/sys/devices/system/cpu/online", "0");
  const count = online.split(",").reduce((sum, range) => {
    const [first = 0, last = first] = range.split("-").map(Number);
    return sum + last - first + 1;
  }, 0);
  process.print(`${count}\n`);
  return 0;
});

export const tty = program((process) => {
  const parsed = parseOptions(process, { short: "s", long: { quiet: "s", silent: "s" } });
  const terminal = process.fds.get(0)?.output?.terminal !== undefined;
  if (!has(parsed, "s")) process.print(terminal ? "/dev/pts/0\n" : "not a tty\n");
  return terminal ? 0 : 1;
});
