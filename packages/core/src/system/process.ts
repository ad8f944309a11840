// The process model: what a program is and what it may call. One class for both systems; everything that differs is
// behind System. A program is an async function that only waits through its process, so that signals reach it and
// a virtual clock knows when nobody is runnable.

import { Refusal } from "../netlink/refusal.ts";
import type { FileSystem } from "./files.ts";
import type { MountsReference } from "./mounts.ts";
import { everyoneOn, runningOn } from "./process-table.ts";
import type { Running } from "./process-table.ts";
import { endsProcess, SIGNAL_NUMBERS } from "./signals.ts";
import type { Signal } from "./signals.ts";
import { inStoppedTime } from "./stopped-time.ts";
import type { InetSocket, InetSocketKind, NetlinkProtocol, NetlinkSocket, PacketSocket } from "./sockets.ts";
import type { StreamAddress, StreamListener, StreamOptions, StreamSocket } from "./stream-sockets.ts";
import { nullDescriptor } from "./streams.ts";
import type { Descriptor, Input, Output, Waitable } from "./streams.ts";
import { DEFAULT_UMASK } from "./system.ts";
import type { IoctlRequest, Microseconds, Nanoseconds, NetnsReference, System } from "./system.ts";

/** Returns the exit code. */
export interface Program {
  (process: Process): Promise<number> | number;
  /** Brings the code of a program that is loaded when it is first started (on-demand.ts). */
  readonly load?: () => Promise<unknown>;
}

/** Finds the program behind a command name or path; undefined if there is none. */
export type ProgramLookup = (name: string, process: Process) => Program | undefined;

/** How a process ended. */
export type ExitStatus =
  | { readonly code: number; readonly signal?: undefined }
  | { readonly code?: undefined; readonly signal: Signal };

/** Why a wait returned. "signal": a handler ran (EINTR). */
export type WaitResult = "ready" | "timeout" | "signal";

/** Thrown by `Process.exit`, so that a program can end from deep inside. */
export class Exit {
  readonly code: number;
  constructor(code: number) {
    this.code = code;
  }
}

/** Thrown out of a wait or a write by a signal whose action is to end the process. */
export class Killed {
  readonly signal: Signal;
  constructor(signal: Signal) {
    this.signal = signal;
  }
}

/** What a new process gets that it does not inherit. */
export interface SpawnOptions {
  readonly argv: readonly string[];
  readonly fds?: ReadonlyMap<number, Descriptor>;
  readonly env?: ReadonlyMap<string, string>;
  readonly cwd?: string;
  readonly netns?: NetnsReference;
  /** fork(2) only: the program is part of the parent's and runs at once, without the time that starting one takes. */
  readonly fork?: boolean;
  /** A process group of its own, as an interactive shell's background jobs have: Ctrl-C does not reach it. */
  readonly ownGroup?: boolean;
  /** Signals that are ignored from the start (SIGINT of a background job). */
  readonly ignored?: readonly Signal[];
}

type Disposition = "default" | "ignore" | ((signal: Signal) => void);

const STDIO_BLOCK = 4096; // bytes that C stdio collects for a pipe or file before it writes
const encoder = new TextEncoder();

/** 128 + signal for a killed process, as shells report it. */
export function exitCode(status: ExitStatus): number {
  return status.signal === undefined ? status.code : 128 + SIGNAL_NUMBERS[status.signal];
}

export class Process {
  readonly system: System;
  readonly lookup: ProgramLookup;
  readonly pid: number;
  /** Undefined for the first process; a process whose parent has ended belongs to that one. */
  parent: Process | undefined;
  readonly env: Map<string, string>;
  readonly fds: Map<number, Descriptor>;
  argv: readonly string[];
  /** By the clock that starts at boot. */
  readonly started: Nanoseconds;
  /** False once it is brought to the foreground. */
  ownGroup: boolean;
  cwd: string;
  netns: NetnsReference;
  /** The device that its IP sockets are bound to from the beginning, as a cgroup may say (`ip vrf exec`). */
  socketDevice: string | undefined;
  /** Undefined: the host's. */
  mounts: MountsReference | undefined;
  /** umask(2) */
  umask: number;

