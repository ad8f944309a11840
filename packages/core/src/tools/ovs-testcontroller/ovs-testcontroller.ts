// ovs-testcontroller(8) of Open vSwitch 3.1: a controller that makes switches learn, or hubs of them. Connections that it has made
// itself are made again when they end. It writes no log.

import { Refusal } from "../../netlink/refusal.ts";
import { strerror } from "../../netlink/errno.ts";
import { flowLines, parseFlow } from "../../ovsproto/openflow/flow-parse.ts";
import type { FlowMod } from "../../ovsproto/openflow/flow-mod.ts";
import { TextError } from "../../ovsproto/openflow/text-error.ts";
import type { Process, Program } from "../../system/process.ts";
import type { StreamAddress, StreamListener } from "../../system/stream-sockets.ts";
import type { Waitable } from "../../system/streams.ts";
import { inBackground, PidFileFailure } from "../ovs-daemons/background.ts";
import { ControlSocket } from "../ovs-daemons/control-socket.ts";
import { absolute } from "../ovs-daemons/daemon-options.ts";
import { Fatal } from "../ovs-ofctl/ofctl-context.ts";
import { logLine } from "../ovsdb/log-line.ts";
import { OptionError, parseOptions } from "../ovsdb/options.ts";
import type { ParsedOption } from "../ovsdb/options.ts";
import { parseRemote, runDirectory } from "../ovsdb/remote.ts";
import { OPTIONS, readConfig } from "./options.ts";
import type { ControllerConfig } from "./options.ts";
import { SwitchConnection } from "./switch-connection.ts";
import { usage } from "./usage.ts";

const NAME = "ovs-testcontroller";
/** IANA's port of OpenFlow. */
const OPENFLOW_PORT = 6653;
/** Nanoseconds between attempts to connect. */
const RETRY = 1e9;

export const ovsTestcontroller: Program = (process) => orFailure(process, () => run(process));

async function orFailure(process: Process, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    const expected =
      error instanceof Fatal || error instanceof OptionError || error instanceof PidFileFailure;
    if (!expected) throw error;
    process.warn(`${NAME}: ${error.message}\n`);
    return 1;
  }
}

/** Errors: Fatal, OptionError, PidFileFailure. */
async function run(process: Process): Promise<number> {
  const { options, rest } = parseOptions(process.argv.slice(1), OPTIONS, false);
  if (options.some(({ name }) => name === "help")) {
    process.print(usage(process));
    return 0;
  }
  if (options.some(({ name }) => name === "version")) {
    process.print(`${NAME} (Open vSwitch) 3.1.0\nOpenFlow versions 0x1:0x6\n`);
    return 0;
  }
  const config = readConfig(options, (text) => process.warn(`${NAME}: ${text}\n`));
  const flows = config.flowFiles.flatMap((path) => readFlows(process, path));
  if (rest.length === 0) throw new Fatal("at least one vconn argument required; use --help for usage");
  const given = (name: string): ParsedOption | undefined =>
    options.findLast((option) => option.name === name);
  const pidFile = given("pidfile");
  const background = {
    program: NAME,
    detach: given("detach") !== undefined,
    pidFile: pidFile && (pidFile.value ?? ""),
  };
  return inBackground(process, background, (own, ready) =>
    orFailure(own, () => serve(own, config, flows, rest, given("unixctl")?.value, ready)),
  );
}

function readFlows(process: Process, path: string): FlowMod[] {
  let text: string;
  try {
    text = new TextDecoder().decode(process.files.readFile(path));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Fatal(`${path}: open failed`, error.errno);
  }
  return flowLines(text).map(({ line, number }) => {
    try {
      return parseFlow(line, "add").flow;
    } catch (error) {
      if (!(error instanceof TextError)) throw error;
      throw new Fatal(`${path}:${number}: ${error.message}`);
    }
  });
}

interface Remotes {
  readonly listeners: readonly StreamListener[];
  readonly addresses: readonly StreamAddress[];
}

function openRemotes(process: Process, names: readonly string[]): Remotes {
  const listeners: StreamListener[] = [];
  const addresses: StreamAddress[] = [];
  let lines = 0;
  for (const name of names) {
    try {
      const { passive, address } = parseRemote(process, name, OPENFLOW_PORT);
      if (passive) listeners.push(process.listenStream(address));
      else addresses.push(address);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const doing = name.startsWith("p") ? "listen" : "connect";
      const text = `${name}: ${doing}: ${strerror(error.errno)}`;
      process.warn(logLine(process, ++lines, "controller", "ERR", text));
    }
  }
  if (listeners.length + addresses.length === 0) throw new Fatal("no active or passive switch connections");
  return { listeners, addresses };
}

/** Until a signal ends it: the original has no command for that. */
async function serve(
  process: Process,
  config: ControllerConfig,
  flows: readonly FlowMod[],
  remotes: readonly string[],
  unixctl: string | undefined,
  ready: () => void,
): Promise<never> {
  // a listening socket belongs to the process that made it
  const { listeners, addresses } = openRemotes(process, remotes);
  const control = openControl(process, unixctl);
  const seconds = (): number => Math.floor(process.monotonic() / 1e9);
  const passive = new Set<SwitchConnection>();
  const active = new Map<StreamAddress, SwitchConnection>();
  process.onEnd(() => {
    for (const connection of [...passive, ...active.values()]) connection.close();
    for (const listener of listeners) closeListener(process, listener);
    control.close();
  });
  ready();
  for (;;) {
    control.serve();
    for (const listener of listeners) {
      for (let socket = listener.accept(); socket; socket = listener.accept()) {
        passive.add(new SwitchConnection(socket, config, flows, seconds));
      }
    }
    for (const address of addresses) {
      if (active.get(address)?.open === true) continue;
      const socket = tryConnect(process, address);
      if (socket) active.set(address, new SwitchConnection(socket, config, flows, seconds));
    }
    const connections = [...passive, ...active.values()];
    for (const connection of connections) connection.run();
    for (const connection of passive) if (!connection.open) passive.delete(connection);
    const waits: Waitable[] = [...control.waits(), ...listeners];
    for (const { open, readable } of connections) if (open) waits.push(readable);
    const lost = addresses.some((address) => active.get(address)?.open !== true);
    await process.wait(waits, lost ? RETRY : undefined);
  }
}

/** The file of a listening socket goes with the program. */
function closeListener(process: Process, listener: StreamListener): void {
  listener.close();
  if (listener.address.family !== "unix") return;
  try {
    process.files.unlink(listener.address.path);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error; // somebody else has removed it
  }
}

function tryConnect(
  process: Process,
  address: StreamAddress,
): ReturnType<Process["connectStream"]> | undefined {
  try {
    return process.connectStream(address);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

function openControl(process: Process, unixctl: string | undefined): ControlSocket {
  const path = absolute(unixctl ?? `${NAME}.${process.pid}.ctl`, runDirectory(process));
  try {
    return new ControlSocket(process, path, `${NAME} (Open vSwitch) 3.1.0`);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Fatal(`failed to create unixctl server`, error.errno);
  }
}
