/** Groups: changes, descriptions, statistics, features (OpenFlow 1.1 to 1.5, and Open vSwitch's extension for 1.0). */
import { readActions } from "./action-decode.ts";
import { writeActions } from "./action-encode.ts";
import type { Action } from "./actions.ts";
import { claimedLength, elementLength } from "./list-element.ts";
import { OpenflowError } from "./errors.ts";
import type { Field, OpenFlowVersion } from "./fields.ts";
import { readPort32, writePort32 } from "./fixed-match.ts";
import type { MessageReader, MessageWriter } from "./message-bytes.ts";
import { readOxmEntry, writeOxmEntry } from "./oxm.ts";
import { propertyU16, propertyU32, readProperty, unknownProperty, writeProperty } from "./properties.ts";
import { Port } from "./ports.ts";

export const GROUP_TYPES = ["all", "select", "indirect", "ff"] as const;
export type GroupType = (typeof GROUP_TYPES)[number];

/** OFPGC_*; the last two are OpenFlow 1.5's, "add or modify" is Open vSwitch's. */
export const GROUP_COMMANDS = [
  "add",
  "modify",
  "delete",
  "insert_bucket",
  undefined,
  "remove_bucket",
] as const;
export type GroupCommand = "add" | "modify" | "delete" | "insert_bucket" | "remove_bucket" | "add_or_mod";
const ADD_OR_MOD = 0x8000;

export const GroupId = { MAX: 0xffff_ff00, ALL: 0xffff_fffc, ANY: 0xffff_ffff } as const;
export const BucketId = {
  MAX: 0xffff_ff00,
  FIRST: 0xffff_fffd,
  LAST: 0xffff_fffe,
  ALL: 0xffff_ffff,
} as const;

export interface Bucket {
  readonly id: number;
  readonly weight: number;
  readonly watchPort: number;
  readonly watchGroup: number;
  readonly actions: readonly Action[];
}

/** How a select group chooses (NTR selection method). */
export interface SelectionMethod {
  readonly method: string;
  readonly parameter: bigint;
  readonly fields: readonly { readonly field: Field; readonly mask: bigint }[];
}

export interface GroupMod {
  readonly type: "group_mod";
  readonly command: GroupCommand;
  readonly groupType: number;
  readonly group: number;
  readonly commandBucket: number;
  readonly buckets: readonly Bucket[];
  readonly selection: SelectionMethod | undefined;
}

export interface GroupDescription {
  readonly group: number;
  readonly groupType: number;
  readonly buckets: readonly Bucket[];
  readonly selection: SelectionMethod | undefined;
}

export interface GroupStats {
  readonly group: number;
  readonly references: number;
  readonly packets: bigint;
  readonly bytes: bigint;
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly buckets: readonly { readonly packets: bigint; readonly bytes: bigint }[];
}

export interface GroupFeatures {
  readonly types: number;
  readonly capabilities: number;
  readonly maxGroups: readonly number[];
  /** Bit N: the version's action type N. */
  readonly actions: readonly number[];
}

const NO_GROUP = 0xffff_ffff;

function badBucket(from: MessageReader, why: string): OpenflowError {
  from.log?.("ofp_group", "WARN", why);
  return new OpenflowError("OFPGMFC_BAD_BUCKET");
}

/** The next bucket, which begins with its length. @param least bytes that it has without its actions and properties */
function readBucket(from: MessageReader, least: number): MessageReader {
  const { left } = from;
  if (left < least) throw badBucket(from, `buckets end with ${left} leftover bytes`);
  const length = from.peekU16(0);
  const what = `OpenFlow message bucket length ${length}`;
  if (length < least) throw badBucket(from, `${what} is not valid`);
  if (length > left) throw badBucket(from, `${what} exceeds remaining buckets data size ${left}`);
  return from.part(length);
}

function readBuckets11(from: MessageReader, version: OpenFlowVersion): Bucket[] {
  const buckets: Bucket[] = [];
  while (from.left > 0) {
    const body = readBucket(from, 16);
    body.skip(2);
    const weight = body.u16();
    const port = body.part(4);
    const watchGroup = body.u32();
    body.skip(4);
    const actions = readActions(body, body.left, version);
    const watchPort = readPort32(port, "OFPGMFC_BAD_WATCH");
    buckets.push({ id: buckets.length, weight, watchPort, watchGroup, actions });
  }
  return buckets;
}

