// Commands that tell how the daemon does: memory/show; and the way in to those of some protocols and features.

import { formatUsage } from "../memory-usage.ts";
import type { SwitchDaemon } from "../switchd.ts";
import type { UnixctlServer } from "../unixctl.ts";
import { registerAutoAttachCommands } from "./auto-attach.ts";
import { registerQosCommands } from "./qos.ts";

export function registerDiagnosisCommands(server: UnixctlServer, daemon: SwitchDaemon): void {
  server.register("memory/show", "", 0, 0, () => memory(daemon));
  registerAutoAttachCommands(server, daemon);
  registerQosCommands(server, daemon);
  for (const [name, words] of [
    ["upcall/disable-ufid", "disabled"],
    ["upcall/enable-ufid", "enabled for supported datapaths"],
  ] as const) {
    server.register(name, "", 0, 0, () => `Datapath dumping tersely using UFID ${words}`);
  }
}

/** Cells of the rows that the daemon reads, its ports and rules. */
function memory(daemon: SwitchDaemon): string {
  let cells = 0;
  for (const table of daemon.database.tables)
    for (const { row } of daemon.database.rows(table)) cells += row.values.size;
  let ports = 0;
  let rules = 0;
  for (const { bridge } of daemon.bridges.values()) {
    ports += [...bridge.ports].length;
    rules += bridge.tables.flowCount;
  }
  const backers = daemon.backers.size;
  return formatUsage({
    "idl-cells-Open_vSwitch": cells,
    ...(backers > 0 && { handlers: backers, ports, revalidators: backers, rules }),
  });
}
