// A script on an embedded host of its own, for tests of programs that need sockets, devices or files of the kernel.

import { EmbeddedSystem } from "../../embedded.ts";
import { programNamed } from "../../programs.ts";
import { bashProgram } from "../../shell/bash.ts";
import { Process } from "../../system/process.ts";
import { descriptor, nullDescriptor, sinkOutput } from "../../system/streams.ts";

/** Output of `bash -c SCRIPT`, both streams in one. */
export async function runEmbedded(script: string): Promise<string> {
  const system = new EmbeddedSystem({
    host: { turn: () => new Promise((resolve) => void setImmediate(resolve)) },
  });
  let text = "";
  const decoder = new TextDecoder();
  const sink = descriptor({
    output: sinkOutput((bytes) => (text += decoder.decode(bytes, { stream: true }))),
  });
  const process = Process.start(system, (name) => programNamed(name), bashProgram, {
    argv: ["bash", "-c", script],
    cwd: "/tmp",
    env: new Map([["PATH", "/usr/sbin:/usr/bin"]]),
    fds: new Map([
      [0, nullDescriptor()],
      [1, sink],
      [2, sink],
    ]),
  });
  await system.run(() => process.status !== undefined);
  return text;
}
