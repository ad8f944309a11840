// mount, umount and mountpoint of util-linux 2.38, over a system that keeps the mount table itself.

import type { Process, Program } from "../../system/process.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { ERRNO, strerror } from "../../netlink/errno.ts";
import { has, parseOptions, usageError, valueOf } from "../coreutils/options.ts";
import type { Parsed } from "../coreutils/options.ts";
import { program } from "../coreutils/program.ts";

const USAGE = 1;
const FAILED = 32;
/** What only mount itself follows. */
const OWN_OPTION = /^(?:auto|noauto|user|nouser|users|owner|group|bind|rbind|remount|nofail|_netdev|x-.*|)$/;
const HINT = "       dmesg(1) may have more information after failed mount system call.\n";

interface MountLine {
  readonly source: string;
  readonly target: string;
  readonly type: string;
  readonly options: string;
}

function mounted(process: Process): MountLine[] {
  const lines = process.system.mounts?.list(process) ?? [];
  return lines.map((line) => {
    const [source = "", target = "", type = "", options = ""] = line
      .split(" ")
      .map((field) =>
        field.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
      );
    return { source, target, type, options };
  });
}

function absolute(process: Process, path: string): string {
  try {
    return process.files.realPath(path);
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return path.startsWith("/") ? path : `${process.cwd === "/" ? "" : process.cwd}/${path}`;
  }
}

function refused(process: Process, target: string, text: string): number {
  process.warn(`mount: ${target}: ${text}\n${HINT}`);
  return FAILED;
}

const PROPAGATION = ["shared", "slave", "private", "unbindable"].flatMap((kind) => [
  `make-${kind}`,
  `make-r${kind}`,
]);

const mount: Program = program((process) => {
  const { mounts } = process.system;
  if (!mounts) return unavailable(process);
  const parsed = parseOptions(process, {
    short: "aBcfFhilL:MnO:o:rRst:T:vVwU:N:",
    long: {
      all: "a",
      bind: "B",
      rbind: "R",
      move: "M",
      "options=": "o",
      "types=": "t",
      "source=": "source",
      "target=": "target",
      "read-only": "r",
      rw: "w",
      verbose: "v",
      version: "V",
      "no-mtab": "n",
      "no-canonicalize": "c",
      ...Object.fromEntries(PROPAGATION.map((name) => [name, name])),
    },
  });
  if (has(parsed, "V")) {
    process.print(
      "mount from util-linux 2.38.1 (libmount 2.38.1: selinux, smack, btrfs, verity, namespaces, assert, debug)\n",
    );
    return 0;
  }
  if (has(parsed, "a")) return mountAll(process);
  const propagation = PROPAGATION.find((name) => has(parsed, name));
  if (propagation !== undefined) return propagate(process, propagation, parsed.operands[0]);
  const operands = [valueOf(parsed, "source"), ...parsed.operands, valueOf(parsed, "target")].flatMap(
    (word) => word ?? [],
  );
  if (operands.length === 0) return list(process, valueOf(parsed, "t"));
  return mountOne(process, parsed, operands);
});

function exists(process: Process, path: string): boolean {
  try {
    process.files.status(path);
    return true;
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return false;
  }
}

/** There is nothing to do without /etc/fstab. */
function mountAll(process: Process): number {
  if (!exists(process, "/etc/fstab")) return 0;
  process.warn("mount: --all is not implemented\n");
  return FAILED;
}

/** All mounts are private: what is mounted in one namespace never gets into another one. */
function propagate(process: Process, name: string, place: string | undefined): number {
  if (place === undefined) usageError(process, "bad usage", USAGE);
  const target = absolute(process, place);
  if (target !== "/" && !mounted(process).some((line) => line.target === target))
    return refused(process, target, "not mount point or bad option.");
  if (/private|slave/.test(name)) return 0;
  process.warn(`mount: --${name} is not implemented\n`);
  return FAILED;
}

function unavailable(process: Process): number {
  process.warn(
    `${process.argv[0] ?? ""}: is not implemented on this system: use the one that is installed on it\n`,
  );
  return FAILED;
}

function list(process: Process, types: string | undefined): number {
  for (const { source, target, type, options } of mounted(process)) {
    if (types !== undefined && !types.split(",").includes(type)) continue;
    process.print(`${source} on ${target} type ${type} (${options})\n`);
  }
  return 0;
}

