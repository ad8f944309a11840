/** packet-out: packets that the switch sends as if a controller wanted it. */
import { parseActions } from "../../ovsproto/openflow/action-parse.ts";
import { parseFieldValue } from "../../ovsproto/openflow/field-text.ts";
import { fieldNamed, theField } from "../../ovsproto/openflow/fields.ts";
import { NO_BUFFER } from "../../ovsproto/openflow/flow-mod.ts";
import { parseFlow } from "../../ovsproto/openflow/flow-parse.ts";
import { scanHexBytes } from "../../ovsproto/openflow/hex-bytes.ts";
import { keyValues } from "../../ovsproto/openflow/key-values.ts";
import { Match } from "../../ovsproto/openflow/match.ts";
import type { MessageBody } from "../../ovsproto/openflow/message-body.ts";
import { parsePort } from "../../ovsproto/openflow/names.ts";
import { isPipelineField } from "../../ovsproto/openflow/oxm.ts";
import type { Names } from "../../ovsproto/openflow/names.ts";
import { Port } from "../../ovsproto/openflow/ports.ts";
import type { Protocols } from "../../ovsproto/openflow/protocols.ts";
import { openForFlowMods } from "./flow-commands.ts";
import { Fatal } from "./ofctl-context.ts";
import type { Ofctl } from "./ofctl-context.ts";
import { acceptedNames, finish } from "./show-commands.ts";
import { openVconn } from "./vconn.ts";

function packetBytes(text: string, where: string): Uint8Array {
  const { bytes, rest } = scanHexBytes(text);
  if (rest !== "") throw new Fatal(`${where}Trailing garbage in packet data`);
  if (bytes.length < 14) throw new Fatal(`${where}Packet data too short for Ethernet`);
  return bytes;
}

/** Ports that no packet comes in by. */
const NEVER_IN: ReadonlySet<number> = new Set([
  Port.IN_PORT,
  Port.TABLE,
  Port.NORMAL,
  Port.FLOOD,
  Port.ALL,
  Port.UNSET,
]);

function checkPort(port: number | undefined, text: string, where: string): void {
  if (port === undefined) throw new Fatal(`${where}${text} is not a valid OpenFlow port`);
  if (NEVER_IN.has(port)) throw new Fatal(`${where}${text} is not a valid OpenFlow port for PACKET_OUT`);
}

export interface ParsedPacketOut {
  readonly body: MessageBody;
  readonly usable: Protocols;
}

/** `in_port=...,packet=...,actions=...`; without a port the packet comes in by none. */
export function parsePacketOut(ofctl: Ofctl, text: string, names: Names, where = ""): ParsedPacketOut {
  const at = text.indexOf("action");
  const actionText = at < 0 ? "" : text.slice(text.indexOf("=", at) + 1);
  let packet: Uint8Array | undefined;
  const words: string[] = [];
  for (const { key, value } of keyValues(at < 0 ? text : text.slice(0, at))) {
    if (value === "") throw new Fatal(`${where}field ${key} missing value`);
    if (key === "packet") packet = packetBytes(value, `${where}packet: `);
    else {
      const field = fieldNamed(key);
      if (!field) throw new Fatal(`${where}unknown keyword ${key}`);
      if (key === "in_port")
        checkPort(
          ofctl.parse(() => parsePort(value, names), where),
          value,
          where,
        );
      ofctl.parse(() => parseFieldValue(field, value, names), where);
      if (!isPipelineField(field))
        throw new Fatal(`${where}${key} is not a valid pipeline field for PACKET_OUT`);
      words.push(`${key}=${value}`);
    }
  }
  if (!packet) throw new Fatal(`${where}must specify packet`);
  const parsed = ofctl.parse(() => parseFlow(words.join(","), "request", names), where);
  const { actions, usable } = ofctl.parse(() => parseActions(actionText, false, names), where);
  const metadata = parsed.flow.match;
  const inPort = theField("in_port");
  if (metadata.isWild(inPort)) metadata.set(inPort, BigInt(Port.NONE));
  const body = { type: "packet_out", bufferId: NO_BUFFER, metadata, actions, packet } as const;
  return { body, usable: parsed.usable & usable };
}

/** The form of before 2.9: port, actions, packets. */
function parseWords(
  ofctl: Ofctl,
  [portText = "", actionText = "", ...packets]: readonly string[],
  names: Names,
): MessageBody[] {
  const { actions } = ofctl.parse(() => parseActions(actionText, false, names));
  const port = ofctl.parse(() => parsePort(portText, names));
  if (port === undefined) throw new Fatal(`${portText} is not a valid OpenFlow port`);
  const metadata = new Match();
  metadata.set(theField("in_port"), BigInt(port));
  return packets.map((text) => ({
    type: "packet_out",
    bufferId: NO_BUFFER,
    metadata,
    actions,
    packet: packetBytes(text, ""),
  }));
}

export async function packetOutCommand(
  ofctl: Ofctl,
  [bridge = "", text = "", ...more]: readonly string[],
): Promise<void> {
  if (more.length === 1) throw new Fatal("Too many arguments (4)");
  const names = ofctl.names(await acceptedNames(ofctl, bridge));
  if (more.length === 0) {
    const { body, usable } = parsePacketOut(ofctl, text, names);
    const { vconn } = await openForFlowMods(ofctl, bridge, usable);
    await finish(ofctl, vconn, [body]);
    vconn.close();
    return;
  }
  const vconn = await openVconn(ofctl, bridge);
  for (const body of parseWords(ofctl, [text, ...more], names)) await finish(ofctl, vconn, [body]);
  vconn.close();
}