  readonly #children = new Map<number, Process>();
  readonly #dispositions = new Map<Signal, Disposition>();
  readonly #pending: Signal[] = [];
  readonly #endings = new Set<(status: ExitStatus) => void>();
  readonly #closeAtEnd = new Set<() => void>();
  #wake: (() => void) | undefined;
  #status: ExitStatus | undefined;
  #stdout = "";

  private constructor(
    system: System,
    lookup: ProgramLookup,
    parent: Process | undefined,
    options: SpawnOptions,
  ) {
    this.system = system;
    this.lookup = lookup;
    this.pid = system.nextPid();
    this.parent = parent;
    this.argv = options.argv;
    this.started = system.monotonic();
    this.ownGroup = options.ownGroup ?? false;
    this.env = new Map(options.env ?? parent?.env ?? []);
    this.cwd = options.cwd ?? parent?.cwd ?? "/";
    this.netns = options.netns ?? parent?.netns ?? system.initialNetns;
    this.socketDevice = options.netns === undefined ? parent?.socketDevice : undefined;
    this.mounts = parent?.mounts;
    this.umask = parent?.umask ?? DEFAULT_UMASK;
    this.fds = new Map();
    for (const [number, fd] of options.fds ?? parent?.fds ?? []) this.fds.set(number, fd.retain());
    for (const number of [0, 1, 2]) if (!this.fds.has(number)) this.fds.set(number, nullDescriptor());
    for (const signal of options.ignored ?? []) this.#dispositions.set(signal, "ignore");
  }

  /** Starts the first process of a system. */
  static start(system: System, lookup: ProgramLookup, program: Program, options: SpawnOptions): Process {
    const process = new Process(system, lookup, undefined, options);
    void process.#run(program);
    return process;
  }

