// Actions that choose by a hash of the flow: multipath writes the number of a link, bundle picks a port
// (Open vSwitch's lib/multipath.c and lib/bundle.c).

import type { Bundle, HashFields, Multipath } from "../../../ovsproto/openflow/actions.ts";
import { Port } from "../../../ovsproto/openflow/ports.ts";
import { maskSubfield, writeSubfield } from "../../../ovsproto/flow/fields.ts";
import {
  isIpAny,
  isIpv4,
  isIpv6,
  macAt,
  unwildcard,
  unwildcardIpv6,
  unwildcardMac,
  W,
  word,
} from "../../../ovsproto/flow/flow.ts";
import {
  countsPorts,
  hashEthernet,
  hashIpv4,
  hashSymmetricL3,
  hashSymmetricL3L4,
  hashSymmetricL4,
  jhashBytes,
} from "../../../ovsproto/flow/hash.ts";
import { hashInt } from "../../../ovsproto/murmur-hash.ts";
import { readIpv6Words } from "../../../ovsproto/flow/ipv6-words.ts";
import { ipv6ToBytes } from "../../../wire/ipv6-address.ts";
import type { XlateContext } from "./context.ts";
import { markSymmetricL4 } from "./group.ts";

/** flow_hash_fields(), with the fields marked that it reads. */
function hashOf(context: XlateContext, fields: HashFields, basis: number): number {
  const { flow, wildcards } = context;
  switch (fields) {
    case "eth_src":
      unwildcardMac(wildcards, W.ETH_SRC);
      return hashEthernet(macAt(flow, W.ETH_SRC), basis);
    case "symmetric_l4":
      markSymmetricL4(context);
      return hashSymmetricL4(flow, basis);
    case "symmetric_l3l4":
    case "symmetric_l3l4+udp":
      markAddresses(context);
      if (isIpAny(flow)) {
        unwildcard(wildcards, W.NW, 0xff00_0000);
        if (countsPorts(flow, fields === "symmetric_l3l4+udp")) unwildcard(wildcards, W.TP);
      }
      return hashSymmetricL3L4(flow, basis, fields === "symmetric_l3l4+udp");
    case "symmetric_l3":
      markAddresses(context);
      return hashSymmetricL3(flow, basis);
    case "nw_src":
    case "nw_dst":
      return hashAddress(context, fields === "nw_src", basis);
  }
}

function markAddresses({ flow, wildcards }: XlateContext): void {
  if (isIpv4(flow)) {
    unwildcard(wildcards, W.NW_SRC);
    unwildcard(wildcards, W.NW_DST);
  } else if (isIpv6(flow)) {
    unwildcardIpv6(wildcards, W.IPV6_SRC);
    unwildcardIpv6(wildcards, W.IPV6_DST);
  }
}

function hashAddress({ flow, wildcards }: XlateContext, source: boolean, basis: number): number {
  if (isIpv4(flow)) {
    const at = source ? W.NW_SRC : W.NW_DST;
    unwildcard(wildcards, at);
    return hashIpv4(word(flow, at), basis);
  }
  if (isIpv6(flow)) {
    const at = source ? W.IPV6_SRC : W.IPV6_DST;
    unwildcardIpv6(wildcards, at);
    return jhashBytes(ipv6ToBytes(readIpv6Words(flow, at)), basis);
  }
  return basis >>> 0;
}

/** multipath_execute() */
export function multipathLink(context: XlateContext, action: Multipath): void {
  const hash = hashOf(context, action.fields, action.basis);
  const links = action.maxLink + 1;
  maskSubfield(context.wildcards, action.to);
  writeSubfield(context.flow, action.to, BigInt(linkOf(action, hash, links)));
}

function linkOf({ algorithm, arg }: Multipath, hash: number, links: number): number {
  switch (algorithm) {
    case "modulo_n":
      return hash % links;
    case "hash_threshold":
      return links === 1 ? 0 : Math.floor(hash / (Math.floor(0xffff_ffff / links) + 1));
    case "hrw": {
      let best = 0;
      let bestHash = hashInt(hash, 0);
      for (let link = 1; link < links; link++) {
        const each = hashInt(hash, link);
        if (each <= bestHash) continue;
        best = link;
        bestHash = each;
      }
      return best;
    }
    case "iter_hash": {
      // algorithm_iter(): hashes are drawn until one is a link
      const modulo = arg < links || Math.floor(arg / links) > 4 ? 2 ** Math.ceil(Math.log2(links)) : arg;
      for (let tries = 0; ; tries++) {
        const link = hashInt(hash, tries) % modulo;
        if (link < links) return link;
      }
    }
  }
}

const ALWAYS_ENABLED: ReadonlySet<number> = new Set([
  Port.IN_PORT,
  Port.TABLE,
  Port.NORMAL,
  Port.FLOOD,
  Port.ALL,
  Port.NONE,
]);

/** bundle_execute(): the port, or NONE if no member is up. */
export function bundleMember(context: XlateContext, action: Bundle): number {
  // member_enabled_cb(): ports that stand for others are always
  const enabled = (number: number) =>
    ALWAYS_ENABLED.has(number) || context.bridge.port(number)?.mayEnable === true;
  if (action.algorithm === "active_backup") return action.members.find(enabled) ?? 0xffff;
  // One member is the best by any hash.
  const hash = action.members.length > 1 ? hashOf(context, action.fields, action.basis) : 0;
  let best = 0xffff;
  let bestHash = -1;
  action.members.forEach((member, at) => {
    if (!enabled(member)) return;
    const each = hashInt(at, hash);
    if (each > bestHash || bestHash < 0) {
      best = member;
      bestHash = each;
    }
  });
  return best;
}
