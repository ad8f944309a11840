// Open vSwitch's daemons for a system that may never need them: their code is loaded with the first connection to one of their
// sockets, or with the first program that starts one. Time stands still meanwhile.

import { inStoppedTime } from "../system/stopped-time.ts";
import type { StreamSocket } from "../system/stream-sockets.ts";
import type {
  DatabaseServerStart,
  SwitchDaemonProcess,
  SwitchDaemons,
  SwitchStart,
} from "../system/switch-daemons.ts";
import type { KernelDatapaths } from "./datapath/kernel-datapaths.ts";
import type { OpenVswitch } from "./open-vswitch.ts";
import type { OpenVswitchHost } from "./processes/daemon-host.ts";
import { StandardSockets } from "./standard-sockets.ts";
import type { StandardSocket } from "./standard-sockets.ts";

export class DaemonsOnDemand implements SwitchDaemons {
  readonly #host: OpenVswitchHost;
  readonly #datapaths: KernelDatapaths;
  readonly #sockets: StandardSockets;
  #loading: Promise<OpenVswitch> | undefined;
  #loaded: OpenVswitch | undefined;

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

  async startStandard(name: "ovsdb-server" | "ovs-vswitchd"): Promise<void> {
    (await this.load()).startStandard(name);
  }

  isStandard(pid: number): boolean {
    return this.#sockets.standsFor(pid) || this.#loaded?.runsStandard(pid) === true;
  }
}
