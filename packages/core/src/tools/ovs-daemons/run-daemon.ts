// Runs a daemon of Open vSwitch as a process (lib/daemon-unix.c): in the foreground, or in the background as soon as it serves.
// The process only stands for the daemon, which is a part of the system: it waits for its end and hands signals on.

import type { Signal } from "../../system/signals.ts";
import { Killed } from "../../system/process.ts";
import type { Process } from "../../system/process.ts";
import { nullDescriptor } from "../../system/streams.ts";
import type { Waitable } from "../../system/streams.ts";
import { FATAL_SIGNALS, StartFailure } from "../../system/switch-daemons.ts";
import type { DaemonStart, SwitchDaemonProcess, SwitchDaemons } from "../../system/switch-daemons.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { strerror } from "../../netlink/errno.ts";
import { logLine } from "../ovsdb/log-line.ts";
import { runDirectory } from "../ovsdb/remote.ts";
import type { DaemonSettings } from "./daemon-options.ts";

/** Something that happens once. */
class Event implements Waitable {
  ready = false;
  readonly #told = new Set<() => void>();

  subscribe(wake: () => void): () => void {
    this.#told.add(wake);
    return () => this.#told.delete(wake);
  }

  set(): void {
    this.ready = true;
    for (const wake of [...this.#told]) wake();
  }
}

export interface DaemonProgram {
  readonly settings: DaemonSettings;
  /** Errors: StartFailure. */
  start(daemons: SwitchDaemons, place: DaemonStart): Promise<SwitchDaemonProcess>;
  /** --run: what to do while the daemon serves; its exit code is that of the program. */
  readonly meanwhile?: (process: Process) => Promise<number>;
}

export async function runDaemon(process: Process, program: DaemonProgram): Promise<number> {
  const { settings } = program;
  if (settings.userFault !== undefined) {
    process.warn(`${settings.program}: ${settings.userFault}\n`);
    return 1;
  }
  const running = runningInstance(process, settings);
  if (running !== undefined) {
    noteSecond(process, settings, running);
    process.warn(`${settings.program}: ${running}, aborting\n`);
    return 1;
  }
  if (!settings.detach) return serve(process, program, new Event());
  const ready = new Event();
  const child = process.spawn((forked) => serve(forked, program, ready), {
    argv: process.argv,
    fork: true,
    ownGroup: true,
  });
  const ended: Waitable = {
    get ready() {
      return child.status !== undefined;
    },
    subscribe: (wake) => child.onEnd(wake),
  };
  while (!ready.ready && !ended.ready) await process.wait([ready, ended]);
  return ready.ready ? 0 : 1;
}

async function serve(process: Process, program: DaemonProgram, ready: Event): Promise<number> {
  const { settings } = program;
  const { switchDaemons } = process.system;
  if (!switchDaemons) {
    process.warn(
      `${settings.program}: is not implemented on this system: start the ${settings.program} that is installed on it\n`,
    );
    return 1;
  }
  const place: DaemonStart = {
    pid: process.pid,
    runDirectory: runDirectory(process),
    control: settings.control ?? `${runDirectory(process)}/${settings.program}.${process.pid}.ctl`,
    logFile: settings.logFile,
    directory: settings.detach && settings.changesDirectory ? "/" : process.cwd,
    verbosity: settings.verbosity,
    ssl: settings.ssl,
    console: (text) => process.warn(text),
  };
  let daemon: SwitchDaemonProcess;
  try {
    daemon = await program.start(switchDaemons, place);
    writePidFile(process, settings);
  } catch (failure) {
    if (!(failure instanceof StartFailure)) throw failure;
    process.warn(`${settings.program}: ${failure.message}\n`);
    return 1;
  }
  const ended = new Event();
  let code = 0;
  let killedBy: Signal | undefined;
  daemon.onExit((status) => {
    code = status;
    ended.set();
  });
  for (const [signal, fatal] of FATAL_SIGNALS) {
    process.onSignal(signal, () => {
      killedBy = signal;
      daemon.kill(fatal);
      ended.set();
    });
  }
  process.onEnd(() => daemon.kill(undefined));
  daemon.onReady(() => {
    if (settings.detach) {
      daemon.detach();
      closeStandardStreams(process);
    }
    if (!program.meanwhile) daemon.announce();
    ready.set();
  });
  if (program.meanwhile) {
    code = await program.meanwhile(process);
    daemon.kill(undefined);
  } else while (!ended.ready) await process.wait([ended]);
  removePidFile(process, settings);
  if (killedBy) throw new Killed(killedBy);
  return code;
}

/** close_standard_fds(): nobody waits for a daemon's output. */
function closeStandardStreams(process: Process): void {
  for (const number of [0, 1, 2]) {
    process.fds.get(number)?.release();
    process.fds.set(number, nullDescriptor());
  }
}

// ---- the pid file

/** `FILE: already running as pid N` if the process of the pid file runs. */
function runningInstance(
  process: Process,
  { pidFile, overwritesPidFile }: DaemonSettings,
): string | undefined {
  if (pidFile === undefined || overwritesPidFile) return undefined;
  try {
    const pid = Number(new TextDecoder().decode(process.files.readFile(pidFile)).trim());
    return process.everyone.some((one) => one.pid === pid)
      ? `${pidFile}: already running as pid ${pid}`
      : undefined;
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/** What the log gets of a daemon that finds another one running. */
function noteSecond(process: Process, settings: DaemonSettings, running: string): void {
  const { logFile } = settings;
  if (logFile === undefined) return;
  process.warn(logLine(process, 1, "vlog", "INFO", `opened log file ${logFile}`));
  const time = new Date(process.realtime() / 1000).toISOString();
  const text =
    `${time}|00001|vlog|INFO|opened log file ${logFile}\n` +
    `${time}|00002|daemon_unix|EMER|${running}, aborting\n`;
  process.files.writeFile(logFile, new TextEncoder().encode(text), { append: true });
}

/** Errors: StartFailure. */
function writePidFile(process: Process, { pidFile }: DaemonSettings): void {
  if (pidFile === undefined) return;
  try {
    process.files.writeFile(pidFile, new TextEncoder().encode(`${process.pid}\n`));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new StartFailure(`${pidFile}: create failed (${strerror(error.errno)})`);
  }
}

function removePidFile(process: Process, { pidFile }: DaemonSettings): void {
  if (pidFile === undefined) return;
  try {
    process.files.unlink(pidFile);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error; // somebody else has removed it
  }
}
