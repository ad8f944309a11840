// Open vSwitch's daemons where they are a part of the system itself: what the programs ovsdb-server and ovs-vswitchd say to
// start one. Programs read the command line, keep the pid file and wait; all else is the daemon's.

import { SIGNAL_NUMBERS } from "./signals.ts";
import type { Signal } from "./signals.ts";

/** How a daemon of either kind is started. Paths are absolute. */
export interface DaemonStart {
  /** Of the process that stands for it. */
  readonly pid: number;
  /** Where sockets lie whose path is not said in full. */
  readonly runDirectory: string;
  readonly control: string;
  /** Working directory: "/" unless --no-chdir was said. */
  readonly directory: string;
  /** Undefined: it writes none. */
  readonly logFile: string | undefined;
  /** Arguments of -v, as given; "" for all there is. */
  readonly verbosity: readonly string[];
  readonly ssl: SslStart;
  /** Takes lines of the log until the daemon has gone into the background. */
  console(text: string): void;
}

/** What the command line says of SSL: files, or for a database server columns of its databases ("db:DATABASE,TABLE,COLUMN"). */
export interface SslStart {
  readonly privateKey?: string | undefined;
  readonly certificate?: string | undefined;
  /** `bootstrap`: it may be learnt from the first server. */
  readonly authority?: { readonly file: string; readonly bootstrap: boolean } | undefined;
  readonly peerAuthority?: string | undefined;
  readonly protocols?: string | undefined;
  readonly ciphers?: string | undefined;
}

export interface DatabaseServerStart extends DaemonStart {
  /** Names as they were given, and where they lead. */
  readonly databases: readonly { readonly name: string; readonly path: string }[];
  readonly remotes: readonly string[];
  readonly backup: BackupStart;
}

/** How a database server is the backup of another (--sync-from, --sync-exclude-tables, --active). */
export interface BackupStart {
  /** The remote of the active server. */
  readonly from: string | undefined;
  /** DATABASE:TABLE, separated by commas. */
  readonly excluded: string;
  /** False: it begins as a backup, if it knows of whom. */
  readonly active: boolean;
}

/** The argument of --enable-dummy: none but dummies' own types, those of the system as well, or all that there are. */
export type DummyLevel = "none" | "system" | "override";

export interface SwitchStart extends DaemonStart {
  /** A remote of a database server. */
  readonly database: string;
  /** --enable-dummy. */
  readonly dummy: DummyLevel | undefined;
  /** --dummy-numa: the memory node of each core. */
  readonly dummyNuma: readonly number[] | undefined;
  /** False: no datapath of the kernel (--disable-system). */
  readonly systemDatapath: boolean;
}

export interface FatalSignal {
  readonly number: number;
  readonly description: string;
}

/** Signals that end a daemon after it has tidied up (lib/fatal-signal.c), as strsignal(3) names them. */
export const FATAL_SIGNALS: ReadonlyMap<Signal, FatalSignal> = new Map(
  (
    [
      ["SIGTERM", "Terminated"],
      ["SIGINT", "Interrupt"],
      ["SIGHUP", "Hangup"],
      ["SIGALRM", "Alarm clock"],
    ] as const
  ).map(([signal, description]) => [signal, { number: SIGNAL_NUMBERS[signal], description }]),
);

export interface SwitchDaemonProcess {
  /** Told once when it serves: at once, or when it has found its database. */
  onReady(told: () => void): void;
  /** Told once when it has ended by itself, with its exit code. */
  onExit(told: (code: number) => void): void;
  /** Nobody reads standard error any more. */
  detach(): void;
  /** It has gone into the background, or will not: its log begins. */
  announce(): void;
  /** A signal ends it: its sockets go, and what it has done stays. Undefined: SIGKILL. */
  kill(signal: FatalSignal | undefined): void;
}

/** A daemon that cannot start: the text that its program ends with. */
export class StartFailure {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

/** The code of the daemons may have to come first. Errors: StartFailure. */
export interface SwitchDaemons {
  startDatabaseServer(start: DatabaseServerStart): Promise<SwitchDaemonProcess>;
  startSwitch(start: SwitchStart): Promise<SwitchDaemonProcess>;
  /** Starts one of the daemons that the system has from the beginning, if it does not run. */
  startStandard(name: "ovsdb-server" | "ovs-vswitchd"): Promise<void>;
  /** The process id of the database server that has a file open, by the path it was told; undefined: none has. */
  lockOwner(path: string): number | undefined;
  /** Those of them that run, or seem to because nobody has needed them yet. */
  readonly standard: readonly StandardDaemon[];
}

/** A daemon that no program stands for: the system has it from the beginning. */
export interface StandardDaemon {
  readonly pid: number;
  readonly argv: readonly string[];
  kill(signal: Signal): void;
}