function mountOne(process: Process, parsed: Parsed, operands: readonly string[]): number {
  const wanted = parsed.options.filter(({ name }) => name === "o").flatMap(({ value }) => value.split(","));
  const bind = has(parsed, "B") || has(parsed, "R") || wanted.includes("bind") || wanted.includes("rbind");
  const [source = "", place, extra] = operands;
  if (extra !== undefined) usageError(process, "bad usage", USAGE);
  if (wanted.includes("remount")) return remount(process, place ?? source, kernelOptions(parsed, wanted));
  if (place === undefined) {
    process.warn(`mount: ${source}: can't find in /etc/fstab.\n`);
    return USAGE;
  }
  if (has(parsed, "M")) {
    process.warn("mount: --move is not implemented\n");
    return FAILED;
  }
  const target = absolute(process, place);
  let isDirectory: boolean;
  try {
    isDirectory = process.files.status(target).type === "directory";
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return refused(process, place, "mount point does not exist.");
  }
  const type = bind ? "none" : (valueOf(parsed, "t") ?? "auto");
  const options = kernelOptions(parsed, wanted);
  try {
    process.system.mounts?.mount(process, { type, source, target, bind, options });
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return refused(process, target, mountFault(refusal.errno, { type, source, bind, isDirectory, process }));
  }
  if (has(parsed, "v")) process.print(`mount: ${source} ${bind ? "bound" : "mounted"} on ${target}.\n`);
  return 0;
}

function mountFault(
  errno: number,
  call: {
    readonly type: string;
    readonly source: string;
    readonly bind: boolean;
    readonly isDirectory: boolean;
    readonly process: Process;
  },
): string {
  if (errno === ERRNO.ENODEV)
    return call.type === "auto"
      ? `special device ${call.source} does not exist.`
      : `unknown filesystem type '${call.type}'.`;
  if (call.bind && errno === ERRNO.ENOENT) return `special device ${call.source} does not exist.`;
  if (errno === ERRNO.ENOTDIR && !call.isDirectory) return "mount point is not a directory.";
  if (errno === ERRNO.EINVAL)
    return `wrong fs type, bad option, bad superblock on ${call.source}, missing codepage or helper program, or other error.`;
  return `mount(2) system call failed: ${strerror(errno)}.`;
}

function remount(process: Process, place: string, options: readonly string[]): number {
  const target = absolute(process, place);
  try {
    process.system.mounts?.remount(process, target, options);
    return 0;
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    const isThere = exists(process, target);
    return refused(
      process,
      target,
      isThere ? "mount point not mounted or bad option." : "mount point does not exist.",
    );
  }
}

function kernelOptions(parsed: Parsed, wanted: readonly string[]): readonly string[] {
  const access = parsed.options.flatMap(({ name }) => (name === "r" ? ["ro"] : name === "w" ? ["rw"] : []));
  return [...wanted.filter((option) => !OWN_OPTION.test(option)), ...access];
}

const umount: Program = program((process) => {
  const { mounts } = process.system;
  if (!mounts) return unavailable(process);
  const parsed = parseOptions(process, {
    short: "aAcdfhilnN:O:qrRt:vV",
    long: {
      all: "a",
      "all-targets": "A",
      force: "f",
      lazy: "l",
      "no-mtab": "n",
      quiet: "q",
      recursive: "R",
      "types=": "t",
      verbose: "v",
    },
  });
  if (parsed.operands.length === 0) {
    if (has(parsed, "a")) return 0;
    usageError(process, "bad usage", USAGE);
  }
  let status = 0;
  for (const name of parsed.operands) {
    const own = absolute(process, name);
    // A source may stand for its mount point.
    const named = mounted(process).findLast(
      ({ source, target }) => target === own || source === name,
    )?.target;
    const targets = has(parsed, "R")
      ? mounted(process)
          .map(({ target }) => target)
          .filter((target) => target === own || target.startsWith(`${own}/`))
          .toReversed()
      : [named ?? own];
    for (const target of targets) {
      const text = unmountFault(process, target, name);
      if (text === undefined) {
        if (has(parsed, "v")) process.print(`umount: ${target} unmounted\n`);
        continue;
      }
      if (!has(parsed, "q")) process.warn(`umount: ${text}\n`);
      status = FAILED;
    }
  }
  return status;
});

/** Undefined if it was unmounted. */
function unmountFault(process: Process, target: string, name: string): string | undefined {
  try {
    process.system.mounts?.unmount(process, target);
    return undefined;
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    if (refusal.errno === ERRNO.ENOENT) return `${name}: no mount point specified.`;
    if (refusal.errno === ERRNO.EINVAL) return `${name}: not mounted.`;
    return `${target}: ${strerror(refusal.errno)}.`;
  }
}

const mountpoint: Program = program((process) => {
  const parsed = parseOptions(process, {
    short: "dqxhV",
    long: { quiet: "q", nofollow: "nofollow", fs: "d", devno: "x" },
  });
  const [path] = parsed.operands;
  if (path === undefined) usageError(process, "bad usage", USAGE);
  try {
    process.files.status(path);
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    if (!has(parsed, "q")) process.warn(`mountpoint: ${path}: ${strerror(refusal.errno)}\n`);
    return USAGE;
  }
  const own = absolute(process, path);
  const is = own === "/" || mounted(process).some(({ target }) => target === own);
  if (!has(parsed, "q")) process.print(`${path} is ${is ? "" : "not "}a mountpoint\n`);
  return is ? 0 : FAILED;
});

export const mountPrograms: ReadonlyMap<string, Program> = new Map([
  ["mount", mount],
  ["mountpoint", mountpoint],
  ["umount", umount],
]);
