// One system with Node around it: what `run` and `shell` have in common. Here a system is chosen: the embedded one, or
// the real kernel, whose part is loaded when it is asked for.

import { EmbeddedSystem } from "@patchcord/core/embedded.ts";
import { Stalled } from "@patchcord/core/system/stalled.ts";
import type { ProfileName } from "@patchcord/core/kernel/profile.ts";
import { Process } from "@patchcord/core/system/process.ts";
import type { ExitStatus, Program, ProgramLookup } from "@patchcord/core/system/process.ts";
import { descriptor, nullDescriptor } from "@patchcord/core/system/streams.ts";
import type { Descriptor } from "@patchcord/core/system/streams.ts";
import type { System } from "@patchcord/core/system/system.ts";
import { hostInput, hostOutput } from "./host-streams.ts";
import { importNative, SystemUnusable } from "./native-part.ts";
import { realTimeHost, virtualTimeHost } from "./node-host.ts";
import type { OvsRundir } from "./ovs-rundir.ts";
import type { PortPair, TcpPorts } from "./tcp-ports.ts";
import { nodeTls } from "./tls/node-tls.ts";
import { linuxLookup, lookupProgram, programFiles } from "./programs.ts";

export interface SessionOptions {
  readonly system: "embedded" | "linux";
  readonly seed: number;
  readonly clock: "virtual" | "real";
  readonly profile: ProfileName;
  /** Nothing will be changed, so rights to change the network are not asked for. */
  readonly readsOnly?: boolean;
  /** What is made on the real kernel and in its Open vSwitch bears a mark that programs show. */
  readonly mark?: boolean;
  /** Where the sockets of the embedded Open vSwitch are served to real clients. */
  readonly ovsRundir?: string;
  /** TCP ports on 127.0.0.1 that lead to its database. */
  readonly ovsdbPort?: readonly number[];
  /** TCP ports of 127.0.0.1 that lead to the embedded host's. */
  readonly publish?: readonly PortPair[];
  /** TCP ports of the embedded host that lead to those of this machine's 127.0.0.1. */
  readonly reach?: readonly PortPair[];
}

/** A system with an event loop that this process turns. */
interface HostedSystem extends System {
  /** Runs everything until `done` returns true. */
  run(done: () => boolean): Promise<void>;
}

/** What is chosen once: a system, what its command words mean, and what its programs find in their environment. */
interface Choice {
  readonly system: HostedSystem;
  readonly lookup: ProgramLookup;
  readonly env: ReadonlyMap<string, string>;
  readonly cwd: string;
  readonly wake: () => void;
  readonly close?: () => void;
}

async function embedded(options: SessionOptions): Promise<Choice> {
  const host = options.clock === "real" ? realTimeHost() : virtualTimeHost;
  const system = new EmbeddedSystem({
    host,
    profile: options.profile,
    seed: options.seed,
    programFiles: programFiles(),
    loopbackUp: true,
    tls: nodeTls,
    ...(options.clock === "real" ? { startCost: 0, bootTime: Date.now() * 1000 - 60_000_000 } : {}),
  });
  const wake = (): void => host.realTime?.wake();
  const rundir = await openRundir(system, options, wake);
  const ports = await openPorts(system, options, wake);
  const close = (): void => {
    rundir?.close();
    ports?.close();
  };
  return {
    system,
    lookup: lookupProgram,
    env: environment(),
    cwd: "/root",
    wake,
    ...(rundir || ports ? { close } : {}),
  };
}

/** Errors: SystemUnusable. */
async function openRundir(
  system: EmbeddedSystem,
  { ovsRundir, ovsdbPort }: SessionOptions,
  wake: () => void,
): Promise<OvsRundir | undefined> {
  if (ovsRundir === undefined) return undefined;
  const { OvsRundir, RundirUnusable } = await import("./ovs-rundir.ts");
  try {
    return await OvsRundir.open(system, { directory: ovsRundir, tcpPorts: ovsdbPort ?? [] }, wake);
  } catch (error) {
    throw error instanceof RundirUnusable ? new SystemUnusable(error.message) : error;
  }
}

/** Errors: SystemUnusable. */
async function openPorts(
  system: EmbeddedSystem,
  { publish = [], reach = [] }: SessionOptions,
  wake: () => void,
): Promise<TcpPorts | undefined> {
  if (publish.length + reach.length === 0) return undefined;
  const { PortUnusable, TcpPorts } = await import("./tcp-ports.ts");
  const ports = new TcpPorts(system, wake);
  try {
    for (const pair of publish) await ports.publish(pair);
    for (const pair of reach) ports.reach(pair);
  } catch (error) {
    ports.close();
    throw error instanceof PortUnusable ? new SystemUnusable(error.message) : error;
  }
  return ports;
}

