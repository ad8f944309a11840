// Zones of the connection tracker as the database has them: policies of timeouts by datapath, and what the datapath can do
// (datapath_reconfigure of ovs-vswitchd; ovs-vswitchd.conf.db(5), tables Datapath, CT_Zone and CT_Timeout_Policy).

import type { Timeouts } from "../conntrack/connection-table.ts";
import type { RowView } from "../ovsdb/value.ts";
import { featuresOf } from "./commands/datapath-features.ts";
import type { SwitchDaemon } from "./switchd.ts";

/** `note`: what is to be written to a row. */
export function configureZones(
  daemon: SwitchDaemon,
  root: RowView,
  note: (table: string, uuid: string, values: { readonly capabilities: Record<string, string> }) => void,
): void {
  const rows = root.map("datapaths");
  for (const backer of daemon.backers.values()) {
    const uuid = rows.get(backer.type);
    const row = uuid === undefined ? undefined : daemon.database.row("Datapath", uuid);
    const wanted = new Map<number, Timeouts>();
    for (const [zone, zoneUuid] of row?.map("ct_zones") ?? []) {
      const timeouts = timeoutsOf(daemon, zoneUuid);
      if (timeouts) wanted.set(Number(zone), timeouts);
    }
    if (backer.zonePolicies.set(wanted)) backer.revalidate();
    if (row) note("Datapath", row.uuid, { capabilities: featuresOf(backer) });
  }
}

function timeoutsOf({ database }: SwitchDaemon, zone: string): Timeouts | undefined {
  const row = database.row("CT_Zone", zone);
  const [policy] = row ? database.follow(row, "timeout_policy", "CT_Timeout_Policy") : [];
  return policy && new Map([...policy.map("timeouts")].map(([name, value]) => [name, Number(value)]));
}
