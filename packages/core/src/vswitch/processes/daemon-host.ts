// What the daemons need of the system around them, and what both kinds of daemon have: a log, counters, a control socket.

import { SOCKET_MODE } from "../stream-host.ts";
import type { StreamHost } from "../stream-host.ts";
import type { VportHost } from "../../kernel/device-vport.ts";
import type { Tls } from "../../system/tls.ts";
import type { InetAddress } from "../../system/sockets.ts";
import { strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { StreamSocket } from "../../system/stream-sockets.ts";
import type { DaemonStart, FatalSignal } from "../../system/switch-daemons.ts";
import { StartFailure } from "../../system/switch-daemons.ts";
import type { Nanoseconds, Timer } from "../../system/system.ts";
import { LogSettingError, setLevels } from "../daemon/log/levels.ts";
import { registerLogCommands } from "../daemon/log/log-commands.ts";
import { Coverage } from "../daemon/log/coverage.ts";
import { LOG_MODULES, SERVER_LOG_MODULES } from "../daemon/log/modules.ts";
import { Vlog } from "../daemon/log/vlog.ts";
import { CommandError, UnixctlServer } from "../daemon/unixctl.ts";
import { VERSION } from "../daemon/version.ts";
import type { DatagramSocket } from "../export/collectors.ts";

/** A file that is open for writing at its end, wherever its name leads meanwhile. */
export interface AppendedFile {
  append(bytes: Uint8Array): void;
  /** The same; the bytes are made when somebody looks. */
  appendLater(make: () => Uint8Array): void;
}

/** What Open vSwitch needs of the system around it. */
export interface OpenVswitchHost extends StreamHost {
  readonly hostName: string;
  /** uname -r */
  readonly release: string;
  readonly vports: VportHost;
  /** The same for datapaths of the type netdev. */
  readonly userspaceVports: VportHost;
  monotonic(): Nanoseconds;
  after(delay: Nanoseconds, fire: () => void): Timer;
  /** Keeps virtual time still until the returned function is called. */
  hold(): () => void;
  /** Undefined: built without SSL. */
  readonly tls: Tls | undefined;
  random32(): number;
  /** Since the epoch, microseconds. */
  realtime(): number;
  /** Undefined if there is no such file. */
  readFile(path: string): Uint8Array | undefined;
  writeFile(path: string, text: string): void;
  /** Makes a file that must not be there yet. Errors: Refusal. */
  createFile(path: string, bytes: Uint8Array): void;
  removeFile(path: string): void;
  /** Makes the file if need be. */
  openAppending(path: string): AppendedFile;
  fileLength(path: string): number;
  /** Puts a whole file in the place of another. */
  replaceFile(path: string, bytes: Uint8Array): void;
  /** A UDP socket of the host, connected. Errors: Refusal. */
  connectDatagram(to: InetAddress): DatagramSocket;
  /** The first address of a device of the host, IPv4 before IPv6; 4 or 16 bytes. */
  addressOf(device: string): Uint8Array | undefined;
  /** Listens on a path; the returned function ends that and removes the file. */
  serve(path: string, mode: number, connected: (socket: StreamSocket) => void): () => void;
}

export class DaemonParts {
  readonly vlog: Vlog;
  readonly coverage: Coverage;
  readonly control: UnixctlServer;
  readonly #endControl: () => void;

  /** Errors: StartFailure. */
  constructor(host: OpenVswitchHost, program: string, start: DaemonStart) {
    const encoder = new TextEncoder();
    const { logFile } = start;
    const log = {
      hostName: host.hostName,
      realtime: () => host.realtime(),
      monotonic: () => host.monotonic(),
      openLog: () => {
        const file = host.openAppending(logFile ?? "");
        return { append: (line: () => string) => file.appendLater(() => encoder.encode(line())) };
      },
      console: (text: string) => start.console(text),
    };
    const modules = program === "ovsdb-server" ? SERVER_LOG_MODULES : LOG_MODULES;
    this.vlog = new Vlog(log, program, logFile ?? "", start.pid, modules);
    this.vlog.setLevel(undefined, "syslog", "info");
    this.vlog.setLevel(undefined, "console", "info");
    for (const spec of start.verbosity) {
      try {
        setLevels(this.vlog, spec);
      } catch (error) {
        if (!(error instanceof LogSettingError)) throw error;
        throw new StartFailure(`processing "${spec}": ${error.message}`);
      }
    }
    if (logFile !== undefined) this.vlog.openFile();
    this.coverage = new Coverage(() => host.monotonic());
    this.control = new UnixctlServer({
      after: (delay, fire) => host.after(delay, fire),
      coverage: this.coverage,
      vlog: this.vlog,
    });
    this.control.register("version", "", 0, 0, () => `${program} (Open vSwitch) ${VERSION}\n`);
    registerLogCommands((name, usage, least, most, run) => {
      this.control.register(name, usage, least, most, (args) => {
        try {
          return run(args);
        } catch (error) {
          throw error instanceof LogSettingError ? new CommandError(error.message) : error;
        }
      });
    }, this.vlog);
    this.control.register("coverage/show", "", 0, 0, () => this.coverage.show());
    this.control.register("coverage/read-counter", "COUNTER", 1, 1, ([name = ""]) => {
      const total = this.coverage.read(name);
      if (total === undefined) throw new CommandError("No such counter");
      return String(total);
    });
    try {
      this.#endControl = host.serve(start.control, SOCKET_MODE, (socket) => this.control.accept(socket));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const text = `${start.control}: bind failed: ${strerror(error.errno)}`;
      this.vlog.log("socket_util", "err", text);
      throw new StartFailure("could not initialize control socket");
    }
  }

  /** What the log says of the end by a signal; SIGKILL leaves no time for that. */
  signalled(signal: FatalSignal | undefined): void {
    if (!signal) return;
    const text = `terminating with signal ${signal.number} (${signal.description})`;
    this.vlog.log("fatal_signal", "warn", text);
  }

  close(): void {
    this.#endControl();
    this.control.close();
  }
}
