/** Actions as bytes. Which form is written depends on the version, and on the form that an action came in (`form`). */
import type { Action, ConnectionTracking } from "./actions.ts";
import { wireNumberOf } from "./action-types.ts";
import type { WireAction } from "./action-types.ts";
import { instructionOf } from "./action-verify.ts";
import { theField } from "./fields.ts";
import type { Field, OpenFlowVersion } from "./fields.ts";
import { writePort32 } from "./fixed-match.ts";
import { onesOf } from "./flow-key.ts";
import {
  controllerForm,
  sampleForm,
  writeBundle,
  writeController,
  writeEncap,
  writeMultipath,
  writeSample,
} from "./nicira-encode.ts";
import { writeLearn } from "./learn-codec.ts";
import { loadSegments, NO_LIMIT, packBits, PT_USE_NEXT_PROTO } from "./action-operands.ts";
import { writeNat } from "./nat-codec.ts";
import type { MessageWriter } from "./message-bytes.ts";
import { nxmHeaderWord, writeOxmArgument, writeOxmEntry, writeOxmHeader } from "./oxm.ts";
import { Port } from "./ports.ts";
import { NwProto } from "./prerequisites.ts";

const ETHERTYPE_VLAN = 0x8100;
/** OFPVID_PRESENT of OpenFlow 1.2. */
const VID_PRESENT = 0x1000;

class ActionWriter {
  readonly out: MessageWriter;
  readonly version: OpenFlowVersion;

  constructor(out: MessageWriter, version: OpenFlowVersion) {
    this.out = out;
    this.version = version;
  }

  /** Header, what `write` appends, zeros up to the form's length and a multiple of 8. */
  put(name: WireAction, write: (out: MessageWriter) => void = () => {}): void {
    const { out } = this;
    const form = wireNumberOf(this.version, name);
    const start = out.length;
    if (form.vendor === 0) out.u16(form.type).u16(0);
    else out.u16(0xffff).u16(0).u32(form.vendor).u16(form.type);
    write(out);
    out.zeros(Math.max(0, form.length - (out.length - start)));
    out.pad(8, start);
    out.patchU16(start + 2, out.length - start);
  }

  /** A form that holds one 32-bit number, which extensions keep at a multiple of 4. */
  put32(name: WireAction, value: number): void {
    const extension = wireNumberOf(this.version, name).vendor !== 0;
    this.put(name, (out) => out.zeros(extension ? 2 : 0).u32(value));
  }

  setField(name: string, value: bigint | number): void {
    this.put("set_field", (out) => writeOxmEntry(out, theField(name), this.version, BigInt(value)));
  }

  /** One or more loads, each of at most 64 bits; fields that need a vendor go in the longer form. */
  load(field: Field, value: bigint, mask: bigint, long: boolean): void {
    if (long || nxmHeaderWord(field) === 0 || field.tunMetadata !== undefined) {
      this.put("reg_load2", (out) => {
        writeOxmArgument(out, field, 0, value, mask);
      });
      return;
    }
    for (const segment of loadSegments(field, mask)) {
      this.put("reg_load", (out) =>
        out
          .u16(packBits(segment))
          .u32(nxmHeaderWord(field))
          .u64((value >> BigInt(segment.offset)) & onesOf(segment.bits)),
      );
    }
  }

  /** In the version's own words: set_field since 1.2, an older action before. */
  modern(field: string, value: bigint | number, older: () => void): void {
    if (this.version >= 3) this.setField(field, value);
    else older();
  }

  vlan(action: Action & { type: "set_vlan_vid" | "set_vlan_pcp" }): void {
    const { version } = this;
    if (version > 1 && action.push && action.hasTag !== true)
      this.put("push_vlan", (out) => out.u16(ETHERTYPE_VLAN));
    const suffix = version === 1 ? "10" : "11";
    if (action.type === "set_vlan_vid") {
      this.modern("vlan_vid", action.vid | VID_PRESENT, () =>
        this.put(`set_vlan_vid${suffix}`, (out) => out.u16(action.vid)),
      );
    } else {
      this.modern("vlan_pcp", action.pcp, () =>
        this.put(`set_vlan_pcp${suffix}`, (out) => out.u8(action.pcp)),
      );
    }
  }

