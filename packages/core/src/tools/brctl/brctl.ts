// brctl(8) of bridge-utils 1.7.1: bridges by ioctl and sysfs.

import { ERRNO, strerror } from "../../netlink/errno.ts";
import type { Process, Program } from "../../system/process.ts";
import { isBridge, isDevice, writeAttribute } from "./bridge-files.ts";
import { addBridge, changePort, deleteBridge, oldRequest } from "./requests.ts";
import { show, showMacs, showStp } from "./show.ts";

interface BrctlCommand {
  readonly name: string;
  /** Arguments that must be there; more are ignored. */
  readonly needs: number;
  /** As the list of commands shows it. */
  readonly help: string;
  run(process: Process, args: readonly string[]): number;
}

/** BRCTL_* of linux/if_bridge.h. */
const BRCTL = {
  SET_BRIDGE_FORWARD_DELAY: 8,
  SET_BRIDGE_HELLO_TIME: 9,
  SET_BRIDGE_MAX_AGE: 10,
  SET_AGEING_TIME: 11,
  SET_BRIDGE_STP_STATE: 14,
  SET_BRIDGE_PRIORITY: 15,
} as const;

const COMMANDS: readonly BrctlCommand[] = [
  {
    name: "addbr",
    needs: 1,
    help: "<bridge>\t\tadd bridge",
    run: (process, [name = ""]) => add(process, name),
  },
  {
    name: "delbr",
    needs: 1,
    help: "<bridge>\t\tdelete bridge",
    run: (process, [name = ""]) => remove(process, name),
  },
  { name: "addif", needs: 2, help: "<bridge> <device>\tadd interface to bridge", run: addInterfaces },
  { name: "delif", needs: 2, help: "<bridge> <device>\tdelete interface from bridge", run: deleteInterfaces },
  { name: "hairpin", needs: 3, help: "<bridge> <port> {on|off}\tturn hairpin on/off", run: hairpin },
  {
    name: "setageing",
    needs: 2,
    help: "<bridge> <time>\t\tset ageing time",
    run: timeSetter("ageing_time", BRCTL.SET_AGEING_TIME, "ageing time", "set ageing time"),
  },
  { name: "setbridgeprio", needs: 2, help: "<bridge> <prio>\t\tset bridge priority", run: bridgePriority },
  {
    name: "setfd",
    needs: 2,
    help: "<bridge> <time>\t\tset bridge forward delay",
    run: timeSetter("forward_delay", BRCTL.SET_BRIDGE_FORWARD_DELAY, "forward delay", "set forward delay"),
  },
  {
    name: "sethello",
    needs: 2,
    help: "<bridge> <time>\t\tset hello time",
    run: timeSetter("hello_time", BRCTL.SET_BRIDGE_HELLO_TIME, "hello timer", "set hello timer"),
  },
  {
    name: "setmaxage",
    needs: 2,
    help: "<bridge> <time>\t\tset max message age",
    run: timeSetter("max_age", BRCTL.SET_BRIDGE_MAX_AGE, "max age", "set max age"),
  },
  {
    name: "setpathcost",
    needs: 3,
    help: "<bridge> <port> <cost>\tset path cost",
    run: portSetter("path_cost", "path cost", "set path cost"),
  },
  {
    name: "setportprio",
    needs: 3,
    help: "<bridge> <port> <prio>\tset port priority",
    run: portSetter("priority", "path priority", "set port priority"),
  },
  { name: "show", needs: 0, help: "[ <bridge> ]\t\tshow a list of bridges", run: show },
  {
    name: "showmacs",
    needs: 1,
    help: "<bridge>\t\tshow a list of mac addrs",
    run: (process, [name = ""]) => showMacs(process, name),
  },
  {
    name: "showstp",
    needs: 1,
    help: "<bridge>\t\tshow bridge stp info",
    run: (process, [name = ""]) => showStp(process, name),
  },
  { name: "stp", needs: 2, help: "<bridge> {on|off}\tturn stp on/off", run: spanningTree },
];

