// Mirroring inside a translation (mirror_packet of ofproto-dpif-xlate.c): after a packet came in, and after each output.

import { unwildcard, W, word } from "../../../ovsproto/flow/flow.ts";
import type { Bundle } from "../port.ts";
import type { XlateContext } from "./context.ts";
import { mayEnter, putTags, tagsInside, tagsOf, tagsOutside, includesVlan } from "./vlan.ts";
import type { VlanTags } from "./vlan.ts";

type Output = (context: XlateContext, port: number) => void;

/** A packet that came in by the port of `flow`. */
export function mirrorIngress(context: XlateContext, output: Output): void {
  const { bridge, flow } = context;
  if (!bridge.mirrors.any) return;
  const bundle = bridge.port(word(flow, W.IN_PORT))?.bundle;
  if (bundle) mirrorPacket(context, bundle, bridge.mirrors.sourcesOf(bundle), output);
}

/** Copies to the mirrors in `wanted` that have none of this packet yet. */
export function mirrorPacket(context: XlateContext, bundle: Bundle, wanted: number, output: Output): void {
  const { bridge, flow, wildcards } = context;
  const inside = insideTags(context, bundle);
  if (!inside) return;
  let left = (wanted & ~context.mirrors) >>> 0;
  if (left === 0) return;
  const saved = [word(flow, W.VLAN), word(flow, W.INNER_VLAN)] as const;
  while (left !== 0) {
    const bit = (left & -left) >>> 0;
    left = (left & ~bit) >>> 0;
    const mirror = bridge.mirrors.byBit(bit);
    if (!mirror) continue;
    if (mirror.vlans) unwildcard(wildcards, W.VLAN, 0x1fff);
    if (mirror.vlans && !mirror.vlans.has(inside[0].vid)) continue;
    const duplicates = bridge.mirrors.duplicates(mirror);
    context.mirrors = (context.mirrors | duplicates) >>> 0;
    context.mirrorSnaplen = mirror.snaplen;
    if (mirror.output) sendTagged(context, mirror.output, inside, output);
    else if (mirror.outputVlan !== undefined && inside[0].vid !== mirror.outputVlan) {
      const tags: VlanTags = [{ ...inside[0], vid: mirror.outputVlan }, inside[1]];
      for (const other of bridge.bundles) {
        if (includesVlan(other, tags) && !bridge.mirrors.isOutput(other))
          sendTagged(context, other, tags, output);
      }
    }
    // what was sent may have been mirrored in its turn
    left = (left & ~context.mirrors) >>> 0;
    context.mirrorSnaplen = 0;
    const credit = ({ packets, bytes }: { readonly packets: number; readonly bytes: number }) => {
      mirror.packets += packets;
      mirror.bytes += bytes;
    };
    if (context.input.statistics) credit(context.input.statistics);
    context.input.cache?.push({ credit });
  }
  flow[W.VLAN] = saved[0];
  flow[W.INNER_VLAN] = saved[1];
}

function insideTags(context: XlateContext, bundle: Bundle): VlanTags | undefined {
  const tags = tagsOf(context.flow);
  return mayEnter(context, tags[0].vid, bundle) ? tagsInside(bundle, tags) : undefined;
}

function sendTagged(context: XlateContext, bundle: Bundle, tags: VlanTags, output: Output): void {
  const port = bundle.ports[0];
  if (!port) return;
  putTags(context.flow, tagsOutside(bundle, tags), bundle.settings.priorityTags);
  output(context, port.number);
}
