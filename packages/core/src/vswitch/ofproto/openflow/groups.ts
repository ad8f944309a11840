// Messages about groups and meters.

import { durationOf } from "./duration.ts";
import { OpenflowError } from "../../../ovsproto/openflow/errors.ts";
import { BucketId, GROUP_TYPES, GroupId } from "../../../ovsproto/openflow/group-messages.ts";
import type {
  Bucket,
  GroupDescription,
  GroupMod,
  GroupStats,
} from "../../../ovsproto/openflow/group-messages.ts";
import { METER_COMMANDS, MeterFlag, MeterId } from "../../../ovsproto/openflow/meter-messages.ts";
import type { MeterConfig, MeterMod, MeterStats } from "../../../ovsproto/openflow/meter-messages.ts";
import { hashInt } from "../../../ovsproto/murmur-hash.ts";
import type { Bridge, BridgeMeter } from "../bridge.ts";
import { REMOVED_REASON, usesGroup } from "../flow-tables.ts";
import { Group } from "../group.ts";
import { explainSelection } from "../group-log.ts";
import { HmapOrder } from "../../../ovsproto/hmap-order.ts";
import { ERRNO, strerror } from "../../../netlink/errno.ts";
import type { Backer } from "../backer.ts";

const NOBODY = 0xffff_ffff;
const NO_PORT = 0xffff;

/** handle_group_mod(). Errors: OpenflowError. */
export function modifyGroup(bridge: Bridge, mod: GroupMod): void {
  const { groups } = bridge;
  const old = groups.get(mod.group);
  switch (mod.command) {
    case "add":
      if (mod.group > GroupId.MAX) throw new OpenflowError("OFPGMFC_INVALID_GROUP");
      if (old) throw new OpenflowError("OFPGMFC_GROUP_EXISTS");
      setGroup(bridge, mod, mod.buckets);
      break;
    case "add_or_mod":
    case "modify":
      if (!old && mod.command === "modify") throw new OpenflowError("OFPGMFC_UNKNOWN_GROUP");
      setGroup(bridge, mod, mod.buckets);
      break;
    case "delete":
      deleteGroups(bridge, mod.group);
      break;
    case "insert_bucket":
      if (!old) throw new OpenflowError("OFPGMFC_UNKNOWN_GROUP");
      setGroup(bridge, describe(old), insertBuckets(old, mod), mod.buckets);
      break;
    case "remove_bucket":
      if (!old) throw new OpenflowError("OFPGMFC_UNKNOWN_GROUP");
      setGroup(bridge, describe(old), removeBuckets(old, mod), []);
  }
  bridge.backer.revalidate();
}

function insertBuckets(old: Group, mod: GroupMod): readonly Bucket[] {
  const have = describe(old).buckets;
  for (const { id } of mod.buckets) {
    if (have.some((bucket) => bucket.id === id)) throw new OpenflowError("OFPGMFC_BUCKET_EXISTS");
  }
  if (mod.commandBucket === BucketId.FIRST) return [...mod.buckets, ...have];
  if (mod.commandBucket === BucketId.LAST) return [...have, ...mod.buckets];
  const at = have.findIndex(({ id }) => id === mod.commandBucket);
  if (at < 0) throw new OpenflowError("OFPGMFC_UNKNOWN_BUCKET");
  return [...have.slice(0, at + 1), ...mod.buckets, ...have.slice(at + 1)];
}

function removeBuckets(old: Group, mod: GroupMod): readonly Bucket[] {
  const have = describe(old).buckets;
  switch (mod.commandBucket) {
    case BucketId.ALL:
      return [];
    case BucketId.FIRST:
      return have.slice(1);
    case BucketId.LAST:
      return have.slice(0, -1);
    default:
      if (!have.some(({ id }) => id === mod.commandBucket)) throw new OpenflowError("OFPGMFC_UNKNOWN_BUCKET");
      return have.filter(({ id }) => id !== mod.commandBucket);
  }
}