const NAME_COLUMN = 10;

function usage(process: Process): void {
  process.print("Usage: brctl [commands]\ncommands:\n");
  for (const { name, help } of COMMANDS) process.print(`\t${name.padEnd(NAME_COLUMN)}\t${help}\n`);
}

function refuse(process: Process, message: string): number {
  process.warn(`${message}\n`);
  return 1;
}

function add(process: Process, name: string): number {
  const errno = addBridge(process, name);
  if (errno === 0) return 0;
  if (errno === ERRNO.EEXIST) {
    return refuse(process, `device ${name} already exists; can't create bridge with the same name`);
  }
  return refuse(process, `add bridge failed: ${strerror(errno)}`);
}

function remove(process: Process, name: string): number {
  const errno = deleteBridge(process, name);
  if (errno === 0) return 0;
  if (errno === ERRNO.ENXIO) return refuse(process, `bridge ${name} doesn't exist; can't delete it`);
  if (errno === ERRNO.EBUSY) return refuse(process, `bridge ${name} is still up; can't delete it`);
  return refuse(process, `can't delete bridge ${name}: ${strerror(errno)}`);
}

function addInterfaces(process: Process, [bridge = "", ...names]: readonly string[]): number {
  for (const name of names) {
    const errno = changePort(process, bridge, name, true);
    if (errno === 0) continue;
    if (errno === ERRNO.ENODEV) return refuse(process, missing(process, bridge, name));
    if (errno === ERRNO.EBUSY) {
      return refuse(
        process,
        `device ${name} is already a member of a bridge; can't add it to bridge ${bridge}.`,
      );
    }
    if (errno === ERRNO.ELOOP) {
      return refuse(
        process,
        `device ${name} is a bridge device itself; can't add a bridge device to a bridge device.`,
      );
    }
    return refuse(process, `can't add ${name} to bridge ${bridge}: ${strerror(errno)}`);
  }
  return 0;
}

function deleteInterfaces(process: Process, [bridge = "", ...names]: readonly string[]): number {
  for (const name of names) {
    const errno = changePort(process, bridge, name, false);
    if (errno === 0) continue;
    if (errno === ERRNO.ENODEV) return refuse(process, missing(process, bridge, name));
    if (errno === ERRNO.EINVAL) return refuse(process, `device ${name} is not a port of ${bridge}`);
    return refuse(process, `can't delete ${name} from ${bridge}: ${strerror(errno)}`);
  }
  return 0;
}

function missing(process: Process, bridge: string, name: string): string {
  return isDevice(process, name) ? `bridge ${bridge} does not exist!` : `interface ${name} does not exist!`;
}

/** on, yes and 1; off, no and 0. */
function onOff(text: string): number | undefined {
  if (["on", "yes", "1"].includes(text)) return 1;
  return ["off", "no", "0"].includes(text) ? 0 : undefined;
}

/** Where there is no file in sysfs, libbridge tries the old ioctl, whose refusal is what a person sees. */
function setBridge(process: Process, bridge: string, file: string, value: number, command: number): number {
  return (
    writeAttribute(process, `${bridge}/bridge/${file}`, value) ?? oldRequest(process, bridge, command, value)
  );
}

function timeSetter(file: string, command: number, noun: string, act: string): BrctlCommand["run"] {
  return (process, [bridge = "", text = ""]) => {
    const seconds = /^[-+]?(\d+\.?\d*|\.\d+)/.exec(text.trim());
    if (!seconds) return refuse(process, `bad ${noun} value`);
    const errno = setBridge(process, bridge, file, Math.trunc(Number(seconds[0]) * 100), command);
    return errno === 0 ? 0 : refuse(process, `${act} failed: ${strerror(errno)}`);
  };
}

