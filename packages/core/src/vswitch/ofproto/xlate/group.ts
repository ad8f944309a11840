// Groups in a translation (xlate_group_action): all, indirect, select by hash, fast failover.

import { hashSymmetricL4 } from "../../../ovsproto/flow/hash.ts";
import { hashAdd, hashBytes, hashFinish, hashInt } from "../../../ovsproto/murmur-hash.ts";
import {
  FRAG_LATER,
  isIpAny,
  isIpv4,
  isIpv6,
  nwFrag,
  nwProto,
  unwildcard,
  unwildcardIpv6,
  unwildcardMac,
  W,
  word,
} from "../../../ovsproto/flow/flow.ts";
import { maskField, prerequisitesHold, readField } from "../../../ovsproto/flow/fields.ts";
import { formatPort } from "../../../ovsproto/openflow/names.ts";
import { PROTOCOL_UDP } from "../../../ovsproto/datapath/tunnel-header.ts";
import type { Bucket, Group } from "../group.ts";
import { orderActionSet } from "./action-set.ts";
import type { XlateContext } from "./context.ts";
import { finishFreezing, triggerFreeze } from "./freeze.ts";
import { resourcesLeft } from "./table.ts";
import type { Translator } from "./table.ts";
import { forwards } from "./output.ts";

const PROTOCOL_ICMP = 1;
const PROTOCOL_ICMPV6 = 58;
/** Groups that watch groups. */
const MAX_LIVENESS_RECURSION = 128;

export function groupAction(context: XlateContext, id: number, last: boolean, translate: Translator): void {
  if (!resourcesLeft(context)) return;
  const group = context.bridge.groups.get(id);
  if (!group) {
    context.warn(`output to nonexistent group ${id}`);
    return;
  }
  const wasInGroup = context.inGroup;
  context.inGroup = true;
  switch (group.type) {
    case "all":
    case "indirect":
      creditTo(context, group);
      group.buckets.forEach((bucket, at) =>
        runBucket(context, bucket, last && at === group.buckets.length - 1, translate),
      );
      break;
    case "select":
      select(context, group, last, translate);
      break;
    case "ff": {
      const live = firstAlive(context, group, 0);
      if (live) {
        context.detail(`using bucket ${live.id}`);
        creditTo(context, group);
        runBucket(context, live, last, translate);
      } else context.detail("no live bucket");
    }
  }
  context.inGroup = wasInGroup;
}

/** bucket_is_alive() */
function isAlive(context: XlateContext, bucket: Bucket, depth: number): boolean {
  if (depth >= MAX_LIVENESS_RECURSION) {
    context.fail(`bucket chaining exceeded ${MAX_LIVENESS_RECURSION} links`);
    return false;
  }
  if (bucket.watchPort === undefined && bucket.watchGroup === undefined) return true;
  if (bucket.watchPort !== undefined) {
    const port = context.bridge.port(bucket.watchPort);
    if (port && !port.config.down && port.mayEnable && forwards(port)) return true;
  }
  if (bucket.watchGroup === undefined) return false;
  const group = context.bridge.groups.get(bucket.watchGroup);
  return group !== undefined && firstAlive(context, group, depth + 1) !== undefined;
}

/** group_first_live_bucket(): the trace tells why those before it are not. */
function firstAlive(context: XlateContext, group: Group, depth: number): Bucket | undefined {
  for (const bucket of group.buckets) {
    if (isAlive(context, bucket, depth)) return bucket;
    reportDead(context, bucket);
  }
  return undefined;
}

/** xlate_report_bucket_not_live(): which calls groups ports, too. */
function reportDead(context: XlateContext, { id, watchPort, watchGroup }: Bucket): void {
  if (context.trace === undefined) return;
  const watched = [
    ...(watchPort === undefined ? [] : [`port ${formatPort(watchPort)}`]),
    ...(watchGroup === undefined ? [] : [`port ${watchGroup}`]),
  ];
  context.detail(`bucket ${id}: not live due to ${watched.join(" and ")}`);
}

