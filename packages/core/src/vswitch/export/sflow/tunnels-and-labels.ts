// What a datapath's actions tell of a packet's way out: the tunnel and the labels that it leaves with
// (dpif_sflow_read_actions of Open vSwitch's ofproto-dpif-sflow.c). Nested tunnels are not told of.

import type { DpAction } from "../../../ovsproto/datapath/actions.ts";
import { dlType, isMplsType, W, word } from "../../../ovsproto/flow/flow.ts";
import type { Flow } from "../../../ovsproto/flow/flow.ts";

const BOTTOM = 0x100;
const MAX_LABELS = 3;

export interface WayOut {
  /** Tunnel words of a flow, if the packet is wrapped once. */
  readonly tunnel: Flow | undefined;
  /** Port of the datapath that was the last to get it. */
  readonly port: number | undefined;
  /** Outermost first. */
  readonly labels: readonly number[];
}

export function wayOut(flow: Flow, actions: readonly DpAction[]): WayOut {
  const reader = new ActionReader(flow);
  reader.read(actions);
  return reader.result;
}

class ActionReader {
  /** Innermost first. */
  #labels: number[];
  #labelsLost = false;
  #tunnels: Flow[] = [];
  #port: number | undefined;

  constructor(flow: Flow) {
    this.#labels = labelsOf(flow).toReversed();
  }

  read(actions: readonly DpAction[]): void {
    for (const action of actions) {
      switch (action.type) {
        case "output":
          this.#port = action.port;
          break;
        case "set":
          if (action.group === "tunnel") this.#tunnels.push(action.value);
          else if (action.group === "mpls") this.#labels = [word(action.value, W.MPLS_LSE)];
          break;
        case "push_mpls":
          if (this.#labels.length >= MAX_LABELS) this.#labelsLost = true;
          else this.#labels.push(action.lse);
          break;
        case "pop_mpls":
          if (this.#labels.pop() === undefined) this.#labelsLost = true;
          break;
        case "clone":
          this.read(action.actions);
          break;
        default:
      }
    }
  }

  get result(): WayOut {
    const outermost = this.#labels.toReversed();
    const labels = outermost.map((lse, at) =>
      at === outermost.length - 1 ? (lse | BOTTOM) >>> 0 : (lse & ~BOTTOM) >>> 0,
    );
    return {
      tunnel: this.#tunnels.length === 1 ? this.#tunnels[0] : undefined,
      port: this.#port,
      labels: this.#labelsLost ? [] : labels,
    };
  }
}

function labelsOf(flow: Flow): number[] {
  if (!isMplsType(dlType(flow))) return [];
  const labels: number[] = [];
  for (let at = 0; at < MAX_LABELS; at++) {
    const entry = word(flow, W.MPLS_LSE + at);
    labels.push(entry);
    if (entry & BOTTOM) break;
  }
  return labels;
}
