/** Flushing connections that the switch tracks. */
import { parseU16 } from "../../ovsproto/openflow/c-numbers.ts";
import { MessageWriter } from "../../ovsproto/openflow/message-bytes.ts";
import { writeProperty } from "../../ovsproto/openflow/properties.ts";
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

/** NXT_CT_ZONE_ID of NXT_CT_FLUSH. */
const ZONE_PROPERTY = 2;

export async function flushConnections(ofctl: Ofctl, [bridge = "", ...words]: Arguments): Promise<void> {
  const out = new MessageWriter();
  for (const word of words) {
    const zone = /^zone=(\d+)$/.exec(word)?.[1];
    if (zone === undefined) throw new Fatal("ct-flush with tuples is not implemented");
    writeProperty(out, ZONE_PROPERTY, (body) => body.u16(Number(zone)));
  }
  const vconn = await openVconn(ofctl, bridge);
  await finish(ofctl, vconn, [{ type: "ct_flush", protocol: 0, family: 0, properties: out.bytes() }]);
  vconn.close();
}
