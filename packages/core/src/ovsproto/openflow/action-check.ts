/**
 * Whether actions make sense for the packets of a match: set_field on a field that such packets have, pop_mpls on MPLS.
 * OpenFlow 1.0 lets such a flow in and ignores the action; later versions refuse it (OFPBAC_MATCH_INCONSISTENT).
 */
import { actionFault } from "./action-verify.ts";
import type { Action, Nat } from "./actions.ts";
import { OpenflowError } from "./errors.ts";
import type { Field, OpenFlowVersion } from "./fields.ts";
import { VLAN_PRESENT } from "./match.ts";
import type { Match } from "./match.ts";
import type { DecodeLog } from "./message-bytes.ts";
import { Port, PORT_MAX } from "./ports.ts";
import {
  connectionIsInvalid,
  connectionIsTracked,
  EthType,
  isIp,
  NwProto,
  PACKET_NAMESPACE_ETHERTYPE,
  PACKET_TYPE_ETHERNET,
  payloadType,
  prerequisiteHolds,
  protocolView,
} from "./prerequisites.ts";
import type { ProtocolView } from "./prerequisites.ts";
import { ANY_PROTOCOL, OF10_ANY } from "./protocols.ts";
import type { Protocols } from "./protocols.ts";
import { subfieldFault } from "./subfield.ts";
import type { Subfield } from "./subfield.ts";

export interface CheckOptions {
  /** Table of the flow; 255 if that is open. */
  readonly table?: number;
  /** Number of tables; 255 for no limit. */
  readonly tables?: number;
  /** First number that is not a port of the switch. */
  readonly maxPorts?: number;
  /** Hears why fields of actions are refused, as `meta_flow|WARN|...`. */
  readonly warn?: ((module: string, message: string) => void) | undefined;
}

export interface CheckedActions {
  /** With what the match tells about them: see `KnowsTag`. */
  readonly actions: readonly Action[];
  /** Protocols in which the flow may be said. */
  readonly usable: Protocols;
}

/** Port numbers that output may have. */
export function isOutputPort(port: number, maxPorts = PORT_MAX): boolean {
  return port < maxPorts || (port >= Port.IN_PORT && port <= Port.LOCAL);
}

const PT_UNKNOWN = 0xffff_ffff;

class Checker {
  readonly match: Match;
  readonly options: CheckOptions;
  readonly view: ProtocolView;
  usable: Protocols = ANY_PROTOCOL;

  constructor(match: Match, options: CheckOptions, view = protocolView(match)) {
    this.match = match;
    this.options = options;
    this.view = { ...view };
  }

  inconsistent(when: boolean): void {
    if (when) this.usable &= OF10_ANY;
  }

  refuse(when: boolean, error = "OFPBAC_MATCH_INCONSISTENT"): void {
    if (when) throw new OpenflowError(error);
  }

  get hasTag(): boolean {
    return (this.view.tci & VLAN_PRESENT) !== 0;
  }

  get isMpls(): boolean {
    const type = payloadType(this.view);
    return type === EthType.MPLS || type === EthType.MPLS_MULTICAST;
  }

