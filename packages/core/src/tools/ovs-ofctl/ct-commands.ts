/** Flushing connections that the switch tracks. */
import { parseU16 } from "../../ovsproto/openflow/c-numbers.ts";
import { parseCtTuple } from "../../ovsproto/openflow/ct-flush.ts";
import { TextError } from "../../ovsproto/openflow/text-error.ts";
import { Fatal } from "./ofctl-context.ts";
import type { Ofctl } from "./ofctl-context.ts";
import { finish } from "./show-commands.ts";
import { openVconn } from "./vconn.ts";

type Arguments = readonly string[];

export async function flushZone(ofctl: Ofctl, [bridge = "", text = ""]: Arguments): Promise<void> {
  const zone = ofctl.parse(() => parseU16(text, "zone_id"));
  const vconn = await openVconn(ofctl, bridge);
  await finish(ofctl, vconn, [{ type: "ct_flush_zone", zone }]);
  vconn.close();
}

/** `[zone=N] [ORIGINAL [REPLY]]` */
export async function flushConnections(ofctl: Ofctl, [bridge = "", ...words]: Arguments): Promise<void> {
  const [first = ""] = words;
  let zone: number | undefined;
  if (first.startsWith("zone=")) {
    const digits = /^zone=\s*([-+]?\d+)/.exec(first)?.[1];
    if (digits === undefined) throw new Fatal("Failed to parse zone");
    zone = Number(digits) & 0xffff;
  }
  const tuple = (text: string, before?: ReturnType<typeof parseCtTuple>) => {
    try {
      return parseCtTuple(text, before);
    } catch (error) {
      if (!(error instanceof TextError)) throw error;
      throw new Fatal(`Failed to parse ct-tuple: ${error.message}`);
    }
  };
  const [original = "", reply = ""] = zone === undefined ? words : words.slice(1);
  const one = tuple(original);
  const { tuple: other, protocol } = tuple(reply, one);
  const vconn = await openVconn(ofctl, bridge);
  await finish(ofctl, vconn, [{ type: "ct_flush", protocol, zone, original: one.tuple, reply: other }]);
  vconn.close();
}
