/** monitor and snoop. */
import { encodeMessage } from "../../ovsproto/openflow/message-encode.ts";
import { formatMessage } from "../../ovsproto/openflow/message-text.ts";
import type { SwitchConfig } from "../../ovsproto/openflow/session-messages.ts";
import { parseWatch } from "./watch.ts";
import { Fatal } from "./ofctl-context.ts";
import type { Ofctl } from "./ofctl-context.ts";
import { acceptedNames, displayedNames, printMessage } from "./show-commands.ts";
import { follow } from "./follow.ts";
import { inBackground } from "./in-background.ts";
import { openVconn } from "./vconn.ts";
import type { Vconn } from "./vconn.ts";

type Arguments = readonly string[];

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
    else if (word === "invalid_ttl") {
      await configure(vconn, { invalidTtlToController: true });
      // whether it has come to that; nothing is said if not
      await vconn.transact({ type: "get_config_request" });
    } else if (word === "resume") {
      resume = true;
      await configure(vconn, { missSendLength: 0xffff });
    } else if (word.startsWith("watch:")) {
      const watch = parseWatch(ofctl, word.slice("watch:".length), names);
      const { verbosity } = ofctl.options;
      const parts = await vconn.transactParts((xid) => {
        const request = encodeMessage({ version: vconn.version, xid, body: watch });
        // one level more of it is shown than of what it is answered
        if (verbosity > 0)
          ofctl.process.print(
            formatMessage(request, { verbosity: verbosity + 2, names: ofctl.shown(shown) }),
          );
        return [request];
      });
      for (const part of parts) printMessage(ofctl, part, verbosity + 1, shown);
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
