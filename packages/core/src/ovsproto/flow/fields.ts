// Fields of OpenFlow in a flow: reading, writing and unwildcarding them by their entry in the field table. Values are bigints,
// because fields have up to 128 bits; the path of a packet does not come by here, only its first translation.

import type { Field } from "../openflow/fields.ts";
import { onesOf, readKeyBits, writeKeyBits } from "../openflow/flow-key.ts";
import { Match } from "../openflow/match.ts";
import { prerequisiteHolds } from "../openflow/prerequisites.ts";
import type { Subfield } from "../openflow/subfield.ts";
import {
  isIpAny,
  isIpv4,
  isIpv6,
  markOption,
  newFlow,
  nwProto,
  tpDst,
  unwildcard,
  VLAN_PRESENT,
  vlanTci,
  W,
} from "./flow.ts";
import type { Flow } from "./flow.ts";

const PROTOCOL_ICMPV6 = 58;
const ALL = newFlow().fill(0xffff_ffff);
const ignored = newFlow();

/** mf_get_value() */
export function readField(flow: Flow, field: Field): bigint {
  if (field.name === "dl_vlan") return BigInt(vlanTci(flow) & 0xfff);
  return new Match(flow, ALL).get(field).value;
}

/** mf_read_subfield() */
export function readSubfield(flow: Flow, { field, offset, bits }: Subfield): bigint {
  return (readField(flow, field) >> BigInt(offset)) & onesOf(bits);
}

/** mf_set_flow_value_masked() */
export function writeField(flow: Flow, field: Field, value: bigint, mask: bigint = field.ones): void {
  const whole = (readField(flow, field) & ~mask) | (value & mask);
  switch (field.name) {
    case "vlan_tci":
      // The TPID stays; without the bit that says that there is a tag there is none.
      if (field.at) writeKeyBits(flow, field.at, whole);
      return;
    case "in_port":
      if (field.at) writeKeyBits(flow, field.at, whole & 0xffffn);
      return;
    default:
      new Match(flow, ignored).set(field, whole);
      if (field.tunMetadata !== undefined) markOption(flow, field.tunMetadata);
  }
  // flow_fix_vlan_tpid()
  const tag = flow[W.VLAN] ?? 0;
  if (field.name === "vlan_vid" && (tag & VLAN_PRESENT) !== 0 && tag >>> 16 === 0)
    flow[W.VLAN] = (0x8100_0000 | tag) >>> 0;
}

/** mf_write_subfield_flow() */
export function writeSubfield(flow: Flow, { field, offset, bits }: Subfield, value: bigint): void {
  writeField(flow, field, (value & onesOf(bits)) << BigInt(offset), onesOf(bits) << BigInt(offset));
}

/** mf_mask_field_masked(): the bits of the field that matter now. */
export function maskField(
  wildcards: Flow,
  field: Field,
  mask: bigint = onesOf(field.at?.bits ?? field.bits),
): void {
  switch (field.name) {
    case "dl_vlan":
    case "vlan_vid":
      unwildcard(wildcards, W.VLAN, 0x1fff);
      return;
    case "dl_vlan_pcp":
    case "vlan_pcp":
      unwildcard(wildcards, W.VLAN, 0xf000);
      return;
  }
  if (field.tunMetadata !== undefined) markOption(wildcards, field.tunMetadata);
  if (field.at) writeKeyBits(wildcards, field.at, readKeyBits(wildcards, field.at) | mask);
}

export function maskSubfield(wildcards: Flow, { field, offset, bits }: Subfield): void {
  maskField(wildcards, field, onesOf(bits) << BigInt(offset));
}

/** mf_are_prereqs_ok(), with what it looks at marked. */
export function prerequisitesHold(flow: Flow, field: Field, wildcards: Flow | undefined): boolean {
  if (wildcards && field.prerequisite !== "none") markPrerequisites(flow, field, wildcards);
  return prerequisiteHolds(field.prerequisite, new Match(flow, ALL));
}

/** is_tcp(), is_icmpv4(), is_nd() and the like: each part is looked at only if the one before it allows it. */
function markPrerequisites(flow: Flow, { prerequisite }: Field, wildcards: Flow): void {
  switch (prerequisite) {
    case "vlan":
      unwildcard(wildcards, W.VLAN, VLAN_PRESENT);
      return;
    case "tcp":
    case "udp":
    case "sctp":
      if (isIpAny(flow)) unwildcard(wildcards, W.NW, 0xff00_0000);
      return;
    case "icmpv4":
      if (isIpv4(flow)) unwildcard(wildcards, W.NW, 0xff00_0000);
      return;
    case "icmpv6":
    case "nd":
    case "nd-solicit":
    case "nd-advert":
      if (isIpv6(flow)) unwildcard(wildcards, W.NW, 0xff00_0000);
      if (prerequisite === "icmpv6" || !isIpv6(flow) || nwProto(flow) !== PROTOCOL_ICMPV6) return;
      unwildcard(wildcards, W.TP, 0xffff);
      if (tpDst(flow) === 0) unwildcard(wildcards, W.TP, 0xffff_0000);
      return;
    default:
      return;
  }
}
