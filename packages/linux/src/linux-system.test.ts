// The real kernel behind the system interface. Every process here starts in a namespace that the test has made, so
// nothing of the machine is touched.

import { describe, expect, test } from "vitest";
import { programNamed } from "@patchcord/core/programs.ts";
import { NetlinkClient } from "@patchcord/core/netlink/client.ts";
import { IFF } from "@patchcord/core/netlink/rtnl/link-constants.ts";
import { encodeLink } from "@patchcord/core/netlink/rtnl/link.ts";
import { RTM } from "@patchcord/core/netlink/rtnl/types.ts";
import { Refusal } from "@patchcord/core/netlink/refusal.ts";
import { exitCode, Process } from "@patchcord/core/system/process.ts";
import type { Program } from "@patchcord/core/system/process.ts";
import { bytesInput, descriptor, sinkOutput } from "@patchcord/core/system/streams.ts";
import { MILLISECOND, SECOND } from "@patchcord/core/system/system.ts";
import type { LinuxSystem } from "./linux-system.ts";

const root = process.platform === "linux" && process.getuid?.() === 0;
if (!root) console.log("the real kernel: not tested, this needs Linux and root");

async function newSystem(): Promise<LinuxSystem> {
  const { LinuxSystem: System } = await import("./linux-system.ts");
  return new System();
}

interface Ran {
  readonly output: string;
  readonly code: number;
}

/** Runs a program in a namespace of its own (or in `netns`) to its end. */
async function run(
  system: LinuxSystem,
  program: Program | string,
  options: { argv?: readonly string[]; input?: string; netns?: { inode: number } } = {},
): Promise<Ran> {
  let output = "";
  const decoder = new TextDecoder();
  const sink = sinkOutput((bytes) => (output += decoder.decode(bytes)));
  const shell = programNamed("bash");
  if (shell === undefined) throw new Error("there is a shell");
  const started = Process.start(
    system,
    (name) => programNamed(name),
    typeof program === "string" ? shell : program,
    {
      argv: typeof program === "string" ? ["bash", "-c", program] : (options.argv ?? ["test"]),
      netns: options.netns ?? system.createNetns(),
      cwd: "/",
      env: new Map([["PATH", "/usr/sbin:/usr/bin:/sbin:/bin"]]),
      fds: new Map([
        [0, descriptor({ input: bytesInput(new TextEncoder().encode(options.input ?? "")) })],
        [1, descriptor({ output: sink })],
        [2, descriptor({ output: sink })],
      ]),
    },
  );
  await system.run(() => started.status !== undefined);
  return { output, code: started.status ? exitCode(started.status) : -1 };
}

