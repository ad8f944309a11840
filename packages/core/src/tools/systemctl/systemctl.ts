// systemctl(1) of systemd 252 as scripts use it for Open vSwitch: start, stop, restart, status, is-active, is-enabled and their
// kin, for the units of Debian's package openvswitch-switch. There is no systemd: other units do not exist.

import type { Process, Program } from "../../system/process.ts";
import { has, parseOptions, valueOf } from "../coreutils/options.ts";
import type { Parsed } from "../coreutils/options.ts";
import { program } from "../coreutils/program.ts";
import { runningPid, startDaemons, stopDaemons } from "../ovs-ctl/ovs-ctl.ts";
import type { DaemonName } from "../ovs-ctl/ovs-ctl.ts";

const NOT_RUNNING = 3; // LSB: program is not running
const NO_SUCH_UNIT = 4;
const NOT_INSTALLED = 5;

const NOT_IMPLEMENTED: Readonly<Record<string, string>> = { r: "--recursive", wait: "--wait" };

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
  for (const [name, text] of Object.entries(NOT_IMPLEMENTED)) {
    if (!has(parsed, name)) continue;
    process.warn(`systemctl: ${text} is not implemented\n`);
    return 1;
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
      return listUnits(process, parsed);
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
    if (command === "stop") await stopDaemons(process, stoppedWith(unit));
    else if (command === "start") await startDaemons(process, startedWith(unit));
    else if (isActive(process, unit)) await restart(process, unit);
    else if (command === "reload" || command === "force-reload") {
      process.warn(`${fullName(name)} is not active, cannot reload.\n`);
      code = 1;
    } else if (command !== "try-restart") await startDaemons(process, startedWith(unit));
  }
  return code;
}

/** The switch cannot be without its database (Requires=). */
function startedWith(unit: Unit): readonly DaemonName[] {
  return unit.daemons.includes("ovs-vswitchd") ? SWITCH.daemons : unit.daemons;
}

function stoppedWith(unit: Unit): readonly DaemonName[] {
  return unit.daemons.includes("ovsdb-server") ? SWITCH.daemons : unit.daemons;
}

/** What stops along with it is started again if it ran. To reload a unit is to restart its daemon (ExecReload=). */
async function restart(process: Process, unit: Unit): Promise<void> {
  const ran = SWITCH.daemons.filter((name) => runningPid(process, name) !== undefined);
  await stopDaemons(process, stoppedWith(unit));
  await startDaemons(
    process,
    SWITCH.daemons.filter((name) => ran.includes(name) || startedWith(unit).includes(name)),
  );
}

async function enable(
  process: Process,
  command: string,
  names: readonly string[],
  now: boolean,
): Promise<number> {
  if (command === "disable" || command === "mask") {
    process.warn(`systemctl: ${command} is not implemented\n`);
    return 1;
  }
  let code = 0;
  for (const name of names) {
    if (unitNamed(name)) continue;
    process.warn(`Failed to ${command} unit: Unit file ${fullName(name)} does not exist.\n`);
    code = 1;
  }
  if (code === 0 && now) return change(process, "start", names);
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

/** How long it has run is not known, so no time is told. */
function statusText(process: Process, name: string, unit: Unit, active: boolean): string {
  const enabling = unit.forking ? "static" : "enabled; preset: enabled";
  const pid = unit.daemons.map((daemon) => runningPid(process, daemon)).find((one) => one !== undefined);
  const state = active ? (unit.forking ? "active (running)" : "active (exited)") : "inactive (dead)";
  const lines = [
    `${active ? "●" : "○"} ${name} - ${unit.description}`,
    `     Loaded: loaded (/lib/systemd/system/${name}; ${enabling})`,
    `     Active: ${state}`,
  ];
  if (active && unit.forking && pid !== undefined)
    lines.push(`   Main PID: ${pid} (${unit.daemons.join("")})`);
  return `${lines.join("\n")}\n`;
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

function listUnits(process: Process, parsed: Parsed): number {
  const types = valueOf(parsed, "t")?.split(",");
  const rows = Object.entries(UNITS).flatMap(([name, unit]) => {
    const active = isActive(process, unit);
    if ((!active && !has(parsed, "a")) || (types && !types.includes("service"))) return [];
    const sub = active ? (unit.forking ? "running" : "exited") : "dead";
    return [[`${name}.service`, "loaded", active ? "active" : "inactive", sub, unit.description]];
  });
  const legend = !has(parsed, "no-legend");
  const table =
    legend && rows.length > 0 ? [["UNIT", "LOAD", "ACTIVE", "SUB", "DESCRIPTION"], ...rows] : rows;
  for (const row of table) {
    const cells = row.map((cell, at) => cell.padEnd(Math.max(...table.map((each) => each[at]?.length ?? 0))));
    process.print(`  ${cells.join(" ").trimEnd()}\n`);
  }
  if (!legend) return 0;
  if (rows.length > 0) process.print(LEGEND);
  const hint = has(parsed, "a") ? "" : " Pass --all to see loaded but inactive units, too.";
  process.print(
    `${rows.length} loaded units listed.${hint}\nTo show all installed unit files use 'systemctl list-unit-files'.\n`,
  );
  return 0;
}

const LEGEND = `
LOAD   = Reflects whether the unit definition was properly loaded.
ACTIVE = The high-level unit activation state, i.e. generalization of SUB.
SUB    = The low-level unit activation state, values depend on unit type.
`;