function writeBuckets11(out: MessageWriter, buckets: readonly Bucket[], version: OpenFlowVersion): void {
  for (const bucket of buckets) {
    const start = out.length;
    out.u16(0).u16(bucket.weight);
    writePort32(out, bucket.watchPort).u32(bucket.watchGroup).zeros(4);
    writeActions(out, bucket.actions, version);
    out.patchU16(start, out.length - start);
  }
}

const BucketProperty = { WEIGHT: 0, WATCH_PORT: 1, WATCH_GROUP: 2 } as const;

function readBuckets15(from: MessageReader, version: OpenFlowVersion, groupType: number): Bucket[] {
  const buckets: Bucket[] = [];
  while (from.left > 0) {
    const body = readBucket(from, 8);
    body.skip(2);
    const actionLength = body.u16();
    const id = body.u32();
    if (actionLength > body.left)
      throw badBucket(
        from,
        `OpenFlow message bucket actions length ${actionLength} exceeds remaining bucket data size ${body.left}`,
      );
    const actions = readActions(body, actionLength, version);
    let weight = groupType === 1 ? 1 : 0;
    let watchPort: number = Port.NONE;
    let watchGroup: number = NO_GROUP;
    while (body.left > 0) {
      const property = readProperty(body);
      if (property.experimenter !== 0) continue;
      if (property.type === BucketProperty.WEIGHT) weight = propertyU16(property);
      else if (property.type === BucketProperty.WATCH_PORT) {
        watchPort = readPort32(from.over(property.body), "OFPGMFC_BAD_WATCH");
      } else if (property.type === BucketProperty.WATCH_GROUP) watchGroup = propertyU32(property);
      else throw new OpenflowError("OFPBPC_BAD_TYPE");
    }
    if (id > BucketId.MAX) throw new OpenflowError("OFPGMFC_BAD_BUCKET");
    if (buckets.some((other) => other.id === id)) throw badBucket(from, "Duplicate bucket id");
    buckets.push({ id, weight, watchPort, watchGroup, actions });
  }
  return buckets;
}

function writeBuckets15(
  out: MessageWriter,
  buckets: readonly Bucket[],
  version: OpenFlowVersion,
  groupType: number,
): void {
  for (const bucket of buckets) {
    const start = out.length;
    out.u16(0).u16(0).u32(bucket.id);
    writeActions(out, bucket.actions, version);
    out.patchU16(start + 2, out.length - start - 8);
    if (bucket.weight !== 0 || groupType === 1)
      writeProperty(out, BucketProperty.WEIGHT, (body) => body.u16(bucket.weight).zeros(2));
    if (bucket.watchPort !== Port.NONE) {
      writeProperty(out, BucketProperty.WATCH_PORT, (body) => writePort32(body, bucket.watchPort));
    }
    if (bucket.watchGroup !== NO_GROUP) {
      writeProperty(out, BucketProperty.WATCH_GROUP, (body) => body.u32(bucket.watchGroup));
    }
    out.patchU16(start, out.length - start);
  }
}

/** Netronome's number, which the selection method is registered under. */
const NTR = 0x0000_154d;
const SELECTION_METHOD = 1;
const METHOD_LENGTH = 16;

function readGroupProperties(
  from: MessageReader,
  groupType: number,
  command = 0,
): SelectionMethod | undefined {
  let selection: SelectionMethod | undefined;
  while (from.left > 0) {
    const property = readProperty(from);
    if (property.experimenter !== NTR) throw unknownProperty(property);
    if (property.type !== SELECTION_METHOD) throw new OpenflowError("OFPBPC_BAD_EXP_TYPE");
    const body = from.over(property.body);
    const refuse = (what: string): OpenflowError => {
      from.log?.("ofp_group", "WARN", `ntr selection method property is only allowed for ${what}`);
      return new OpenflowError("OFPBPC_BAD_VALUE");
    };
    if (groupType !== 1) throw refuse("select groups");
    if (command !== 0 && command !== 1 && command !== ADD_OR_MOD)
      throw refuse("add and delete group modifications");
    if (body.left < 4 + METHOD_LENGTH + 8) throw new OpenflowError("OFPBPC_BAD_VALUE");
    body.skip(4);
    const method = body.text(METHOD_LENGTH);
    if (method !== "hash" && method !== "dp_hash") {
      from.log?.("ofp_group", "WARN", `ntr selection method '${method}' is not supported`);
      throw new OpenflowError("OFPBPC_BAD_VALUE");
    }
    const parameter = body.u64();
    const chosen: { field: Field; mask: bigint }[] = [];
    while (body.left > 0) {
      const { field, value } = readOxmEntry(body);
      if (!field) throw new OpenflowError("OFPBMC_BAD_FIELD");
      chosen.push({ field, mask: value });
    }
    chosen.sort((a, b) => a.field.id - b.field.id);
    selection = { method, parameter, fields: chosen };
  }
  return selection;
}

