/** Open vSwitch's extension actions from bytes. Layouts: ovs-actions(7) and nicira-ext.h name them NXAST_*. */
import { ENCAP_PACKET_TYPES } from "./actions.ts";
import type { Action, EncapProperty } from "./actions.ts";
import { isOutputPort } from "./action-check.ts";
import {
  badArgument,
  checkDestination,
  checkSource,
  NO_LIMIT,
  PT_USE_NEXT_PROTO,
  readMove,
  REASON_ACTION,
} from "./action-operands.ts";
import type { OuterAction } from "./action-verify.ts";
import type { WireAction } from "./action-types.ts";
import { OpenflowError } from "./errors.ts";
import { theField } from "./fields.ts";
import { HASH_FIELDS, MULTIPATH_ALGORITHMS } from "./hash-fields.ts";
import { readLearn } from "./learn-codec.ts";
import type { MessageReader } from "./message-bytes.ts";
import { fieldOfWord, nxmHeaderWord, readFieldHeader, readOxmArgument } from "./oxm.ts";
import { readNat } from "./nat-codec.ts";
import { Port } from "./ports.ts";
import { propertyU16, propertyU32, propertyU8, readProperty, unknownProperty } from "./properties.ts";
import type { Subfield } from "./subfield.ts";

/** Reads the actions that an action holds. */
export type NestedReader = (from: MessageReader, outer: OuterAction) => readonly Action[];

const ETHERNET_HEADER = 14;
const BUNDLE_MAX_MEMBERS = 2048;
const mustBeZero = () => new OpenflowError("NXBRC_MUST_BE_ZERO");
const badLength = () => new OpenflowError("OFPBAC_BAD_LEN");

/** A field by its 32-bit header, with the packed offset and width before it. */
function packed(bits: number, word: number): Subfield {
  return { field: fieldOfWord(word), offset: bits >>> 6, bits: (bits & 0x3f) + 1 };
}

function source(from: MessageReader, subfield: Subfield): Subfield {
  checkSource(subfield, from.log);
  return subfield;
}

function destination(from: MessageReader, subfield: Subfield): Subfield {
  checkDestination(subfield, from.log);
  return subfield;
}

function load(from: MessageReader): Action {
  const bits = from.u16();
  const to = destination(from, packed(bits, from.u32()));
  const value = from.u64();
  if (to.bits < 64 && value >> BigInt(to.bits) !== 0n) throw badArgument();
  return { type: "load", to, value };
}

function load2(from: MessageReader): Action {
  const { field, value, mask } = readOxmArgument(from);
  if (!from.restIsZero()) throw new OpenflowError("OFPBAC_BAD_SET_ARGUMENT");
  if (!field.writable) {
    from.log?.("ofp_actions", "WARN", `destination field ${field.name} is not writable`);
    throw new OpenflowError("OFPBAC_BAD_SET_ARGUMENT");
  }
  return { type: "set_field", field, value, mask, form: "load2" };
}

function controller2(from: MessageReader): Action {
  if (!from.zero(6)) throw mustBeZero();
  let maxLength = NO_LIMIT;
  let controllerId = 0;
  let reason = REASON_ACTION;
  let userdata: Uint8Array | undefined;
  let pause = false;
  let meter: number | undefined;
  while (from.left > 0) {
    const property = readProperty(from);
    if (property.experimenter !== 0) throw unknownProperty(property);
    switch (property.type) {
      case 0:
        maxLength = propertyU16(property);
        break;
      case 1:
        controllerId = propertyU16(property);
        break;
      case 2:
        reason = propertyU8(property);
        break;
      case 3:
        userdata = property.body.slice();
        break;
      case 4:
        pause = true;
        break;
      case 5:
        meter = propertyU32(property) || undefined; // NX_CTLR_NO_METER
        break;
      default:
        throw unknownProperty(property);
    }
  }
  return { type: "controller", maxLength, controllerId, reason, userdata, pause, meter, form: "controller2" };
}