  #refuseField(when: boolean, why: string, error?: string): void {
    if (when) this.options.warn?.("meta_flow", why);
    this.refuse(when, error);
  }

  /** mf_check_src() and what mf_check_dst() has in common with it. */
  source(subfield: Subfield, role = "source"): void {
    const { field } = subfield;
    const fault = subfieldFault(subfield, role);
    this.#refuseField(fault !== undefined, fault ?? "", "OFPBAC_BAD_SET_LEN");
    this.#refuseField(!this.holds(field), `${role} field ${field.name} lacks correct prerequisites`);
  }

  /** mf_check_dst() */
  destination(subfield: Subfield): void {
    this.source(subfield, "destination");
    const { writable, name } = subfield.field;
    this.#refuseField(!writable, `destination field ${name} is not writable`, "OFPBAC_BAD_SET_ARGUMENT");
  }

  holds(field: Field): boolean {
    return prerequisiteHolds(field.prerequisite, this.match, this.view);
  }

  /** The actions inside of another; what they change is theirs. */
  nested(actions: readonly Action[], counts = true): readonly Action[] {
    const inner = new Checker(this.match, this.options, this.view);
    const checked = actions.map((action) => inner.action(action));
    if (counts) this.usable &= inner.usable;
    return checked;
  }

  vlanTag(action: Action & { push?: boolean }): Action {
    const { hasTag } = this;
    this.inconsistent(!hasTag && action.push !== true);
    this.view.tci |= VLAN_PRESENT;
    return { ...action, hasTag } as Action;
  }

  setField(action: Action & { type: "set_field" | "load" }): Action {
    const field = action.type === "set_field" ? action.field : action.to.field;
    const { hasTag } = this;
    const lacking = !this.holds(field) || (field.name === "vlan_vid" && !hasTag);
    if (lacking) this.options.warn?.("ofp_actions", `set_field ${field.name} lacks correct prerequisites`);
    this.refuse(lacking);
    if (field.name === "vlan_tci") this.view.tci = Number(action.value);
    return action.type === "set_field" ? { ...action, hasTag } : action;
  }

  nat(action: Nat): void {
    const type = payloadType(this.view);
    const family = action.addresses?.family;
    this.refuse(!isIp(this.view));
    this.refuse((family === 4 && type !== EthType.IPV4) || (family === 6 && type !== EthType.IPV6));
  }

  pushTag(): void {
    this.refuse((this.view.innerTci & VLAN_PRESENT) !== 0, "OFPBAC_BAD_TAG");
    this.view.innerTci = this.view.tci;
    this.view.tci = VLAN_PRESENT;
  }

  encap(packetType: number): void {
    this.view.packetType = packetType;
    if (packetType >>> 16 === PACKET_NAMESPACE_ETHERTYPE) this.view.ethType = packetType & 0xffff;
    if (!isIp(this.view)) this.view.nwProto = 0;
  }

  decap(): void {
    if (this.view.packetType === PACKET_TYPE_ETHERNET) {
      this.view.packetType = (PACKET_NAMESPACE_ETHERTYPE << 16) | this.view.ethType;
    } else {
      this.view.packetType = PT_UNKNOWN;
      this.view.ethType = 0xffff;
    }
  }

  action(action: Action): Action {
    const { view, options } = this;
    switch (action.type) {
      case "output":
      case "output_trunc":
        this.refuse(!isOutputPort(action.port, options.maxPorts), "OFPBAC_BAD_OUT_PORT");
        return action;
      case "enqueue":
        this.refuse(
          action.port >= (options.maxPorts ?? PORT_MAX) &&
            action.port !== Port.IN_PORT &&
            action.port !== Port.LOCAL,
          "OFPBAC_BAD_OUT_PORT",
        );
        return action;
      case "output_reg":
        this.source(action.source);
        return action;
      case "bundle":
        if (action.to) this.destination(action.to);
        this.refuse(
          action.members.some((port) => port !== Port.NONE && !isOutputPort(port, options.maxPorts)),
          "OFPBAC_BAD_OUT_PORT",
        );
        return action;
      case "set_vlan_vid":
      case "set_vlan_pcp":
        return this.vlanTag(action);
      case "strip_vlan":
        this.inconsistent(!this.hasTag);
        view.tci = view.innerTci;
        view.innerTci = 0;
        return action;
      case "push_vlan":
        this.pushTag();
        return action;
      case "set_ipv4_src":
      case "set_ipv4_dst":
        this.inconsistent(payloadType(view) !== EthType.IPV4);
        return action;
      case "set_ip_dscp":
      case "set_ip_ecn":
      case "set_ip_ttl":
      case "dec_ttl":
        this.inconsistent(!isIp(view));
        return action;
      case "set_l4_src":
      case "set_l4_dst":
        this.inconsistent(
          !prerequisiteHolds("tcp", this.match, view) &&
            !prerequisiteHolds("udp", this.match, view) &&
            !prerequisiteHolds("sctp", this.match, view),
        );
        return { ...action, ipProto: view.nwProto };
      case "set_field":
      case "load":
        return this.setField(action);
      case "move":
        this.source(action.from);
        this.destination(action.to);
        return action;
      case "push":
      case "pop":
        if (action.type === "push") this.source(action.subfield);
        else this.destination(action.subfield);
        return action;
      case "multipath":
        this.destination(action.to);
        return action;
      case "set_mpls_label":
      case "set_mpls_tc":
      case "set_mpls_ttl":
      case "dec_mpls_ttl":
        this.inconsistent(!this.isMpls);
        return action;
      case "push_mpls":
        this.inconsistent(view.packetType !== PACKET_TYPE_ETHERNET);
        view.ethType = action.ethertype;
        view.nwProto = 0;
        return action;
      case "pop_mpls":
        this.inconsistent(view.packetType !== PACKET_TYPE_ETHERNET || !this.isMpls);
        view.ethType = action.ethertype;
        return action;
      case "fin_timeout":
        this.inconsistent(view.nwProto !== NwProto.TCP);
        return action;
      case "resubmit":
        this.refuse(action.ct && !connectionIsTracked(this.match));
        return action;
      case "learn":
        this.learn(action);
        return action;
      case "delete_field":
        this.refuse(action.field.tunMetadata === undefined, "OFPBAC_BAD_ARGUMENT");
        return action;
      case "encap":
        this.encap(action.packetType);
        return action;
      case "decap":
        this.decap();
        return action;
      case "dec_nsh_ttl":
        this.inconsistent(!prerequisiteHolds("nsh", this.match, view));
        return action;
      case "ct": {
        this.refuse(!isIp(view));
        this.refuse(action.commit && connectionIsInvalid(this.match));
        this.refuse(action.alg === 21 && view.nwProto !== NwProto.TCP);
        this.refuse(action.alg === 69 && view.nwProto !== NwProto.UDP);
        if (typeof action.zone !== "number") {
          this.source(action.zone);
          return action;
        }
        return { ...action, actions: this.nested(action.actions) };
      }
      case "nat":
        this.nat(action);
        return action;
      case "clone":
        return { ...action, actions: this.nested(action.actions) };
      case "write_actions":
        return { ...action, actions: this.nested(action.actions, false) };
      case "meter":
        this.refuse(action.meter === 0 || action.meter > 0xffff_0000, "OFPMMFC_INVALID_METER");
        return action;
      case "goto_table":
        this.refuse(
          ((options.table ?? 255) !== 255 && action.table <= (options.table ?? 255)) ||
            ((options.tables ?? 255) !== 255 && action.table >= (options.tables ?? 255)),
          "OFPBIC_BAD_TABLE_ID",
        );
        return action;
      default:
        return action;
    }
  }

  /** Sources are of this packet; destinations of matches and loads are of the flow that is made. */
  learn(action: Action & { type: "learn" }): void {
    const learned = new Checker(this.match.clone(), this.options);
    learned.match.value.fill(0);
    learned.match.mask.fill(0);
    const made = new Checker(learned.match, this.options);
    for (const spec of action.specs) {
      if (spec.source.from === "field") this.source(spec.source.subfield);
      if (spec.kind === "match") {
        new Checker(made.match, this.options).source(spec.to);
        if (spec.source.from === "value") {
          const value = spec.source.value << BigInt(spec.to.offset);
          const mask = ((1n << BigInt(spec.bits)) - 1n) << BigInt(spec.to.offset);
          const whole = spec.bits === spec.to.field.bits;
          made.match.set(spec.to.field, value, whole ? undefined : mask);
        }
      } else if (spec.kind === "load") {
        new Checker(made.match, this.options).destination(spec.to);
      }
    }
  }
}

/**
 * Checks a list against the match of its flow.
 * @throws OpenflowError for what no version allows
 */
export function checkActions(
  actions: readonly Action[],
  match: Match,
  options: CheckOptions = {},
): CheckedActions {
  const checker = new Checker(match, options);
  const checked = actions.map((action) => checker.action(action));
  return { actions: checked, usable: checker.usable };
}

/** As decoders need it: what the version does not allow is an error. */
export function checkConsistency(
  actions: readonly Action[],
  match: Match,
  needed: Protocols,
  options: CheckOptions = {},
): readonly Action[] {
  const checked = checkActions(actions, match, options);
  if ((needed & ~checked.usable) !== 0) throw new OpenflowError("OFPBAC_MATCH_INCONSISTENT");
  return checked.actions;
}

/** `actionFault` as an exception. */
export function verifyActions(
  actions: readonly Action[],
  version: OpenFlowVersion,
  instructions: boolean,
  outer: Parameters<typeof actionFault>[3],
  log?: DecodeLog,
): void {
  const fault = actionFault(actions, version, instructions, outer);
  if (!fault) return;
  log?.("ofp_actions", "WARN", fault.message);
  throw new OpenflowError(fault.error);
}
