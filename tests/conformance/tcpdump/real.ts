// The real tcpdump on a capture in memory. It looks up the machine's interfaces for cooked captures (DLT_LINUX_SLL2): where that is
// allowed, it runs for them in a network namespace of its own, which has none but the loopback.

import { spawn, spawnSync } from "node:child_process";
import type { Run } from "./ours.ts";

const LINKTYPE_LINUX_SLL2 = 276;

const mayIsolate = spawnSync("unshare", ["--net", "true"]).status === 0;

/** The link type of a capture as the tests write them; a capture of another shape is taken for a cooked one. */
function isCooked(capture: Uint8Array): boolean {
  const view = new DataView(capture.buffer, capture.byteOffset, capture.byteLength);
  return view.byteLength < 24 || view.getUint32(20, true) === LINKTYPE_LINUX_SLL2;
}

export function runReal(capture: Uint8Array, options: readonly string[]): Promise<Run> {
  const isolated = mayIsolate && isCooked(capture) ? ["unshare", "--net"] : [];
  const [program = "", ...words] = [...isolated, "tcpdump", ...options, "-r", "-"];
  const child = spawn(program, words, { env: { ...process.env, TZ: "UTC" } });
  const out = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("latin1");
    child[name].on("data", (text: string) => (out[name] += text));
  }
  // A capture that is refused is not read to its end.
  child.stdin.on("error", () => undefined);
  child.stdin.end(capture);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve({ ...out, code: status ?? -1 }));
  });
}
