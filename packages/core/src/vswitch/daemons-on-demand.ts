// Open vSwitch's daemons for a system that may never need them: their code is loaded with the first connection to one of their
// sockets, or with the first program that starts one. Time stands still meanwhile.

import { endsProcess } from "../system/signals.ts";
import type { Signal } from "../system/signals.ts";
import { inStoppedTime } from "../system/stopped-time.ts";
import type { StreamSocket } from "../system/stream-sockets.ts";
import type {
  DatabaseServerStart,
  StandardDaemon,
  SwitchDaemonProcess,
  SwitchDaemons,
  SwitchStart,
} from "../system/switch-daemons.ts";
import type { KernelDatapaths } from "./datapath/kernel-datapaths.ts";
import type { OpenVswitch } from "./open-vswitch.ts";
import type { OpenVswitchHost } from "./processes/daemon-host.ts";
import { DATABASE_FILE, STANDARD_COMMAND_LINES, STANDARD_NAMES, STANDARD_PIDS } from "./standard-daemons.ts";
import type { StandardName } from "./standard-daemons.ts";
import { StandardSockets } from "./standard-sockets.ts";
import type { StandardSocket } from "./standard-sockets.ts";

export class DaemonsOnDemand implements SwitchDaemons {
  readonly #host: OpenVswitchHost;
  readonly #datapaths: KernelDatapaths;
  readonly #sockets: StandardSockets;
  #loading: Promise<OpenVswitch> | undefined;
  #loaded: OpenVswitch | undefined;
  /** Killed before their code is there. */
  readonly #ending = new Set<StandardName>();

  constructor(host: OpenVswitchHost, datapaths: KernelDatapaths) {
    this.#host = host;
    this.#datapaths = datapaths;
    this.#sockets = new StandardSockets(host, (to, socket) => void this.#accept(to, socket));
  }

  load(): Promise<OpenVswitch> {
    return (this.#loading ??= inStoppedTime(this.#host, async () => {
      const { OpenVswitch } = await import("./open-vswitch.ts");
      return (this.#loaded = new OpenVswitch(this.#host, this.#datapaths, this.#sockets));
    }));
  }

  async #accept(to: StandardSocket, socket: StreamSocket): Promise<void> {
    (await this.load()).accept(to, socket);
  }

  async startDatabaseServer(start: DatabaseServerStart): Promise<SwitchDaemonProcess> {
    return (await this.load()).startDatabaseServer(start);
  }

  async startSwitch(start: SwitchStart): Promise<SwitchDaemonProcess> {
    return (await this.load()).startSwitch(start);
  }

  async startStandard(name: StandardName): Promise<void> {
    (await this.load()).startStandard(name);
  }

  lockOwner(path: string): number | undefined {
    if (this.#loaded) return this.#loaded.lockOwner(path);
    return this.#sockets.waiting && path === DATABASE_FILE ? STANDARD_PIDS["ovsdb-server"] : undefined;
  }

  get standard(): readonly StandardDaemon[] {
    const runs = (name: StandardName): boolean =>
      this.#sockets.waiting ? !this.#ending.has(name) : this.#loaded?.runsStandard(name) === true;
    return STANDARD_NAMES.filter(runs).map((name) => ({
      pid: STANDARD_PIDS[name],
      argv: STANDARD_COMMAND_LINES[name],
      kill: (signal) => void this.#kill(name, signal),
    }));
  }

  async #kill(name: StandardName, signal: Signal): Promise<void> {
    if (!endsProcess(signal)) return;
    this.#ending.add(name);
    (await this.load()).killStandard(name, signal);
  }
}
