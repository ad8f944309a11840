// unshare and nsenter for network and mount namespaces (util-linux 2.38). The other kinds of namespaces are not modelled: a
// program has no root directory or users of its own, so options for them are accepted where nothing follows from them, and the
// rest is refused.

import { ERRNO, strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process, Program } from "../../system/process.ts";
import { whyNotRun } from "../../system/executable.ts";
import { has, parseOptions, usageError, valueOf } from "../coreutils/options.ts";
import { complain, program } from "../coreutils/program.ts";

const FAILED = 1;

/** Becomes the program, or the shell if none is named. */
function become(process: Process, command: readonly string[]): Promise<number> | number {
  const words = command.length > 0 ? command : [process.env.get("SHELL") ?? "/bin/sh"];
  const [name = ""] = words;
  const found = process.lookup(name, process);
  if (found) return process.exec(found, words);
  const { errno, status } = whyNotRun(process, name);
  complain(process, `failed to execute ${name}: ${strerror(errno)}`);
  return status;
}

const KINDS = {
  "mount?": "m",
  "uts?": "u",
  "ipc?": "i",
  "net?": "n",
  "pid?": "p",
  "user?": "U",
  "cgroup?": "C",
  "time?": "T",
};

export const unshare = program((process) => {
  const parsed = parseOptions(process, {
    short: "frcm::u::i::n::p::U::C::T::",
    long: { fork: "f", "map-root-user": "r", "map-current-user": "c", "mount-proc": "mount-proc", ...KINDS },
    stopEarly: true,
  });
  if (has(parsed, "m")) process.unshareMounts();
  if (!has(parsed, "n")) return become(process, parsed.operands);
  process.unshareNetns();
  const path = valueOf(parsed, "n");
  if (path) {
    try {
      process.system.mountNetns(path, process.netns);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      complain(process, `mount /proc/self/ns/net on ${path} failed: ${strerror(refusal.errno)}`);
      return FAILED;
    }
  }
  return become(process, parsed.operands);
});

export const nsenter = program((process) => {
  const parsed = parseOptions(process, {
    short: "aFt:S:G:m::u::i::n::p::U::C::T::r::w::",
    long: {
      all: "a",
      "no-fork": "F",
      "target=": "t",
      "setuid=": "S",
      "setgid=": "G",
      "root?": "r",
      "wd?": "w",
      ...KINDS,
    },
    stopEarly: true,
  });
  const target = valueOf(parsed, "t");
  const path = valueOf(parsed, "n");
  const mounts = valueOf(parsed, "m");
  if (mounts !== undefined || has(parsed, "a")) {
    const owner = /^\/proc\/(self|\d+)\/ns\/mnt$/.exec(mounts ?? "")?.[1] ?? target;
    const other = owner === "self" ? process : process.find(Number(owner));
    if (other) process.mounts = other.mounts;
  }
  try {
    if (path) process.enterNetns(path);
    else if (has(parsed, "n") || has(parsed, "a")) {
      if (target === undefined) usageError(process, "neither filename nor target pid supplied for ns/net");
      const other = process.find(Number(target));
      if (!other) {
        complain(process, `cannot open /proc/${target}/ns/net: ${strerror(ERRNO.ENOENT)}`);
        return FAILED;
      }
      process.netns = other.netns;
    }
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    complain(process, `cannot open ${path ?? ""}: ${strerror(refusal.errno)}`);
    return FAILED;
  }
  return become(process, parsed.operands);
});

export const namespacePrograms: ReadonlyMap<string, Program> = new Map([
  ["nsenter", nsenter],
  ["unshare", unshare],
]);