  /** Starts a child that runs `program`. Descriptors are shared (dup'd), not moved. */
  spawn(program: Program, options: SpawnOptions): Process {
    this.flush();
    const child = new Process(this.system, this.lookup, this, options);
    for (const [signal, disposition] of this.#dispositions) {
      if (disposition === "ignore" && !child.#dispositions.has(signal))
        child.#dispositions.set(signal, "ignore");
    }
    this.#children.set(child.pid, child);
    child.onEnd(() => this.#children.delete(child.pid));
    void child.#run(program, options.fork);
    return child;
  }

  async #run(program: Program, forked = false): Promise<void> {
    this.system.processStarted(this);
    runningOn(this.system).set(this.pid, this);
    let status: ExitStatus;
    try {
      if (!forked) await this.#payStart(program);
      status = { code: (await program(this)) & 0xff };
      this.flush();
    } catch (end) {
      if (end instanceof Exit) {
        status = { code: end.code & 0xff };
        try {
          this.flush();
        } catch (broken) {
          if (!(broken instanceof Killed)) throw broken;
          status = { signal: broken.signal };
        }
      } else if (end instanceof Killed) status = { signal: end.signal };
      else throw end;
    }
    this.#end(status);
  }

  #end(status: ExitStatus): void {
    this.#status = status;
    for (const close of this.#closeAtEnd) close();
    for (const fd of this.fds.values()) fd.release();
    this.fds.clear();
    this.system.processEnded(this.pid);
    runningOn(this.system).delete(this.pid);
    this.#orphan();
    for (const told of [...this.#endings]) told(status);
  }

  /** Hands the children that are left to the first process, as Linux does to init. */
  #orphan(): void {
    const first = this.#first();
    for (const child of this.#children.values()) {
      child.parent = first === this ? undefined : first;
      if (first === this) continue;
      first.#children.set(child.pid, child);
      child.onEnd(() => first.#children.delete(child.pid));
    }
  }

  #first(): Process {
    let first: Process = this;
    while (first.parent) first = first.parent;
    return first;
  }

  /** All running processes of the same system, oldest first. */
  get everyone(): readonly Running[] {
    return everyoneOn(this.system);
  }

  /** The running process with this id, of the same system. */
  find(pid: number): Process | undefined {
    return runningOn(this.system).get(pid);
  }

  /** Undefined while it runs. */
  get status(): ExitStatus | undefined {
    return this.#status;
  }

  /** Calls `told` when the process has ended; at once if it has. Returns the function that ends the subscription. */
  onEnd(told: (status: ExitStatus) => void): () => void {
    if (this.#status) {
      told(this.#status);
      return () => {};
    }
    this.#endings.add(told);
    return () => this.#endings.delete(told);
  }

  get children(): Iterable<Process> {
    return this.#children.values();
  }

  get parentPid(): number {
    return this.parent?.pid ?? 0;
  }

  /** Leader of the process group. */
  get group(): number {
    return this.ownGroup || !this.parent ? this.pid : this.parent.group;
  }

  /** Leader of the session: the first process. */
  get session(): number {
    return this.#first().pid;
  }

  exit(code: number): never {
    throw new Exit(code);
  }

  /** The time that starting a program takes does not begin later where its code has to come first: the clock stands still. */
  async #payStart({ load }: Program): Promise<void> {
    const loaded = load && inStoppedTime(this.system, load);
    if (this.system.startCost > 0) await this.wait([], this.system.startCost);
    await loaded;
  }

  /** Replaces the program by another one, in the same process. */
  async exec(program: Program, argv: readonly string[]): Promise<number> {
    this.flush();
    this.argv = argv;
    for (const [signal, disposition] of this.#dispositions) {
      if (typeof disposition === "function") this.#dispositions.delete(signal);
    }
    await this.#payStart(program);
    return program(this);
  }

  /** Waits for a child (or any process) to end. Interrupted by signals with handlers: then undefined. */
  async waitFor(other: Process): Promise<ExitStatus | undefined> {
    const waitable: Waitable = {
      get ready() {
        return other.status !== undefined;
      },
      subscribe: (wake) => other.onEnd(wake),
    };
    await this.wait([waitable]);
    return other.status;
  }

  // ---- time and waiting

  monotonic(): Nanoseconds {
    return this.system.monotonic();
  }

  realtime(): Microseconds {
    return this.system.realtime();
  }

  /** Sleeps; "signal" if a handler cut it short. */
  async sleep(duration: Nanoseconds): Promise<"timeout" | "signal"> {
    const result = await this.wait([], duration);
    return result === "ready" ? "timeout" : result;
  }

  /**
   * Waits until one of `list` is ready, a signal handler has run, or `timeout` has passed (forever if undefined; 0
   * still lets others run once). Throws Killed if a signal ends the process.
   */
  async wait(list: readonly Waitable[], timeout?: Nanoseconds): Promise<WaitResult> {
    if (this.#deliver()) return "signal";
    if (list.some((one) => one.ready)) return "ready";
    this.system.processWaits?.();
    let result: WaitResult = "timeout";
    await new Promise<void>((resolve) => {
      const unsubscribe: (() => void)[] = [];
      let done = false;
      const finish = (): void => {
        if (done) return;
        done = true;
        this.#wake = undefined;
        timer?.cancel();
        for (const end of unsubscribe) end();
        resolve();
      };
      const timer = timeout === undefined ? undefined : this.system.after(timeout, finish);
      this.#wake = finish;
      for (const one of list) {
        unsubscribe.push(
          one.subscribe(() => {
            if (one.ready) finish();
          }),
        );
      }
    });
    if (list.some((one) => one.ready)) result = "ready";
    if (this.#deliver()) return "signal";
    return result;
  }

  // ---- signals

  /** Sends a signal to this process. The action runs at its next (or present) wait. */
  kill(signal: Signal): void {
    if (this.#status) return;
    if (signal !== "SIGKILL" && this.#dispositions.get(signal) === "ignore") return;
    this.#pending.push(signal);
    this.#wake?.();
  }

  /** Sets the action. A handler runs inside the process's wait, which then returns "signal". */
  onSignal(signal: Signal, action: Disposition): void {
    this.#dispositions.set(signal, action);
  }

  /** True if the signal is ignored: such signals stay ignored in children. */
  ignores(signal: Signal): boolean {
    return this.#dispositions.get(signal) === "ignore";
  }

  /** True if a pending signal would end the process or run a handler: for loops that do not wait. */
  get interrupted(): boolean {
    return this.#pending.length > 0;
  }

  #deliver(): boolean {
    let handled = false;
    for (let signal = this.#pending.shift(); signal !== undefined; signal = this.#pending.shift()) {
      const disposition = signal === "SIGKILL" ? "default" : (this.#dispositions.get(signal) ?? "default");
      if (typeof disposition === "function") {
        disposition(signal);
        handled = true;
      } else if (disposition === "default" && endsProcess(signal)) throw new Killed(signal);
    }
    return handled;
  }

  // ---- standard streams

  get stdin(): Input {
    const input = this.fds.get(0)?.input;
    if (input === undefined) throw new Refusal(9 /* EBADF */);
    return input;
  }

  get stdout(): Output {
    const output = this.fds.get(1)?.output;
    if (output === undefined) throw new Refusal(9 /* EBADF */);
    return output;
  }

  /** Writes text to standard output as C stdio does: by lines to a terminal, in blocks elsewhere. */
  print(text: string): void {
    this.#stdout += text;
    const terminal = this.fds.get(1)?.output?.terminal !== undefined;
    if (this.#stdout.length >= STDIO_BLOCK || (terminal && this.#stdout.includes("\n"))) this.flush();
  }

  /** Writes text to standard error, unbuffered. */
  warn(text: string): void {
    this.write(2, encoder.encode(text));
  }

  /** fflush(stdout). */
  flush(): void {
    const text = this.#stdout;
    if (text === "") return;
    this.#stdout = "";
    this.write(1, encoder.encode(text));
  }

  /** write(2). A pipe without readers raises SIGPIPE; if that is ignored, Refusal EPIPE. */
  write(fd: number, bytes: Uint8Array): void {
    const output = this.fds.get(fd)?.output;
    if (output === undefined) {
      if (fd <= 2) return; // closed standard stream: what was written is lost, as with most tools
      throw new Refusal(9 /* EBADF */);
    }
    try {
      output.write(bytes);
    } catch (refusal) {
      if (
        refusal instanceof Refusal &&
        refusal.errno === 32 &&
        this.#dispositions.get("SIGPIPE") !== "ignore"
      ) {
        throw new Killed("SIGPIPE");
      }
      throw refusal;
    }
  }

  /** Reads what is there from an input, waiting if need be; null at the end of the file, undefined after a signal. */
  async read(input: Input = this.stdin): Promise<Uint8Array | null | undefined> {
    for (;;) {
      const bytes = input.read();
      if (bytes !== undefined) return bytes;
      if ((await this.wait([input])) === "signal") return undefined;
    }
  }

  // ---- system calls, in this process's namespace and directory

  get files(): FileSystem {
    return this.system.files(this);
  }

  netlink(protocol: NetlinkProtocol = 0): NetlinkSocket {
    return this.#closing(this.system.netlink(this, protocol));
  }

  packet(type: "raw" | "datagram"): PacketSocket {
    return this.#closing(this.system.packet(this, type));
  }

  inet(kind: InetSocketKind): InetSocket {
    const socket = this.#closing(this.system.inet(this, kind));
    if (this.socketDevice !== undefined) socket.setOption("SO_BINDTODEVICE", this.socketDevice);
    return socket;
  }

  connectStream(address: StreamAddress, options?: StreamOptions): StreamSocket {
    return this.#closing(this.system.connectStream(this, address, this.#bound(address, options)));
  }

  listenStream(address: StreamAddress, options?: StreamOptions): StreamListener {
    return this.#closing(this.system.listenStream(this, address, this.#bound(address, options)));
  }

  /** The control group binds what has no device of its own. */
  #bound({ family }: StreamAddress, options?: StreamOptions): StreamOptions | undefined {
    const { socketDevice } = this;
    if (family === "unix" || socketDevice === undefined || options?.device !== undefined) return options;
    return { ...options, device: socketDevice };
  }

  ioctl(request: IoctlRequest): void {
    this.system.ioctl(this, request);
  }

  /** setns(open(path)). */
  enterNetns(path: string): void {
    this.netns = this.system.openNetns(path, this);
    this.socketDevice = undefined;
  }

  /** unshare(CLONE_NEWNET). */
  unshareNetns(): void {
    this.netns = this.system.createNetns();
  }

  /** unshare(CLONE_NEWNS). Without effect where the machine's own programs mount. */
  unshareMounts(): void {
    this.mounts = this.system.mounts?.unshare(this);
  }

  #closing<S extends { close(): void }>(socket: S): S {
    this.#closeAtEnd.add(() => socket.close());
    return socket;
  }
}
