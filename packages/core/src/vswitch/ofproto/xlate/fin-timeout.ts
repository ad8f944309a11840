// The action fin_timeout (xlate_fin_timeout).

import { unwildcardProtocol, W, word } from "../../../ovsproto/flow/flow.ts";
import type { XlateContext } from "./context.ts";

/** A TCP connection that ends gives its rule less time. */
export function finTimeout(context: XlateContext, idle: number, hard: number): void {
  const { rule, wildcards, flow, input } = context;
  unwildcardProtocol(wildcards);
  if (word(flow, W.NW) >>> 24 !== 6) return;
  if (!rule) return;
  const credit = ({ tcpFlags }: { readonly tcpFlags: number }) => {
    if ((tcpFlags & 5) !== 0) context.bridge.reduceTimeouts(rule, idle, hard);
  };
  if (input.statistics) credit(input.statistics);
  input.cache?.push({ credit });
}