function multipath(from: MessageReader): Action {
  const fields = HASH_FIELDS[from.u16()];
  const basis = from.u16();
  from.skip(2);
  const algorithm = MULTIPATH_ALGORITHMS[from.u16()];
  const maxLink = from.u16();
  const arg = from.u32();
  from.skip(2);
  const bits = from.u16();
  const to = packed(bits, from.u32());
  if (fields === undefined || algorithm === undefined) throw badArgument();
  if (2 ** to.bits < maxLink + 1) throw badArgument();
  return { type: "multipath", fields, basis, algorithm, maxLink, arg, to: destination(from, to) };
}

function bundle(from: MessageReader, withLoad: boolean): Action {
  const algorithm = from.u16();
  const fieldsNumber = from.u16();
  const fields = HASH_FIELDS[fieldsNumber];
  const basis = from.u16();
  const memberType = from.u32();
  const count = from.u16();
  const bits = from.u16();
  const word = from.u32();
  let fault: OpenflowError | undefined;
  const warn = (text: string, error = badArgument()): void => {
    from.log?.("ofp_actions", "WARN", text);
    fault = error;
  };
  if (fields === undefined) warn(`unsupported fields ${fieldsNumber}`);
  else if (count > BUNDLE_MAX_MEMBERS) warn("too many members");
  else if (algorithm > 1) warn(`unsupported algorithm ${algorithm}`);
  else if (memberType !== nxmHeaderWord(theField("in_port")))
    warn(`unsupported member type ${memberType & 0xffff}`);
  if (!from.zero(4)) warn("reserved field is nonzero");
  const to = withLoad ? packed(bits, word) : undefined;
  if (to) fault = undefined; // in the original the answer about the destination takes its place
  if (to && to.bits < 16) warn("bundle_load action requires at least 16 bit destination.");
  if (!to && (bits !== 0 || word !== 0)) warn("bundle action has nonzero reserved fields");
  if (from.left < 2 * count) {
    const what = `Nicira action ${withLoad ? "bundle_load" : "bundle"} only has ${from.left} bytes allocated for members.`;
    warn(`${what}  ${2 * count} bytes are required for ${count} members.`, badLength());
  }
  if (fault || fields === undefined) throw fault ?? badArgument();
  const members = Array.from({ length: count }, () => from.u16());
  if (to) checkDestination(to, from.log);
  for (const port of members) {
    if (port === Port.NONE || (isOutputPort(port) && port !== Port.CONTROLLER)) continue;
    const text = isOutputPort(port) ? "unsupported controller member" : `invalid member ${port}`;
    from.log?.("bundle", "WARN", text);
    throw new OpenflowError("OFPBAC_BAD_OUT_PORT");
  }
  return { type: "bundle", algorithm: algorithm === 0 ? "active_backup" : "hrw", fields, basis, members, to };
}

function ct(from: MessageReader, nested: NestedReader): Action {
  const flags = from.u16();
  const word = from.u32();
  const zoneOrBits = from.u16();
  const recirculateTable = from.u8();
  from.skip(3);
  const alg = from.u16();
  const commit = (flags & 1) !== 0;
  const force = (flags & 2) !== 0;
  if (force && !commit) throw badArgument();
  const zone = word === 0 ? zoneOrBits : source(from, packed(zoneOrBits, word));
  if (typeof zone !== "number" && zone.bits !== 16) {
    from.log?.("ofp_actions", "WARN", `zone n_bits ${zone.bits} not within valid range [16..16]`);
    throw new OpenflowError("OFPBAC_BAD_SET_LEN");
  }
  const actions = nested(from, "ct");
  const harmless = (action: Action) =>
    action.type === "nat" && action.direction === undefined && action.addresses === undefined;
  if (!commit && !actions.every(harmless)) {
    const text = "CT action requires commit flag if actions other than NAT without arguments are specified.";
    from.log?.("ofp_actions", "WARN", text);
    throw badArgument();
  }
  return { type: "ct", commit, force, zone, recirculateTable, alg, actions };
}

