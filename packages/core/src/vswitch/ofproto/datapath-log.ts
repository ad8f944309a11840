// What the daemon logs of its datapath's packets and flows when somebody has asked for that (`vlog/set dpif:dbg
// dpif_netdev:dbg`; lib/dpif.c and dp_netdev_upcall(), dp_netdev_flow_add() of lib/dpif-netdev.c). Texts are made only if they
// are wanted.

import type { Packet } from "../../kernel/device-vport.ts";
import type { DpAction } from "../../ovsproto/datapath/actions.ts";
import { formatDpActions } from "../../ovsproto/datapath/format-actions.ts";
import { formatStatistics } from "../../ovsproto/datapath/format-flow.ts";
import { formatKey } from "../../ovsproto/datapath/format-key.ts";
import type { KeyFormat } from "../../ovsproto/datapath/format-key.ts";
import { exactMask, W, word } from "../../ovsproto/flow/flow.ts";
import type { Flow } from "../../ovsproto/flow/flow.ts";
import { Match } from "../../ovsproto/openflow/match.ts";
import { DEFAULT_PRIORITY, formatMatch } from "../../ovsproto/openflow/match-text.ts";
import { formatPacket } from "../../ovsproto/openflow/packet-text.ts";
import type { Datapath } from "../datapath/datapath.ts";
import type { DpFlow } from "../datapath/flow-table.ts";
import type { DaemonLog } from "./daemon-log.ts";

/** Messages of a kind in a minute, and at once. */
const LIMIT = 600;
/** Nobody listens to upcalls by netlink. */
const NO_PID = 0;
/** VLAN_VID_MASK and VLAN_CFI, by which flows of the daemon's datapath tell tagged packets from others. */
const VLAN_BITS = 0x1fff;
/** ODPP_NONE */
const NO_PORT = 0xffff_ffff;

export class DatapathLog {
  readonly #log: DaemonLog;
  readonly #datapath: Datapath;

  constructor(log: DaemonLog, datapath: Datapath) {
    this.#log = log;
    this.#datapath = datapath;
  }

  #say(module: "dpif" | "dpif_netdev", text: () => string): void {
    if (this.#log.writes(module, "dbg")) {
      this.#log.limited(`${module} flows`, module, "dbg", text(), LIMIT, LIMIT);
    }
  }

  /** As lib/dpif.c names a datapath. */
  get #name(): string {
    const { kind, name } = this.#datapath;
    return `${kind === "dummy" ? "dummy" : "netdev"}@${name}`;
  }

  get #inDaemon(): boolean {
    return this.#datapath.kind !== "kernel";
  }

  #format(verbose: boolean): KeyFormat {
    return { verbose, userspace: this.#inDaemon, tagLimit: this.#datapath.tagLimit };
  }

  /** A packet has been handed up. */
  upcall(kind: "miss" | "action", packet: Packet, key: Flow): void {
    if (!this.#inDaemon) return;
    this.#say("dpif_netdev", () => {
      const all = formatKey(key, exactMask(), this.#format(true));
      const shown = formatPacket(packet.bytes.slice(packet.start, packet.end));
      return `${this.#datapath.name}: ${kind} upcall:\n${all}\n${shown}`;
    });
  }

  flowAdded(flow: DpFlow, key: Flow): void {
    this.#flowInstalled(flow, key, "flow_add", "");
  }

  /** The revalidators have given it other actions. */
  flowModified(flow: DpFlow, key: Flow, old: readonly DpAction[]): void {
    this.#flowInstalled(flow, key, "flow_mod", ` old_actions:${textOf(old)},`);
    this.#say("dpif", () => {
      const all = formatKey(key, flow.mask, this.#format(true));
      return `${this.#name}: put[modify] ufid:${flow.ufid} ${all}, actions:${textOf(flow.actions)}`;
    });
  }

  #flowInstalled({ ufid, key: masked, mask, actions }: DpFlow, key: Flow, how: string, old: string): void {
    if (!this.#inDaemon) return;
    this.#say("dpif_netdev", () => {
      const shown = formatKey(key, mask, this.#format(false));
      return `${how}: ufid:${ufid} mega_ufid:${ufid} ${shown},${old} actions:${textOf(actions)}`;
    });
    this.#say("dpif_netdev", () => {
      // tables are kept by port; where there is a tag at all is always a part of the match
      const bits = mask.slice();
      bits[W.IN_PORT] = 0;
      bits[W.VLAN] = word(bits, W.VLAN) & (0xffff_0000 | VLAN_BITS);
      return `flow match: ${formatMatch(new Match(masked, bits), DEFAULT_PRIORITY)}`;
    });
  }

  /** The revalidators look at it, by its ufid alone. `now`: clock, nanoseconds. */
  flowDumped(flow: DpFlow, now: number): void {
    this.#say(
      "dpif",
      () => `${this.#name}: flow_dump ufid:${flow.ufid} <empty>, ${formatStatistics(flow, now)}`,
    );
  }

  flowDeleted(flow: DpFlow, now: number): void {
    this.#say("dpif", () => {
      const { ufid, key, seen } = flow;
      const all = formatKey(seen ?? key, exactMask(), this.#format(true));
      return `${this.#name}: flow_del ufid:${ufid} ${all}, ${formatStatistics(flow, now)}`;
    });
  }

  /** A packet of the daemon itself, or of a controller. */
  executed(packet: Packet, key: Flow, actions: readonly DpAction[]): void {
    this.#say("dpif", () => {
      const { bytes, start, end, priority, mark } = packet;
      const inPort = word(key, W.IN_PORT);
      const metadata = [`skb_priority(${hexadecimal(priority)})`, `skb_mark(${hexadecimal(mark)})`];
      if (inPort !== NO_PORT) metadata.push(`in_port(${inPort})`);
      const shown = formatPacket(bytes.slice(start, end));
      return `${this.#name}: execute ${textOf(actions)} on packet ${shown}\n with metadata ${metadata.join(",")} mtu 0`;
    });
  }

  portAdded(name: string, number: number): void {
    this.#say("dpif", () => `${this.#name}: added ${name} as port ${number}`);
  }

  portDeleted(number: number): void {
    this.#say("dpif", () => `${this.#name}: port_del(${number})`);
  }
}

const hexadecimal = (value: number): string => (value === 0 ? "0" : `0x${value.toString(16)}`);

function textOf(actions: readonly DpAction[]): string {
  return formatDpActions(actions, undefined, NO_PID);
}
