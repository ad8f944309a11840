/** Groups in the syntax of ovs-ofctl(8), "Group Syntax". */
import { parseActions } from "./action-parse.ts";
import { parseU16, parseU32, parseU64 } from "./c-numbers.ts";
import { fieldNamed } from "./fields.ts";
import { parseFieldValue } from "./field-text.ts";
import { onesOf } from "./flow-key.ts";
import { BucketId, GroupId } from "./group-messages.ts";
import type { Bucket, GroupCommand, GroupMod, SelectionMethod } from "./group-messages.ts";
import { keyValues } from "./key-values.ts";
import { parsePort } from "./names.ts";
import type { Names } from "./names.ts";
import { Port } from "./ports.ts";
import { OF11_UP, OF15_UP, Protocol } from "./protocols.ts";
import type { Protocols } from "./protocols.ts";
import { TextError } from "./text-error.ts";

const refuse = (text: string): never => {
  throw new TextError(text);
};

export interface ParsedGroup {
  readonly mod: GroupMod;
  readonly usable: Protocols;
}

function bucketId(text: string): number {
  const word = text.toLowerCase();
  if (word === "all") return BucketId.ALL;
  if (word === "first") return BucketId.FIRST;
  if (word === "last") return BucketId.LAST;
  const id = parseU32(text);
  if (id > BucketId.MAX) refuse(`invalid command bucket id ${id}`);
  return id;
}

/** Groups of OpenFlow 1.1 and later, and those of 1.0 by extension. */
const GROUP_PROTOCOLS =
  OF11_UP | Protocol.OF10_STD | Protocol.OF10_STD_TID | Protocol.OF10_NXM | Protocol.OF10_NXM_TID;
const BUCKET_PROTOCOLS =
  OF15_UP | Protocol.OF10_STD | Protocol.OF10_STD_TID | Protocol.OF10_NXM | Protocol.OF10_NXM_TID;

const FAST_FAILOVER = 3;

class GroupReader {
  readonly names: Names | undefined;
  usable: Protocols = GROUP_PROTOCOLS;
  constructor(names: Names | undefined) {
    this.names = names;
  }

  /**
   * @param groupType undefined where it is not changed
   * @returns the bucket, whose id is OFPG15_BUCKET_ALL if the text gives it none
   */
  bucket(text: string, groupType: number | undefined): Bucket {
    let id: number = BucketId.ALL;
    let weight = groupType === 1 ? 1 : 0;
    let watchPort: number = Port.NONE;
    let watchGroup: number = GroupId.ANY;
    const actionTexts: string[] = [];
    for (const { key, value } of keyValues(text)) {
      if (key.toLowerCase() === "weight") {
        weight = parseU16(value, "weight");
      } else if (key.toLowerCase() === "watch_port") {
        const port = parsePort(value, this.names);
        watchPort =
          port === undefined || (port >= 0xff00 && port !== Port.NONE && port !== Port.CONTROLLER)
            ? refuse(`${value}: invalid watch_port`)
            : port;
      } else if (key.toLowerCase() === "watch_group") {
        watchGroup = parseU32(value);
        if (watchGroup > GroupId.MAX) refuse(`invalid watch_group id ${watchGroup}`);
      } else if (key.toLowerCase() === "bucket_id") {
        id = parseU32(value);
        if (id > BucketId.MAX) refuse(`invalid bucket_id id ${id}`);
      } else if (key.toLowerCase() === "action" || key.toLowerCase() === "actions") {
        actionTexts.push(value);
      } else actionTexts.push(`${key}(${value})`); // `a(b)->c` does not survive this, in the original neither
    }
    if (actionTexts.length === 0) return refuse("bucket must specify actions");
    if (groupType === FAST_FAILOVER && watchPort === Port.NONE && watchGroup === GroupId.ANY)
      refuse("fast failover bucket requires watch_port or watch_group");
    const { actions, usable } = parseActions(actionTexts.join(","), false, this.names);
    // Not narrowed but replaced: the original counts the last bucket's actions alone.
    this.usable = usable;
    return { id, weight, watchPort, watchGroup, actions };
  }

  selectionFields(text: string): SelectionMethod["fields"] {
    const fields: { field: NonNullable<ReturnType<typeof fieldNamed>>; mask: bigint }[] = [];
    for (const { key, value } of keyValues(text)) {
      const rest = text.slice(text.indexOf(key) + key.length + 1);
      const field = fieldNamed(key) ?? refuse(`${rest}: unknown field ${key}`);
      if (fields.some((other) => other.field === field)) refuse(`${key}: duplicate field`);
      const all = onesOf(8 * field.bytes);
      const mask = value === "" ? all : parseFieldValue(field, value, this.names).value;
      if (!field.maskable && mask !== 0n && mask !== all) refuse(`${value}: invalid mask for field ${key}`);
      fields.push({ field, mask });
    }
    return fields.toSorted((a, b) => a.field.id - b.field.id);
  }
}

