// sysctl against a small tree of variables: names, errors and exit codes as procps-ng 4.0.2 has them (recorded).

import { expect, test } from "vitest";
import { boot } from "../../kernel/boot.ts";
import { Vfs } from "../../kernel/files/vfs.ts";
import { profileOf } from "../../kernel/profile.ts";
import { integerSysctl } from "../../kernel/sysctl.ts";
import { runTool } from "../testing/run-tool.ts";
import type { ToolResult } from "../testing/run-tool.ts";
import { sysctl } from "./sysctl.ts";

const CONFIGURATION = `# comment
; other
net.ipv4.ip_forward = 1
 net.ipv4.ip_default_ttl=65  
-net.ipv4.nope = 1
net.ipv4.nope2 = 1
bad line

net.ipv4.conf.*.rp_filter = 1
-net.ipv4.conf.lo.rp_filter
net/ipv4/conf/all/rp_filter = 0
`;

function host(): (...args: string[]) => Promise<ToolResult> {
  const kernel = boot({ profile: profileOf("linux-6.1"), seed: 1, bootTime: 0 }, [], []);
  const vfs = new Vfs(kernel, { hostName: "vethhost", processes: () => [] });
  const { sysctls } = kernel.init;
  const values: Record<string, number> = {};
  const add = (path: string, value: number, max = 1): void => {
    values[path] = value;
    sysctls.add(integerSysctl(path, values, path, { min: 0, max }));
  };
  add("net/ipv4/ip_forward", 0);
  add("net/ipv4/ip_default_ttl", 64, 255);
  for (const device of ["all", "default", "lo", "v1.10", "v2"]) {
    add(`net/ipv4/conf/${device}/forwarding`, 0);
    add(`net/ipv4/conf/${device}/rp_filter`, 0, 2);
  }
  sysctls.add({ path: "net/ipv4/route/flush", mode: 0o200, read: () => "", write: () => {} });
  vfs.addFile("/tmp/s.conf", CONFIGURATION);
  return (...args) => runTool(sysctl, ["sysctl", ...args], vfs);
}

