/** Actions and instructions from bytes: the frame of each, and those that the standard or a simple number defines. */
import type { Action } from "./actions.ts";
import { isOutputPort, verifyActions } from "./action-check.ts";
import { isDeprecated, wireActionOf, wireActionText } from "./action-types.ts";
import type { WireAction, WireForm } from "./action-types.ts";
import { mayBeInActionSet } from "./action-verify.ts";
import type { OuterAction } from "./action-verify.ts";
import { OpenflowError, Vendor } from "./errors.ts";
import type { OpenFlowVersion } from "./fields.ts";
import { readPort32 } from "./fixed-match.ts";
import { badArgument, readMove } from "./action-operands.ts";
import { decodeNiciraAction } from "./nicira-actions.ts";
import type { MessageReader } from "./message-bytes.ts";
import { isValueValid, readOxmArgument } from "./oxm.ts";
import { alternateHex, formatFieldValue } from "./field-text.ts";
import { bareDump } from "./hex-dump.ts";
import { Port, PORT_MAX } from "./ports.ts";

const EXPERIMENTER = 0xffff;
const VID_PRESENT = 0x1000n;

function setField(from: MessageReader, maskAllowed: boolean): Action {
  const { header, field, value, mask } = readOxmArgument(from);
  if (!maskAllowed && header.masked) throw new OpenflowError("OFPBAC_BAD_SET_MASK");
  const bad = () => new OpenflowError("OFPBAC_BAD_SET_ARGUMENT");
  if (!from.restIsZero() || field.name === "in_port_oxm") throw bad();
  if (!field.writable) {
    from.log?.("ofp_actions", "WARN", `destination field ${field.name} is not writable`);
    throw bad();
  }
  const absent = field.name === "vlan_vid" && (value & mask & VID_PRESENT) === 0n;
  if (!isValueValid(field, value) || absent) {
    from.log?.(
      "ofp_actions",
      "WARN",
      `Invalid value for set field ${field.name}: ${formatFieldValue(field, value)}`,
    );
    throw bad();
  }
  return { type: "set_field", field, value, mask };
}

function output(port: number, maxLength: number): Action {
  if (!isOutputPort(port)) throw new OpenflowError("OFPBAC_BAD_OUT_PORT");
  return { type: "output", port, maxLength };
}

const below = (limit: number, value: number): number => {
  if (value > limit) throw badArgument();
  return value;
};

/** Forms with a number at most; `from` stands behind type and length (and an extension's subtype). */
function decodeSimple(name: WireAction, from: MessageReader, extension: boolean): Action | undefined {
  // Extensions keep 32-bit numbers at a multiple of 4.
  const u32 = () => {
    if (extension) from.skip(2);
    return from.u32();
  };
  switch (name) {
    case "output10":
      return output(from.u16(), from.u16());
    case "output11":
      return output(readPort32(from), from.u16());
    case "set_vlan_vid10":
    case "set_vlan_vid11":
      return { type: "set_vlan_vid", vid: below(0xfff, from.u16()), push: name === "set_vlan_vid10" };
    case "set_vlan_pcp10":
    case "set_vlan_pcp11":
      return { type: "set_vlan_pcp", pcp: below(7, from.u8()), push: name === "set_vlan_pcp10" };
    case "strip_vlan":
    case "pop_vlan":
      return { type: "strip_vlan", pop: name === "pop_vlan" };
    case "push_vlan": {
      const ethertype = from.u16();
      if (ethertype !== 0x8100 && ethertype !== 0x88a8) throw badArgument();
      return { type: "push_vlan", ethertype };
    }
    case "set_dl_src":
    case "set_dl_dst":
      return { type: name === "set_dl_src" ? "set_eth_src" : "set_eth_dst", mac: Number(from.wide(6)) };
    case "set_nw_src":
    case "set_nw_dst":
      return { type: name === "set_nw_src" ? "set_ipv4_src" : "set_ipv4_dst", address: from.u32() };
    case "set_nw_tos": {
      const tos = from.u8();
      if ((tos & 3) !== 0) throw badArgument();
      return { type: "set_ip_dscp", tos };
    }
    case "set_nw_ecn":
      return { type: "set_ip_ecn", ecn: below(3, from.u8()) };
    case "set_nw_ttl":
      return { type: "set_ip_ttl", ttl: from.u8() };
    case "set_tp_src":
    case "set_tp_dst":
      return { type: name === "set_tp_src" ? "set_l4_src" : "set_l4_dst", port: from.u16() };
    case "enqueue": {
      const port = from.u16();
      from.skip(6);
      if (port >= PORT_MAX && port !== Port.IN_PORT && port !== Port.LOCAL) {
        throw new OpenflowError("OFPBAC_BAD_OUT_PORT");
      }
      return { type: "enqueue", port, queue: from.u32() };
    }
    case "set_mpls_label":
      return { type: "set_mpls_label", label: u32() };
    case "set_mpls_tc":
      return { type: "set_mpls_tc", tc: from.u8() };
    case "set_mpls_ttl":
      return { type: "set_mpls_ttl", ttl: from.u8() };
    case "dec_mpls_ttl":
    case "dec_nsh_ttl":
    case "pop_queue":
    case "exit":
    case "ct_clear":
      return { type: name };
    case "push_mpls": {
      const ethertype = from.u16();
      if (ethertype !== 0x8847 && ethertype !== 0x8848) throw badArgument();
      return { type: "push_mpls", ethertype };
    }
    case "pop_mpls":
      return { type: "pop_mpls", ethertype: from.u16() };
    case "set_queue":
      return { type: "set_queue", queue: u32() };
    case "group":
      return { type: "group", group: u32() };
    case "meter":
      return { type: "meter", meter: from.u32() };
    case "dec_nw_ttl":
      return { type: "dec_ttl", controllers: [0], plain: true };
    default:
      return undefined;
  }
}