  /** OpenFlow 1.0 and 1.1 have no set_field; what they have instead. */
  legacySetField(action: Action & { type: "set_field" }): void {
    const { field, value, version } = { ...action, version: this.version };
    const suffix = version === 1 ? "10" : "11";
    const small = Number(value & 0xffff_ffffn);
    switch (field.name) {
      case "vlan_tci":
        if ((small & VID_PRESENT) === 0) this.put(version === 1 ? "strip_vlan" : "pop_vlan");
        else {
          if (version > 1 && action.hasTag !== true) this.put("push_vlan", (out) => out.u16(ETHERTYPE_VLAN));
          this.put(`set_vlan_vid${suffix}`, (out) => out.u16(small & 0xfff));
          this.put(`set_vlan_pcp${suffix}`, (out) => out.u8(small >>> 13));
        }
        return;
      case "vlan_vid":
        this.put(`set_vlan_vid${suffix}`, (out) => out.u16(small & 0xfff));
        return;
      case "vlan_pcp":
        this.put(`set_vlan_pcp${suffix}`, (out) => out.u8(small));
        return;
      case "eth_src":
      case "eth_dst":
        this.put(field.name === "eth_src" ? "set_dl_src" : "set_dl_dst", (out) => out.wide(value, 6));
        return;
      case "ip_src":
      case "ip_dst":
        this.put(field.name === "ip_src" ? "set_nw_src" : "set_nw_dst", (out) => out.u32(small));
        return;
      case "nw_tos":
        this.put("set_nw_tos", (out) => out.u8(small));
        return;
      case "ip_dscp":
        this.put("set_nw_tos", (out) => out.u8(small << 2));
        return;
      case "nw_ecn":
        this.ecn(small);
        return;
      case "tcp_src":
      case "udp_src":
        this.put("set_tp_src", (out) => out.u16(small));
        return;
      case "tcp_dst":
      case "udp_dst":
        this.put("set_tp_dst", (out) => out.u16(small));
        return;
      default:
        this.load(field, value, action.mask, false);
    }
  }

  ecn(ecn: number): void {
    if (this.version === 1) this.load(theField("nw_ecn"), BigInt(ecn), 3n, false);
    else this.modern("nw_ecn", ecn, () => this.put("set_nw_ecn", (out) => out.u8(ecn)));
  }

  fieldAction(action: Action & { type: "set_field" | "load" }): void {
    const { version } = this;
    const field = action.type === "load" ? action.to.field : action.field;
    const shift = BigInt(action.type === "load" ? action.to.offset : 0);
    const mask = action.type === "load" ? onesOf(action.to.bits) << shift : action.mask;
    const value = action.value << shift;
    const whole = mask === onesOf(8 * field.bytes);
    if (version === 6) {
      this.put("set_field", (out) => writeOxmArgument(out, field, version, value, mask));
    } else if (action.type === "load" || action.form === "load2") {
      this.load(field, value, mask, action.type === "set_field");
    } else if (version < 3) this.legacySetField(action);
    else if (whole) this.put("set_field", (out) => writeOxmArgument(out, field, version, value));
    else this.load(field, value, mask, false);
  }

  move(action: Action & { type: "move" }): void {
    const { from, to } = action;
    const oxm = (out: MessageWriter, version: OpenFlowVersion | 0) => {
      writeOxmHeader(out, from.field, version);
      writeOxmHeader(out, to.field, version);
    };
    if (this.version === 6) {
      this.put("copy_field15", (out) => {
        out.u16(to.bits).u16(from.offset).u16(to.offset).zeros(2);
        oxm(out, this.version);
      });
    } else if (this.version === 4 && action.form === "onf") {
      this.put("copy_field13", (out) => {
        out.zeros(2).u16(to.bits).u16(from.offset).u16(to.offset).zeros(2);
        oxm(out, this.version);
      });
    } else {
      this.put("reg_move", (out) => {
        out.u16(to.bits).u16(from.offset).u16(to.offset);
        oxm(out, 0);
      });
    }
  }

  ct(action: ConnectionTracking): void {
    this.put("ct", (out) => {
      out.u16((action.commit ? 1 : 0) | (action.force ? 2 : 0));
      if (typeof action.zone === "number") out.u32(0).u16(action.zone);
      else out.u32(nxmHeaderWord(action.zone.field)).u16(packBits(action.zone));
      out.u8(action.recirculateTable).zeros(3).u16(action.alg);
      writeActions(out, action.actions, this.version);
    });
  }

