// Which program a command word starts: the tools of the core, then the text tools. On the real system the machine's own
// programs come before the text tools, which are there for machines without them.

import { accessSync, constants, openSync, closeSync, readSync, statSync } from "node:fs";
import { programNamed, programPath, programs } from "@patchcord/core/programs.ts";
import { scriptNamed } from "@patchcord/core/system/executable.ts";
import type { Process, Program, ProgramLookup } from "@patchcord/core/system/process.ts";
import { textTools } from "./text-tools/text-tools.ts";

/** Files of all programs of the embedded system. */
export function* programFiles(): Generator<string> {
  for (const name of programs.keys()) yield programPath(name);
  for (const name of textTools.keys()) yield programPath(name);
}

/** Programs, and files that are scripts: whatever starts a program starts those too. */
export const lookupProgram: ProgramLookup = (name, process) =>
  programNamed(name) ?? programNamed(name, textTools) ?? scriptNamed(process, name);

/** What the real system needs to have for its programs. */
interface RealPrograms {
  external(path: string): Program;
}

/** Options that keep unshare and nsenter to network namespaces, which is what ours do. */
const NETWORK_ONLY = /^(?:-n|--net(?:=.*)?|-n.+|-t|--target(?:=.*)?|-F|--no-fork)$/;

/** Ours know network namespaces only; any other kind is for the real program. */
function forNetworkOnly(ours: Program, real: Program): Program {
  return (process) => {
    for (const word of process.argv.slice(1)) {
      if (!word.startsWith("-") || word === "--") break;
      if (!NETWORK_ONLY.test(word)) return real(process);
    }
    return ours(process);
  };
}

/** Ours are parts of the embedded system, or change it by calls that the real one is not asked for; the machine has its own. */
const OF_THE_MACHINE =
  /(?:^|\/)(?:ovsdb-server|ovs-vswitchd|ovs-ctl|service|systemctl|mkfifo|mknod|openvswitch-switch|u?mount|mountpoint|kmod|modprobe|rmmod|insmod)$/;

export function linuxLookup(system: RealPrograms): ProgramLookup {
  return (name, process) => {
    const ours = programNamed(name);
    const path =
      ours === undefined || /^(?:unshare|nsenter)$/.test(name) || OF_THE_MACHINE.test(name)
        ? executable(name, process)
        : undefined;
    if (path !== undefined && OF_THE_MACHINE.test(name)) return system.external(path);
    if (ours !== undefined) return path === undefined ? ours : forNetworkOnly(ours, system.external(path));
    if (path !== undefined) return system.external(path);
    return programNamed(name, textTools) ?? scriptNamed(process, name);
  };
}

/** Path of the binary behind a word. Scripts are not found, whose first line is read here. */
function executable(name: string, process: Process): string | undefined {
  const folders = name.includes("/") ? [""] : (process.env.get("PATH") ?? "").split(":");
  for (const folder of folders) {
    const path = name.startsWith("/") ? name : `${folder === "" ? process.cwd : folder}/${name}`;
    try {
      if (!statSync(path).isFile()) continue;
      accessSync(path, constants.X_OK);
      if (!isScript(path)) return path;
      return undefined;
    } catch {
      // not here: the next folder
    }
  }
  return undefined;
}

function isScript(path: string): boolean {
  const fd = openSync(path, "r");
  try {
    const start = new Uint8Array(4);
    readSync(fd, start);
    return !(start[0] === 0x7f && start[1] === 0x45 && start[2] === 0x4c && start[3] === 0x46); // ELF
  } finally {
    closeSync(fd);
  }
}
