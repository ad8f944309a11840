// The daemon's log: levels, patterns and refusals as ovs-appctl of Open vSwitch 3.1.0 gave them from ovs-vswitchd, and the
// messages that it wrote for the same changes.

import { describe, expect, test } from "vitest";
import { EmbeddedSystem } from "../../../embedded.ts";
import { Vlog } from "./vlog.ts";

async function command() {
  const system = new EmbeddedSystem({ host: { turn: () => Promise.resolve() } });
  const { control } = (await system.switchDaemons.load()).service;
  return {
    system,
    run: (...words: string[]) => control.run(words[0] as string, words.slice(1)),
  };
}

describe("vlog/set", () => {
  test.each([
    ["foo", 'no destination, level, or module "foo"'],
    ["bridge:foo", 'no destination, level, or module "foo"'],
    ["bridge:file:dbg:x", 'no destination, level, or module "x"'],
    ["PATTERN:foo:%m", 'unknown destination "foo"'],
    ["file:syslog:dbg", "cannot specify multiple destinations"],
    ["bridge,ofproto,info", "cannot specify multiple modules"],
    ["emer:dbg", "cannot specify multiple levels"],
    ["FACILITY:xx", "invalid facility"],
    ["FACILITY", "invalid facility"],
  ])("%s", async (spec, message) => {
    const { run } = await command();
    expect(() => run("vlog/set", spec)).toThrow(expect.objectContaining({ message }));
  });
  test("without a level means all", async () => {
    const { run } = await command();
    expect(run("vlog/list")).toContain("\nbridge             OFF        ERR       INFO\n");
    run("vlog/set", "bridge");
    run("vlog/set", "ANY:file:warn");
    expect(run("vlog/list")).toContain("\nbridge             DBG        DBG       WARN\n");
    expect(run("vlog/list")).toContain("\nofproto_dpif_mirror   OFF        ERR       WARN\n");
  });
  test("changes patterns", async () => {
    const { run } = await command();
    run("vlog/set", "PATTERN:file:%m");
    expect(run("vlog/list-pattern")).toBe(
      "         prefix                            format\n" +
        "         ------                            ------\n" +
        "SYSLOG   <%B> %D{%h %e %T} %E %A:          ovs|%05N|%c%T|%p|%m\n" +
        "CONSOLE  none                              %D{%Y-%m-%dT%H:%M:%SZ}|%05N|%c%T|%p|%m\n" +
        "FILE     none                              %m\n",
    );
  });
});

test("a line by its pattern", () => {
  let text = "";
  const host = { hostName: "vm", realtime: () => 1795901204_363000, monotonic: () => 5e9 };
  const vlog = new Vlog(
    { ...host, openLog: () => ({ append: (line) => (text += line()) }) },
    "ovs-vswitchd",
    "/log",
    25482,
  );
  vlog.openFile();
  text = "";
  vlog.patterns.file = "[%A|%B|%c|%d|%E|%h|%-8m|%3p|%P|%t|%T|%s|%x|%D{%s ###}|%{foo}m%";
  vlog.log("connmgr", "warn", "br0");
  expect(text).toBe(
    "[ovs-vswitchd|132|connmgr|2026-11-28 21:26:44.363|vm|h|br0     |WARN|25482|main||s|x|1795901204 363|{foo}m\n",
  );
});

test("too many messages of one place are counted instead", () => {
  const lines: string[] = [];
  let now = 0;
  const host = { hostName: "vm", realtime: () => 0, monotonic: () => now };
  const vlog = new Vlog(
    { ...host, openLog: () => ({ append: (line) => lines.push(line()) }) },
    "x",
    "/log",
    1,
  );
  vlog.openFile();
  vlog.patterns.file = "%m";
  lines.length = 0;
  for (let at = 0; at < 9; at++) vlog.limited("here", "bridge", "warn", `message ${at}`);
  expect(lines).toHaveLength(5);
  now = 60e9;
  vlog.limited("here", "bridge", "warn", "later");
  expect(lines.slice(5)).toEqual([
    "Dropped 4 log messages in last 60 seconds (most recently, 60 seconds ago) due to excessive rate\n",
    "later\n",
  ]);
});

test("commands about what is not there", async () => {
  const { run } = await command();
  for (const name of ["lacp/show", "lacp/show-stats", "bfd/show", "cfm/show", "autoattach/status"])
    expect(run(name)).toBe("");
  for (const [words, message] of [
    [["lacp/show", "xx"], "no such lacp object"],
    [["bfd/show", "xx"], "no such bfd object"],
    [["cfm/show", "xx"], "no such CFM object"],
    [["cfm/set-fault", "x", "foo"], "unknown fault string"],
    [["bfd/set-forwarding", "x", "true"], "no such BFD object"],
    [["qos/show", "xx"], "no such interface"],
    [["mdb/show", "xx"], "no such bridge"],
    [["coverage/read-counter", "xx"], "No such counter"],
  ] as const) {
    expect(() => run(...words)).toThrow(expect.objectContaining({ message }));
  }
  expect(Number(run("coverage/read-counter", "bridge_reconfigure"))).toBeGreaterThan(0);
  expect(run("coverage/show")).toMatch(
    /^Event coverage, avg rate over last: 5 seconds, last minute, last hour, {2}hash=/,
  );
});