  write(action: Action): void {
    const { version } = this;
    switch (action.type) {
      case "output":
        if (version === 1) this.put("output10", (out) => out.u16(action.port).u16(action.maxLength));
        else this.put("output11", (out) => writePort32(out, action.port).u16(action.maxLength));
        return;
      case "output_reg":
        if (action.form === undefined && nxmHeaderWord(action.source.field) !== 0) {
          this.put("output_reg", (out) =>
            out.u16(packBits(action.source)).u32(nxmHeaderWord(action.source.field)).u16(action.maxLength),
          );
        } else {
          this.put("output_reg2", (out) => {
            out.u16(packBits(action.source)).u16(action.maxLength);
            writeOxmHeader(out, action.source.field, 0);
          });
        }
        return;
      case "output_trunc":
        this.put("output_trunc", (out) => out.u16(action.port).u32(action.maxLength));
        return;
      case "enqueue":
        if (version === 1) this.put("enqueue", (out) => out.u16(action.port).zeros(6).u32(action.queue));
        else {
          this.put32("set_queue", action.queue);
          this.put("output11", (out) => writePort32(out, action.port).u16(NO_LIMIT));
          this.put("pop_queue");
        }
        return;
      case "controller":
        this.put(controllerForm(action), (out) => writeController(out, action));
        return;
      case "group":
        this.put32("group", action.group);
        return;
      case "bundle":
        this.put(action.to ? "bundle_load" : "bundle", (out) => writeBundle(out, action));
        return;
      case "set_vlan_vid":
      case "set_vlan_pcp":
        this.vlan(action);
        return;
      case "strip_vlan":
        this.put(version === 1 ? "strip_vlan" : "pop_vlan");
        return;
      case "push_vlan":
        if (version > 1) this.put("push_vlan", (out) => out.u16(action.ethertype));
        return;
      case "set_eth_src":
      case "set_eth_dst": {
        const source = action.type === "set_eth_src";
        this.modern(source ? "eth_src" : "eth_dst", action.mac, () =>
          this.put(source ? "set_dl_src" : "set_dl_dst", (out) => out.wide(BigInt(action.mac), 6)),
        );
        return;
      }
      case "set_ipv4_src":
      case "set_ipv4_dst": {
        const source = action.type === "set_ipv4_src";
        this.modern(source ? "ip_src" : "ip_dst", action.address, () =>
          this.put(source ? "set_nw_src" : "set_nw_dst", (out) => out.u32(action.address)),
        );
        return;
      }
      case "set_ip_dscp":
        this.modern("ip_dscp", action.tos >> 2, () => this.put("set_nw_tos", (out) => out.u8(action.tos)));
        return;
      case "set_ip_ecn":
        this.ecn(action.ecn);
        return;
      case "set_ip_ttl":
        if (version > 1) this.put("set_nw_ttl", (out) => out.u8(action.ttl));
        else this.load(theField("nw_ttl"), BigInt(action.ttl), 0xffn, false);
        return;
      case "set_l4_src":
      case "set_l4_dst": {
        const side = action.type === "set_l4_src" ? "src" : "dst";
        const older = () => this.put(`set_tp_${side}`, (out) => out.u16(action.port));
        const protocol = PROTOCOL_FIELDS.get(action.ipProto ?? 0);
        if (protocol === undefined) older();
        else this.modern(`${protocol}_${side}`, action.port, older);
        return;
      }
      case "set_field":
      case "load":
        this.fieldAction(action);
        return;
      case "move":
        this.move(action);
        return;
      case "push":
      case "pop":
        this.put(action.type, (out) => {
          out.u16(action.subfield.offset);
          writeOxmHeader(out, action.subfield.field, 0);
          out.u16(action.subfield.bits);
        });
        return;
      case "dec_ttl":
        if (action.plain) this.put("dec_nw_ttl");
        else {
          this.put("dec_ttl_cnt_ids", (out) => {
            out.u16(action.controllers.length).zeros(4);
            for (const id of action.controllers) out.u16(id);
          });
        }
        return;
      case "push_mpls":
      case "pop_mpls":
        this.put(action.type, (out) => out.u16(action.ethertype));
        return;
      case "set_mpls_label":
        this.modern("mpls_label", action.label, () => this.put32("set_mpls_label", action.label));
        return;
      case "set_mpls_tc":
        this.modern("mpls_tc", action.tc, () => this.put("set_mpls_tc", (out) => out.u8(action.tc)));
        return;
      case "set_mpls_ttl":
        this.put("set_mpls_ttl", (out) => out.u8(action.ttl));
        return;
      case "dec_mpls_ttl":
      case "dec_nsh_ttl":
      case "pop_queue":
      case "exit":
      case "ct_clear":
      case "debug_recirc":
      case "debug_slow":
        this.put(action.type);
        return;
      case "delete_field":
        this.put("delete_field", (out) => writeOxmHeader(out, action.field, 0));
        return;
      case "encap":
        this.put("encap", (out) => writeEncap(out, action));
        return;
      case "decap":
        this.put("decap", (out) => out.zeros(2).u32(action.packetType ?? PT_USE_NEXT_PROTO));
        return;
      case "set_tunnel":
        this.modern("tun_id", action.id, () => {
          if (action.id <= 0xffff_ffffn && !action.wide) this.put32("set_tunnel", Number(action.id));
          else this.put("set_tunnel64", (out) => out.zeros(6).u64(action.id));
        });
        return;
      case "set_queue":
        this.put32("set_queue", action.queue);
        return;
      case "fin_timeout":
        this.put("fin_timeout", (out) => out.u16(action.idle).u16(action.hard));
        return;
      case "resubmit":
        if (action.table === 255 && action.form === "port")
          this.put("resubmit", (out) => out.u16(action.port));
        else {
          this.put(action.ct ? "resubmit_table_ct" : "resubmit_table", (out) =>
            out.u16(action.port).u8(action.table),
          );
        }
        return;
      case "learn":
        this.put(action.form ?? (action.limit !== 0 || action.result ? "learn2" : "learn"), (out) =>
          writeLearn(out, action),
        );
        return;
      case "conjunction":
        this.put("conjunction", (out) => out.u8(action.clause).u8(action.clauses).u32(action.id));
        return;
      case "multipath":
        this.put("multipath", (out) => writeMultipath(out, action));
        return;
      case "note":
        this.put("note", (out) => out.put(action.bytes));
        return;
      case "sample":
        this.put(sampleForm(action), (out) => writeSample(out, action));
        return;
      case "ct":
        this.ct(action);
        return;
      case "nat":
        this.put("nat", (out) => writeNat(out, action));
        return;
      case "clone":
        this.put("clone", (out) => {
          out.zeros(6);
          writeActions(out, action.actions, version);
        });
        return;
      case "check_pkt_larger":
        this.put("check_pkt_larger", (out) => {
          out.u16(action.length).u16(action.to.offset);
          writeOxmHeader(out, action.to.field, 0);
        });
        return;
      default:
        this.instruction(action);
    }
  }

