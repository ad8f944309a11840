// ovs-testcontroller(8) of Open vSwitch 3.1: a controller that makes switches learn, or hubs of them. Connections that it has made
// itself are made again when they end. It writes no log.

import { Refusal } from "../../netlink/refusal.ts";
import { ERRNO, strerror } from "../../netlink/errno.ts";
import { flowLines, parseFlow } from "../../ovsproto/openflow/flow-parse.ts";
import type { FlowMod } from "../../ovsproto/openflow/flow-mod.ts";
import { TextError } from "../../ovsproto/openflow/text-error.ts";
import { NotBuiltWithSsl } from "../../stream-ssl/stream-ssl.ts";
import type { StreamSsl } from "../../stream-ssl/stream-ssl.ts";
import type { Process, Program } from "../../system/process.ts";
import type { StreamAddress, StreamListener, StreamSocket } from "../../system/stream-sockets.ts";
import type { Waitable } from "../../system/streams.ts";
import { inBackground, PidFileFailure } from "../ovs-daemons/background.ts";
import { ControlSocket } from "../ovs-daemons/control-socket.ts";
import { absolute, userFault } from "../ovs-daemons/daemon-options.ts";
import { Fatal } from "../ovs-ofctl/ofctl-context.ts";
import { OptionError, parseOptions } from "../ovsdb/options.ts";
import type { ParsedOption } from "../ovsdb/options.ts";
import { tellOfSignals } from "../ovsdb/alarm.ts";
import { OPENFLOW_PORTS, tellNotConnected } from "../ovsdb/active-target.ts";
import { OVS_STREAM } from "../ovsdb/ovs-stream.ts";
import { parseRemote, runDirectory } from "../ovsdb/remote.ts";
import { ToolLog } from "../ovsdb/tool-log.ts";
import { connectSsl, inSsl, sslOfTool, takeSslOption } from "../ovsdb/tool-ssl.ts";
import { CONTROLLER_LOG_MODULES } from "../../vswitch/daemon/log/modules.ts";
import { OPTIONS, readConfig } from "./options.ts";
import type { ControllerConfig } from "./options.ts";
import { SwitchConnection } from "./switch-connection.ts";
import { usage } from "./usage.ts";

const NAME = "ovs-testcontroller";
/** Of coverage. */
const COUNTERS = 119;
/** Nanoseconds between attempts to connect. */
const RETRY = 1e9;

export const ovsTestcontroller: Program = (process) => orFailure(process, () => run(process));

