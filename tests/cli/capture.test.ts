// `patchcord capture`, read by the real tshark.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { inOwnNamespaces, packageMissing, realKernelMissing } from "../real-kernel.ts";
import { Command } from "./command.ts";

const LAB = `
ip netns add ns1; ip netns add ns2
ip link add veth1 netns ns1 type veth peer name veth2 netns ns2
ip -n ns1 addr add 10.0.0.1/24 dev veth1; ip -n ns1 link set veth1 up
ip -n ns2 addr add 10.0.0.2/24 dev veth2; ip -n ns2 link set veth2 up
ip netns exec ns1 ping -c 1 10.0.0.2
`;

const command = new Command();
const lab = command.script("lab.sh", LAB);
afterAll(() => command.remove());

const missing = packageMissing("tshark", "/usr/bin/tshark");
if (missing !== undefined) console.log(`captures in tshark: skipped, ${missing}`);

function tshark(file: string, ...args: readonly string[]): string {
  const { stdout, stderr } = spawnSync("tshark", ["-r", file, ...args], { encoding: "utf8" });
  // It always tells root that it is root.
  expect(stderr.replace(/^Running as user "root".*\n/m, "")).toBe("");
  return stdout;
}

describe("patchcord capture", () => {
  test("writes every device's packets into a file", { skip: missing !== undefined, timeout: 120_000 }, () => {
    const file = join(command.folder, "lab.pcapng");
    const { stdout, stderr, code } = command.run(["capture", "-w", file, "-f", "icmp or arp", lab]);
    expect([code, stderr]).toEqual([0, `8 packets of 2 interfaces captured: ${file}\n`]);
    expect(stdout).toContain("1 packets transmitted, 1 received");
    const rows = tshark(
      file,
      "-T",
      "fields",
      "-e",
      "frame.interface_name",
      "-e",
      "frame.packet_id",
      "-e",
      "arp.opcode",
    );
    expect(rows.split("\n").slice(0, 4)).toEqual([
      "ns1/veth1\t1\t1",
      "ns2/veth2\t1\t1",
      "ns2/veth2\t1\t2",
      "ns1/veth1\t1\t2",
    ]);
    const followed = tshark(file, "-Y", "frame.packet_id == 1", "-T", "fields", "-e", "frame.number");
    expect(followed.trim().split("\n")).toHaveLength(8);
  });

  test("streams to standard output, of the devices that are asked for", { timeout: 120_000 }, () => {
    const { stdout, stderr, code } = command.run(["capture", "-w", "-", "-i", "ns2/*", lab]);
    expect(code).toBe(0);
    expect(stdout.startsWith("\n\r\r\n")).toBe(true);
    expect(stdout).toContain("ns2/veth2");
    expect(stdout).not.toContain("ns1/veth1");
    expect(stderr).toContain("1 packets transmitted, 1 received");
    expect(stderr).toMatch(/^\d+ packets of 1 interface captured$/m);
  });

  test("refuses a filter that makes no sense, before anything runs", () => {
    const file = join(command.folder, "none.pcapng");
    const { stdout, stderr, code } = command.run(["capture", "-w", file, "-f", "port foo", lab]);
    expect([stdout, stderr, code]).toEqual(["", "patchcord capture: unknown port 'foo'\n", 64]);
    expect(() => readFileSync(file)).toThrow("ENOENT");
  });

  test(
    "beside a run that prints as it would without one",
    { skip: missing !== undefined, timeout: 120_000 },
    () => {
      const file = join(command.folder, "run.pcapng");
      const plain = command.run(["run", "--echo", lab]);
      const { stdout, stderr, code } = command.run(["run", "--echo", "--capture", file, lab]);
      expect([code, stdout]).toEqual([0, plain.stdout]);
      expect(stderr).toBe(`8 packets of 2 interfaces captured: ${file}\n`);
      const rows = tshark(file, "-Y", "icmp", "-T", "fields", "-e", "frame.packet_id");
      expect(new Set(rows.trim().split("\n")).size).toBe(1);
    },
  );

  test("says that the disk is full, and lets the run go on", { timeout: 120_000 }, () => {
    const { stdout, stderr, code } = command.run(["run", "--capture", "/dev/full", lab]);
    expect(stdout).toContain("1 packets transmitted, 1 received");
    expect(stderr).toBe(
      "patchcord capture: /dev/full: no space left on device; what came until now may be there\n",
    );
    expect(code).toBe(74);
  });

  test("is silent about a reader that has had enough", { timeout: 120_000 }, () => {
    const { stdout, stderr } = spawnSync(
      "bash",
      ["-c", `'${process.execPath}' '${command.main}' capture -w - '${lab}' | head -c 4 | od -An -tx1`],
      { encoding: "utf8", cwd: command.folder },
    );
    expect(stdout).toBe(" 0a 0d 0d 0a\n");
    expect(stderr).not.toContain("patchcord capture");
  });

  test.each(["SIGTERM", "SIGHUP"] as const)(
    "ends with a whole file at %s",
    { skip: missing !== undefined, timeout: 120_000 },
    async (signal) => {
      const file = join(command.folder, `${signal}.pcapng`);
      const endless = command.script("endless.sh", `${LAB}ip netns exec ns1 ping -i 0.2 10.0.0.2\n`);
      const child = command.start(["capture", "--clock", "real", "-w", file, endless]);
      await new Promise<void>((resolve) => {
        let printed = "";
        child.stdout.on("data", (text: Buffer) => {
          printed += text.toString();
          if (/icmp_seq=3/.test(printed)) resolve();
        });
      });
      child.kill(signal);
      const ended = await new Promise((resolve) => child.on("exit", (_, by) => resolve(by)));
      expect(ended).toBe(signal);
      const rows = tshark(file, "-Y", "icmp.seq == 3", "-T", "fields", "-e", "frame.interface_name");
      expect(rows.trim().split("\n").slice(0, 2)).toEqual(["ns1/veth1", "ns2/veth2"]);
    },
  );

  const unreal = realKernelMissing();
  test(
    "on the real kernel, from the moment that a namespace is made",
    {
      skip: unreal !== undefined || missing !== undefined,
      timeout: 300_000,
    },
    async () => {
      const file = join(command.folder, "real.pcapng");
      const words = [
        "capture",
        "--system",
        "linux",
        "-w",
        file,
        "-i",
        "ns1/*",
        "-i",
        "ns2/*",
        "-f",
        "icmp or arp",
        lab,
      ];
      const output = await inOwnNamespaces(
        `"$NODE" "$MAIN" ${words.map((word) => `'${word}'`).join(" ")} && ip netns list`,
        { NODE: process.execPath, MAIN: command.main },
      );
      expect(output).toContain("1 packets transmitted, 1 received");
      const rows = tshark(
        file,
        "-T",
        "fields",
        "-e",
        "frame.interface_name",
        "-e",
        "arp.opcode",
        "-e",
        "icmp.type",
      );
      // Each device has a ring of its own, which is read when there is time.
      const seenBy = (device: string): string[] =>
        rows
          .split("\n")
          .flatMap((row) => (row.startsWith(`${device}\t`) ? row.slice(device.length + 1) : []));
      const exchange = ["1\t", "2\t", "\t8", "\t0"];
      expect(seenBy("ns1/veth1").slice(0, exchange.length)).toEqual(exchange);
      expect(seenBy("ns2/veth2").slice(0, exchange.length)).toEqual(exchange);
    },
  );
});