test.each<[string, Partial<ToolResult>]>([
  ["net.ipv4.ip_forward", { stdout: "net.ipv4.ip_forward = 0\n", code: 0 }],
  ["net/ipv4/ip_forward", { stdout: "net.ipv4.ip_forward = 0\n" }],
  ["-n net.ipv4.ip_forward", { stdout: "0\n" }],
  ["net.ipv4.ip_forward -n", { stdout: "0\n" }],
  ["-b net.ipv4.ip_forward net.ipv4.ip_default_ttl", { stdout: "064" }],
  ["-N net.ipv4.ip_forward", { stdout: "net.ipv4.ip_forward\n" }],
  ["nope.foo", { stderr: "sysctl: cannot stat /proc/sys/nope/foo: No such file or directory\n", code: 1 }],
  ["-e nope.foo", { stdout: "", stderr: "", code: 0 }],
  ["net.ipv4.conf.v1/10.forwarding", { stdout: "net.ipv4.conf.v1/10.forwarding = 0\n" }],
  ["net/ipv4/conf/v1.10/forwarding", { stdout: "net.ipv4.conf.v1/10.forwarding = 0\n" }],
  [
    "net.ipv4.conf.v1.10.forwarding",
    {
      stderr: "sysctl: cannot stat /proc/sys/net/ipv4/conf/v1/10/forwarding: No such file or directory\n",
      code: 1,
    },
  ],
  ["net.ipv4.conf.lo", { stdout: "net.ipv4.conf.lo.forwarding = 0\nnet.ipv4.conf.lo.rp_filter = 0\n" }],
  ["-w net.ipv4.ip_forward=1", { stdout: "net.ipv4.ip_forward = 1\n", code: 0 }],
  ["net.ipv4.ip_forward=1", { stdout: "net.ipv4.ip_forward = 1\n" }],
  ["-q -w net.ipv4.ip_forward=1", { stdout: "" }],
  ["-nw net.ipv4.ip_forward=1", { stdout: "1\n" }],
  ["-w net.ipv4.ip_forward", { stderr: "sysctl: command line(0): invalid syntax, continuing...\n", code: 1 }],
  [
    "-w net.ipv4.ip_forward=abc",
    { stderr: `sysctl: setting key "net.ipv4.ip_forward": Invalid argument\n`, code: 1 },
  ],
  [
    "-w net.ipv4.ip_forward=",
    { stderr: `sysctl: setting key "net.ipv4.ip_forward": Invalid argument\n`, code: 1 },
  ],
  [
    "-w nope.foo=1",
    { stderr: "sysctl: cannot stat /proc/sys/nope/foo: No such file or directory\n", code: 1 },
  ],
  [
    "-w kernel.osrelease=x",
    { stderr: `sysctl: setting key "kernel.osrelease": Invalid argument\n`, code: 0 },
  ],
  ["-w net.ipv4.route.flush=1", { stdout: "net.ipv4.route.flush = 1\n" }],
  ["net.ipv4.route.flush", { stdout: "", stderr: "", code: 0 }],
  [
    "-a -r ipv4.*(lo|all).forw",
    { stdout: "net.ipv4.conf.all.forwarding = 0\nnet.ipv4.conf.lo.forwarding = 0\n" },
  ],
  ["=1", { stderr: "sysctl: Path is not under /proc/sys/: /proc/sys/\n", code: 1 }],
  ["=", { stdout: "", stderr: "", code: 1 }],
  ["-w", { stderr: "sysctl: no variables specified\nTry `sysctl --help' for more information.\n", code: 1 }],
  [
    "-p /tmp/nope.conf",
    { stderr: `sysctl: cannot open "/tmp/nope.conf": No such file or directory\n`, code: 1 },
  ],
  ["-V", { stdout: "sysctl from procps-ng 4.0.2\n" }],
  ["--wri net.ipv4.ip_forward=1", { stdout: "net.ipv4.ip_forward = 1\n" }],
  [
    "net.ipv4.ip_forward nope net.ipv4.ip_default_ttl",
    {
      stdout: "net.ipv4.ip_forward = 0\nnet.ipv4.ip_default_ttl = 64\n",
      stderr: "sysctl: cannot stat /proc/sys/nope: No such file or directory\n",
      code: 1,
    },
  ],
])("sysctl %s", async (args, expected) => {
  expect(await host()(...args.split(" "))).toMatchObject(expected);
});

test("an empty name is unknown", async () => {
  expect(await host()("")).toMatchObject({ stderr: `sysctl: "" is an unknown key\n`, code: 255 });
});

test("a wrong option is told, with the help, and is no failure", async () => {
  const { stdout, stderr, code } = await host()("-z");
  expect(stderr).toBe("sysctl: invalid option -- 'z'\n");
  expect(stdout).toContain("\nUsage:\n sysctl [options]");
  expect(code).toBe(0);
});

test("a file with patterns and exceptions", async () => {
  const complaints =
    "sysctl: /tmp/s.conf(7): invalid syntax, continuing...\n" +
    "sysctl: cannot stat /proc/sys/net/ipv4/nope: No such file or directory\n" +
    "sysctl: cannot stat /proc/sys/net/ipv4/nope2: No such file or directory\n";
  const settings =
    "net.ipv4.ip_forward = 1\n" +
    "net.ipv4.ip_default_ttl = 65\n" +
    "net.ipv4.conf.default.rp_filter = 1\n" +
    "net.ipv4.conf.v1/10.rp_filter = 1\n" +
    "net.ipv4.conf.v2.rp_filter = 1\n" +
    "net.ipv4.conf.all.rp_filter = 0\n";
  expect(await host()("-p", "/tmp/s.conf")).toEqual({ stdout: settings, stderr: complaints, code: 1 });
  expect(await host()("-q", "--load=/tmp/s.conf")).toEqual({ stdout: "", stderr: complaints, code: 1 });
  expect((await host()("-e", "-p", "/tmp/s.conf")).code).toBe(0);
});

test("--dry-run writes nothing", async () => {
  const run = host();
  await run("--dry-run", "-w", "net.ipv4.ip_forward=1");
  expect((await run("net.ipv4.ip_forward")).stdout).toBe("net.ipv4.ip_forward = 0\n");
});
