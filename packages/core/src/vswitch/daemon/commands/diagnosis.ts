// Commands that tell how the daemon does: memory/show; and those of protocols and features that are not there,
// which have no objects, or say that they are missing.

import { formatUsage } from "../memory-usage.ts";
import type { SwitchDaemon } from "../switchd.ts";
import { CommandError } from "../unixctl.ts";
import type { UnixctlServer } from "../unixctl.ts";

export function registerDiagnosisCommands(server: UnixctlServer, daemon: SwitchDaemon): void {
  server.register("memory/show", "", 0, 0, () => memory(daemon));
  registerAbsentProtocols(server);
  server.register("qos/show", "interface", 1, 1, ([name = ""]) => {
    const { port, dummy } = interfaceNamed(daemon, name);
    if (!dummy && daemon.database.row("Port", port)?.strings("qos").length) {
      throw new CommandError(`QoS of ${name} is in the database only: it is not implemented`);
    }
    return `QoS not configured on ${name}`;
  });
  server.register("qos/show-types", "interface", 1, 1, ([name = ""]) => {
    interfaceNamed(daemon, name);
    return `No QoS types supported for interface: ${name}`;
  });
  for (const [name, words] of [
    ["upcall/disable-ufid", "disabled"],
    ["upcall/enable-ufid", "enabled for supported datapaths"],
  ] as const) {
    server.register(name, "", 0, 0, () => `Datapath dumping tersely using UFID ${words}`);
  }
}

/** Auto-attach is not spoken. */
function registerAbsentProtocols(server: UnixctlServer): void {
  for (const command of ["status", "statistics", "show-isid"]) {
    server.register(`autoattach/${command}`, "[bridge]", 0, 1, () => "");
  }
}

/** UUID of the port that an interface belongs to, and whether its device is a dummy, which has no queueing. Errors: CommandError. */
function interfaceNamed(
  daemon: SwitchDaemon,
  name: string,
): { readonly port: string; readonly dummy: boolean } {
  for (const record of daemon.bridges.values()) {
    const iface = record.interfaces.get(name);
    if (!iface) continue;
    const port = record.ports.get(iface.portName)?.uuid ?? "";
    return { port, dummy: iface.port.dummy !== undefined };
  }
  throw new CommandError("no such interface");
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
