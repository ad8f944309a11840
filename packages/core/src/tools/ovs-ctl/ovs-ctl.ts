// Starting and stopping the system's own Open vSwitch: ovs-ctl(8), and what the init script of Debian's package makes of it
// (service openvswitch-switch). The flows of bridges are not saved over a restart.

import type { Process, Program } from "../../system/process.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { callDaemon, controlPath } from "../ovs-appctl/unixctl-client.ts";
import { runDirectory } from "../ovsdb/remote.ts";

const SCRIPT = "/usr/share/openvswitch/scripts/ovs-ctl";
const SERVICE = "openvswitch-switch";
const DAEMONS = ["ovsdb-server", "ovs-vswitchd"] as const;
export type DaemonName = (typeof DAEMONS)[number];

export const ovsCtl: Program = (process) => {
  const words = process.argv.slice(1);
  const commands = words.filter((word) => !word.startsWith("-"));
  const [command, extra] = commands;
  if (command === undefined) return fail(process, "missing command name (use --help for help)");
  if (extra !== undefined)
    return fail(process, "exactly one non-option argument required (use --help for help)");
  const wanted = DAEMONS.filter((name) => !words.includes(`--no-${name}`));
  return control(process, command, wanted);
};

/** service(8) and scripts of /etc/init.d, for this one service. */
export const service: Program = (process) => {
  const [name = "", command = ""] = process.argv.slice(1);
  if (name === SERVICE) return initScript(process, command);
  process.warn(`${name}: unrecognized service\n`);
  return 1;
};

export const switchInitScript: Program = (process) => initScript(process, process.argv[1] ?? "");

function initScript(process: Process, command: string): Promise<number> | number {
  if (/^(?:start|stop|restart|status)$/.test(command)) return control(process, command, DAEMONS);
  if (command === "reload" || command === "force-reload") return 0;
  process.warn(
    `Usage: /etc/init.d/${SERVICE} {start|stop|restart|reload|force-reload|status|load-kmod|force-reload-kmod}\n`,
  );
  return 1;
}

function fail(process: Process, text: string): number {
  process.warn(`${SCRIPT}: ${text}\n`);
  return 1;
}

async function control(process: Process, command: string, wanted: readonly DaemonName[]): Promise<number> {
  switch (command) {
    case "start":
      return start(process, wanted);
    case "stop":
      return stop(process, wanted);
    case "restart":
      return (await stop(process, wanted)) || start(process, wanted);
    case "status":
      return status(process);
    case "version":
      process.print(DAEMONS.map((name) => `${name} (Open vSwitch) 3.1.0\n`).join(""));
      return 0;
    default:
      return fail(process, `unknown command "${command}" (use --help for help)`);
  }
}

/** Process id of a daemon that runs, by its pid file. */
export function runningPid(process: Process, name: DaemonName): number | undefined {
  try {
    const text = new TextDecoder().decode(process.files.readFile(`${runDirectory(process)}/${name}.pid`));
    const pid = Number(text.trim());
    return process.everyone.some((one) => one.pid === pid) ? pid : undefined;
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

async function start(process: Process, wanted: readonly DaemonName[]): Promise<number> {
  if (!process.system.switchDaemons)
    return fail(process, "is not implemented on this system: use the one that is installed on it");
  await startDaemons(process, wanted, (text) => process.print(text));
  process.print("Enabling remote OVSDB managers.\n");
  return 0;
}

/** Starts those that do not run; `told` gets a line for each. */
export async function startDaemons(
  process: Process,
  wanted: readonly DaemonName[],
  told: (text: string) => void = () => {},
): Promise<void> {
  for (const name of wanted) {
    if (runningPid(process, name) !== undefined) told(`${name} is already running.\n`);
    else {
      await process.system.switchDaemons?.startStandard(name);
      told(`Starting ${name}.\n`);
      if (name === "ovsdb-server") told("Configuring Open vSwitch system IDs.\n");
    }
  }
}

async function stop(process: Process, wanted: readonly DaemonName[]): Promise<number> {
  await stopDaemons(process, wanted, (text) => process.print(text));
  return 0;
}

/** Ends those that run; `told` gets a line for each. */
export async function stopDaemons(
  process: Process,
  wanted: readonly DaemonName[],
  told: (text: string) => void = () => {},
): Promise<void> {
  for (const name of wanted.toReversed()) {
    const pid = runningPid(process, name);
    const path = pid === undefined ? undefined : controlPath(process, name);
    if (typeof path !== "string") {
      told(`${name} is not running.\n`);
      continue;
    }
    await callDaemon(process, path, "exit", []);
    told(`Exiting ${name} (${pid}).\n`);
  }
}

function status(process: Process): number {
  let code = 0;
  for (const name of DAEMONS) {
    const pid = runningPid(process, name);
    process.print(pid === undefined ? `${name} is not running\n` : `${name} is running with pid ${pid}\n`);
    if (pid === undefined) code = 1;
  }
  return code;
}