function decodeOne(
  name: WireAction,
  from: MessageReader,
  extension: boolean,
  version: OpenFlowVersion,
): Action {
  const simple = decodeSimple(name, from, extension);
  if (simple) return simple;
  switch (name) {
    case "set_field":
      return setField(from, version === 6);
    case "copy_field15": {
      const bits = from.u16();
      const source = from.u16();
      const target = from.u16();
      from.skip(2);
      return { type: "move", ...readMove(from, bits, source, target), form: "onf" };
    }
    case "copy_field13": {
      from.skip(2);
      const bits = from.u16();
      const source = from.u16();
      const target = from.u16();
      from.skip(2);
      return { type: "move", ...readMove(from, bits, source, target), form: "onf" };
    }
    default:
      return decodeNiciraAction(name, from, (rest, outer) => decodeActionList(rest, version, outer));
  }
}

/** The longest that 16 bits can say in units of 8 bytes. */
const LONGEST_ACTION = 65_528;

function lengthFault(length: number, form: WireForm, left: number): string | undefined {
  if (length > left) return `exceeds action buffer length ${left}`;
  const most = form.variable ? LONGEST_ACTION : form.length;
  if (length < form.length || length > most) return `not in valid range [${form.length},${most}]`;
  return length % 8 === 0 ? undefined : "is not a multiple of 8";
}

function decodeNext(from: MessageReader, version: OpenFlowVersion): Action {
  const badLength = () => new OpenflowError("OFPBAC_BAD_LEN");
  if (from.left < 8) throw badLength();
  const type = from.peekU16(0);
  const length = from.peekU16(2);
  const vendor = type === EXPERIMENTER ? from.peekU32(4) : Vendor.STANDARD;
  const warn = (text: string): void => from.log?.("ofp_actions", "WARN", text);
  if (type === EXPERIMENTER) {
    if (vendor !== Vendor.NICIRA && vendor !== Vendor.ONF) {
      warn(`OpenFlow action has unknown vendor ${alternateHex(vendor)}`);
      throw new OpenflowError("OFPBAC_BAD_VENDOR");
    }
    if (from.left < 16) throw badLength();
  }
  const number = vendor === Vendor.STANDARD ? type : from.peekU16(8);
  const form = wireActionOf(version, vendor, number);
  const spoken = `OpenFlow1${version - 1}`;
  if (!form) {
    warn(`unknown ${spoken} action for vendor ${alternateHex(vendor)} and type ${number}`);
    throw new OpenflowError(vendor === Vendor.STANDARD ? "OFPBAC_BAD_TYPE" : "OFPBAC_BAD_VENDOR_TYPE");
  }
  const text = wireActionText(form);
  if (vendor === Vendor.STANDARD && isDeprecated(form.name, version))
    from.log?.("ofp_actions", "INFO", `${text} is deprecated in ${spoken} (use Set-Field)`);
  const fault = lengthFault(length, form, from.left);
  if (fault !== undefined) {
    warn(`OpenFlow action ${text} length ${length} ${fault}`);
    throw badLength();
  }
  const body = from.part(length);
  body.skip(vendor === Vendor.STANDARD ? 4 : 10);
  return decodeOne(form.name, body, vendor !== Vendor.STANDARD, version);
}

function decodeAll(from: MessageReader, version: OpenFlowVersion): Action[] {
  const actions: Action[] = [];
  const list = from.peekRest();
  while (from.left > 0) {
    const offset = list.length - from.left;
    try {
      actions.push(decodeNext(from, version));
    } catch (error) {
      if (error instanceof OpenflowError && from.log) {
        const dump = bareDump(list).trimEnd();
        from.log("ofp_actions", "WARN", `bad action at offset ${offset} (${error.name}):\n${dump}`);
      }
      throw error;
    }
  }
  return actions;
}

