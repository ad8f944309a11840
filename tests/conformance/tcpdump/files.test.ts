// tcpdump's options for files, beside the real tcpdump: what is printed, the exit code, and every file that is written.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { programNamed } from "@patchcord/core/programs.ts";
import { EmbeddedSystem } from "@patchcord/core/embedded.ts";
import { exitCode, Process } from "@patchcord/core/system/process.ts";
import { tcpdump } from "@patchcord/core/tools/tcpdump/tcpdump.ts";
import { bytesInput, descriptor, sinkOutput } from "@patchcord/core/system/streams.ts";
import { afterAll, describe, expect, test } from "vitest";
import { packageMissing } from "../../real-kernel.ts";
import { files } from "./hostile-files.ts";

interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
  /** Names and contents of what was written. */
  readonly written: readonly (readonly [name: string, bytes: string])[];
}

const missing = packageMissing("tcpdump", "/usr/bin/tcpdump");
if (missing !== undefined) console.log(`tcpdump's files: skipped, ${missing}`);
const folder = mkdtempSync(join(tmpdir(), "patchcord-tcpdump-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes);
const OUT = "out";

/** Root would become the user tcpdump, which may not write here. */
const AS_ROOT = ["-Z", "root"];

function real(words: readonly string[]): Outcome {
  rmSync(join(folder, OUT), { recursive: true, force: true });
  mkdirSync(join(folder, OUT));
  const { stdout, stderr, status } = spawnSync("tcpdump", [...AS_ROOT, ...words], {
    cwd: folder,
    input: "",
    encoding: "latin1",
    env: { ...process.env, TZ: "UTC" },
  });
  const written = readdirSync(join(folder, OUT)).sort();
  return {
    stdout,
    stderr,
    code: status ?? -1,
    written: written.map((name) => [name, readFileSync(join(folder, OUT, name)).toString("base64")]),
  };
}

async function ours(words: readonly string[]): Promise<Outcome> {
  const system = new EmbeddedSystem({
    host: { turn: () => new Promise((resolve) => setImmediate(resolve)) },
  });
  const tree = system.files({ pid: 1, cwd: "/tmp", netns: system.initialNetns });
  for (const [name, bytes] of files) tree.writeFile(name, bytes);
  tree.makeDirectory(OUT, 0o755);
  const out = { stdout: "", stderr: "" };
  const collect = (name: "stdout" | "stderr"): ReturnType<typeof descriptor> =>
    descriptor({
      output: sinkOutput((bytes) => (out[name] += Buffer.from(bytes).toString("latin1"))),
    });
  const started = Process.start(system, (name) => programNamed(name), tcpdump, {
    argv: ["tcpdump", ...AS_ROOT, ...words],
    cwd: "/tmp",
    fds: new Map([
      [0, descriptor({ input: bytesInput(new Uint8Array(0)) })],
      [1, collect("stdout")],
      [2, collect("stderr")],
    ]),
  });
  await system.run(() => started.status !== undefined && [...started.children].length === 0);
  return {
    ...out,
    code: started.status ? exitCode(started.status) : -1,
    written: [...tree.readDirectory(OUT)]
      .sort()
      .map((name) => [name, Buffer.from(tree.readFile(`${OUT}/${name}`)).toString("base64")]),
  };
}

const reading = [...files.keys()]
  .filter((name) => !/^list|^filter$|^large/.test(name))
  .map((name) => `-r ${name}`);

const cases = [
  ...reading,
  "-r missing.pcap",
  "-r .",
  "--nano -tttt -r nano.pcap",
  "--nano -tt -r good.pcap",
  "--time-stamp-precision=micro -tt -r nano.pcap",
  "--time-stamp-precision=pico -r nano.pcap",
  "--count -r good.pcap less 80",
  "--count -c 4 -r good.pcap",
  "-V list",
  "-V list --count",
  "-V list -c 2 -# -ttt",
  "-V list -w out/all",
  "-V list ether host 2:0:0:0:0:1",
  "-V list-same -w out/all",
  "-V list-same -w out/all --print -c 1",
  "-V list-missing -c 1",
  "-V list-blank -c 1",
  "-V list-broken",
  "-V empty",
  "-V missing",
  "-V list -r good.pcap",
  "-F filter -r good.pcap",
  "-F missing -r good.pcap",
  "-w - -c 2 -r good.pcap",
  "-w - -c 2 -r big.pcap",
  "-w - -c 2 --nano -r nano.pcap",
  "-w - -U -c 2 -r good.pcapng",
  "-w out/a -r good.pcap less 80",
  "-w out/a --print -c 2 -r good.pcap",
  "-w missing/a -r good.pcap",
  "-w out -r good.pcap",
  "-w out/a -C 1 -r large.pcap",
  "-w out/a -C 1 -W 1 -r large.pcap",
  "-w out/a -C 1 -W 3 -r large.pcap",
  "-w out/a -C 1 -W 12 -r large.pcap",
  "-w out/a -C 1 -G 3600 -r large.pcap",
  "-w out/a -C 0 -r good.pcap",
  "-w out/a -C 1k -r good.pcap",
  "-w out/a -C 99999999999999999999 -r good.pcap",
  "-w out/a -C 9999999999999 -r good.pcap",
  "-w out/a -C 1 -W 0 -r good.pcap",
  "-w out/a -G x -r good.pcap",
  "-Z nobody-of-that-name -r good.pcap",
  "-Q sideways -r good.pcap",
  "-T nothing -r good.pcap",
  "-m module -c 1 -r good.pcap",
  "-s 300000 -r good.pcap",
  "-B x -r good.pcap",
  "-c 0 -r good.pcap",
  "-y NOTHING -r good.pcap",
  "-d -r good.pcap udp port 9",
  "-ddd -O -r raw.pcap udp",
];

/** Children of tcpdump run in no order. */
const sorted = (outcome: Outcome): Outcome => ({
  ...outcome,
  stderr: outcome.stderr.split("\n").sort().join("\n"),
});

describe("tcpdump's files, as the real one has them", { skip: missing !== undefined }, () => {
  test.each(cases)("tcpdump -nn %s", { timeout: 60_000 }, async (line) => {
    const words = ["-nn", ...line.split(" ")];
    const order = line.includes("-z ") ? sorted : (outcome: Outcome): Outcome => outcome;
    expect(order(await ours(words))).toEqual(order(real(words)));
  });

  test("-z gets every file but the last, in turn", async () => {
    const { stdout, written } = await ours(["-w", "out/a", "-C", "1", "-z", "echo", "-r", "large.pcap"]);
    expect(stdout).toBe("out/a\nout/a1\nout/a2\n");
    expect(written.map(([name]) => name)).toEqual(["a", "a1", "a2", "a3"]);
  });
});
