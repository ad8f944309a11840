// Groups in a translation (xlate_group_action): all, indirect, select by hash, fast failover.

import { hashAdd, hashBytes, hashFinish, hashInt, hashSymmetricL4 } from "../../flow/hash.ts";
import {
  hasPorts,
  isIpAny,
  isIpv4,
  isIpv6,
  unwildcard,
  unwildcardIpv6,
  unwildcardMac,
  W,
  word,
} from "../../flow/flow.ts";
import { maskField, prerequisitesHold, readField } from "../../flow/fields.ts";
import type { Bucket, Group } from "../group.ts";
import type { XlateContext } from "./context.ts";
import { triggerFreeze } from "./freeze.ts";
import { resourcesLeft } from "./table.ts";
import type { Translator } from "./table.ts";
import { forwards } from "./output.ts";

export function groupAction(context: XlateContext, id: number, last: boolean, translate: Translator): void {
  if (!resourcesLeft(context)) return;
  const group = context.bridge.groups.get(id);
  if (!group) {
    context.fail(`output to nonexistent group ${id}`);
    return;
  }
  const wasInGroup = context.inGroup;
  context.inGroup = true;
  const credit = ({ packets, bytes }: { readonly packets: number; readonly bytes: number }) => {
    group.packets += packets;
    group.bytes += bytes;
  };
  if (group.type !== "select") {
    if (context.input.statistics) credit(context.input.statistics);
    context.input.cache?.push({ credit });
  }
  switch (group.type) {
    case "all":
    case "indirect":
      group.buckets.forEach((bucket, at) =>
        runBucket(context, group, bucket, last && at === group.buckets.length - 1, translate),
      );
      break;
    case "select":
      select(context, group, last, translate);
      break;
    case "ff": {
      const live = group.buckets.find((bucket) => isAlive(context, bucket, 0));
      if (live) runBucket(context, group, live, last, translate);
      else context.warn("no live bucket");
    }
  }
  context.inGroup = wasInGroup;
}

/** bucket_is_alive() */
function isAlive(context: XlateContext, bucket: Bucket, depth: number): boolean {
  if (depth >= 64) return false;
  if (bucket.watchPort === undefined && bucket.watchGroup === undefined) return true;
  if (bucket.watchPort !== undefined) {
    const port = context.bridge.port(bucket.watchPort);
    if (port && !port.config.down && port.mayEnable && forwards(port)) return true;
  }
  if (bucket.watchGroup === undefined) return false;
  const group = context.bridge.groups.get(bucket.watchGroup);
  return group !== undefined && group.buckets.some((each) => isAlive(context, each, depth + 1));
}

/** xlate_group_bucket(): changes that a bucket makes to the packet end with it. */
function runBucket(
  context: XlateContext,
  group: Group,
  bucket: Bucket,
  last: boolean,
  translate: Translator,
): void {
  const saved = {
    trace: context.trace,
    flow: context.flow.slice(),
    actionSet: context.actionSet,
    wasMpls: context.wasMpls,
  };
  if (group.type === "select" || group.type === "ff") {
    context.trace = context.report("bucket", `using bucket ${bucket.id}`);
  } else context.trace = context.report("bucket", `bucket ${bucket.id}`);
  context.depth++;
  context.actionSet = [];
  translate(bucket.actions, context, last);
  context.depth--;
  context.actionSet = saved.actionSet;
  context.flow = saved.flow;
  context.wasMpls = saved.wasMpls;
  context.exit = context.freezing;
  context.trace = saved.trace;
  const credit = ({ packets, bytes }: { readonly packets: number; readonly bytes: number }) => {
    bucket.packets += packets;
    bucket.bytes += bytes;
  };
  if (context.input.statistics) credit(context.input.statistics);
  context.input.cache?.push({ credit });
}

