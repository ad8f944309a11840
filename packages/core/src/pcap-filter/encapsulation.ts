/**
 * Encapsulations: a test, and offsets that have moved for everything after it in the text. VLAN tags, MPLS labels and
 * sessions of PPPoE; Geneve is in `geneve.ts`.
 */
import {
  BPF_ABS,
  BPF_ADD,
  BPF_ALU,
  BPF_ANCILLARY,
  BPF_B,
  BPF_H,
  BPF_IMM,
  BPF_JA,
  BPF_JEQ,
  BPF_JMP,
  BPF_K,
  BPF_LD,
  BPF_MEM,
  BPF_ST,
  BPF_W,
  BpfAncillary,
} from "../wire/bpf/instruction.ts";
import { DLT, describeLinkType } from "../wire/link-types.ts";
import { and, or, statement, test, type Condition, type Statement } from "./block.ts";
import type { Compilation, PacketOffset } from "./compilation.ts";
import { EtherType, PPP_MPLS_UNICAST } from "./ethertypes.ts";
import { refuse } from "./filter-error.ts";
import { isEthernet, isWlan } from "./link-layer.ts";
import { linkProtocol } from "./link-protocol.ts";

const TAG_LENGTH = 4;
const LABEL_LENGTH = 4;
const PPPOE_HEADER_LENGTH = 6;

const LARGEST_VLAN = 0x0fff;
const LARGEST_LABEL = 0xf_ffff;
const LARGEST_SESSION = 0xffff;

const tooLarge = (what: string, value: number, largest: number): never =>
  refuse(`${what} ${value} greater than maximum ${largest}`);

// ---- VLAN

export function vlan(on: Compilation, id: number | undefined): Condition {
  if (on.mplsDepth > 0) refuse("no VLAN match after MPLS");
  const { linkType } = on;
  if (!isEthernet(linkType) && (!isWlan(linkType) || linkType === DLT.PPI)) {
    refuse(`no VLAN support for ${describeLinkType(linkType)}`);
  }
  const outermost =
    isEthernet(linkType) &&
    on.vlanDepth === 0 &&
    !on.linkHeader.variable &&
    on.linkHeader.constant === on.outermostLinkHeader.constant;
  const check = outermost && on.target.vlanBesideFrame === true ? tagAnywhere(on, id) : tagInFrame(on, id);
  on.vlanDepth++;
  return check;
}

function hasTag(on: Compilation): Condition {
  const either = or(linkProtocol(on, EtherType.VLAN), linkProtocol(on, EtherType.QINQ));
  return or(either, linkProtocol(on, EtherType.OLD_QINQ));
}

function hasId(on: Compilation, id: number): Condition {
  if (id > LARGEST_VLAN) tooLarge("VLAN tag", id, LARGEST_VLAN);
  return on.equal("network", 0, BPF_H, id, LARGEST_VLAN);
}

function tagInFrame(on: Compilation, id: number | undefined): Condition {
  const tagged = hasTag(on);
  const check = id === undefined ? tagged : and(tagged, hasId(on, id));
  on.linkPayload.constant += TAG_LENGTH;
  on.linkTypeField.constant += TAG_LENGTH;
  return check;
}

/**
 * Linux takes the outermost tag out of the frame and keeps it beside; but not every driver does. So the program asks
 * for the one and looks at the other, and what follows the tag is at an offset that is known only then.
 */
function tagAnywhere(on: Compilation, id: number | undefined): Condition {
  const beside = (what: number): Statement => statement(BPF_LD | BPF_B | BPF_ABS, BPF_ANCILLARY + what);
  const isBeside = test(BPF_JEQ, 1, [beside(BpfAncillary.VLAN_TAG_PRESENT)]);
  const inFrame = hasTag(on);
  const idCheck = id === undefined ? undefined : hasId(on, id);

  // The tests of the tag itself still have the offsets of a frame without one.
  on.vlanOffsets = true;
  inFrame.entry.statements = [
    ...shift(on, on.linkPayload),
    ...shift(on, on.linkTypeField),
    ...inFrame.entry.statements,
  ];
  const tagged = or(isBeside, inFrame);
  if (idCheck === undefined) return tagged;

  const loadFromFrame = idCheck.entry.statements;
  const loadBeside = beside(BpfAncillary.VLAN_TAG);
  const whichOne: Statement = {
    ...statement(BPF_JMP | BPF_JEQ | BPF_K, 1),
    jt: loadBeside,
    jf: loadFromFrame[0],
  };
  idCheck.entry.statements = [
    beside(BpfAncillary.VLAN_TAG_PRESENT),
    whichOne,
    loadBeside,
    // Over the load from the frame, to the mask that comes last.
    statement(BPF_JMP | BPF_JA, loadFromFrame.length - 1),
    ...loadFromFrame,
  ];
  return and(tagged, idCheck);
}

/** Code that moves an offset behind the tag. */
function shift(on: Compilation, offset: PacketOffset): Statement[] {
  offset.variable = true;
  if (offset.register < 0) offset.register = on.allocateRegister();
  return [
    statement(BPF_LD | BPF_MEM, offset.register),
    statement(BPF_ALU | BPF_ADD | BPF_K, TAG_LENGTH),
    statement(BPF_ST, offset.register),
  ];
}

/** The start of a program that has such offsets: they are those of a frame without a tag. */
export function clearVlanOffsets(on: Compilation): Statement[] {
  for (const offset of [on.linkPayload, on.linkTypeField]) {
    if (offset.register < 0) offset.register = on.allocateRegister();
  }
  return [
    statement(BPF_LD | BPF_W | BPF_IMM, 0),
    statement(BPF_ST, on.linkPayload.register),
    statement(BPF_ST, on.linkTypeField.register),
  ];
}

// ---- MPLS

export function mpls(on: Compilation, label: number | undefined): Condition {
  let check: Condition;
  if (on.mplsDepth > 0) {
    // The label before was not the last one.
    check = on.equal("previous mpls header", 2, BPF_B, 0, 0x01);
  } else if (isEthernet(on.linkType) || on.linkType === DLT.C_HDLC) {
    check = linkProtocol(on, EtherType.MPLS);
  } else if (on.linkType === DLT.PPP) check = linkProtocol(on, PPP_MPLS_UNICAST);
  else check = refuse(`no MPLS support for ${describeLinkType(on.linkType)}`);
  if (label !== undefined) {
    if (label > LARGEST_LABEL) tooLarge("MPLS label", label, LARGEST_LABEL);
    check = and(check, on.equal("network", 0, BPF_W, label * 0x1000, 0xffff_f000));
  }
  on.network += LABEL_LENGTH;
  on.networkAfterLlc += LABEL_LENGTH;
  on.mplsDepth++;
  return check;
}

// ---- PPPoE

export function pppoeSession(on: Compilation, session: number | undefined): Condition {
  let check = linkProtocol(on, EtherType.PPPOE_SESSION);
  if (session !== undefined) {
    if (session > LARGEST_SESSION) tooLarge("PPPoE session number", session, LARGEST_SESSION);
    check = and(check, on.equal("network", 0, BPF_W, session, LARGEST_SESSION));
  }
  // PPP without HDLC framing follows, starting with its protocol number.
  const { variable, register } = on.linkPayload;
  const constant = on.linkPayload.constant + on.network + PPPOE_HEADER_LENGTH;
  on.pushLinkHeader(DLT.PPP, { constant, variable, register });
  on.linkTypeField = { ...on.linkHeader };
  on.linkPayload.constant = constant + 2;
  on.network = 0;
  on.networkAfterLlc = 0;
  return check;
}
