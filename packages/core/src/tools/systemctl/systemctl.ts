// systemctl(1) of systemd 252 as scripts use it for Open vSwitch: start, stop, restart, status, is-active, is-enabled and their
// kin, for the units of Debian's package openvswitch-switch. There is no systemd: other units do not exist.

import { formatTime } from "../../system/calendar.ts";
import type { Process, Program } from "../../system/process.ts";
import { has, parseOptions, valueOf } from "../coreutils/options.ts";
import type { Parsed } from "../coreutils/options.ts";
import { program } from "../coreutils/program.ts";
import { runningPid, startDaemons, stopDaemons } from "../ovs-ctl/ovs-ctl.ts";
import type { DaemonName } from "../ovs-ctl/ovs-ctl.ts";

const NOT_RUNNING = 3; // LSB: program is not running
const NO_SUCH_UNIT = 4;
const NOT_INSTALLED = 5;

interface Unit {
  readonly description: string;
  readonly daemons: readonly DaemonName[];
  /** The daemon's own unit, not the one that stands for both. */
  readonly forking: boolean;
}

const SWITCH: Unit = {
  description: "Open vSwitch",
  daemons: ["ovsdb-server", "ovs-vswitchd"],
  forking: false,
};

const UNITS: Readonly<Record<string, Unit>> = {
  "openvswitch-switch": SWITCH,
  "ovsdb-server": { description: "Open vSwitch Database Unit", daemons: ["ovsdb-server"], forking: true },
  "ovs-vswitchd": { description: "Open vSwitch Forwarding Unit", daemons: ["ovs-vswitchd"], forking: true },
};

function unitNamed(name: string): Unit | undefined {
  const bare = name.replace(/\.service$/, "");
  return Object.hasOwn(UNITS, bare) ? UNITS[bare] : undefined;
}

function fullName(name: string): string {
  return /\.[a-z]+$/.test(name) ? name : `${name}.service`;
}

function isActive(process: Process, unit: Unit): boolean {
  return unit.daemons.every((name) => runningPid(process, name) !== undefined);
}

export const systemctl: Program = program(async (process) => {
  const parsed = parseOptions(process, {
    short: "aflqn:o:p:rt:",
    long: {
      all: "a",
      force: "f",
      full: "l",
      "lines=": "n",
      "no-block": "no-block",
      "no-legend": "no-legend",
      "no-pager": "no-pager",
      now: "now",
      "output=": "o",
      "property=": "p",
      quiet: "q",
      system: "system",
      "type=": "t",
      value: "value",
      version: "version",
      wait: "wait",
    },
  });
  if (has(parsed, "version")) {
    process.print("systemd 252 (252.38-1~deb12u1)\n");
    return 0;
  }
  const [command = "list-units", ...names] = parsed.operands;
  switch (command) {
    case "daemon-reload":
    case "daemon-reexec":
    case "reset-failed":
      return 0;
    case "start":
    case "stop":
    case "restart":
    case "reload":
    case "try-restart":
    case "reload-or-restart":
    case "force-reload":
      return change(process, command, names);
    case "enable":
    case "disable":
    case "mask":
    case "unmask":
      return enable(process, command, names, has(parsed, "now"));
    case "is-active":
    case "is-failed":
      return activity(process, command, names, has(parsed, "q"));
    case "is-enabled":
      return enabled(process, names, has(parsed, "q"));
    case "status":
      return status(process, names);
    case "show":
      return show(process, parsed, names);
    case "list-units":
      return listUnits(process);
    default:
      process.warn(`Unknown command verb ${command}.\n`);
      return 1;
  }
});

async function change(process: Process, command: string, names: readonly string[]): Promise<number> {
  if (names.length === 0) {
    process.warn("Too few arguments.\n");
    return 1;
  }
  let code = 0;
  for (const name of names) {
    const unit = unitNamed(name);
    if (!unit) {
      const state = /^(?:stop|try-restart)$/.test(command) ? "not loaded" : "not found";
      process.warn(`Failed to ${command} ${fullName(name)}: Unit ${fullName(name)} ${state}.\n`);
      code = NOT_INSTALLED;
      continue;
    }
    const active = isActive(process, unit);
    if (command === "stop" || command === "restart" || (command.endsWith("restart") && active)) {
      // Without its database the switch is stopped too.
      await stopDaemons(process, unit.daemons.includes("ovsdb-server") ? SWITCH.daemons : unit.daemons);
    }
    if (
      command === "start" ||
      command === "restart" ||
      command === "reload-or-restart" ||
      (command === "try-restart" && active)
    )
      startDaemons(process, command === "start" ? unit.daemons : SWITCH.daemons);
  }
  return code;
}

