/** Bodies of Open vSwitch's longer extension actions, behind their header. */
import type { Action, Bundle, Multipath } from "./actions.ts";
import { NO_LIMIT, packBits, REASON_ACTION } from "./action-operands.ts";
import type { WireAction } from "./action-types.ts";
import { theField } from "./fields.ts";
import { HASH_FIELDS, MULTIPATH_ALGORITHMS } from "./hash-fields.ts";
import type { MessageWriter } from "./message-bytes.ts";
import { nxmHeaderWord } from "./oxm.ts";
import { Port } from "./ports.ts";
import { writeProperty } from "./properties.ts";

type Controller = Action & { type: "controller" };
type Sample = Action & { type: "sample" };
type Encap = Action & { type: "encap" };

/** The shorter form, unless something needs properties. */
export function controllerForm({ userdata, pause, meter, form }: Controller): WireAction {
  return userdata === undefined && !pause && meter === undefined && form === undefined
    ? "controller"
    : "controller2";
}

export function writeController(out: MessageWriter, action: Controller): void {
  const { maxLength, controllerId, reason, userdata, pause, meter } = action;
  if (controllerForm(action) === "controller") {
    out.u16(maxLength).u16(controllerId).u8(reason);
    return;
  }
  out.zeros(6);
  if (maxLength !== NO_LIMIT) writeProperty(out, 0, (body) => body.u16(maxLength).zeros(2));
  if (controllerId !== 0) writeProperty(out, 1, (body) => body.u16(controllerId).zeros(2));
  if (reason !== REASON_ACTION) writeProperty(out, 2, (body) => body.u8(reason));
  if (userdata !== undefined && userdata.length > 0) writeProperty(out, 3, (body) => body.put(userdata));
  if (pause) writeProperty(out, 4, () => {});
  if (meter !== undefined) writeProperty(out, 5, (body) => body.u32(meter));
}

export function writeBundle(out: MessageWriter, { algorithm, fields, basis, members, to }: Bundle): void {
  out
    .u16(algorithm === "hrw" ? 1 : 0)
    .u16(HASH_FIELDS.indexOf(fields))
    .u16(basis);
  out.u32(nxmHeaderWord(theField("in_port"))).u16(members.length);
  out
    .u16(to ? packBits(to) : 0)
    .u32(to ? nxmHeaderWord(to.field) : 0)
    .zeros(4);
  for (const member of members) out.u16(member);
}

export function sampleForm({ samplingPort, direction, form }: Sample): WireAction {
  if (direction !== undefined || form === "sample3") return "sample3";
  return form === undefined && samplingPort === Port.NONE ? "sample" : "sample2";
}

export function writeSample(out: MessageWriter, action: Sample): void {
  const { probability, collectorSet, domain, point, samplingPort, direction } = action;
  out.u16(probability).u32(collectorSet).u32(domain).u32(point);
  if (sampleForm(action) === "sample") return;
  out.u16(samplingPort).u8(direction === undefined ? 0 : direction === "ingress" ? 1 : 2);
}

export function writeMultipath(out: MessageWriter, action: Multipath): void {
  out.u16(HASH_FIELDS.indexOf(action.fields)).u16(action.basis).zeros(2);
  out.u16(MULTIPATH_ALGORITHMS.indexOf(action.algorithm)).u16(action.maxLink).u32(action.arg).zeros(2);
  out.u16(packBits(action.to)).u32(nxmHeaderWord(action.to.field));
}

/** OFPPPT_PROP_NSH_TLV: class, type, length, value. */
const NSH_TLV = 2;

export function writeEncap(out: MessageWriter, { packetType, properties, headerSize = 0 }: Encap): void {
  out.u16(headerSize).u32(packetType);
  for (const { propClass, propType, value } of properties) {
    const start = out.length;
    // A TLV's property is as long as the TLV, filled up.
    const length = propType === NSH_TLV ? 8 + Math.ceil((value.length - 4) / 8) * 8 : 4 + value.length;
    out.u16(propClass).u8(propType).u8(length).put(value);
    out.pad(8, start);
  }
}