function bridgePriority(process: Process, [bridge = "", text = ""]: readonly string[]): number {
  const priority = leadingInteger(text);
  if (priority === undefined) return refuse(process, "bad priority");
  const errno = setBridge(process, bridge, "priority", priority & 0xffff, BRCTL.SET_BRIDGE_PRIORITY);
  return errno === 0 ? 0 : refuse(process, `set bridge priority failed: ${strerror(errno)}`);
}

/** What scanf's %i takes. */
function leadingInteger(text: string): number | undefined {
  const match = /^\s*[-+]?(0[xX][\da-fA-F]+|\d+)/.exec(text);
  return match ? Number(match[0].trim()) : undefined;
}

function setPort(process: Process, port: string, file: string, value: number): number {
  const errno = writeAttribute(process, `${port}/brport/${file}`, value);
  if (errno !== undefined) return errno;
  return isDevice(process, port) ? ERRNO.ENOENT : ERRNO.ENODEV;
}

function portSetter(file: string, noun: string, act: string): BrctlCommand["run"] {
  return (process, [, port = "", text = ""]) => {
    const value = leadingInteger(text);
    if (value === undefined) return refuse(process, `bad ${noun} value`);
    const errno = setPort(process, port, file, value);
    return errno === 0 ? 0 : refuse(process, `${act} failed: ${strerror(errno)}`);
  };
}

function hairpin(process: Process, [bridge = "", port = "", text = ""]: readonly string[]): number {
  const on = onOff(text);
  if (on === undefined) return refuse(process, "expect on/off for argument");
  if (!isDevice(process, port)) return refuse(process, `interface ${port} does not exist!`);
  if (!isBridge(process, bridge)) return refuse(process, `bridge ${bridge} does not exist!`);
  const errno = setPort(process, port, "hairpin_mode", on);
  if (errno === 0) return 0;
  return refuse(process, `can't set ${port} to hairpin on bridge ${bridge}: ${strerror(errno)}`);
}

function spanningTree(process: Process, [bridge = "", text = ""]: readonly string[]): number {
  const on = onOff(text);
  if (on === undefined) return refuse(process, "expect on/off for argument");
  const errno = setBridge(process, bridge, "stp_state", on, BRCTL.SET_BRIDGE_STP_STATE);
  return errno === 0 ? 0 : refuse(process, `set stp status failed: ${strerror(errno)}`);
}

/** getopt_long over all words, with -h/--help and -V/--version. Undefined: go on with the words that are left. */
function options(process: Process, words: readonly string[]): number | readonly string[] {
  const rest: string[] = [];
  for (const [index, word] of words.entries()) {
    if (word === "--") return [...rest, ...words.slice(index + 1)];
    if (!word.startsWith("-") || word === "-") {
      rest.push(word);
      continue;
    }
    if (word === "-h" || (word.length > 2 && "--help".startsWith(word))) {
      usage(process);
      return 0;
    }
    if (word === "-V" || (word.length > 2 && "--version".startsWith(word))) {
      process.print("bridge-utils, 1.7\n");
      return 0;
    }
    process.warn(
      word.startsWith("--")
        ? `brctl: unrecognized option '${word}'\n`
        : `brctl: invalid option -- '${word[1]}'\n`,
    );
    process.warn("Unknown option '?'\n");
    usage(process);
    return 1;
  }
  return rest;
}

export const brctl: Program = (process) => {
  const words = options(process, process.argv.slice(1));
  if (typeof words === "number") return words;
  const [name, ...args] = words;
  if (name === undefined) {
    usage(process);
    return 1;
  }
  const command = COMMANDS.find((each) => each.name === name);
  if (!command) {
    process.warn(`never heard of command [${name}]\n`);
    usage(process);
    return 1;
  }
  if (args.length < command.needs) {
    process.print("Incorrect number of arguments for command\n");
    process.print(`Usage: brctl ${command.name} ${command.help}\n`);
    return 1;
  }
  return command.run(process, args);
};
