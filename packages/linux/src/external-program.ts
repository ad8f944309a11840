// Real programs as programs of a process: started in its namespace, directory and environment, with its streams and
// signals. In another namespace than ours they get its sysfs on /sys in a mount namespace of their own, as
// `ip netns exec` arranges it (ip-netns(8)).

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { closeSync, readSync, writeSync } from "node:fs";
import type { Readable } from "node:stream";
import { ERRNO, strerror } from "@patchcord/core/netlink/errno.ts";
import { Refusal } from "@patchcord/core/netlink/refusal.ts";
import { Killed } from "@patchcord/core/system/process.ts";
import type { Process, Program } from "@patchcord/core/system/process.ts";
import { endsProcess, SIGNAL_NUMBERS } from "@patchcord/core/system/signals.ts";
import type { Signal } from "@patchcord/core/system/signals.ts";
import type { Input, Output, Waitable } from "@patchcord/core/system/streams.ts";
import { Wakers } from "@patchcord/core/system/streams.ts";
import { MILLISECOND } from "@patchcord/core/system/system.ts";
import { linksOf } from "./kernel-client.ts";
import { openPipe } from "./libc.ts";
import type { NetworkNamespaces } from "./network-namespaces.ts";
import { makeVrfGroup, removeVrfGroup, vrfGroup } from "./vrf-cgroup.ts";

/** How long the output of an ended program is waited for, if a child of it keeps the pipe open. */
const LINGER = 100 * MILLISECOND;
/** Output that has not been passed on stops the program at this size, bytes. */
const HELD_OUTPUT = 1024 * 1024;
/** What the pipe of standard input takes at once. */
const INPUT_BLOCK = 4096; // bytes; PIPE_BUF
const CANNOT_RUN = 126;
const NOT_FOUND = 127;

const OWN_SYSFS = [
  "--mount",
  "--propagation",
  "slave",
  "sh",
  "-c",
  'umount -l /sys 2>/dev/null; mount -t sysfs sysfs /sys; exec "$0" "$@"',
];

/** Something that has happened outside and that a process can wait for. */
class Happening implements Waitable {
  readonly #wakers = new Wakers();
  ready = false;
  subscribe(wake: () => void): () => void {
    return this.#wakers.subscribe(wake);
  }
  tell(): void {
    this.ready = true;
    this.#wakers.wake();
  }
}

/** A program's standard output or error on its way to the process's. */
class OutputRelay {
  readonly chunks: Buffer[] = [];
  ended = true;
  #held = 0;
  readonly #stream: Readable | null;

  constructor(stream: Readable | null, happening: Happening) {
    this.#stream = stream;
    if (stream === null) return;
    this.ended = false;
    stream.on("data", (chunk: Buffer) => {
      this.chunks.push(chunk);
      this.#held += chunk.length;
      if (this.#held > HELD_OUTPUT) stream.pause();
      happening.tell();
    });
    const end = (): void => {
      this.ended = true;
      happening.tell();
    };
    stream.on("close", end).on("error", end);
  }

  /** Writes what is there, pausing where the reader asks for it. */
  async pass(process: Process, fd: number): Promise<void> {
    for (let chunk = this.chunks.shift(); chunk; chunk = this.chunks.shift()) {
      const output = process.fds.get(fd)?.output;
      if (output !== undefined) while (!output.ready) await process.wait([output]);
      process.write(fd, new Uint8Array(chunk));
      this.#held -= chunk.length;
    }
    this.#stream?.resume();
  }

  stop(): void {
    this.#stream?.destroy();
  }
}

/** Standard input through a pipe whose two ends are ours, so that what the program leaves can be put back. */
class InputRelay {
  readonly readEnd: number;
  readonly #writeEnd: number;
  readonly #input: Input;
  #open = true;