async function linux({ readsOnly = false, mark = false }: SessionOptions): Promise<Choice> {
  if (process.platform !== "linux")
    throw new SystemUnusable("the real kernel is Linux, and this is not; leave out --system linux");
  const { LinuxSystem, linuxUnusable } = await importNative(() => import("@patchcord/linux/linux-system.ts"));
  const why = linuxUnusable("use sudo, or --rootless for a network of your own");
  if (why !== undefined && !readsOnly) throw new SystemUnusable(why);
  const { Journal } = await import("@patchcord/linux/ownership/journal.ts");
  const complain = (text: string): void => void process.stderr.write(`patchcord: ${text}\n`);
  const system = new LinuxSystem(readsOnly ? undefined : new Journal(undefined, complain), {
    mark,
    tls: nodeTls,
  });
  return {
    system,
    lookup: linuxLookup(system),
    env: hostEnvironment(),
    cwd: process.cwd(),
    wake: () => {},
  };
}

/** A system whose programs use Node's standard streams. */
export class Session {
  readonly system: HostedSystem;
  /** Ends a sleep of the real clock early: something has come from outside. */
  readonly wake: () => void;
  readonly #choice: Choice;
  readonly #input: Descriptor;

  /** Errors: SystemUnusable. */
  static async open(options: SessionOptions): Promise<Session> {
    return new Session(options.system === "linux" ? await linux(options) : await embedded(options));
  }

  /** Takes away what was served to others. */
  close(): void {
    this.#choice.close?.();
  }

  private constructor(choice: Choice) {
    this.#choice = choice;
    this.system = choice.system;
    this.wake = choice.wake;
    this.#input = descriptor({
      input: hostInput(process.stdin, () => {
        const release = this.system.hold();
        return () => {
          release();
          this.wake();
        };
      }),
    });
  }

  /**
   * Runs a program to its end on the terminal. Ctrl-C reaches it and its foreground children. What it prints goes to
   * `output`, or nowhere; complaints go to standard error in any case.
   */
  async run(
    program: Program,
    argv: readonly string[],
    output: "stdout" | "stderr" | "nowhere" = "stdout",
  ): Promise<ExitStatus> {
    const { lookup, cwd, env } = this.#choice;
    const started = Process.start(this.system, lookup, program, {
      argv,
      cwd,
      env,
      fds: new Map([
        [0, this.#input.retain()],
        [1, output === "nowhere" ? nullDescriptor() : hostOutput(process[output])],
        [2, hostOutput(process.stderr)],
      ]),
    });
    const interrupt = (): void => {
      interruptGroup(started);
      this.wake();
    };
    process.on("SIGINT", interrupt);
    process.stdout.on("error", () => started.kill("SIGPIPE"));
    try {
      await this.system.run(() => started.status !== undefined);
    } catch (error) {
      throw error instanceof Stalled ? new Stalled(waitingBelow(started)) : error;
    } finally {
      process.off("SIGINT", interrupt);
    }
    return started.status ?? { code: 1 };
  }
}

/** Command lines of the programs that wait and have no child to wait for. */
function waitingBelow(top: Process): string {
  const waiting: string[] = [];
  const visit = (process: Process): void => {
    const running = [...process.children].filter(({ status }) => status === undefined);
    if (running.length === 0) waiting.push(`${process.argv.join(" ")} (pid ${process.pid})`);
    for (const child of running) visit(child);
  };
  visit(top);
  return waiting.join(", ");
}

/** A terminal sends SIGINT to the whole foreground group; background jobs ignore it from their start. */
export function interruptGroup(top: Process): void {
  for (const child of top.children) if (!child.ownGroup) interruptGroup(child);
  top.kill("SIGINT");
}

/**
 * What programs find in their environment: fixed, so that runs do not depend on who runs them, but for the wish for no
 * colours, which a terminal alone shows.
 */
function environment(): ReadonlyMap<string, string> {
  const noColor = process.env["NO_COLOR"];
  return new Map([
    ...(noColor ? [["NO_COLOR", noColor] as const] : []),
    ["HOME", "/root"],
    ["USER", "root"],
    ["LOGNAME", "root"],
    ["SHELL", "/bin/bash"],
    ["TERM", "xterm"],
    ["LANG", "C.UTF-8"],
    ["TZ", "UTC"],
    ["PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
  ]);
}

/** On the real system programs run as whoever asks for them, with the places of system programs in PATH. */
function hostEnvironment(): ReadonlyMap<string, string> {
  const env = new Map<string, string>();
  for (const [name, value] of Object.entries(process.env)) if (value !== undefined) env.set(name, value);
  const path = (env.get("PATH") ?? "").split(":").filter(Boolean);
  for (const folder of ["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin"])
    if (!path.includes(folder)) path.push(folder);
  return env.set("PATH", path.join(":"));
}