function writeGroupProperties(
  out: MessageWriter,
  selection: SelectionMethod | undefined,
  version: OpenFlowVersion,
): void {
  if (!selection) return;
  writeProperty(
    out,
    SELECTION_METHOD,
    (body) => {
      body.zeros(4).text(selection.method, METHOD_LENGTH).u64(selection.parameter);
      for (const { field, mask } of selection.fields)
        writeOxmEntry(body, field, version === 1 ? 0 : version, mask);
    },
    NTR,
  );
}

function commandOf(number: number): GroupCommand {
  if (number === ADD_OR_MOD) return "add_or_mod";
  const command = GROUP_COMMANDS[number];
  if (command === undefined) throw new OpenflowError("OFPGMFC_BAD_COMMAND");
  return command;
}

function commandNumber(command: GroupCommand): number {
  return command === "add_or_mod" ? ADD_OR_MOD : GROUP_COMMANDS.indexOf(command);
}

/** What must hold of every change. */
function checkGroupMod(mod: GroupMod): void {
  const { command, groupType, buckets } = mod;
  if (command === "remove_bucket" && buckets.length > 0) throw new OpenflowError("OFPGMFC_BAD_BUCKET");
  if ((command === "insert_bucket" || command === "remove_bucket") && groupType === INDIRECT)
    throw new OpenflowError("OFPGMFC_INVALID_GROUP");
  for (const bucket of buckets) {
    const weighted = bucket.weight !== 0 && command !== "insert_bucket";
    if (weighted && groupType !== 1) throw new OpenflowError("OFPGMFC_INVALID_GROUP");
    const watches = bucket.watchPort !== Port.NONE || bucket.watchGroup !== NO_GROUP;
    if (groupType === 3 && !watches) throw new OpenflowError("OFPGMFC_INVALID_GROUP");
    if ((groupType === 0 || groupType === 2) && watches) throw new OpenflowError("OFPGMFC_WATCH_UNSUPPORTED");
  }
}

/** Commands that aim at a bucket, by number. */
const INDIRECT = 2;
const DELETE = 2;
const BUCKET_COMMANDS = { insert: 3, remove: 5 } as const;

const badCommandBucket = (from: MessageReader, bucket: number): OpenflowError =>
  badBucket(from, `group command bucket id (${bucket}) is out of range`);

/** @param bucketLists the form of OpenFlow 1.5, which Open vSwitch also has as an extension */
export function readGroupMod(from: MessageReader, version: OpenFlowVersion, bucketLists: boolean): GroupMod {
  const number = from.u16();
  const groupType = from.u8();
  from.skip(1);
  const group = from.u32();
  let commandBucket: number = BucketId.ALL;
  let buckets: readonly Bucket[];
  let selection: SelectionMethod | undefined;
  if (bucketLists) {
    const length = from.u16();
    from.skip(2);
    commandBucket = from.u32();
    if (commandBucket > BucketId.MAX && commandBucket < BucketId.FIRST)
      throw badCommandBucket(from, commandBucket);
    const aims = number === BUCKET_COMMANDS.insert || number === BUCKET_COMMANDS.remove;
    const all = commandBucket === BucketId.ALL;
    const start = from.at;
    if (all ? number === BUCKET_COMMANDS.insert : !aims) throw badCommandBucket(from, commandBucket);
    buckets = readBuckets15(from.part(Math.min(length, from.left)), version, groupType);
    if (length > from.at - start) throw new OpenflowError("OFPGMFC_BAD_BUCKET");
    selection = readGroupProperties(from, groupType, number);
  } else buckets = readBuckets11(from, version);
  if (number === DELETE && (version === 4 || version === 5) && buckets.length > 0)
    throw new OpenflowError("OFPGMFC_INVALID_GROUP");
  if (groupType >= GROUP_TYPES.length) throw new OpenflowError("OFPGMFC_BAD_TYPE");
  if (groupType === INDIRECT && number !== DELETE && buckets.length !== 1)
    throw new OpenflowError("OFPGMFC_INVALID_GROUP");
  const command = commandOf(number);
  if (!bucketLists && (command === "insert_bucket" || command === "remove_bucket"))
    throw new OpenflowError("OFPGMFC_BAD_COMMAND");
  const mod: GroupMod = { type: "group_mod", command, groupType, group, commandBucket, buckets, selection };
  checkGroupMod(mod);
  return mod;
}

