// Runs one tool on a kernel and a file tree, without the rest of a host: for tests of what it prints.

import type { Vfs } from "../../kernel/files/vfs.ts";
import { NetlinkEndpoint } from "../../kernel/netlink/endpoint.ts";
import { dispatchGeneric } from "../../kernel/netlink/generic-server.ts";
import { dispatchRtnetlink } from "../../kernel/netlink/rtnetlink.ts";
import { TestSystem } from "../../shell/testing/test-system.ts";
import type { FileSystem } from "../../system/files.ts";
import { exitCode, Process } from "../../system/process.ts";
import type { Program } from "../../system/process.ts";
import type { NetlinkProtocol, NetlinkSocket } from "../../system/sockets.ts";
import { bytesInput, descriptor, sinkOutput } from "../../system/streams.ts";
import type { Credentials, IoctlRequest } from "../../system/system.ts";

/** What a tool did. */
export interface ToolResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

class KernelSystem extends TestSystem {
  readonly #vfs: Vfs;
  #portid = 1;

  constructor(vfs: Vfs) {
    super();
    this.#vfs = vfs;
  }

  override files(caller: Credentials): FileSystem {
    return this.#vfs.filesFor(caller);
  }

  override netlink(_caller?: Credentials, protocol: NetlinkProtocol = 0): NetlinkSocket {
    const { kernel } = this.#vfs;
    const dispatch = protocol === 0 ? dispatchRtnetlink : dispatchGeneric;
    return new NetlinkEndpoint(
      kernel.init,
      protocol,
      this.#portid++,
      (endpoint, message) => dispatch(kernel, endpoint, message),
      () => {},
    );
  }

  override ioctl(_caller?: Credentials, request?: IoctlRequest): void {
    if (request) this.#vfs.kernel.ioctls.call(this.#vfs.kernel.init, request);
  }
}

/** Runs `program` in the kernel's first namespace and waits for its end. */
export async function runTool(
  program: Program,
  argv: readonly string[],
  vfs: Vfs,
  input = "",
): Promise<ToolResult> {
  const system = new KernelSystem(vfs);
  const decoder = new TextDecoder();
  const out = { stdout: "", stderr: "" };
  const collect = (name: "stdout" | "stderr"): ReturnType<typeof descriptor> =>
    descriptor({ output: sinkOutput((bytes) => (out[name] += decoder.decode(bytes))) });
  const process = Process.start(system, () => undefined, program, {
    argv,
    cwd: "/tmp",
    netns: { inode: vfs.kernel.init.inode },
    fds: new Map([
      [0, descriptor({ input: bytesInput(new TextEncoder().encode(input)) })],
      [1, collect("stdout")],
      [2, collect("stderr")],
    ]),
  });
  await system.runUntil(() => process.status !== undefined);
  return { ...out, code: process.status ? exitCode(process.status) : -1 };
}