function sample(from: MessageReader, name: "sample" | "sample2" | "sample3"): Action {
  const probability = from.u16();
  const collectorSet = from.u32();
  const domain = from.u32();
  const point = from.u32();
  const samplingPort = name === "sample" ? Port.NONE : from.u16();
  let direction: "ingress" | "egress" | undefined;
  if (name === "sample3") {
    const number = from.u8();
    if (!from.restIsZero()) throw mustBeZero();
    if (number > 2) throw badArgument();
    direction = ([undefined, "ingress", "egress"] as const)[number];
  }
  if (probability === 0) throw badArgument();
  return {
    type: "sample",
    probability,
    collectorSet,
    domain,
    point,
    samplingPort,
    direction,
    ...(name === "sample" ? {} : { form: name }),
  };
}

/** OFPPPT_PROP_NSH_MDTYPE, OFPPPT_PROP_NSH_TLV */
const NSH_MD_TYPE = 1;
const NSH_TLV = 2;

function encap(from: MessageReader): Action {
  const headerSize = from.u16();
  const packetType = from.u32();
  if (![...ENCAP_PACKET_TYPES.values()].includes(packetType))
    throw new OpenflowError("NXBAC_BAD_HEADER_TYPE");
  const properties: EncapProperty[] = [];
  while (from.left > 0) {
    if (from.left < 4) throw new OpenflowError("NXBAC_BAD_ED_PROP");
    const propClass = from.u16();
    const propType = from.u8();
    const length = from.u8();
    const padded = Math.ceil(length / 8) * 8;
    if (padded - 4 > from.left) throw badLength();
    if (propClass !== 4 || (propType !== NSH_MD_TYPE && propType !== NSH_TLV))
      throw new OpenflowError("NXBAC_UNKNOWN_ED_PROP");
    const malformed = () => new OpenflowError("NXBAC_BAD_ED_PROP");
    if (length < 1) throw malformed(); // the original never ends with these
    const whole = from.take(padded - 4);
    // A TLV's property is as long as the TLV, filled up.
    if (propType === NSH_MD_TYPE ? length > 8 : length !== 8 + Math.ceil((whole[3] ?? 0) / 8) * 8)
      throw malformed();
    properties.push({ propClass, propType, value: propType === NSH_MD_TYPE ? whole.slice(0, 1) : whole });
  }
  return { type: "encap", packetType, properties, ...(headerSize === 0 ? {} : { headerSize }) };
}

