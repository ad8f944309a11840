// Writing a field of the packet, and how the trace tells of a field that has changed.

import type { Action } from "../../../ovsproto/openflow/actions.ts";
import type { Field } from "../../../ovsproto/openflow/fields.ts";
import { alternateHex, formatFieldValue } from "../../../ovsproto/openflow/field-text.ts";
import { formatSubfield } from "../../../ovsproto/openflow/subfield.ts";
import type { Subfield } from "../../../ovsproto/openflow/subfield.ts";
import {
  maskField,
  prerequisitesHold,
  readField,
  readSubfield,
  writeField,
} from "../../../ovsproto/flow/fields.ts";
import { clearOption, dlType, unwildcardProtocol } from "../../../ovsproto/flow/flow.ts";
import type { Flow } from "../../../ovsproto/flow/flow.ts";
import type { XlateContext } from "./context.ts";

const ARP = 0x0806;

/** xlate_report_subfield() */
export function reportSubfield(context: XlateContext, subfield: Subfield): void {
  if (context.trace === undefined) return;
  const { field } = subfield;
  const text =
    subfield.bits >= field.bits
      ? formatFieldValue(field, readField(context.flow, field))
      : alternateHex(readSubfield(context.flow, subfield));
  context.detail(`${formatSubfield(subfield)} is now ${text}`);
}

export function setField(
  context: XlateContext,
  action: Extract<Action, { readonly type: "set_field" }>,
): void {
  const { flow, wildcards } = context;
  const { field, value, mask } = action;
  if (!prerequisitesHold(flow, field, wildcards)) {
    context.warn(`unmet prerequisites for ${field.name}, set_field ignored`);
    return;
  }
  maskField(wildcards, field, mask);
  if (changesNetwork(field, flow)) unwildcardProtocol(wildcards);
  writeField(flow, field, value, mask);
}

/** mf_set_mask_l3_prereqs() */
export function changesNetwork({ name, prerequisite }: Field, flow: Flow): boolean {
  if (name === "ip_dscp") return false; // which the original forgets
  if (prerequisite === "arp") return dlType(flow) === ARP; // not of RARP
  return prerequisite === "ip" || prerequisite === "ipv4" || prerequisite === "ipv6";
}

/** xlate_delete_field(): only tunnel options can be deleted. */
export function deleteField(context: XlateContext, field: Field): void {
  if (field.tunMetadata !== undefined) clearOption(context.flow, field.tunMetadata);
  context.detail(`delete ${field.name}`);
}
