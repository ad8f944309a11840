// Writes what encap and decap have made of the packet's type (commit_encap_decap_action of Open vSwitch's lib/odp-util.c).

import { EtherType } from "../../../wire/ethernet.ts";
import { writeU32BE } from "../../../wire/bytes.ts";
import type { NshHeader } from "../../../ovsproto/datapath/nsh.ts";
import { isMplsType, macAt, setMacAt, unwildcard, W, word } from "../../../ovsproto/flow/flow.ts";
import type { Flow } from "../../../ovsproto/flow/flow.ts";
import { commitMpls } from "./commit-mpls.ts";
import type { XlateContext } from "./context.ts";

export function commitEncap(context: XlateContext): void {
  const { flow, base, wildcards, pending } = context;
  context.pending = undefined;
  const type = word(flow, W.PACKET_TYPE);
  const before = word(base, W.PACKET_TYPE);
  const etherType = before & 0xffff;
  // after an output by a port of layer 3 the header is there again; version 3.1 of the original falls over that, but for NSH and
  // MPLS, where it takes off what is not meant
  const restored =
    type === 0 &&
    before >>> 16 === 1 &&
    pending === undefined &&
    etherType !== EtherType.NSH &&
    !isMplsType(etherType);
  if (pending?.kind === "encap" || restored) {
    if (type === 0) {
      context.actions.push({
        type: "push_eth",
        source: macAt(flow, W.ETH_SRC),
        destination: macAt(flow, W.ETH_DST),
      });
      setMacAt(base, W.ETH_SRC, macAt(flow, W.ETH_SRC));
      setMacAt(base, W.ETH_DST, macAt(flow, W.ETH_DST));
      base[W.PACKET_TYPE] = type;
      return;
    }
    if (isMplsType(type & 0xffff)) commitMpls(context, true);
    else context.actions.push({ type: "push_nsh", header: nshOf(flow, pending?.metadata) });
    base[W.PACKET_TYPE] = type;
    base.set(flow.subarray(W.ETH_DST), W.ETH_DST);
  } else if (pending?.kind === "decap" || type !== before) {
    if (type >>> 16 === 1 && before === 0) {
      context.actions.push({ type: "pop_eth" });
      base[W.PACKET_TYPE] = type;
      setMacAt(base, W.ETH_SRC, 0);
      setMacAt(base, W.ETH_DST, 0);
    } else if (etherType === EtherType.NSH) context.actions.push({ type: "pop_nsh" });
    else if (isMplsType(etherType)) commitMpls(context);
  }
  unwildcard(wildcards, W.PACKET_TYPE);
}

/** A header as a flow has it, with options that the flow does not keep. */
function nshOf(flow: Flow, metadata: Uint8Array | undefined): NshHeader {
  const base = word(flow, W.NSH);
  const mdtype = (base >>> 8) & 0xff;
  const words = new Uint8Array(16);
  for (let i = 0; i < 4; i++) writeU32BE(words, 4 * i, word(flow, W.NSH_C + i));
  return {
    flags: base >>> 24,
    ttl: (base >>> 16) & 0xff,
    mdtype,
    next: base & 0xff,
    path: word(flow, W.NSH_PATH) >>> 8,
    index: word(flow, W.NSH_PATH) & 0xff,
    metadata: mdtype === 1 ? words : (metadata ?? new Uint8Array(0)),
  };
}