  constructor(input: Input) {
    [this.readEnd, this.#writeEnd] = openPipe();
    this.#input = input;
  }

  /** What to wait for; nothing once the input has ended. */
  get waitable(): readonly Waitable[] {
    return this.#open ? [this.#input] : [];
  }

  /** Moves a block into the pipe; false if there is none or the pipe is full. */
  pass(): boolean {
    if (!this.#open || !this.#input.ready) return false;
    const bytes = this.#input.read();
    if (bytes === undefined) return false;
    if (bytes === null) {
      this.#open = false;
      closeSync(this.#writeEnd);
      return false;
    }
    const block = bytes.subarray(0, INPUT_BLOCK);
    try {
      const count = writeSync(this.#writeEnd, block);
      this.#input.unread(bytes.subarray(count));
      return true;
    } catch (error) {
      this.#input.unread(bytes);
      if ((error as NodeJS.ErrnoException).code === "EAGAIN") return false;
      throw error;
    }
  }

  /** Puts back what was not read. */
  close(): void {
    if (this.#open) closeSync(this.#writeEnd);
    this.#open = false;
    const left = Buffer.alloc(64 * 1024);
    try {
      const count = readSync(this.readEnd, left);
      if (count > 0) this.#input.unread(new Uint8Array(left.subarray(0, count)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
    } finally {
      closeSync(this.readEnd);
    }
  }
}

const POLL_INTERVAL = 5 * MILLISECOND;

/** Takes the place of a shell that has joined a control group. */
const JOINING = ["-c", 'echo $$ >"$0" && exec "$@"'];

/** Where real programs are started. */
export interface ProgramPlace {
  readonly namespaces: NetworkNamespaces;
  /** Told before a control group is made. */
  readonly makingGroup: (group: string) => void;
}

/** A control group that is entered by a file, and removed after the last process has left. */
interface Group {
  readonly path: string;
  readonly entrance: string;
}

/** One whose sockets are on the process's device; undefined without one. Errors: Refusal. */
function groupFor({ netns, socketDevice }: Process, place: ProgramPlace): Group | undefined {
  if (socketDevice === undefined) return undefined;
  const [link] = linksOf(place.namespaces, place.namespaces.get(netns), socketDevice);
  if (link === undefined) throw new Refusal(ERRNO.ENODEV);
  const path = vrfGroup(netns.inode, socketDevice);
  place.makingGroup(path);
  return { path, entrance: makeVrfGroup(path, link.index) };
}

/** The program in the file at `path`, as a program of the system. */
export function externalProgram(path: string, place: ProgramPlace): Program {
  return async (process) => {
    process.flush();
    let group: Group | undefined;
    try {
      group = groupFor(process, place);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      process.warn(`Failed to load BPF prog: '${strerror(refusal.errno)}'\n`);
      return 255;
    }
    const input = process.fds.get(0)?.input;
    const relay =
      input === undefined || input.hostDescriptor !== undefined ? undefined : new InputRelay(input);
    const stdin = relay?.readEnd ?? input?.hostDescriptor ?? "ignore";
    const child = start(path, process, place.namespaces, group?.entrance, [
      stdin,
      target(process.fds.get(1)?.output),
      target(process.fds.get(2)?.output),
    ]);
    try {
      return await attend(process, child, relay);
    } finally {
      const leave = (): void => void (group && removeVrfGroup(group.path));
      if (child.exitCode === null && child.signalCode === null) {
        child.once("exit", leave);
        child.kill("SIGKILL");
      } else leave();
      relay?.close();
    }
  };
}

function target(output: Output | undefined): number | "pipe" | "ignore" {
  return output === undefined ? "ignore" : (output.hostDescriptor ?? "pipe");
}

function start(
  path: string,
  process: Process,
  namespaces: NetworkNamespaces,
  entrance: string | undefined,
  stdio: (number | "pipe" | "ignore")[],
): ChildProcess {
  const [name = path, ...args] = process.argv;
  const away = namespaces.get(process.netns) !== namespaces.home;
  const there = away ? ["unshare", ...OWN_SYSFS, path] : [path];
  const [first = path, ...rest] = entrance === undefined ? there : ["sh", ...JOINING, entrance, ...there];
  return namespaces.within(process.netns, () =>
    spawn(first, [...rest, ...args], {
      ...(first === path ? { argv0: name } : {}),
      cwd: process.cwd,
      env: Object.fromEntries(process.env),
      stdio,
      // A program on our terminal shares its signals; any other gets them from its process alone.
      detached: typeof stdio[0] !== "number" || stdio[0] > 0,
    }),
  );
}

async function attend(process: Process, child: ChildProcess, input: InputRelay | undefined): Promise<number> {
  const happening = new Happening();
  const outputs = [new OutputRelay(child.stdout, happening), new OutputRelay(child.stderr, happening)];
  let failure: NodeJS.ErrnoException | undefined;
  child.on("error", (error) => {
    failure = error;
    happening.tell();
  });
  child.on("exit", () => happening.tell());
  const running = (): boolean =>
    failure === undefined && child.exitCode === null && child.signalCode === null;
  forwardSignals(process, child);
  const passAll = async (): Promise<void> => {
    await outputs[0]?.pass(process, 1);
    await outputs[1]?.pass(process, 2);
  };
  while (running()) {
    const moved = input?.pass() === true;
    const full = !moved && input?.waitable.some((one) => one.ready) === true;
    if (full) await process.wait([happening], POLL_INTERVAL);
    else if (!moved) await process.wait([happening, ...(input?.waitable ?? [])]);
    happening.ready = false;
    await passAll();
  }
  const until = process.monotonic() + LINGER;
  while (outputs.some((each) => !each.ended) && process.monotonic() < until) {
    await process.wait([happening], until - process.monotonic());
    happening.ready = false;
    await passAll();
  }
  await passAll();
  for (const output of outputs) output.stop();
  if (failure) return cannotRun(process, failure);
  if (child.signalCode !== null) throw new Killed(child.signalCode as Signal);
  return child.exitCode ?? 1;
}

function cannotRun(process: Process, failure: NodeJS.ErrnoException): number {
  const errno = -(failure.errno ?? -ERRNO.ENOENT);
  process.warn(`patchcord: ${process.argv[0] ?? ""}: ${strerror(errno)}\n`);
  return errno === ERRNO.ENOENT ? NOT_FOUND : CANNOT_RUN;
}

/** What would end the process ends the program, whose end then ends the process. */
function forwardSignals(process: Process, child: ChildProcess): void {
  for (const signal of Object.keys(SIGNAL_NUMBERS) as Signal[]) {
    if (signal === "SIGKILL" || !endsProcess(signal) || process.ignores(signal)) continue;
    process.onSignal(signal, () => child.kill(signal));
  }
}