/** Reads one group as the command of that name takes it. */
export function parseGroup(text: string, command: GroupCommand, names?: Names): ParsedGroup {
  const reader = new GroupReader(names);
  const changes = command === "add" || command === "modify" || command === "add_or_mod";
  const at = text.indexOf("bucket=");
  const head = at < 0 ? text : text.slice(0, at);
  let group: number = command === "delete" ? GroupId.ALL : GroupId.ANY;
  let groupGiven = false;
  let groupType: number | undefined;
  let commandBucket: number | undefined;
  let method = "";
  let parameter: bigint | undefined;
  let selection: SelectionMethod["fields"] | undefined;
  if (command === "insert_bucket" || command === "remove_bucket") reader.usable &= BUCKET_PROTOCOLS;
  for (const { key, value } of keyValues(head)) {
    const word = key.toLowerCase();
    if (word === "command_bucket_id" && (command === "insert_bucket" || command === "remove_bucket")) {
      commandBucket = bucketId(value);
      if (command === "insert_bucket" && commandBucket === BucketId.ALL)
        refuse("command_bucket_id=all is not permitted");
    } else if (word === "command_bucket_id") {
      refuse("command bucket id is not needed");
    } else if (word === "group_id") {
      if (value === "all") group = GroupId.ALL;
      else {
        group = parseU32(value);
        if (command !== "delete" && group > GroupId.MAX) refuse(`invalid group id ${group}`);
      }
      groupGiven = true;
    } else if (word === "type") {
      if (!changes) refuse("type is not needed");
      const type = { all: 0, select: 1, indirect: 2, ff: 3, fast_failover: 3 }[value.toLowerCase()];
      groupType = type ?? refuse(`invalid group type ${value}`);
    } else if (word === "selection_method") {
      if (!changes) refuse("selection method is not needed");
      if (value.length > 15) refuse(`selection method is longer than 15 bytes long`);
      method = value;
      reader.usable &= BUCKET_PROTOCOLS;
    } else if (word === "selection_method_param") {
      if (!changes) refuse("selection method param is not needed");
      parameter = parseU64(value);
    } else if (word === "fields") {
      if (!changes) refuse("fields are not needed");
      selection = reader.selectionFields(value);
    } else refuse(`unknown keyword ${key}`);
  }
  if (!groupGiven && command !== "delete") refuse("must specify a group_id");
  if (changes && groupType === undefined) refuse("must specify a type");
  // a parameter of 0 counts as none
  if (method === "" && (parameter ?? 0n) !== 0n)
    refuse('selection_method_param is only allowed with "selection_method"');
  if (method !== "hash" && selection !== undefined)
    refuse('fields may only be specified with "selection_method=hash"');
  if (command === "insert_bucket" && commandBucket === undefined) refuse("must specify a command bucket id");

  const buckets: Bucket[] = [];
  if (at >= 0) {
    if (command === "remove_bucket") refuse("bucket is not needed");
    for (const body of text.slice(at).split("bucket=").slice(1)) {
      const bucket = reader.bucket(body, groupType);
      if (groupType !== 1 && bucket.weight !== 0 && changes)
        refuse("Only select groups can have bucket weights.");
      buckets.push(bucket);
    }
  }
  const used = new Set(buckets.map(({ id }) => id));
  let free = 0;
  const numbered = buckets.map((bucket): Bucket => {
    if (bucket.id !== BucketId.ALL) return bucket;
    while (used.has(free)) free++;
    return { ...bucket, id: free++ };
  });
  if (groupType === 2 && buckets.length > 1 && changes)
    refuse("Indirect groups can have at most one bucket.");
  return {
    mod: {
      type: "group_mod",
      command,
      groupType: groupType ?? 0,
      group,
      commandBucket: commandBucket ?? BucketId.ALL,
      buckets: numbered,
      selection: method === "" ? undefined : { method, parameter: parameter ?? 0n, fields: selection ?? [] },
    },
    usable: reader.usable,
  };
}

/** The word before a group in a file of groups; "add" if there is none. */
export function splitGroupCommand(text: string): { command: GroupCommand; rest: string } {
  const trimmed = text.replace(/^[ \t\r\n]+/, "");
  const word = /^[^, \t\r\n]*/.exec(trimmed)?.[0] ?? "";
  const commands: Readonly<Record<string, GroupCommand>> = {
    add: "add",
    delete: "delete",
    insert_bucket: "insert_bucket",
    modify: "modify",
    add_or_mod: "add_or_mod",
    remove_bucket: "remove_bucket",
  };
  const command = commands[word];
  return command === undefined
    ? { command: "add", rest: trimmed }
    : { command, rest: trimmed.slice(word.length) };
}
