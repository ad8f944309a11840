// What the daemon writes into the database from time to time, without anything having changed: counters.

import { bridgeTreeColumns, portTreeColumns } from "./spanning-tree-settings.ts";
import type { Writer } from "../ovsdb/local-client.ts";
import type { BridgeRecord } from "./bridge-record.ts";
import type { SwitchDaemon } from "./switchd.ts";
import { interfaceColumns } from "./interface-status.ts";

export function writeStatus(daemon: SwitchDaemon): void {
  daemon.tell((write) => {
    for (const record of daemon.bridges.values()) {
      for (const iface of record.interfaces.values()) {
        daemon.host.coverage.count("netdev_get_stats");
        write.set("Interface", iface.uuid, interfaceColumns(record, iface));
      }
      if (record.inTree) write.set("Bridge", record.uuid, bridgeTreeColumns(record));
      if (record.inTree)
        for (const { uuid, bundle } of record.ports.values()) {
          write.set("Port", uuid, portTreeColumns(record, bundle.ports[0]));
        }
      writeControllers(daemon, record, write);
      const bridge = daemon.database.row("Bridge", record.uuid);
      for (const uuid of bridge?.strings("mirrors") ?? []) {
        const mirror = record.bridge.mirrors.get(uuid);
        if (mirror) {
          write.set("Mirror", uuid, { statistics: { tx_bytes: mirror.bytes, tx_packets: mirror.packets } });
        }
      }
    }
  });
}

/** refresh_controller_status() */
function writeControllers(daemon: SwitchDaemon, record: BridgeRecord, write: Writer): void {
  const bridge = daemon.database.row("Bridge", record.uuid);
  for (const uuid of bridge?.strings("controller") ?? []) {
    const target = daemon.database.row("Controller", uuid)?.string("target");
    if (target !== undefined && record.remotes) write.set("Controller", uuid, record.remotes.columns(target));
  }
}
