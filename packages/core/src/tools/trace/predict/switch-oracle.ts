// What Open vSwitch would do with a frame, for `trace --dry-run`: its flows are asked by `ofproto/trace`, and its datapath actions
// are read as the devices that they name. Nothing is sent, and nothing is learned.

import type { Process } from "../../../system/process.ts";
import type { PacketEvent, TraceDevice } from "../../../trace/packet-event.ts";
import type { LinkState, NetworkState, PlaceState, TunnelKind } from "../../why/network-state.ts";
import { ovsPortOf } from "../../why/switch-state.ts";
import type { OvsBridgeState } from "../../why/switch-state.ts";
import { allDatapathActions, askDaemon, flowEvents } from "../ofproto-trace.ts";
import { traceDeviceOf } from "./tree.ts";
import type { TunnelWay } from "./tunnel-way.ts";
import { carrierName, pushedTunnel, toldTunnel, tunnelKindOf } from "./switch-tunnel.ts";

/** A frame that leaves by a port: a device, or a tunnel of the switch. */
export type SwitchOutput = {
  /** VLAN of its tag then; 0 without. */
  readonly vlan: number;
  /** What was written into the frame before: actions set(...). */
  readonly changes: readonly string[];
} & (
  | { readonly link: LinkState }
  | { readonly way: TunnelWay; readonly place: PlaceState; readonly device: TraceDevice }
);

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

/** A port of the datapath: the name of its device, and the kind of tunnel that it is. */
interface DatapathPort {
  readonly name: string;
  readonly tunnel: TunnelKind | undefined;
}

export class SwitchOracle {
  readonly #process: Process;
  readonly #state: NetworkState;
  /** The datapath's ports, once they have been asked for. */
  #ports: ReadonlyMap<number, DatapathPort> | undefined;

  constructor(process: Process, state: NetworkState) {
    this.#process = process;
    this.#state = state;
  }

  get switches(): readonly OvsBridgeState[] {
    return this.#state.switches;
  }

  /**
   * A frame comes in to a switch by `link`, with a tag of `vlan` if that is not 0; `flow` describes it. (Were it given as
   * bytes, the switch would learn from it.) Undefined if no switch has that port.
   */
  async ask(link: LinkState, flow: string, vlan: number): Promise<SwitchAnswer | undefined> {
    const port = ovsPortOf(this.#state.switches, link);
    return port && this.askPort(port.bridge.name, link.name, flow, vlan);
  }

  /** As `ask`, of a port without a device. */
  async askPort(bridge: string, port: string, flow: string, vlan: number): Promise<SwitchAnswer> {
    const events = await flowEvents(this.#process, bridge, [`in_port=${port},${flow}`]);
    const passes = allDatapathActions(events);
    const actions = passes.filter((one) => one !== "drop").join(",");
    if (passes.length === 0) return { events, outputs: [], drops: false };
    const outputs: SwitchOutput[] = [];
    const notes: PacketEvent[] = [];
    const note = (text: string): void => {
      notes.push({ kind: "switch-note", bridge, text });
    };
    let tag = vlan;
    let told = "";
    let changes: readonly string[] = [];
    for (const action of splitActions(actions)) {
      const pushed = /^push_vlan\(vid=(\d+)/.exec(action)?.[1];
      if (pushed !== undefined) tag = Number(pushed);
      else if (action === "pop_vlan") tag = 0;
      else if (action.startsWith("set(tunnel(")) told = action;
      else if (/^(?:clone\()?tnl_push\(/.test(action)) {
        const output = this.#through(pushedTunnel(action), tag, changes);
        if (output === undefined) note(`${action} is not followed further`);
        else outputs.push(output);
      } else if (/^\d+$/.test(action)) {
        const output = await this.#output(Number(action), told, tag, changes);
        if (output === undefined) note(`port ${action} has no device`);
        else outputs.push(output);
      } else if (action.startsWith("set(")) changes = [...changes, action];
      else if (!/^(?:recirc|ct|ct_clear)\b/.test(action)) note(`${action} is not followed further`);
    }
    const drops = passes.at(-1) === "drop" && outputs.length === 0;
    return { events: [...events, ...notes], outputs, drops };
  }

  /** Out by a port of the datapath; into a tunnel as `told`, if it is one. */
  async #output(
    number: number,
    told: string,
    vlan: number,
    changes: readonly string[],
  ): Promise<SwitchOutput | undefined> {
    const port = (await this.#datapathPorts()).get(number);
    if (port === undefined) return undefined;
    if (port.tunnel !== undefined) return this.#through(toldTunnel(told, port.tunnel), vlan, changes);
    const link = this.#device(port.name);
    return link && { link, vlan, changes };
  }

  #through(way: TunnelWay | undefined, vlan: number, changes: readonly string[]): SwitchOutput | undefined {
    const place = this.#state.places.find(({ isHost }) => isHost);
    if (way === undefined || place === undefined) return undefined;
    const name = carrierName(way.kind, way.port);
    const carrier = place.links.find((link) => link.name === name);
    const device = carrier
      ? traceDeviceOf(carrier)
      : { netns: place.netns.inode, ifindex: 0, name: `${way.kind} tunnel` };
    return { way, place, device, vlan, changes };
  }

  /** From `dpif/show`: `p1 1/2: (system)`, the second number being the datapath's. */
  async #datapathPorts(): Promise<ReadonlyMap<number, DatapathPort>> {
    if (this.#ports !== undefined) return this.#ports;
    const ports = new Map<number, DatapathPort>();
    const text = (await askDaemon(this.#process, "dpif/show", [])) ?? "";
    for (const [, name = "", number = "", type = ""] of text.matchAll(/^\s+(\S+) \S+\/(\d+): \(([\w-]+)/gm))
      ports.set(Number(number), { name, tunnel: tunnelKindOf(type) });
    return (this.#ports = ports);
  }

  /** A device of the host, or an internal port wherever it is. */
  #device(name: string): LinkState | undefined {
    const named = this.#state.links.filter((link) => link.name === name);
    return named.find(({ place }) => place.isHost) ?? named.find(({ kind }) => kind === "openvswitch");
  }
}