describe.skipIf(!root)("on the real kernel", () => {
  test("ip sees the devices of the process's namespace", async () => {
    const system = await newSystem();
    const { output } = await run(
      system,
      "ip link add v0 type veth peer name v1; ip -br link; cat /proc/net/dev; ls /sys/class/net",
    );
    expect(output).toMatch(/^lo +DOWN/m);
    expect(output).toMatch(/^v1@v0 +DOWN/m);
    expect(output).toMatch(/^ +v0: +0/m);
    expect(output).toMatch(/^lo\nv0\nv1\n/m);
  });

  test("ping's socket answers, and its timer is the machine's", async () => {
    const system = await newSystem();
    const before = performance.now();
    const { output, code } = await run(system, "ip link set lo up; ping -c 2 -i 0.2 127.0.0.1");
    expect(code).toBe(0);
    expect(output).toContain("2 packets transmitted, 2 received, 0% packet loss");
    expect(performance.now() - before).toBeGreaterThan(190);
  });

  test("an error of the error queue reaches the program", async () => {
    const system = await newSystem();
    const { output } = await run(system, "ip link set lo up; traceroute -n 127.0.0.1");
    expect(output).toMatch(/^ 1 {2}127\.0\.0\.1 {2}[\d.]+ ms/m);
  });

  test("answers that come while a program sends are all read", async () => {
    const system = await newSystem();
    const { output } = await run(system, "ip link set lo up; traceroute -n -I 127.0.0.1");
    expect(output).toMatch(/^ 1 {2}127\.0\.0\.1(?: {2}[\d.]+ ms){3}$/m);
  });

  test("a device goes to the namespace of one of our processes by its pid", async () => {
    const system = await newSystem();
    const { output, code } = await run(
      system,
      "unshare -n sleep 5 & ip link add v0 type veth peer name v1 && ip link set v1 netns $! && ip -br link; kill $!",
    );
    expect(code).toBe(0);
    expect(output).toMatch(/^v0@if\d+ +DOWN/m);
    expect(output).not.toContain("v1");
  });

  test("a real program gets stdin, gives its exit code, and leaves what it has not read", async () => {
    const system = await newSystem();
    const cat = system.external("/bin/cat");
    expect(await run(system, cat, { argv: ["cat"], input: "hello\n" })).toEqual({
      output: "hello\n",
      code: 0,
    });
    const { output, code } = await run(
      system,
      async (self) => {
        const child = self.spawn(system.external("/bin/sh"), { argv: ["sh", "-c", "exit 7"] });
        const status = await self.waitFor(child);
        const rest = await self.read();
        self.print(new TextDecoder().decode(rest ?? new Uint8Array(0)));
        return status?.code ?? 1;
      },
      { input: "kept\n" },
    );
    expect({ output, code }).toEqual({ output: "kept\n", code: 7 });
  });

  test("a signal ends a real program, and the process with it", async () => {
    const system = await newSystem();
    const { code } = await run(system, async (self) => {
      const child = self.spawn(system.external("/bin/sleep"), { argv: ["sleep", "60"] });
      await self.sleep(50 * MILLISECOND);
      child.kill("SIGTERM");
      return exitCode((await self.waitFor(child)) ?? { code: 0 });
    });
    expect(code).toBe(128 + 15);
  });

  test("a real program runs in the process's namespace, with its sysfs", async () => {
    const system = await newSystem();
    const netns = system.createNetns();
    const { output } = await run(
      system,
      async (self) => {
        const words = ["sh", "-c", "readlink /proc/self/ns/net; ls /sys/class/net"];
        const child = self.spawn(system.external("/bin/sh"), { argv: words });
        await self.waitFor(child);
        return 0;
      },
      { netns },
    );
    expect(output).toBe(`net:[${netns.inode}]\nlo\n`);
  });

  test("notifications that are lost are told of, and ip monitor goes on", async () => {
    const system = await newSystem();
    const { output } = await run(system, async (self) => {
      const seen = self.spawn(programNamed("ip") as Program, { argv: ["ip", "monitor", "link"] });
      await self.sleep(100 * MILLISECOND);
      // More than a receive buffer holds, made while nobody can read.
      const socket = self.netlink();
      for (let round = 0; round < 1500; round++) {
        for (const up of [true, false]) {
          const request = encodeLink({ index: 1, flags: up ? IFF.UP : 0, change: IFF.UP });
          new NetlinkClient(socket).request(RTM.SETLINK, 0, request);
        }
      }
      await self.sleep(300 * MILLISECOND);
      const last = self.spawn(programNamed("ip") as Program, {
        argv: ["ip", "link", "add", "last", "type", "bridge"],
      });
      await self.waitFor(last);
      await self.sleep(300 * MILLISECOND);
      seen.kill("SIGTERM");
      await self.waitFor(seen);
      return 0;
    });
    expect(output.includes("netlink receive error No buffer space available (105)\n")).toBe(true);
    expect(output.slice(-300)).toMatch(/\d+: last: </);
  });

  test("a namespace ends with the last process in it", async () => {
    const system = await newSystem();
    const netns = system.createNetns();
    await run(system, "ip link add v0 type veth peer name v1", { netns });
    expect(() => system.packet({ pid: 1, cwd: "/", netns }, "raw")).toThrow(Refusal);
  });

  test("a TCP connection carries bytes both ways", async () => {
    const system = await newSystem();
    const { output } = await run(system, async (self) => {
      const up = self.spawn(programNamed("ip") as Program, { argv: ["ip", "link", "set", "lo", "up"] });
      await self.waitFor(up);
      const local = Uint8Array.of(127, 0, 0, 1);
      const listener = self.listenStream({ family: "inet", address: local, port: 0 });
      const client = self.connectStream(listener.address);
      await self.wait([listener], SECOND);
      const server = listener.accept();
      client.output.write(new TextEncoder().encode("there"));
      await self.wait([server?.input ?? listener], SECOND);
      self.print(new TextDecoder().decode(server?.input.read() ?? new Uint8Array(0)));
      server?.output.write(new TextEncoder().encode(" and back"));
      await self.wait([client.input], SECOND);
      self.print(new TextDecoder().decode(client.input.read() ?? new Uint8Array(0)));
      server?.close();
      await self.wait([client.input], SECOND);
      self.print(client.input.read() === null ? ", ended" : ", open");
      return 0;
    });
    expect(output).toBe("there and back, ended");
  });

  test("a refused TCP connection says so when it is used", async () => {
    const system = await newSystem();
    const { code } = await run(system, async (self) => {
      const up = self.spawn(programNamed("ip") as Program, { argv: ["ip", "link", "set", "lo", "up"] });
      await self.waitFor(up);
      try {
        const client = self.connectStream({ family: "inet", address: Uint8Array.of(127, 0, 0, 1), port: 9 });
        await self.wait([client.output], SECOND);
        client.input.read();
        return 0;
      } catch (refusal) {
        return refusal instanceof Refusal ? refusal.errno : 0;
      }
    });
    expect(code).toBe(111);
  });
});
