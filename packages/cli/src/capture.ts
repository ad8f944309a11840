// `patchcord capture`: runs scripts, and writes what every device of every namespace sees into one pcapng file, for Wireshark
// to show or for a pipe into it.

import { closeSync, openSync, writeSync } from "node:fs";
import { compileCaptureFilter, PcapngCapture } from "@patchcord/core/capture/pcapng-capture.ts";
import type { CaptureSink } from "@patchcord/core/capture/record-buffer.ts";
import { FilterError } from "@patchcord/core/pcap-filter/filter-error.ts";
import { exitCode } from "@patchcord/core/system/process.ts";
import { Refusal } from "@patchcord/core/netlink/refusal.ts";
import type { NetworkCapture } from "@patchcord/core/system/network-capture.ts";
import type { System } from "@patchcord/core/system/system.ts";
import { readScripts, scriptProgram, UNREADABLE } from "./run.ts";
import { Session } from "./session.ts";
import type { SessionOptions } from "./session.ts";

export interface CaptureOptions extends SessionOptions {
  /** Patterns of devices: `veth*`, `ns1/*`; all of them if there is none. */
  readonly interface: readonly string[];
  /** A file; - is standard output. */
  readonly write: string;
  readonly filter?: string;
  /** How much of a packet is kept, bytes. */
  readonly snapshotLength?: number;
}

const USAGE = 64;
/** EX_CANTCREAT */
const CANNOT_CREATE = 73;
const NAMED_NAMESPACES = "/run/netns";
/** What is collected before it is written, bytes. */
const BUFFER = 1 << 20;
/** How often what there is goes into a pipe while time is real, milliseconds. */
const PIPE_INTERVAL = 200;

/** Exit code of the first script that failed, or 0. */
export async function capture(paths: readonly string[], options: CaptureOptions): Promise<number> {
  const complain = (text: string, code: number): number => {
    process.stderr.write(`patchcord capture: ${text}\n`);
    return code;
  };
  const filter = options.filter === undefined ? undefined : compileCaptureFilter(options.filter);
  if (filter instanceof FilterError) return complain(filter.text, USAGE);
  const scripts = readScripts(paths);
  if (scripts === undefined) return UNREADABLE;
  const session = await Session.open(options);
  const { system } = session;
  if (system.capture === undefined) return complain(`${system.name} has no captures`, USAGE);
  let file: number;
  try {
    file = options.write === "-" ? process.stdout.fd : openSync(options.write, "w");
  } catch (error) {
    return complain(
      `${options.write}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`,
      CANNOT_CREATE,
    );
  }
  const { writer, stop } = startCapture(system, system.capture, options, fileSink(file));
  const paced = options.clock === "real" || options.system === "linux";
  const timer = paced ? setInterval(() => writer.flush(), PIPE_INTERVAL) : undefined;
  let first = 0;
  for (const { path, text } of scripts) {
    const output = options.write === "-" ? "stderr" : "stdout";
    first = exitCode(await session.run(scriptProgram(path, text, false), [path], output));
    if (first !== 0) break;
  }
  clearInterval(timer);
  stop();
  if (options.write !== "-") closeSync(file);
  process.stderr.write(
    `${writer.packets} packet${writer.packets === 1 ? "" : "s"} of ${writer.interfaces} interface${
      writer.interfaces === 1 ? "" : "s"
    } captured${options.write === "-" ? "" : `: ${options.write}`}\n`,
  );
  return first;
}

function startCapture(
  system: System,
  network: NetworkCapture,
  options: CaptureOptions,
  sink: CaptureSink,
): { readonly writer: PcapngCapture; stop(): void } {
  const patterns = options.interface.map(patternOf);
  const writer = new PcapngCapture({
    sink,
    snapLength: options.snapshotLength,
    namespaceName: (inode) => (inode === system.initialNetns.inode ? undefined : nameOf(system, inode)),
    wanted: (device, namespace) =>
      patterns.length === 0 ||
      patterns.some(
        (pattern) => pattern.test(device.name) || pattern.test(`${namespace ?? ""}/${device.name}`),
      ),
    filter: options.filter,
  });
  const unwatch = network.start(writer);
  return {
    writer,
    stop: () => {
      unwatch();
      writer.finish();
    },
  };
}

/** `ip netns` gives a namespace its name by a mount; one without is called by its number. */
function nameOf(system: System, inode: number): string {
  const files = system.files({ pid: 1, cwd: "/", netns: system.initialNetns });
  try {
    for (const name of files.readDirectory(NAMED_NAMESPACES)) {
      if (files.status(`${NAMED_NAMESPACES}/${name}`).inode === inode) return name;
    }
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
  }
  return `netns:${inode}`;
}

/** `*` stands for any characters, `?` for one. */
function patternOf(glob: string): RegExp {
  const escaped = glob.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`);
}

function fileSink(file: number): CaptureSink {
  const buffer = new Uint8Array(BUFFER);
  return {
    buffer,
    write: (length) => {
      writeAll(file, buffer.subarray(0, length));
      return buffer;
    },
  };
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(file, bytes, at);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // A pipe that is full: its reader is slower than we are.
      if (code === "EAGAIN") continue;
      if (code === "EPIPE") return;
      throw error;
    }
  }
}
