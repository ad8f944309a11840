// The switch daemon with its sockets in the run directory: the control socket, the pid file, and a management and a snoop
// socket for each bridge.

import type { Datapath } from "../datapath/datapath.ts";
import type { LocalClient } from "../ovsdb/local-client.ts";
import { registerBondCommands } from "./commands/bonds.ts";
import { registerBridgeCommands } from "./commands/bridges.ts";
import { registerConntrackCommands } from "./commands/conntrack.ts";
import { registerDatapathCommands } from "./commands/datapath.ts";
import { registerDiagnosisCommands } from "./commands/diagnosis.ts";
import { registerLacpCommands } from "./commands/lacp.ts";
import { registerLogCommands } from "./commands/log.ts";
import { registerMulticastCommands } from "./commands/multicast.ts";
import { registerSpanningTreeCommands } from "./commands/spanning-trees.ts";
import { registerTraceCommands } from "./commands/trace-arguments.ts";
import { registerTunnelCommands } from "./commands/tunnels.ts";
import type { SwitchHost } from "./host.ts";
import { BridgeRemotes } from "./controllers/bridge-remotes.ts";
import { SwitchDaemon } from "./switchd.ts";
import { VERSION } from "./version.ts";
import { UnixctlServer } from "./unixctl.ts";

/** Process id that the daemon's files name; below those that the system gives to programs. */
export const SWITCH_PID = 980;

export class SwitchService {
  readonly daemon: SwitchDaemon;
  readonly control: UnixctlServer;

  constructor(host: SwitchHost, database: LocalClient, directory: string, datapaths: Map<string, Datapath>) {
    this.daemon = new SwitchDaemon(host, database, datapaths);
    this.daemon.onBridge = (record, there) => {
      if (there) {
        record.remotes = new BridgeRemotes(host, directory, record, () =>
          database.row("Bridge", record.uuid),
        );
      } else {
        record.remotes?.close();
        record.remotes = undefined;
      }
    };
    this.control = new UnixctlServer(host);
    this.control.register("version", "", 0, 0, () => `ovs-vswitchd (Open vSwitch) ${VERSION}\n`);
    registerBridgeCommands(this.control, this.daemon);
    registerBondCommands(this.control, this.daemon);
    registerLacpCommands(this.control, this.daemon);
    registerDatapathCommands(this.control, this.daemon);
    registerSpanningTreeCommands(this.control, this.daemon);
    registerMulticastCommands(this.control, this.daemon);
    registerConntrackCommands(this.control, this.daemon);
    registerTraceCommands(this.control, this.daemon);
    registerTunnelCommands(this.control, this.daemon);
    registerLogCommands(this.control, host.vlog);
    registerDiagnosisCommands(this.control, this.daemon);
    this.control.register("exit", "[--cleanup]", 0, 1, ([option]) => {
      this.daemon.stop(option === "--cleanup");
      host.after(0, () => this.stop());
      return "";
    });
    this.daemon.run();
  }

  /** Told when the daemon has exited. */
  onExit: () => void = () => {};

  stop(): void {
    this.control.close();
    this.onExit();
  }
}
