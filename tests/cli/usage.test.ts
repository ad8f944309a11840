// What the command says of itself, and its exit codes (sysexits.h: 64 EX_USAGE, 66 EX_NOINPUT).

import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { Command } from "./command.ts";

const command = new Command();
afterAll(() => command.remove());

describe("help", () => {
  test("names the commands, gives examples and exit codes, and is no error", () => {
    const { stdout, stderr, code } = command.run(["--help"]);
    expect(code).toBe(0);
    expect(stderr).toBe("");
    for (const word of ["run", "shell", "completion", "ip netns add ns1", "Exit codes:"])
      expect(stdout).toContain(word);
  });

  test("may be read in part only", () => {
    const head = `"${process.execPath}" "${command.main}" --help | head -1`;
    const { stdout, stderr } = spawnSync("sh", ["-c", head], { encoding: "utf8" });
    expect([stdout, stderr]).toEqual(["Usage: patchcord [options] [command]\n", ""]);
  });

  test("of run tells every option with its default", () => {
    const { stdout, code } = command.run(["run", "--help"]);
    expect(code).toBe(0);
    for (const word of ["--seed", "--clock", "--profile", "--echo", "--keep-going", "linux-6.1"])
      expect(stdout).toContain(word);
  });

  test("goes to standard error when nothing was asked for", () => {
    const { stdout, stderr, code } = command.run([]);
    expect([stdout, code]).toEqual(["", 64]);
    expect(stderr).toContain("Usage: patchcord");
  });
});

describe("wrong usage", () => {
  test.each([
    [["bogus"], "unknown command 'bogus'"],
    [["run"], "missing required argument 'script'"],
    [["run", "--bogus", "x"], "unknown option '--bogus'"],
    [["run", "--seed", "x", "y"], "--seed"],
    [["run", "--seed", "-1", "y"], "--seed"],
    [["run", "--clock", "lunar", "y"], "virtual, real"],
    [["run", "--profile", "linux-2.4", "y"], "linux-6.1"],
    [["completion", "tcsh"], "bash, zsh, fish"],
    [["attach"], "required option '--lab <script>' not specified"],
  ])("%j ends with 64 and says why", (args, text) => {
    const { stdout, stderr, code } = command.run(args);
    expect([stdout, code]).toEqual(["", 64]);
    expect(stderr).toContain(text);
  });

  test("an unreadable script ends with 66, before anything has run", () => {
    const first = command.script("first.sh", "echo first\n");
    const { stdout, stderr, code } = command.run(["run", first, "absent.sh"]);
    expect({ stdout, stderr, code }).toEqual({
      stdout: "",
      stderr: "patchcord: absent.sh: No such file or directory\n",
      code: 66,
    });
  });
});

describe("completion", () => {
  const bash = command.run(["completion", "bash"]).stdout;

  test.each(["bash", "zsh"])("for %s is valid to bash", (shell) => {
    const { stdout, code } = command.run(["completion", shell]);
    expect(code).toBe(0);
    const checked = spawnSync("bash", ["-n"], { input: stdout, encoding: "utf8" });
    expect([checked.stderr, checked.status]).toEqual(["", 0]);
  });

  const complete = (...words: string[]): string[] => {
    const script = `${bash}\nCOMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}
_patchcord; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return spawnSync("bash", ["--norc", "-c", script], { encoding: "utf8" }).stdout.trim().split("\n");
  };

  test("offers commands, options and their values", () => {
    expect(complete("patchcord", "r")).toEqual(["run"]);
    expect(complete("patchcord", "run", "--k")).toEqual(["--keep-going"]);
    expect(complete("patchcord", "run", "--clock", "")).toEqual(["virtual", "real"]);
  });

  test("for fish names commands and options", () => {
    const { stdout } = command.run(["completion", "fish"]);
    expect(stdout).toContain("-a run -d");
    expect(stdout).toContain("-l keep-going");
  });
});

test("a bundle without koffi names the package when the real kernel is asked for, and works otherwise", () => {
  const copy = mkdtempSync(join(tmpdir(), "patchcord-copy-"));
  try {
    cpSync(dirname(command.main), copy, { recursive: true });
    const main = join(copy, "main.js");
    const script = command.script("bare.sh", "ip -br link");
    const run = (...args: readonly string[]): { stdout: string; stderr: string; status: number | null } =>
      spawnSync(process.execPath, [main, ...args], { encoding: "utf8" });
    expect(run("run", script).stdout).toMatch(/^lo /);
    if (process.platform !== "linux") return;
    for (const args of [
      ["run", "--system", "linux", script],
      ["run", "--ovs-rundir", join(copy, "ovs"), script],
      ["scan"],
      ["cleanup"],
    ]) {
      const { stdout, stderr, status } = run(...args);
      expect([stdout, status]).toEqual(["", 77]);
      expect(stderr).toMatch(
        /^patchcord: the package koffi, .* is not beside .*: npm install --prefix .* koffi\n$/,
      );
    }
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
});
