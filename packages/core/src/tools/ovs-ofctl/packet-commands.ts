/** packet-out, monitor and snoop. */
import { parseActions } from "../../ovsproto/openflow/action-parse.ts";
import { NO_BUFFER } from "../../ovsproto/openflow/flow-mod.ts";
import { parseFlow } from "../../ovsproto/openflow/flow-parse.ts";
import { scanHexBytes } from "../../ovsproto/openflow/hex-bytes.ts";
import { keyValues } from "../../ovsproto/openflow/key-values.ts";
import type { MessageBody } from "../../ovsproto/openflow/message-body.ts";
import type { Names } from "../../ovsproto/openflow/names.ts";
import type { SwitchConfig } from "../../ovsproto/openflow/session-messages.ts";
import { parseWatch } from "./watch.ts";
import { Fatal } from "./ofctl-context.ts";
import type { Ofctl } from "./ofctl-context.ts";
import { acceptedNames, displayedNames, finish, printMessage } from "./show-commands.ts";
import { follow } from "./follow.ts";
import { inBackground } from "./in-background.ts";
import { openVconn } from "./vconn.ts";
import type { Vconn } from "./vconn.ts";

type Arguments = readonly string[];

function packetBytes(text: string, where: string): Uint8Array {
  const { bytes, rest } = scanHexBytes(text);
  if (rest !== "") throw new Fatal(`${where}packet: Trailing garbage in packet data`);
  if (bytes.length < 14) throw new Fatal(`${where}packet: Packet data too short for Ethernet`);
  return bytes;
}

/** `in_port=...,packet=...,actions=...` */
export function parsePacketOut(ofctl: Ofctl, text: string, names: Names, where = ""): MessageBody {
  const at = text.indexOf("action");
  const actionText = at < 0 ? "" : text.slice(text.indexOf("=", at) + 1);
  let packet: Uint8Array | undefined;
  const words: string[] = [];
  for (const { key, value } of keyValues(at < 0 ? text : text.slice(0, at))) {
    if (key === "packet") packet = packetBytes(value, where);
    else words.push(value === "" ? key : `${key}=${value}`);
  }
  if (!packet) throw new Fatal(`${where}must specify packet`);
  const { flow } = ofctl.parse(() => parseFlow(words.join(","), "request", names), where);
  const { actions } = ofctl.parse(() => parseActions(actionText, false, names), where);
  return { type: "packet_out", bufferId: NO_BUFFER, metadata: flow.match, actions, packet };
}

export async function packetOutCommand(
  ofctl: Ofctl,
  [bridge = "", text = "", ...more]: Arguments,
): Promise<void> {
  // The form of before 2.9, with a word for each.
  if (more.length > 0) throw new Fatal(`Too many arguments (${more.length + 3})`);
  const names = ofctl.names(await acceptedNames(ofctl, bridge));
  const body = parsePacketOut(ofctl, text, names);
  const vconn = await openVconn(ofctl, bridge);
  await finish(ofctl, vconn, [body]);
  vconn.close();
}

const PACKET_IN_FORMATS = ["standard", "nxt_packet_in", "nxt_packet_in2"] as const;

/** Without a wish the newest form is asked for, and in OpenFlow 1.0 the one before it if the switch does not know that. */
async function setPacketInFormat(ofctl: Ofctl, vconn: Vconn): Promise<void> {
  const wanted = ofctl.options.packetInFormat;
  const set = (format: (typeof PACKET_IN_FORMATS)[number]) =>
    vconn.transactNoReply([{ type: "set_packet_in_format", format: PACKET_IN_FORMATS.indexOf(format) }]);
  if (wanted !== undefined) {
    const error = (await set(wanted))?.decoded?.message.body;
    if (error?.type !== "error") return;
    const what = "failed to set packet in format to nx_packet_in, controller replied";
    throw new Fatal(`${vconn.name}: ${what}: ${error.name ?? ""}.`);
  } else if ((await set("nxt_packet_in2")) && vconn.version === 1) await set("nxt_packet_in");
}

/** A miss send length that makes switches send whole packets, and the like. */
async function configure(
  vconn: Vconn,
  change: Partial<Pick<SwitchConfig, "missSendLength" | "invalidTtlToController">>,
): Promise<void> {
  const body = (await vconn.transact({ type: "get_config_request" })).decoded?.message.body;
  if (body?.type !== "get_config_reply") return;
  await vconn.transactNoReply([{ ...body, ...change, type: "set_config" }]);
}

async function monitorSwitch(
  ofctl: Ofctl,
  [bridge = "", ...words]: Arguments,
  ready: () => void,
): Promise<void> {
  const names = ofctl.names(
    words.some((word) => word.startsWith("watch:")) ? await acceptedNames(ofctl, bridge) : {},
  );
  const shown = await displayedNames(ofctl, bridge);
  const vconn = await openVconn(ofctl, bridge);
  let resume = false;
  for (const word of words) {
    if (/^\d+$/.test(word)) await configure(vconn, { missSendLength: Number(word) });
    else if (word === "invalid_ttl") await configure(vconn, { invalidTtlToController: true });
    else if (word === "resume") {
      resume = true;
      await configure(vconn, { missSendLength: 0xffff });
    } else if (word.startsWith("watch:")) {
      const watch = parseWatch(ofctl, word.slice("watch:".length), names);
      for (const part of await vconn.transactMultipart(watch)) {
        printMessage(ofctl, part, ofctl.options.verbosity + 2, shown);
      }
      ofctl.process.flush();
    } else throw new Fatal(`${word}: unsupported "monitor" argument`);
  }
  await setPacketInFormat(ofctl, vconn);
  await follow(ofctl, vconn, { names: shown, resume, ready });
}

export const monitor = (ofctl: Ofctl, words: Arguments): Promise<number> =>
  inBackground(ofctl, (here, ready) => monitorSwitch(here, words, ready));

export const snoop = (ofctl: Ofctl, [bridge = ""]: Arguments): Promise<number> =>
  inBackground(ofctl, async (here, ready) => {
    const vconn = await openVconn(here, bridge, "snoop");
    await follow(here, vconn, { names: here.shown(), resume: false, ready });
  });
