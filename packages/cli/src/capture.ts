// Captures of a run: what every device of every namespace sees, in one pcapng file, for Wireshark to show or for a pipe into it.

import { openSync } from "node:fs";
import { compileCaptureFilter } from "@patchcord/core/capture/pcapng-capture.ts";
import { FilterError } from "@patchcord/core/pcap-filter/filter-error.ts";
import { Refusal } from "@patchcord/core/netlink/refusal.ts";
import type { System } from "@patchcord/core/system/system.ts";
import { DEFAULT_SNAP_LENGTH } from "@patchcord/core/wire/capture-packet.ts";
import { CaptureFile } from "./capture-file.ts";

/** What is captured, and where it goes. */
export interface CaptureChoice {
  /** A file; - is standard output. */
  readonly write: string;
  /** Patterns of devices: `veth*`, `ns1/*`; all of them if there is none. */
  readonly interface?: readonly string[];
  readonly filter?: string;
  /** How much of a packet is kept, bytes. */
  readonly snapshotLength?: number;
}

/** Why there is no capture: a line for the user, and an exit code. */
export interface CaptureRefusal {
  readonly text: string;
  readonly code: number;
}

export interface RunningCapture {
  /** Ends it, and says what is in the file. Exit code: 0, or 74 if the file is not complete. */
  finish(): number;
}

const USAGE = 64;
/** EX_CANTCREAT, EX_IOERR */
const CANNOT_CREATE = 73;
const IO_ERROR = 74;
const NAMED_NAMESPACES = "/run/netns";
/** How often what there is goes into the file while time is real, milliseconds. */
const PACE = 200;
/** What ends a process unless it says otherwise; the file is to be whole then, too. */
const ENDING = ["SIGTERM", "SIGHUP"] as const;

function complain(text: string): void {
  process.stderr.write(`patchcord capture: ${text}\n`);
}

/** Begins a capture. `paced`: time is real, so that somebody may wait for what the file says. */
type Begin = (system: System, paced: boolean) => RunningCapture | CaptureRefusal;

/** Looks at a choice as far as that can be done before there is a system. */
export function prepareCapture(choice: CaptureChoice): Begin | CaptureRefusal {
  const { filter } = choice;
  const program = filter === undefined ? undefined : compileCaptureFilter(filter);
  if (program instanceof FilterError) return { text: program.text, code: USAGE };
  return (system, paced) => startCapture(system, choice, paced);
}

function startCapture(
  system: System,
  choice: CaptureChoice,
  paced: boolean,
): RunningCapture | CaptureRefusal {
  const network = system.capture;
  if (network === undefined) return { text: `${system.name} has no captures`, code: USAGE };
  const toPipe = choice.write === "-";
  let file: number;
  try {
    file = toPipe ? process.stdout.fd : openSync(choice.write, "w");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { text: `${choice.write}: ${code ?? String(error)}`, code: CANNOT_CREATE };
  }
  const patterns = (choice.interface ?? []).map(patternOf);
  let code = 0;
  const capture = new CaptureFile({
    file,
    snapLength: choice.snapshotLength ?? DEFAULT_SNAP_LENGTH,
    filter: choice.filter === "" ? undefined : choice.filter,
    namespaceName: (inode) => (inode === system.initialNetns.inode ? undefined : nameOf(system, inode)),
    wanted: (device, namespace) =>
      patterns.length === 0 ||
      patterns.some(
        (pattern) => pattern.test(device.name) || pattern.test(`${namespace ?? ""}/${device.name}`),
      ),
    failed: (why) => {
      complain(`${toPipe ? "standard output" : choice.write}: ${why}; what came until now may be there`);
      code = IO_ERROR;
    },
  });
  const unwatch = network.start(capture.log);
  const timer = paced ? setInterval(() => capture.flush(), PACE) : undefined;
  let running = true;
  let lost = 0;
  const end = (): { readonly packets: number; readonly interfaces: number } => {
    if (running) {
      running = false;
      clearInterval(timer);
      lost = unwatch();
      process.off("exit", end);
      for (const signal of ENDING) process.off(signal, endBySignal);
    }
    const counts = capture.finish();
    process.off("SIGINT", ignore);
    return counts;
  };
  const endBySignal = (signal: NodeJS.Signals): void => {
    end();
    process.kill(process.pid, signal);
  };
  // Ctrl-C ends the scripts (session.ts), and never the file in the middle of a block.
  const ignore = (): void => {};
  process.on("SIGINT", ignore);
  process.on("exit", end);
  for (const signal of ENDING) process.on(signal, endBySignal);
  return {
    finish: () => {
      const { packets, interfaces } = end();
      const missing = lost === 0 ? "" : `, ${counted(lost, "packet")} lost`;
      const what = `${counted(packets, "packet")} of ${counted(interfaces, "interface")} captured${missing}`;
      if (code === 0) process.stderr.write(`${what}${toPipe ? "" : `: ${choice.write}`}\n`);
      return code;
    },
  };
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
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