/** @param from behind the subtype */
export function decodeNiciraAction(name: WireAction, from: MessageReader, nested: NestedReader): Action {
  switch (name) {
    case "resubmit":
      return { type: "resubmit", port: from.u16(), table: 255, ct: false, form: "port" };
    case "resubmit_table":
    case "resubmit_table_ct": {
      const port = from.u16();
      const table = from.u8();
      if (!from.restIsZero()) throw badArgument();
      return { type: "resubmit", port, table, ct: name === "resubmit_table_ct" };
    }
    case "set_tunnel":
      from.skip(2);
      return { type: "set_tunnel", id: BigInt(from.u32()), wide: false };
    case "set_tunnel64":
      from.skip(6);
      return { type: "set_tunnel", id: from.u64(), wide: true };
    case "dec_ttl_cnt_ids": {
      const count = from.u16();
      if (!from.zero(4)) throw mustBeZero();
      if (from.left < 2 * count) {
        const text = `Nicira action dec_ttl_cnt_ids only has ${from.left} bytes allocated for controller ids.  ${2 * count} bytes are required for ${count} controllers.`;
        from.log?.("ofp_actions", "WARN", text);
        throw badLength();
      }
      return { type: "dec_ttl", controllers: Array.from({ length: count }, () => from.u16()), plain: false };
    }
    case "reg_load":
      return load(from);
    case "reg_load2":
      return load2(from);
    case "reg_move": {
      const bits = from.u16();
      const first = from.u16();
      const second = from.u16();
      return { type: "move", ...readMove(from, bits, first, second) };
    }
    case "note":
      return { type: "note", bytes: from.rest().slice() };
    case "multipath":
      return multipath(from);
    case "bundle":
    case "bundle_load":
      return bundle(from, name === "bundle_load");
    case "output_reg": {
      const bits = from.u16();
      const word = from.u32();
      const maxLength = from.u16();
      if (!from.restIsZero()) throw badArgument();
      return { type: "output_reg", source: source(from, packed(bits, word)), maxLength };
    }
    case "output_reg2": {
      const bits = from.u16();
      const maxLength = from.u16();
      const subfield = { field: readFieldHeader(from), offset: bits >>> 6, bits: (bits & 0x3f) + 1 };
      if (!from.restIsZero()) throw mustBeZero();
      return { type: "output_reg", source: source(from, subfield), maxLength, form: "output_reg2" };
    }
    case "learn":
    case "learn2":
      return readLearn(from, name);
    case "fin_timeout":
      return { type: "fin_timeout", idle: from.u16(), hard: from.u16() };
    case "controller":
      return {
        type: "controller",
        maxLength: from.u16(),
        controllerId: from.u16(),
        reason: from.u8(),
        userdata: undefined,
        pause: false,
        meter: undefined,
      };
    case "controller2":
      return controller2(from);
    case "write_metadata":
      if (!from.zero(6)) throw mustBeZero();
      return { type: "write_metadata", value: from.u64(), mask: from.u64() };
    case "push":
    case "pop": {
      const offset = from.u16();
      const field = readFieldHeader(from);
      const bits = from.u16();
      if (!from.restIsZero()) throw mustBeZero();
      const subfield = { field, offset, bits };
      return { type: name, subfield: name === "push" ? source(from, subfield) : destination(from, subfield) };
    }
    case "sample":
    case "sample2":
    case "sample3":
      return sample(from, name);
    case "conjunction": {
      const clause = from.u8();
      const clauses = from.u8();
      if (clauses < 2 || clauses > 64 || clause >= clauses) throw new OpenflowError("NXBAC_BAD_CONJUNCTION");
      return { type: "conjunction", id: from.u32(), clause, clauses };
    }
    case "ct":
      return ct(from, nested);
    case "nat":
      return readNat(from);
    case "output_trunc": {
      const port = from.u16();
      const maxLength = from.u32();
      if (maxLength < ETHERNET_HEADER) throw badArgument();
      return { type: "output_trunc", port, maxLength };
    }
    case "clone":
      from.skip(6);
      return { type: "clone", actions: nested(from, "none") };
    case "encap":
      return encap(from);
    case "decap": {
      from.skip(2);
      const packetType = from.u32();
      if (from.left > 0) throw new OpenflowError("NXBAC_UNKNOWN_ED_PROP");
      return { type: "decap", packetType: packetType === PT_USE_NEXT_PROTO ? undefined : packetType };
    }
    case "check_pkt_larger": {
      const length = from.u16();
      const offset = from.u16();
      const to = { field: readFieldHeader(from), offset, bits: 1 };
      if (!from.restIsZero()) throw mustBeZero();
      return { type: "check_pkt_larger", length, to: destination(from, to) };
    }
    case "delete_field":
      return { type: "delete_field", field: readFieldHeader(from) };
    case "debug_recirc":
    case "debug_slow":
      if (!from.testing) throw new OpenflowError("OFPBAC_BAD_VENDOR_TYPE");
      if (!from.restIsZero()) throw mustBeZero();
      return { type: name };
    default:
      throw new OpenflowError("OFPBAC_BAD_VENDOR_TYPE");
  }
}