async function orFailure(process: Process, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    const expected = [Fatal, OptionError, PidFileFailure, NotBuiltWithSsl].some(
      (kind) => error instanceof kind,
    );
    if (!expected) throw error;
    process.warn(`${NAME}: ${(error as Fatal).message}\n`);
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
  const fault = userFault(process, options);
  if (fault !== undefined) throw new OptionError(fault);
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
    orFailure(own, () => serve(own, config, flows, rest, options, ready)),
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

/** A remote that it listens on. */
interface Passive {
  readonly name: string;
  readonly ssl: boolean;
  readonly listener: StreamListener;
}

/** A remote that it connects to. */
interface Active {
  readonly name: string;
  readonly ssl: boolean;
  readonly address: StreamAddress;
}

function openRemotes(
  process: Process,
  names: readonly string[],
  ssl: StreamSsl,
  log: ToolLog,
): { readonly passive: readonly Passive[]; readonly active: ReadonlyMap<Active, StreamSocket> } {
  const passive: Passive[] = [];
  const active = new Map<Active, StreamSocket>();
  const write = (module: string, level: "err" | "warn", text: string): void => log.write(module, level, text);
  for (const name of names) {
    try {
      const remote = parseRemote(process, name, OPENFLOW_PORTS, write);
      if (remote.ssl && !ssl.built) throw new Refusal(ERRNO.EAFNOSUPPORT);
      if (remote.passive) {
        passive.push({ name, ssl: remote.ssl, listener: listen(process, remote.address, name, log) });
      } else {
        // one that cannot be reached now is not tried again
        const made: Active = { name, ssl: remote.ssl, address: remote.address };
        active.set(made, connect(process, made, ssl, log));
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      log.write("controller", "err", `${name}: connect: ${strerror(error.errno)}`);
    }
  }
  if (passive.length + active.size === 0) throw new Fatal("no active or passive switch connections");
  return { passive, active };
}

/** Errors: Refusal. */
function connect(
  process: Process,
  { name, ssl: inside, address }: Active,
  ssl: StreamSsl,
  log: ToolLog,
): StreamSocket {
  if (inside) return connectSsl(process, ssl, name, address);
  try {
    return process.connectStream(address, OVS_STREAM);
  } catch (error) {
    if (error instanceof Refusal && address.family !== "unix")
      tellNotConnected(name, error, (module, level, text) => log.write(module, level, text));
    throw error;
  }
}

/** Errors: Refusal. */
function listen(process: Process, address: StreamAddress, name: string, log: ToolLog): StreamListener {
  try {
    const listener = process.listenStream(address, OVS_STREAM);
    const { address: bound } = listener;
    if (address.family !== "unix" && address.port === 0 && bound.family !== "unix") {
      log.write(
        "socket_util",
        "info",
        `${name.slice(name.indexOf(":") + 1)}: listening on port ${bound.port}`,
      );
    }
    return listener;
  } catch (error) {
    if (error instanceof Refusal && address.family === "unix") {
      const reason = strerror(error.errno);
      log.write("fatal_signal", "warn", `could not unlink "${address.path}" (${reason})`);
      log.write("stream_unix", "err", `${address.path}: binding failed: ${reason}`);
    }
    throw error;
  }
}

/** Until a signal ends it: the original has no command for that. */
async function serve(
  process: Process,
  config: ControllerConfig,
  flows: readonly FlowMod[],
  remotes: readonly string[],
  options: readonly ParsedOption[],
  ready: () => void,
): Promise<never> {
  const log = new ToolLog(process, { program: NAME, modules: CONTROLLER_LOG_MODULES, options });
  const ssl = sslOfTool(process, (level, text) => log.write("stream_ssl", level, text));
  for (const option of options) takeSslOption(ssl, option);
  // a listening socket belongs to the process that made it
  const opened = openRemotes(process, remotes, ssl, log);
  const listeners = opened.passive.map(({ listener }) => listener);
  const unixctl = options.findLast(({ name }) => name === "unixctl")?.value;
  const control = openControl(process, unixctl, log);
  const seconds = (): number => Math.floor(process.monotonic() / 1e9);
  const passive = new Set<SwitchConnection>();
  const active = new Map<Active, SwitchConnection>();
  for (const [remote, socket] of opened.active) {
    active.set(remote, new SwitchConnection(socket, config, flows, seconds));
  }
  process.onEnd(() => {
    for (const connection of [...passive, ...active.values()]) connection.close();
    for (const listener of listeners) closeListener(process, listener);
    control.close();
  });
  ready();
  tellOfSignals(process, (module, text) => log.write(module, "warn", text));
  if (options.some(({ name }) => name === "detach")) log.detach();
  for (;;) {
    control.serve();
    for (const remote of opened.passive) {
      const { listener } = remote;
      for (let socket = listener.accept(); socket; socket = listener.accept()) {
        const taken = socket;
        const inside = remote.ssl
          ? orNothing(() => inSsl(process, ssl, remote.name, taken, "server"))
          : taken;
        if (inside) passive.add(new SwitchConnection(inside, config, flows, seconds));
      }
    }
    for (const remote of opened.active.keys()) {
      if (active.get(remote)?.open === true) continue;
      const socket = orNothing(() => connect(process, remote, ssl, log));
      if (socket) active.set(remote, new SwitchConnection(socket, config, flows, seconds));
    }
    const connections = [...passive, ...active.values()];
    for (const connection of connections) connection.run();
    for (const connection of passive) if (!connection.open) passive.delete(connection);
    const waits: Waitable[] = [...control.waits(), ...listeners];
    for (const { open, readable } of connections) if (open) waits.push(readable);
    const lost = [...active.values()].some(({ open }) => !open);
    const probes = connections.filter(({ open }) => open).map((connection) => connection.probe() * 1e9);
    const soonest = Math.min(...probes, lost ? RETRY : Infinity);
    await process.wait(waits, soonest === Infinity ? undefined : soonest);
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

function orNothing<T>(attempt: () => T): T | undefined {
  try {
    return attempt();
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

function openControl(process: Process, unixctl: string | undefined, log: ToolLog): ControlSocket {
  const path = absolute(unixctl ?? `${NAME}.${process.pid}.ctl`, runDirectory(process));
  try {
    return new ControlSocket(process, path, `${NAME} (Open vSwitch) 3.1.0`, log, COUNTERS);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Fatal(`failed to create unixctl server`, error.errno);
  }
}
