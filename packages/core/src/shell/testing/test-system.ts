// A host without a network for tests of programs: files in memory and a virtual clock that jumps when nothing runs.

import { Refusal } from "../../netlink/refusal.ts";
import { ERRNO } from "../../netlink/errno.ts";
import type { FileSystem } from "../../system/files.ts";
import { exitCode, Process } from "../../system/process.ts";
import type { ExitStatus, Program, ProgramLookup } from "../../system/process.ts";
import type { InetSocket, NetlinkSocket, PacketSocket } from "../../system/sockets.ts";
import { bytesInput, descriptor, sinkOutput } from "../../system/streams.ts";
import type { StreamListener, StreamSocket } from "../../system/stream-sockets.ts";
import type { Credentials, NetnsReference, ProcessEntry, System, Timer } from "../../system/system.ts";
import type { TunFile } from "../../system/tun.ts";
import { bashProgram } from "../bash.ts";
import { MemoryFiles, MemoryTree } from "./memory-files.ts";

interface Alarm {
  readonly at: number;
  readonly sequence: number;
  readonly fire: () => void;
}

const BOOT = 1_700_000_000_000_000; // realtime at boot, microseconds
const FIRST_PID = 100;

export class TestSystem implements System {
  readonly name = "embedded";
  readonly release = "6.1.0-test";
  readonly hostName = "testhost";
  readonly startCost = 0;
  readonly initialNetns: NetnsReference = { inode: 4026531840 };
  readonly tree = new MemoryTree();
  readonly processes = new Map<number, ProcessEntry>();
  #now = 0;
  #alarms: Alarm[] = [];
  #sequence = 0;
  #pid = FIRST_PID;
  #random = 1;
  #holds = 0;

  constructor() {
    this.tree.now = () => this.realtime();
    for (const path of ["/tmp", "/etc", "/dev", "/root", "/usr", "/usr/bin"])
      this.tree.add(path, "directory", 0o755);
  }

  monotonic(): number {
    return this.#now;
  }
  realtime(): number {
    return BOOT + Math.floor(this.#now / 1000);
  }
  after(delay: number, fire: () => void): Timer {
    const alarm = { at: this.#now + delay, sequence: this.#sequence++, fire };
    this.#alarms.push(alarm);
    this.#alarms.sort((a, b) => a.at - b.at || a.sequence - b.sequence);
    return {
      cancel: () => {
        this.#alarms = this.#alarms.filter((other) => other !== alarm);
      },
    };
  }
  hold(): () => void {
    this.#holds++;
    return () => this.#holds--;
  }
  random32(): number {
    this.#random = (Math.imul(this.#random, 1103515245) + 12345) >>> 0;
    return this.#random;
  }
  processStarted(process: ProcessEntry): void {
    this.processes.set(process.pid, process);
  }
  processEnded(pid: number): void {
    this.processes.delete(pid);
  }
  nextPid(): number {
    return this.#pid++;
  }
  files(caller: Credentials): FileSystem {
    return new MemoryFiles(this.tree, caller.cwd);
  }

  createNetns(): NetnsReference {
    throw new Refusal(ERRNO.EINVAL);
  }
  openNetns(): NetnsReference {
    throw new Refusal(ERRNO.ENOENT);
  }
  mountNetns(): void {
    throw new Refusal(ERRNO.EINVAL);
  }
  unmount(): void {
    throw new Refusal(ERRNO.EINVAL);
  }
  netlink(): NetlinkSocket {
    throw new Refusal(ERRNO.EPROTONOSUPPORT);
  }
  packet(): PacketSocket {
    throw new Refusal(ERRNO.EAFNOSUPPORT);
  }
  inet(): InetSocket {
    throw new Refusal(ERRNO.EAFNOSUPPORT);
  }
  openTun(): TunFile {
    throw new Refusal(ERRNO.ENODEV);
  }
  connectStream(): StreamSocket {
    throw new Refusal(ERRNO.ECONNREFUSED);
  }
  listenStream(): StreamListener {
    throw new Refusal(ERRNO.EAFNOSUPPORT);
  }
  ioctl(): void {
    throw new Refusal(ERRNO.ENODEV);
  }

  /** Lets time pass until `done`; fails if nothing is left that could happen. */
  async runUntil(done: () => boolean): Promise<void> {
    while (!done()) {
      await new Promise<void>((resolve) => {
        setImmediate(resolve);
      });
      if (done() || this.#holds > 0) continue;
      const next = this.#alarms.shift();
      if (!next) throw new Error("nothing runs and no timer is set: a program waits for ever");
      this.#now = Math.max(this.#now, next.at);
      next.fire();
    }
  }
}

/** What a program did. */
export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
  readonly status: ExitStatus;
  readonly system: TestSystem;
}

export interface TestSetup {
  readonly system?: TestSystem;
  readonly programs?: Readonly<Record<string, Program>>;
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Called once the process runs, to send it signals. */
  readonly during?: (process: Process, system: TestSystem) => void;
}

/** Runs a program to its end on a system of its own. */
export async function runProgram(argv: readonly string[], setup: TestSetup = {}): Promise<Outcome> {
  const system = setup.system ?? new TestSystem();
  const programs: Readonly<Record<string, Program>> = {
    bash: bashProgram,
    sh: bashProgram,
    ...setup.programs,
  };
  const lookup: ProgramLookup = (name) => programs[name.replace(/^\/(usr\/)?s?bin\//, "")];
  const out: Uint8Array[] = [];
  const err: Uint8Array[] = [];
  const encoder = new TextEncoder();
  const program = lookup(argv[0] ?? "", undefined as never);
  if (!program) throw new Error(`no program ${argv[0] ?? ""}`);
  const process = Process.start(system, lookup, program, {
    argv,
    cwd: setup.cwd ?? "/tmp",
    env: new Map(Object.entries({ PATH: "/usr/bin", HOME: "/root", ...setup.env })),
    fds: new Map([
      [0, descriptor({ input: bytesInput(encoder.encode(setup.stdin ?? "")) })],
      [1, descriptor({ output: sinkOutput((bytes) => void out.push(bytes.slice())) })],
      [2, descriptor({ output: sinkOutput((bytes) => void err.push(bytes.slice())) })],
    ]),
  });
  setup.during?.(process, system);
  await system.runUntil(() => process.status !== undefined);
  const status = process.status ?? { code: 0 };
  return { stdout: text(out), stderr: text(err), code: exitCode(status), status, system };
}

function text(chunks: readonly Uint8Array[]): string {
  const decoder = new TextDecoder();
  return chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join("") + decoder.decode();
}

/** `bash -c SCRIPT`. */
export function runBash(script: string, setup: TestSetup = {}): Promise<Outcome> {
  return runProgram(["bash", "-c", script], setup);
}