async function enable(
  process: Process,
  command: string,
  names: readonly string[],
  now: boolean,
): Promise<number> {
  let code = 0;
  for (const name of names) {
    if (unitNamed(name)) continue;
    process.warn(`Failed to ${command} unit: Unit file ${fullName(name)} does not exist.\n`);
    code = 1;
  }
  if (code === 0 && now) return change(process, command === "enable" ? "start" : "stop", names);
  return code;
}

function activity(process: Process, command: string, names: readonly string[], quiet: boolean): number {
  const states = names.map((name) => {
    const unit = unitNamed(name);
    return unit && isActive(process, unit) ? "active" : "inactive";
  });
  if (!quiet) process.print(states.map((state) => `${state}\n`).join(""));
  if (command === "is-failed") return 1;
  return states.includes("active") ? 0 : NOT_RUNNING;
}

function enabled(process: Process, names: readonly string[], quiet: boolean): number {
  let code = names.length === 0 ? 1 : 0;
  for (const name of names) {
    const unit = unitNamed(name);
    if (!unit) {
      process.warn(`Failed to get unit file state for ${fullName(name)}: No such file or directory\n`);
      code = 1;
    } else if (!quiet) process.print(unit.forking ? "static\n" : "enabled\n");
  }
  return code;
}

function status(process: Process, names: readonly string[]): number {
  let code = 0;
  names.forEach((name, at) => {
    const unit = unitNamed(name);
    if (!unit) {
      process.warn(`Unit ${fullName(name)} could not be found.\n`);
      code = NO_SUCH_UNIT;
      return;
    }
    const active = isActive(process, unit);
    if (at > 0) process.print("\n");
    process.print(statusText(process, fullName(name), unit, active));
    if (!active) code = NOT_RUNNING;
  });
  return code;
}

function statusText(process: Process, name: string, unit: Unit, active: boolean): string {
  const enabling = unit.forking ? "static" : "enabled; preset: enabled";
  const pid = unit.daemons.map((daemon) => runningPid(process, daemon)).find((one) => one !== undefined);
  // How long it has run is not known: the time is that of the boot.
  const booted = process.realtime() - process.monotonic() / 1000;
  const since = `since ${formatTime("%a %Y-%m-%d %H:%M:%S UTC", booted)}; ${ago(process.monotonic() / 1e9)} ago`;
  const state = active ? (unit.forking ? "active (running)" : "active (exited)") : "inactive (dead)";
  const lines = [
    `${active ? "●" : "○"} ${name} - ${unit.description}`,
    `     Loaded: loaded (/lib/systemd/system/${name}; ${enabling})`,
    `     Active: ${state}${active ? ` ${since}` : ""}`,
  ];
  if (active && unit.forking && pid !== undefined)
    lines.push(`   Main PID: ${pid} (${unit.daemons.join("")})`);
  return `${lines.join("\n")}\n`;
}

function ago(seconds: number): string {
  const whole = Math.floor(seconds);
  if (whole < 60) return `${whole}s`;
  return whole < 3600
    ? `${Math.floor(whole / 60)}min ${whole % 60}s`
    : `${Math.floor(whole / 3600)}h ${Math.floor((whole % 3600) / 60)}min`;
}

function show(process: Process, parsed: Parsed, names: readonly string[]): number {
  const wanted = (valueOf(parsed, "p") ?? "Id,LoadState,ActiveState,SubState").split(",");
  for (const name of names) {
    const unit = unitNamed(name);
    const active = unit !== undefined && isActive(process, unit);
    const values: Readonly<Record<string, string>> = {
      Id: fullName(name),
      LoadState: unit ? "loaded" : "not-found",
      ActiveState: active ? "active" : "inactive",
      SubState: active ? (unit.forking ? "running" : "exited") : "dead",
      MainPID: String(
        (active && unit.forking && runningPid(process, unit.daemons[0] ?? "ovsdb-server")) || 0,
      ),
    };
    for (const key of wanted) {
      const value = values[key];
      if (value !== undefined) process.print(has(parsed, "value") ? `${value}\n` : `${key}=${value}\n`);
    }
  }
  return 0;
}

function listUnits(process: Process): number {
  for (const [name, unit] of Object.entries(UNITS)) {
    if (!isActive(process, unit)) continue;
    const sub = unit.forking ? "running" : "exited";
    process.print(`  ${`${name}.service`.padEnd(26)} loaded active ${sub.padEnd(7)} ${unit.description}\n`);
  }
  return 0;
}