  /** Instructions; OpenFlow 1.0 has extensions for some and nothing for others. */
  instruction(action: Action): void {
    const { out, version } = this;
    switch (action.type) {
      case "meter":
        if (version === 6) this.put32("meter", action.meter);
        else if (version >= 4) out.u16(6).u16(8).u32(action.meter);
        return;
      case "clear_actions":
        if (version > 1) out.u16(5).u16(8).zeros(4);
        return;
      case "write_actions":
        if (version > 1) writeActionInstruction(out, 3, action.actions, version);
        return;
      case "write_metadata":
        if (version === 1)
          this.put("write_metadata", (body) => body.zeros(6).u64(action.value).u64(action.mask));
        else out.u16(2).u16(24).zeros(4).u64(action.value).u64(action.mask);
        return;
      case "goto_table":
        if (version === 1) this.put("resubmit_table", (body) => body.u16(Port.IN_PORT).u8(action.table));
        else out.u16(1).u16(8).u8(action.table).zeros(3);
        return;
      default:
        throw new Error(`no encoding of ${action.type}`);
    }
  }
}

const PROTOCOL_FIELDS: ReadonlyMap<number, string> = new Map([
  [NwProto.TCP, "tcp"],
  [NwProto.UDP, "udp"],
  [NwProto.SCTP, "sctp"],
]);

/** Appends a list of actions. */
export function writeActions(out: MessageWriter, actions: readonly Action[], version: OpenFlowVersion): void {
  const writer = new ActionWriter(out, version);
  for (const action of actions) writer.write(action);
}

/** An instruction that holds actions; left out if there are none. */
function writeActionInstruction(
  out: MessageWriter,
  type: number,
  actions: readonly Action[],
  version: OpenFlowVersion,
): void {
  const start = out.length;
  out.u16(type).u16(0).zeros(4);
  writeActions(out, actions, version);
  if (out.length === start + 8) out.truncate(start);
  else out.patchU16(start + 2, out.length - start);
}

const APPLY_ACTIONS = 4;

/** Appends what a flow does: a list of actions in OpenFlow 1.0, instructions since 1.1. */
export function writeInstructions(
  out: MessageWriter,
  actions: readonly Action[],
  version: OpenFlowVersion,
): void {
  if (version === 1) {
    writeActions(out, actions, version);
    return;
  }
  const apply = actions.filter((action) => instructionOf(action, version) === "apply_actions");
  const order = actions.filter((action) => instructionOf(action, version) !== "apply_actions");
  const meters = order.filter(({ type }) => type === "meter");
  writeActions(out, meters, version);
  if (apply.length > 0) writeActionInstruction(out, APPLY_ACTIONS, apply, version);
  writeActions(
    out,
    order.filter(({ type }) => type !== "meter"),
    version,
  );
}
