// The switch daemon with what is said to it: the commands of its control socket, and a management and a snoop socket for
// each bridge.

import type { KernelDatapaths } from "../datapath/kernel-datapaths.ts";
import type { DatabaseClient } from "../ovsdb/local-client.ts";
import { registerBondCommands } from "./commands/bonds.ts";
import { registerBridgeCommands } from "./commands/bridges.ts";
import { registerDatapathCommands } from "./commands/datapath.ts";
import { registerDpctlCommands } from "./commands/dpctl/register.ts";
import { registerDiagnosisCommands } from "./commands/diagnosis.ts";
import { registerDummyCommands } from "./commands/dummies.ts";
import { registerLinkCheckCommands } from "./commands/link-checks.ts";
import { registerLacpCommands } from "./commands/lacp.ts";
import { registerMulticastCommands } from "./commands/multicast.ts";
import { registerSpanningTreeCommands } from "./commands/spanning-trees.ts";
import { registerThreadCommands } from "./commands/threads.ts";
import { registerTraceCommands } from "./commands/trace-arguments.ts";
import { registerTunnelCommands } from "./commands/tunnels.ts";
import type { SwitchHost } from "./host.ts";
import { BridgeRemotes } from "./controllers/bridge-remotes.ts";
import { SwitchDaemon } from "./switchd.ts";
import type { UnixctlServer } from "./unixctl.ts";

export class SwitchService {
  readonly daemon: SwitchDaemon;
  readonly control: UnixctlServer;

  constructor(
    host: SwitchHost,
    database: DatabaseClient,
    datapaths: KernelDatapaths,
    control: UnixctlServer,
  ) {
    this.daemon = new SwitchDaemon(host, database, datapaths);
    this.control = control;
    this.daemon.onBridge = (record, there) => {
      if (there) {
        record.remotes = new BridgeRemotes(host, record, () => database.row("Bridge", record.uuid));
      } else {
        record.remotes?.close();
        record.remotes = undefined;
      }
    };
    registerBridgeCommands(control, this.daemon);
    registerBondCommands(control, this.daemon);
    registerLinkCheckCommands(control, this.daemon);
    registerLacpCommands(control, this.daemon);
    registerDatapathCommands(control, this.daemon);
    registerDpctlCommands(control, this.daemon);
    registerSpanningTreeCommands(control, this.daemon);
    registerMulticastCommands(control, this.daemon);
    registerThreadCommands(control, this.daemon);
    registerTraceCommands(control, this.daemon);
    registerTunnelCommands(control, this.daemon);
    registerDiagnosisCommands(control, this.daemon);
    if (host.dummies) registerDummyCommands(control, this.daemon, host.dummies);
  }
}
