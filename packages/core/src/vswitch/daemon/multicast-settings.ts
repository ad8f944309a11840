// Multicast snooping as the database wants it (bridge_configure_mcast_snooping of ovs-vswitchd; tables Bridge and Port of
// ovs-vswitchd.conf.db(5)).

import { DEFAULT_AGING_TIME, DEFAULT_TABLE_SIZE, MulticastSnooping } from "../ofproto/multicast/snooping.ts";
import type { Bundle } from "../ofproto/port.ts";
import type { RowView } from "../ovsdb/value.ts";
import type { BridgeRecord } from "./bridge-record.ts";
import type { SwitchDaemon } from "./switchd.ts";

export function configureMulticast(daemon: SwitchDaemon, record: BridgeRecord, row: RowView): void {
  const { bridge } = record;
  const { backer } = bridge;
  if (row.boolean("mcast_snooping_enable") !== true) {
    if (bridge.snooping) backer.revalidate();
    bridge.snooping = undefined;
    return;
  }
  if (!bridge.snooping) {
    bridge.snooping = new MulticastSnooping<Bundle>(
      () => backer.now,
      () => backer.revalidate(),
    );
    backer.revalidate();
  }
  const number = (key: string, otherwise: number) => {
    const given = row.entry("other_config", key);
    return given !== undefined && /^-?\d+$/.test(given) ? Number(given) : otherwise;
  };
  bridge.snooping.configure({
    agingTime: number("mcast-snooping-aging-time", DEFAULT_AGING_TIME),
    tableSize: number("mcast-snooping-table-size", DEFAULT_TABLE_SIZE),
    floodsUnregistered: row.entry("other_config", "mcast-snooping-disable-flood-unregistered") !== "true",
  });
  for (const name of record.portOrder.values()) {
    const port = record.ports.get(name);
    const settings = port && daemon.database.row("Port", port.uuid);
    if (!settings) continue;
    const flag = (key: string) => settings.entry("other_config", key) === "true";
    bridge.snooping.setPort(port.bundle, flag("mcast-snooping-flood"), flag("mcast-snooping-flood-reports"));
  }
}