function select(context: XlateContext, group: Group, last: boolean, translate: Translator): void {
  if (context.wasMpls) {
    triggerFreeze(context);
    return;
  }
  const live = group.buckets.filter((bucket) => isAlive(context, bucket, 0));
  if (live.length === 0) {
    context.warn("no live bucket");
    return;
  }
  const chosen =
    group.method === "hash" && group.fields.length > 0
      ? byFields(context, group)
      : group.method === "dp_hash"
        ? byDatapathHash(context, group)
        : bestBucket(live, symmetricBasis(context));
  if (!chosen || chosen === "recirculate") {
    // The original says so in both cases.
    context.warn("no live bucket");
    return;
  }
  const credit = ({ packets, bytes }: { readonly packets: number; readonly bytes: number }) => {
    group.packets += packets;
    group.bytes += bytes;
  };
  if (context.input.statistics) credit(context.input.statistics);
  context.input.cache?.push({ credit });
  runBucket(context, group, chosen, last, translate);
}

/** pick_default_select_group(): the hash of both directions is the same, and all of it matters. */
function symmetricBasis(context: XlateContext): number {
  markSymmetricL4(context);
  return hashSymmetricL4(context.flow, 0);
}

/** flow_mask_hash_fields() for NX_HASH_FIELDS_SYMMETRIC_L4 */
export function markSymmetricL4(context: XlateContext): void {
  const { flow, wildcards } = context;
  unwildcardMac(wildcards, W.ETH_SRC);
  unwildcardMac(wildcards, W.ETH_DST);
  if (isIpv4(flow)) {
    unwildcard(wildcards, W.NW_SRC);
    unwildcard(wildcards, W.NW_DST);
  } else if (isIpv6(flow)) {
    unwildcardIpv6(wildcards, W.IPV6_SRC);
    unwildcardIpv6(wildcards, W.IPV6_DST);
  }
  if (isIpAny(flow)) {
    unwildcard(wildcards, W.NW, 0xff00_0000);
    if (hasPorts(flow)) unwildcard(wildcards, W.TP);
  }
  unwildcard(wildcards, W.VLAN, 0x1fff);
}

/** group_best_live_bucket(): each bucket draws a number, its weight tells how much it counts. */
function bestBucket(live: readonly Bucket[], basis: number): Bucket | undefined {
  let best: Bucket | undefined;
  let bestScore = -1;
  for (const bucket of live) {
    const score = (hashInt(bucket.id, basis) & 0xffff) * bucket.weight;
    if (score >= bestScore && (best === undefined || score > bestScore)) {
      best = bucket;
      bestScore = score;
    }
  }
  return best;
}

/** pick_hash_fields_select_group() */
function byFields(context: XlateContext, group: Group): Bucket | undefined {
  const { flow, wildcards } = context;
  let basis = hashInt64(group.methodParameter);
  for (const { field, mask } of group.fields) {
    if (!prerequisitesHold(flow, field, wildcards)) continue;
    const value = readField(flow, field) & mask;
    basis = hashFieldBytes(value, field.bytes, basis);
    maskField(wildcards, field, mask);
  }
  const live = group.buckets.filter((bucket) => isAlive(context, bucket, 0));
  return bestBucket(live, basis);
}

function hashInt64(value: bigint): number {
  const low = Number(value & 0xffff_ffffn);
  const high = Number(value >> 32n);
  return hashFinish(hashAdd(hashAdd(0, low), high), 8);
}

/** hash_bytes() of a field's value in network order. */
function hashFieldBytes(value: bigint, length: number, basis: number): number {
  const bytes = new Uint8Array(length);
  for (let at = length - 1, rest = value; at >= 0; at--, rest >>= 8n) bytes[at] = Number(rest & 0xffn);
  return hashBytes(bytes, basis);
}

/** pick_dp_hash_select_group(): the datapath computes the hash, so the packet comes back with it. */
function byDatapathHash(context: XlateContext, group: Group): Bucket | undefined | "recirculate" {
  const { flow, wildcards } = context;
  const hash = word(flow, W.DP_HASH);
  if (hash === 0) {
    context.recircUpdateHash = true;
    context.hashAlgorithm = group.hashAlgorithm;
    context.hashBasis = Number(group.methodParameter & 0xffff_ffffn);
    triggerFreeze(context);
    return "recirculate";
  }
  const places = group.hashMap;
  unwildcard(wildcards, W.DP_HASH, places.length - 1);
  const bucket = places[hash & (places.length - 1)];
  if (bucket && isAlive(context, bucket, 0)) return bucket;
  const live = group.buckets.filter((each) => isAlive(context, each, 0));
  return bestBucket(live, hash);
}