/** xlate_group_bucket(): changes that a bucket makes to the packet end with it. */
function runBucket(context: XlateContext, bucket: Bucket, last: boolean, translate: Translator): void {
  const saved = {
    trace: context.trace,
    flow: context.flow.slice(),
    actionSet: context.actionSet,
    wasMpls: context.wasMpls,
  };
  context.trace = context.report("bucket", `bucket ${bucket.id}`);
  context.depth++;
  context.actionSet = [];
  translate(orderActionSet(bucket.actions), context, last);
  context.depth--;
  if (context.freezing) finishFreezing(context);
  context.actionSet = saved.actionSet;
  context.flow = saved.flow;
  context.wasMpls = saved.wasMpls;
  // what a bucket waits for does not keep the packet as it was before
  context.exit = false;
  context.trace = saved.trace;
  creditTo(context, bucket);
}

/** xlate_group_stats() */
function creditTo({ input }: XlateContext, to: Group | Bucket): void {
  const credit = ({ packets, bytes }: { readonly packets: number; readonly bytes: number }) => {
    to.packets += packets;
    to.bytes += bytes;
  };
  if (input.statistics) credit(input.statistics);
  input.cache?.push({ credit });
}

function select(context: XlateContext, group: Group, last: boolean, translate: Translator): void {
  if (context.wasMpls) triggerFreeze(context);
  const chosen = context.wasMpls ? undefined : choose(context, group);
  if (!chosen) {
    context.detail("no live bucket");
    return;
  }
  context.detail(`using bucket ${chosen.id}`);
  creditTo(context, group);
  runBucket(context, chosen, last, translate);
}

/** Undefined: none is live, or the packet comes back first; the original calls both so. */
function choose(context: XlateContext, group: Group): Bucket | undefined {
  switch (group.method) {
    case "hash":
      return byFields(context, group);
    case "dp_hash":
      return byDatapathHash(context, group);
    case "default":
      return bestBucket(context, group, symmetricBasis(context));
  }
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
    // flow_unwildcard_tp_ports(): whatever stands in their place counts, but the hash leaves UDP's ports out
    const protocol = nwProto(flow);
    const later = (nwFrag(flow) & FRAG_LATER) !== 0;
    if (protocol !== PROTOCOL_UDP && !later) {
      const icmp = protocol === PROTOCOL_ICMP || protocol === PROTOCOL_ICMPV6;
      unwildcard(wildcards, W.TP, icmp ? 0x00ff_00ff : 0xffff_ffff);
    }
  }
  unwildcard(wildcards, W.VLAN, 0x1fff);
  unwildcard(wildcards, W.INNER_VLAN, 0x1fff);
}

/** group_best_live_bucket(): each bucket draws a number, its weight tells how much it counts. */
function bestBucket(context: XlateContext, group: Group, basis: number): Bucket | undefined {
  let best: Bucket | undefined;
  let bestScore = 0;
  for (const bucket of group.buckets) {
    if (bucket.weight === 0 || !isAlive(context, bucket, 0)) {
      reportDead(context, bucket);
      continue;
    }
    const score = ((hashInt(bucket.id, basis) & 0xffff) * bucket.weight) >>> 0;
    if (score >= bestScore) {
      best = bucket;
      bestScore = score;
    }
    context.detail(`bucket ${bucket.id}: score ${score}`);
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
  return bestBucket(context, group, basis);
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
function byDatapathHash(context: XlateContext, group: Group): Bucket | undefined {
  const { flow, wildcards } = context;
  const hash = word(flow, W.DP_HASH);
  if (hash === 0) {
    context.recircUpdateHash = true;
    context.hashAlgorithm = group.hashAlgorithm;
    context.hashBasis = group.hashBasis;
    triggerFreeze(context);
    return undefined;
  }
  const places = group.hashMap;
  unwildcard(wildcards, W.DP_HASH, places.length - 1);
  // Buckets are spread over the places, so weights still count when the next place stands in for a dead bucket's.
  for (let place = 0; place < places.length; place++) {
    const bucket = places[(hash + place) & (places.length - 1)];
    if (bucket && isAlive(context, bucket, 0)) return bucket;
  }
  return undefined;
}
