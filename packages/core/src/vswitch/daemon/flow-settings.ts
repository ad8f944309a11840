// Settings of the whole switch about the flows of its datapaths (ovs-vswitchd.conf.db(5), table Open_vSwitch, other_config).

import { MAX_TAGS } from "../../ovsproto/flow/extract.ts";
import type { RowView } from "../ovsdb/value.ts";
import type { SwitchDaemon } from "./switchd.ts";

const MILLISECOND = 1e6; // nanoseconds
const MAX_IDLE = { standard: 10_000, least: 500 }; // milliseconds
const MAX_REVALIDATOR = { standard: 500, least: 100 }; // milliseconds
const FLOW_LIMIT = 200_000;
/** VLAN tags that flows tell of; 0: as many as there is room for. */
const VLAN_LIMIT = 1;
/** One in so many packets that the exact-match cache does not know is put into it; 0: none. */
const EMC_INVERSE_PROBABILITY = 100;

/** smap_get_uint() */
function count(row: RowView, key: string, standard: number): number {
  const text = row.entry("other_config", key);
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : standard;
}

/**
 * flow-restore-wait: until it is false for the first time, nothing is received from datapaths, so that flows can be put back
 * before packets come.
 */
function awaitFlows(daemon: SwitchDaemon, root: RowView): void {
  if (!daemon.awaitsFlows) return;
  daemon.awaitsFlows = root.entry("other_config", "flow-restore-wait") === "true";
  for (const backer of daemon.backers.values()) backer.receive(!daemon.awaitsFlows);
}

/** dpdk_init() of a daemon that was built without it. */
export function refuseDpdk({ host: { vlog } }: SwitchDaemon, root: RowView): void {
  const wanted = root.entry("other_config", "dpdk-init");
  if (wanted === "true" || wanted === "try")
    vlog.once("dpdk", "err", "DPDK not supported in this copy of Open vSwitch.");
}

export function configureFlows(daemon: SwitchDaemon, root: RowView): void {
  awaitFlows(daemon, root);
  const idle = Math.max(count(root, "max-idle", MAX_IDLE.standard), MAX_IDLE.least);
  const interval = count(root, "max-revalidator", MAX_REVALIDATOR.standard);
  for (const backer of daemon.backers.values()) {
    daemon.threadSettingsLog.configure(backer.datapath, root);
    backer.maxIdle = idle * MILLISECOND;
    backer.revalidationInterval = Math.max(interval, MAX_REVALIDATOR.least) * MILLISECOND;
    const limit = count(root, "flow-limit", FLOW_LIMIT);
    if (limit !== backer.configuredLimit) backer.flowLimit = Math.min(limit, backer.flowLimit);
    backer.configuredLimit = limit;
    const tags = count(root, "vlan-limit", VLAN_LIMIT);
    if (backer.datapath.kind !== "kernel")
      backer.datapath.tagLimit = tags === 0 ? MAX_TAGS : Math.min(tags, MAX_TAGS);
    backer.datapath.exactMatches.insertsAll =
      count(root, "emc-insert-inv-prob", EMC_INVERSE_PROBABILITY) === 1;
  }
}
