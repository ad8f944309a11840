// A system that answers netlink requests from a recording (fixtures/README.md) and has nothing else but the names in
// /run/netns. A request that was not recorded at this point is an error: the bytes must be equal.

import { Refusal } from "../../../netlink/refusal.ts";
import { Process } from "../../../system/process.ts";
import type { Program } from "../../../system/process.ts";
import type { FileSystem } from "../../../system/files.ts";
import type { NetlinkSocket } from "../../../system/sockets.ts";
import { descriptor, nullDescriptor, sinkOutput } from "../../../system/streams.ts";
import type { NetnsReference, System } from "../../../system/system.ts";

/** One command of a recording. */
export interface Recording {
  readonly argv: readonly string[];
  /** Indexes into the list of datagrams: a request, and its answers. */
  readonly exchange: readonly (readonly [number, readonly number[]])[];
  readonly netns?: Readonly<Record<string, number | null>>;
  readonly stdout: string;
  readonly stderr: string;
  readonly rc: number;
}

const ENOENT = 2;
const EINVAL = 22;
const NETNS = "/run/netns/";

function refuse(errno: number): never {
  throw new Refusal(errno);
}

/** The datagrams of one command, in the order in which they were exchanged. */
class Tape {
  readonly #exchange: Recording["exchange"];
  readonly #datagrams: readonly string[];
  #at = 0;

  constructor(exchange: Recording["exchange"], datagrams: readonly string[]) {
    this.#exchange = exchange;
    this.#datagrams = datagrams;
  }

  answer(request: Uint8Array): Uint8Array[] {
    const [recorded, answers] = this.#exchange[this.#at++] ?? [-1, []];
    const sent = Buffer.from(request).toString("base64");
    if (this.#datagrams[recorded] !== sent) {
      throw new Error(`request ${this.#at} is not the recorded one: ${Buffer.from(request).toString("hex")}`);
    }
    return answers.map((index) => new Uint8Array(Buffer.from(this.#datagrams[index] ?? "", "base64")));
  }

  get used(): boolean {
    return this.#at === this.#exchange.length;
  }
}

function socket(tape: Tape): NetlinkSocket {
  const queue: Uint8Array[] = [];
  return {
    portid: 1,
    ready: true,
    subscribe: () => () => {},
    send: (bytes) => queue.push(...tape.answer(bytes)),
    receive: () => queue.shift(),
    join: () => {},
    leave: () => {},
    listenAllNsids: () => {},
    lastNsid: undefined,
    netnsDescriptor: ({ inode }) => inode,
    setOption: () => {},
    close: () => {},
  };
}

function recordedSystem(tape: Tape, netns: ReadonlyMap<string, number>): System {
  const initialNetns: NetnsReference = { inode: 1 };
  const files: Partial<FileSystem> = {
    readFile: (path) => {
      // Debian's names for DS fields are in a file; those that the recordings use are enough.
      if (path === "/etc/iproute2/rt_dsfield") return new TextEncoder().encode("0x0 default\n0x28 AF11\n");
      if (path === "/etc/iproute2/rt_realms") return new TextEncoder().encode("0 cosmos\n");
      return refuse(ENOENT);
    },
    readDirectory: (path) => (path === "/run/netns" ? [...netns.keys()] : refuse(ENOENT)),
  };
  const system: Partial<System> = {
    name: "linux",
    startCost: 0,
    initialNetns,
    nextPid: () => 1,
    monotonic: () => 0,
    processStarted: () => {},
    processEnded: () => {},
    files: () => files as FileSystem,
    netlink: () => socket(tape),
    openNetns: (path) => {
      if (path === NETNS) return refuse(EINVAL);
      const inode = path.startsWith(NETNS) ? netns.get(path.slice(NETNS.length)) : undefined;
      return inode === undefined ? refuse(ENOENT) : { inode };
    },
  };
  return system as System;
}

/** Runs `program` with `argv` against the recording. */
export async function runRecorded(
  program: Program,
  argv: readonly string[],
  recording: Recording,
  datagrams: readonly string[],
): Promise<{ stdout: string; stderr: string; rc: number | undefined }> {
  const tape = new Tape(recording.exchange, datagrams);
  const netns = new Map(Object.entries(recording.netns ?? {}).map(([name, fd]) => [name, fd ?? 1]));
  const written = ["", "", ""];
  const decoder = new TextDecoder();
  const output = (fd: number) =>
    descriptor({ output: sinkOutput((bytes) => (written[fd] += decoder.decode(bytes))) });
  const process = Process.start(recordedSystem(tape, netns), () => undefined, program, {
    argv,
    fds: new Map([
      [0, nullDescriptor()],
      [1, output(1)],
      [2, output(2)],
    ]),
  });
  const status = await new Promise<{ readonly code?: number | undefined }>((resolve) =>
    process.onEnd(resolve),
  );
  if (!tape.used) throw new Error("not every recorded request was sent");
  return { stdout: written[1] ?? "", stderr: written[2] ?? "", rc: status.code };
}