export function writeGroupMod(
  out: MessageWriter,
  mod: GroupMod,
  version: OpenFlowVersion,
  bucketLists: boolean,
): void {
  out.u16(commandNumber(mod.command)).u8(mod.groupType).zeros(1).u32(mod.group);
  if (!bucketLists) {
    writeBuckets11(out, mod.buckets, version);
    return;
  }
  const at = out.length;
  out.u16(0).zeros(2).u32(mod.commandBucket);
  const start = out.length;
  writeBuckets15(out, mod.buckets, version, mod.groupType);
  out.patchU16(at, out.length - start);
  writeGroupProperties(out, mod.selection, version);
}

/** One group of a description. */
export function readGroupDescription(
  from: MessageReader,
  version: OpenFlowVersion,
  bucketLists: boolean,
): GroupDescription {
  const length = elementLength(
    from,
    bucketLists ? 16 : 8,
    "ofp_group",
    `OFPST${version === 1 || bucketLists ? "" : "11"}_GROUP_DESC reply`,
  );
  const body = from.part(length);
  body.skip(2);
  const groupType = body.u8();
  body.skip(1);
  const group = body.u32();
  if (!bucketLists) return { group, groupType, buckets: readBuckets11(body, version), selection: undefined };
  const listLength = body.u16();
  body.skip(6);
  if (listLength > body.left) throw new OpenflowError("OFPBRC_BAD_LEN");
  const buckets = readBuckets15(body.part(listLength), version, groupType);
  return { group, groupType, buckets, selection: readGroupProperties(body, groupType) };
}

export function writeGroupDescription(
  out: MessageWriter,
  group: GroupDescription,
  version: OpenFlowVersion,
  bucketLists: boolean,
): void {
  const start = out.length;
  out.u16(0).u8(group.groupType).zeros(1).u32(group.group);
  if (bucketLists) {
    const at = out.length;
    out.u16(0).zeros(6);
    const buckets = out.length;
    writeBuckets15(out, group.buckets, version, group.groupType);
    out.patchU16(at, out.length - buckets);
    writeGroupProperties(out, group.selection, version);
  } else writeBuckets11(out, group.buckets, version);
  out.patchU16(start, out.length - start);
}

export function readGroupStats(from: MessageReader, version: OpenFlowVersion): GroupStats {
  const duration = version >= 4 || version === 1;
  const least = duration ? 40 : 32;
  // The original says "reply" twice.
  const what = `${version === 1 ? "NXST" : "OFPST"}_GROUP reply reply`;
  const length = claimedLength(from, least, "ofp_group", what);
  const counters = length - least - ((length - least) % 16);
  if (counters > from.left - least) {
    from.log?.("ofp_group", "WARN", `${what} has ${from.left - least} leftover bytes at end`);
    throw new OpenflowError("OFPBRC_BAD_LEN");
  }
  // As in the original, bytes behind the last whole bucket are not skipped.
  const body = from.part(least + counters);
  body.skip(4);
  const group = body.u32();
  const references = body.u32();
  body.skip(4);
  const packets = body.u64();
  const bytes = body.u64();
  const seconds = duration ? body.u32() : 0xffff_ffff;
  const nanoseconds = duration ? body.u32() : 0xffff_ffff;
  const buckets: { packets: bigint; bytes: bigint }[] = [];
  while (body.left > 0) buckets.push({ packets: body.u64(), bytes: body.u64() });
  return { group, references, packets, bytes, seconds, nanoseconds, buckets };
}

export function writeGroupStats(out: MessageWriter, stats: GroupStats, version: OpenFlowVersion): void {
  const start = out.length;
  out.u16(0).zeros(2).u32(stats.group).u32(stats.references).zeros(4).u64(stats.packets).u64(stats.bytes);
  if (version >= 4 || version === 1) out.u32(stats.seconds).u32(stats.nanoseconds);
  for (const { packets, bytes } of stats.buckets) out.u64(packets).u64(bytes);
  out.patchU16(start, out.length - start);
}

export function readGroupFeatures(from: MessageReader): GroupFeatures {
  const types = from.u32();
  const capabilities = from.u32();
  const four = () => Array.from({ length: 4 }, () => from.u32());
  return { types, capabilities, maxGroups: four(), actions: four() };
}

export function writeGroupFeatures(out: MessageWriter, features: GroupFeatures): void {
  out.u32(features.types).u32(features.capabilities);
  for (const number of [...features.maxGroups, ...features.actions]) out.u32(number);
}
