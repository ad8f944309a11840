// What Open vSwitch would do with a frame, for `trace --dry-run`: its flows are asked by `ofproto/trace`, and its datapath actions
// are read as the devices that they name. Nothing is sent, and nothing is learned.

import type { Process } from "../../system/process.ts";
import type { PacketEvent } from "../../trace/packet-event.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { callDaemon, controlPath } from "../ovs-appctl/unixctl-client.ts";
import type { LinkState, NetworkState } from "../why/network-state.ts";
import { ovsPortOf } from "../why/switch-state.ts";
import { datapathActions, DAEMON, flowEvents } from "./ofproto-trace.ts";

/** A frame that leaves by a port. */
export interface SwitchOutput {
  readonly link: LinkState;
  /** VLAN of its tag then; 0 without. */
  readonly vlan: number;
}

export interface SwitchAnswer {
  readonly events: readonly PacketEvent[];
  readonly outputs: readonly SwitchOutput[];
  /** The actions are known, and there are none. */
  readonly drops: boolean;
}

/** Datapath actions, one text each: commas inside of parentheses do not divide them. */
export function splitActions(text: string): string[] {
  const actions: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at <= text.length; at++) {
    const char = text[at];
    if (char === "(") depth++;
    else if (char === ")") depth--;
    else if (char === undefined || (char === "," && depth === 0)) {
      if (at > from) actions.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return actions;
}

export class SwitchOracle {
  readonly #process: Process;
  readonly #state: NetworkState;
  /** Names of the datapath's ports, once they have been asked for. */
  #ports: ReadonlyMap<number, string> | undefined;

  constructor(process: Process, state: NetworkState) {
    this.#process = process;
    this.#state = state;
  }

  /**
   * A frame comes in to a switch by `link`, with a tag of `vlan` if that is not 0; `flow` describes it. (Were it given as
   * bytes, the switch would learn from it.) Undefined if no switch has that port.
   */
  async ask(link: LinkState, flow: string, vlan: number): Promise<SwitchAnswer | undefined> {
    const port = ovsPortOf(this.#state.switches, link);
    if (port === undefined) return undefined;
    const events = await flowEvents(this.#process, port.bridge.name, [`in_port=${link.name},${flow}`]);
    const actions = datapathActions(events);
    if (actions === undefined) return { events, outputs: [], drops: false };
    if (actions === "drop") return { events, outputs: [], drops: true };
    const outputs: SwitchOutput[] = [];
    const notes: PacketEvent[] = [];
    let tag = vlan;
    for (const action of splitActions(actions)) {
      const pushed = /^push_vlan\(vid=(\d+)/.exec(action)?.[1];
      if (pushed !== undefined) tag = Number(pushed);
      else if (action === "pop_vlan") tag = 0;
      else if (/^\d+$/.test(action)) {
        const name = (await this.#names()).get(Number(action));
        const out = name === undefined ? undefined : this.#device(name);
        if (out === undefined)
          notes.push({ kind: "switch-note", bridge: port.bridge.name, text: `port ${action} has no device` });
        else outputs.push({ link: out, vlan: tag });
      } else if (!action.startsWith("set("))
        notes.push({
          kind: "switch-note",
          bridge: port.bridge.name,
          text: `${action} is not followed further`,
        });
    }
    return { events: [...events, ...notes], outputs, drops: false };
  }

  /** From `dpif/show`: `p1 1/2: (system)`, the second number being the datapath's. */
  async #names(): Promise<ReadonlyMap<number, string>> {
    if (this.#ports !== undefined) return this.#ports;
    const ports = new Map<number, string>();
    const path = controlPath(this.#process, DAEMON);
    try {
      const answer =
        typeof path === "string" ? await callDaemon(this.#process, path, "dpif/show", []) : undefined;
      for (const [, name = "", number = ""] of (answer?.type === "result" ? answer.text : "").matchAll(
        /^\s+(\S+) \S+\/(\d+): \(/gm,
      ))
        ports.set(Number(number), name);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
    }
    return (this.#ports = ports);
  }

  /** A device of the host, or an internal port wherever it is. */
  #device(name: string): LinkState | undefined {
    const named = this.#state.links.filter((link) => link.name === name);
    return named.find(({ place }) => place.isHost) ?? named.find(({ kind }) => kind === "openvswitch");
  }
}