/** @param placed what the datapath's hash leads to: in 3.1, after a change of single buckets, only those that the message names */
/** With tunnel options in their places; what the table does not have is refused in flows only. */
function resolvedActions({ tlvTable }: Bridge, actions: Bucket["actions"]): Bucket["actions"] {
  try {
    return tlvTable.resolveActions(actions, false);
  } catch (error) {
    if (error instanceof OpenflowError && error.name === "NXFMFC_INVALID_TLV_FIELD") return actions;
    throw error;
  }
}

function setGroup(
  bridge: Bridge,
  mod: GroupDescription,
  buckets: readonly Bucket[],
  placed: readonly Bucket[] = buckets,
): void {
  const type = GROUP_TYPES[mod.groupType];
  if (type === undefined) throw new OpenflowError("OFPGMFC_BAD_TYPE");
  // changes of single buckets are not looked at so
  if (type === "indirect" && placed === buckets && buckets.length !== 1)
    throw new OpenflowError("OFPGMFC_INVALID_GROUP");
  const old = bridge.groups.get(mod.group);
  const group = new Group(
    {
      id: mod.group,
      type,
      buckets: buckets.map((bucket) => ({
        id: bucket.id,
        weight: bucket.weight,
        watchPort: bucket.watchPort === NO_PORT ? undefined : bucket.watchPort,
        watchGroup: bucket.watchGroup === NOBODY ? undefined : bucket.watchGroup,
        actions: resolvedActions(bridge, bucket.actions),
      })),
      method: mod.selection?.method ?? "",
      methodParameter: mod.selection?.parameter ?? 0n,
      fields: mod.selection?.fields ?? [],
    },
    old?.created ?? bridge.backer.now,
    new Set(placed.map(({ id }) => id)),
  );
  bridge.groups.set(mod.group, group);
  const { vlog } = bridge.backer;
  if (type !== "select" || !vlog?.writes("ofproto_dpif", "dbg")) return;
  for (const line of explainSelection(group)) vlog.log("ofproto_dpif", "dbg", line);
}

function deleteGroups(bridge: Bridge, id: number): void {
  const gone = id === GroupId.ALL ? [...bridge.groups.keys()] : [id];
  for (const each of gone) {
    if (!bridge.groups.delete(each)) continue;
    const users = [...bridge.tables.rules()].filter(({ actions }) => usesGroup(actions, each));
    bridge.tables.removeAll(users, REMOVED_REASON.GROUP_DELETE);
  }
}

export function describe(group: Group): GroupDescription {
  const { description } = group;
  return {
    group: group.id,
    groupType: GROUP_TYPES.indexOf(group.type),
    buckets: description.buckets.map((bucket) => ({
      id: bucket.id,
      weight: bucket.weight,
      watchPort: bucket.watchPort ?? NO_PORT,
      watchGroup: bucket.watchGroup ?? NOBODY,
      actions: bucket.actions,
    })),
    selection:
      description.method === ""
        ? undefined
        : { method: description.method, parameter: description.methodParameter, fields: description.fields },
  };
}

/** `id` ALL: all of them. */
export function groupsFor(bridge: Bridge, id: number): Group[] {
  bridge.backer.pushStatistics();
  const all = [...bridge.groups.values()].sort((a, b) => a.id - b.id);
  return id === GroupId.ALL ? all : all.filter((group) => group.id === id);
}

export function groupStatistics(bridge: Bridge, group: Group): GroupStats {
  const age = bridge.backer.now - group.created;
  let references = 0;
  for (const rule of bridge.tables.rules()) if (usesGroup(rule.actions, group.id)) references++;
  return {
    group: group.id,
    references,
    packets: BigInt(group.packets),
    bytes: BigInt(group.bytes),
    ...durationOf(age),
    buckets: group.buckets.map(({ packets, bytes }) => ({ packets: BigInt(packets), bytes: BigInt(bytes) })),
  };
}

// ---- meters

/** A datapath of the daemon's own does not have such bands (dpif_meter_set). */
function meterRefused({ datapath, vlog }: Backer, id: number): void {
  if (datapath.kind === "kernel") return;
  const name = `${datapath.kind === "dummy" ? "dummy" : "netdev"}@${datapath.name}`;
  const text = `${name}: failed to set DPIF meter ${id}: ${strerror(ERRNO.ENODEV)}`;
  vlog?.limited("dpif errors", "dpif", "warn", text, 60, 5);
}

