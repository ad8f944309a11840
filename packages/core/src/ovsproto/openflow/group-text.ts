/** Groups as `ovs-ofctl dump-groups` and the like print them. */
import { formatActions } from "./action-text.ts";
import { formatDuration } from "./duration-text.ts";
import { alternateHex, formatFieldValue } from "./field-text.ts";
import type { OpenFlowVersion } from "./fields.ts";
import { onesOf } from "./flow-key.ts";
import { BucketId, GROUP_TYPES, GroupId } from "./group-messages.ts";
import type {
  Bucket,
  GroupDescription,
  GroupFeatures,
  GroupMod,
  GroupStats,
  SelectionMethod,
} from "./group-messages.ts";
import { formatPort } from "./names.ts";
import type { Names } from "./names.ts";
import { Port } from "./ports.ts";
import { actionNamesOf } from "./ability-text.ts";

export function formatGroupId(group: number): string {
  if (group === GroupId.ALL) return "ALL";
  return group === GroupId.ANY ? "ANY" : String(group);
}

function bucketName(id: number): string {
  if (id === BucketId.FIRST) return "first";
  if (id === BucketId.LAST) return "last";
  return id === BucketId.ALL ? "all" : String(id);
}

/** A field each, with its mask if that is not all of it. */
export function formatHashFields(fields: SelectionMethod["fields"]): string[] {
  return fields.map(({ field, mask }) =>
    mask === onesOf(8 * field.bytes) ? field.name : `${field.name}=${formatFieldValue(field, mask)}`,
  );
}

function formatSelection(selection: SelectionMethod | undefined): string {
  if (!selection || selection.method === "") return "";
  let text = `,selection_method=${selection.method}`;
  if (selection.parameter !== 0n) text += `,selection_method_param=${selection.parameter}`;
  const words = formatHashFields(selection.fields);
  if (words.length === 1) text += `,fields=${words[0]}`;
  else if (words.length > 1) text += `,fields(${words.join(",")})`;
  return text;
}

function formatBucket(
  bucket: Bucket,
  groupType: number,
  version: OpenFlowVersion,
  names: Names | undefined,
): string {
  let text = ",bucket=";
  if (version === 6 || version === 1) text += `bucket_id:${bucketName(bucket.id)},`;
  if (bucket.weight !== (groupType === 1 ? 1 : 0)) text += `weight:${bucket.weight},`;
  if (bucket.watchPort !== Port.NONE) text += `watch_port:${formatPort(bucket.watchPort, names)},`;
  if (bucket.watchGroup !== GroupId.ANY) text += `watch_group:${bucket.watchGroup},`;
  return `${text}actions=${formatActions(bucket.actions, names)}`;
}

function formatGroup(group: GroupDescription, version: OpenFlowVersion, names: Names | undefined): string {
  const type = GROUP_TYPES[group.groupType];
  const buckets = group.buckets
    .map((bucket) => formatBucket(bucket, group.groupType, version, names))
    .join("");
  return `group_id=${group.group},type=${type ?? ""}${formatSelection(group.selection)}${buckets}`;
}

export function formatGroupMod(mod: GroupMod, version: OpenFlowVersion, names: Names | undefined): string {
  const { command, group, groupType, buckets, selection, commandBucket } = mod;
  const words = {
    add: "ADD",
    modify: "MOD",
    delete: "DEL",
    add_or_mod: "ADD_OR_MOD",
    insert_bucket: "INSERT_BUCKET",
    remove_bucket: "REMOVE_BUCKET",
  } as const;
  const withId = command === "insert_bucket" || command === "remove_bucket";
  const id = withId ? ` command_bucket_id:${bucketName(commandBucket)},` : " ";
  const typed = command !== "insert_bucket" && command !== "remove_bucket";
  const type = typed ? `,type=${GROUP_TYPES[groupType] ?? ""}` : "";
  const list = buckets.map((bucket) => formatBucket(bucket, groupType, version, names)).join("");
  return `\n ${words[command]}${id}group_id=${group}${type}${formatSelection(selection)}${list}`;
}

export function formatGroups(
  groups: readonly GroupDescription[],
  version: OpenFlowVersion,
  names: Names | undefined,
): string {
  return `\n${groups.map((group) => ` ${formatGroup(group, version, names)}\n`).join("")}`;
}

const UNKNOWN = 0xffff_ffff_ffff_ffffn;
const count = (value: bigint) => String(value);

export function formatGroupStats(groups: readonly GroupStats[]): string {
  const lines = groups.map((stats) => {
    let text = ` group_id=${stats.group}`;
    if (stats.seconds !== 0xffff_ffff)
      text += `,duration=${formatDuration(stats.seconds, stats.nanoseconds)}`;
    text += `,ref_count=${stats.references},packet_count=${count(stats.packets)},byte_count=${count(stats.bytes)}`;
    for (const [index, bucket] of stats.buckets.entries()) {
      if (bucket.packets !== UNKNOWN)
        text += `,bucket${index}:packet_count=${bucket.packets},byte_count=${bucket.bytes}`;
    }
    return `${text}\n`;
  });
  return `\n${lines.join("")}`;
}

export function formatGroupFeatures(features: GroupFeatures, version: OpenFlowVersion): string {
  let text = `\n Group table:\n    Types:  0x${features.types.toString(16)}\n    Capabilities:  0x${features.capabilities.toString(16)}\n`;
  for (const [type, name] of GROUP_TYPES.entries()) {
    if ((features.types & (1 << type)) === 0) continue;
    const names = actionNamesOf(features.actions[type] ?? 0, version);
    text += `    ${GROUP_TITLES[name]} group:\n       max_groups=${alternateHex(BigInt(features.maxGroups[type] ?? 0))}\n`;
    text += `       actions: ${names.length === 0 ? "<none>" : names.join(" ")}\n`;
  }
  return text;
}

const GROUP_TITLES = { all: "all", select: "select", indirect: "indirect", ff: "fast failover" } as const;