/** @throws OpenflowError if a list of so many bytes cannot be in the message */
function checkListLength(from: MessageReader, length: number, what: "actions" | "instructions"): void {
  const odd = length % 8 !== 0;
  if (!odd && length <= from.left) return;
  const fault = odd ? "is not a multiple of 8" : `exceeds remaining message length (${from.left})`;
  from.log?.("ofp_actions", "WARN", `OpenFlow message ${what} length ${length} ${fault}`);
  throw new OpenflowError(what === "actions" ? "OFPBRC_BAD_LEN" : "OFPBIC_BAD_LEN");
}

/** All that is left of a reader, as the actions inside of another. */
function decodeActionList(
  from: MessageReader,
  version: OpenFlowVersion,
  outer: OuterAction,
): readonly Action[] {
  const actions = decodeAll(from, version);
  verifyActions(actions, version, false, outer, from.log);
  return actions;
}

/** A list of `length` bytes of actions, as packet-out and buckets have it. */
export function readActions(
  from: MessageReader,
  length: number,
  version: OpenFlowVersion,
): readonly Action[] {
  checkListLength(from, length, "actions");
  const actions = decodeAll(from.part(length), version);
  verifyActions(actions, version, false, "none", from.log);
  return actions;
}

interface Instruction {
  readonly type: number;
  readonly body: MessageReader;
}

const INSTRUCTION_LENGTHS: ReadonlyMap<number, { readonly length: number; readonly variable: boolean }> =
  new Map([
    [1, { length: 8, variable: false }],
    [2, { length: 24, variable: false }],
    [3, { length: 8, variable: true }],
    [4, { length: 8, variable: true }],
    [5, { length: 8, variable: false }],
    [6, { length: 8, variable: false }],
  ]);

function readInstruction(from: MessageReader, version: OpenFlowVersion, offset: number): Instruction {
  const badLength = () => new OpenflowError("OFPBIC_BAD_LEN");
  const type = from.peekU16(0);
  const length = from.peekU16(2);
  if (length % 8 !== 0 || length < 8 || length > from.left) {
    from.log?.("ofp_actions", "WARN", `bad instruction format at offset ${offset}`);
    throw badLength();
  }
  if (type === EXPERIMENTER) throw new OpenflowError("OFPBIC_BAD_EXPERIMENTER");
  const known = INSTRUCTION_LENGTHS.get(type);
  if (!known) throw new OpenflowError("OFPBIC_UNKNOWN_INST");
  if (known.variable ? length < known.length : length !== known.length) throw badLength();
  if (type === 6 && version === 6) throw new OpenflowError("OFPBIC_UNKNOWN_INST");
  const body = from.part(length);
  body.skip(4);
  return { type, body };
}

function readInstructionSet(from: MessageReader, version: OpenFlowVersion): Map<number, MessageReader> {
  const found = new Map<number, MessageReader>();
  const start = from.at;
  while (from.left > 0) {
    const { type, body } = readInstruction(from, version, from.at - start);
    if (found.has(type)) throw new OpenflowError("OFPBIC_DUP_INST");
    found.set(type, body);
  }
  return found;
}

/**
 * What a flow does: actions in OpenFlow 1.0, instructions since 1.1.
 * @param length of all of them, as the message says
 */
export function readInstructions(
  from: MessageReader,
  version: OpenFlowVersion,
  length = from.left,
): readonly Action[] {
  checkListLength(from, length, version === 1 ? "actions" : "instructions");
  if (version === 1) {
    const actions = decodeAll(from, version);
    verifyActions(actions, version, true, "none", from.log);
    return actions;
  }
  const found = readInstructionSet(from, version);
  const actions: Action[] = [];
  const [meter, apply, clear, write, metadata, goto] = [6, 4, 5, 3, 2, 1].map((type) => found.get(type));
  if (meter) actions.push({ type: "meter", meter: meter.u32() });
  if (apply) {
    apply.skip(4);
    actions.push(...decodeAll(apply, version));
  }
  if (clear) actions.push({ type: "clear_actions" });
  if (write) {
    write.skip(4);
    const set = decodeAll(write, version);
    if (!set.every(mayBeInActionSet)) {
      from.log?.("ofp_actions", "WARN", "disallowed action in action set");
      throw new OpenflowError("OFPBAC_BAD_TYPE");
    }
    actions.push({ type: "write_actions", actions: set });
  }
  if (metadata) {
    metadata.skip(4);
    actions.push({ type: "write_metadata", value: metadata.u64(), mask: metadata.u64() });
  }
  if (goto) actions.push({ type: "goto_table", table: goto.u8() });
  verifyActions(actions, version, true, "none", from.log);
  return actions;
}