/** handle_meter_mod(). Errors: OpenflowError. */
export function modifyMeter(bridge: Bridge, mod: MeterMod): void {
  const { meters, backer } = bridge;
  const command = METER_COMMANDS[mod.command];
  const old = meters.get(mod.meter);
  if (command === "delete") {
    const gone = mod.meter === MeterId.ALL ? [...meters.keys()] : [mod.meter];
    for (const id of gone) {
      if (!meters.has(id)) continue;
      const users = [...bridge.tables.rules()].filter(({ actions }) =>
        actions.some((action) => action.type === "meter" && action.meter === id),
      );
      bridge.tables.removeAll(users, REMOVED_REASON.METER_DELETE);
      bridge.removeMeter(id);
    }
    backer.revalidate();
    return;
  }
  const special = mod.meter === MeterId.SLOWPATH || mod.meter === MeterId.CONTROLLER;
  if (mod.meter === 0 || (mod.meter > MeterId.MAX && !special))
    throw new OpenflowError("OFPMMFC_INVALID_METER");
  if (command === "add" && old) throw new OpenflowError("OFPMMFC_METER_EXISTS");
  if (command === "modify" && !old) throw new OpenflowError("OFPMMFC_UNKNOWN_METER");
  if (mod.bands.length > backer.datapath.meters.abilities.maxBands)
    throw new OpenflowError("OFPMMFC_OUT_OF_BANDS");
  const datapathId = old?.datapathId ?? backer.datapath.meters.freeId();
  const unit = mod.flags & (MeterFlag.KBPS | MeterFlag.PKTPS);
  if (unit === 0 && backer.datapath.kind !== "kernel") throw new OpenflowError("OFPMMFC_BAD_FLAGS");
  if (mod.bands.some(({ bandType }) => bandType !== 1)) {
    meterRefused(backer, datapathId);
    if (!old) backer.datapath.meters.lose(datapathId);
    throw new OpenflowError("OFPMMFC_BAD_BAND");
  }
  const config = {
    kilobits: (mod.flags & MeterFlag.KBPS) !== 0,
    bands: mod.bands.map(({ rate, burst }) => ({ rate, burst })),
  };
  backer.datapath.meters.set(datapathId, config);
  meters.set(mod.meter, { config, datapathId, flags: mod.flags, created: old?.created ?? backer.now });
  backer.revalidate();
}

type Meters = readonly [number, BridgeMeter];

function metersFor(bridge: Bridge, id: number): Meters[] {
  // as the original walks its table
  const order = new HmapOrder<Meters>();
  for (const entry of bridge.meters) order.insert(entry, hashInt(entry[0], 0));
  const all = [...order.values()];
  if (id === MeterId.ALL) return all;
  const found = all.filter(([each]) => each === id);
  if (found.length === 0) throw new OpenflowError("OFPMMFC_UNKNOWN_METER");
  return found;
}

export function meterConfigs(bridge: Bridge, id: number): MeterConfig[] {
  return metersFor(bridge, id).map(([meter, { flags, config }]) => ({
    meter,
    flags,
    bands: config.bands.map(({ rate, burst }) => ({ bandType: 1, rate, burst, precedence: 0 })),
  }));
}

export function meterStatistics(bridge: Bridge, id: number): MeterStats[] {
  return metersFor(bridge, id).map(([meter, { datapathId, created }]) => {
    const state = bridge.backer.datapath.meters.get(datapathId);
    const age = bridge.backer.now - created;
    let flows = 0;
    for (const rule of bridge.tables.rules()) {
      if (rule.actions.some((action) => action.type === "meter" && action.meter === meter)) flows++;
    }
    return {
      meter,
      flows,
      packets: BigInt(state?.packets ?? 0),
      bytes: BigInt(state?.bytes ?? 0),
      ...durationOf(age),
      bands: (state?.bands ?? []).map(({ packets, bytes }) => ({
        packets: BigInt(packets),
        bytes: BigInt(bytes),
      })),
    };
  });
}
