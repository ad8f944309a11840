/** Bundles: changes that the switch makes together or not at all (OpenFlow 1.4, 6.8). */
import { ERRNO } from "../../netlink/errno.ts";
import type { MessageBody } from "../../ovsproto/openflow/message-body.ts";
import { encodeMessage } from "../../ovsproto/openflow/message-encode.ts";
import { formatMessage } from "../../ovsproto/openflow/message-text.ts";
import { BUNDLE_CONTROLS, BundleFlag } from "../../ovsproto/openflow/session-messages.ts";
import type { Received, Vconn } from "./vconn.ts";
import { Fatal } from "./ofctl-context.ts";
import type { Ofctl } from "./ofctl-context.ts";

const BUNDLE_ID = 0;
const FLAGS = BundleFlag.ATOMIC | BundleFlag.ORDERED;

/** What has gone wrong meanwhile; false if the request itself is refused. */
async function control(
  vconn: Vconn,
  name: (typeof BUNDLE_CONTROLS)[number],
  errors: Received[],
): Promise<boolean> {
  const body: MessageBody = {
    type: "bundle_control",
    bundle: BUNDLE_ID,
    control: BUNDLE_CONTROLS.indexOf(name),
    flags: FLAGS,
  };
  const reply = await vconn.transact(body, errors);
  const refused = reply.decoded?.message.body.type === "error";
  if (refused) errors.push(reply);
  return !refused;
}

/** Opens a bundle, adds the messages, and commits it; an error ends the command and nothing is changed. */
export async function runBundle(ofctl: Ofctl, vconn: Vconn, bodies: readonly MessageBody[]): Promise<void> {
  const { version } = vconn;
  // The message inside has the same xid as the one around it.
  const requests = bodies.map((body) => {
    const xid = ofctl.nextXid();
    return { xid, message: encodeMessage({ version, xid, body }) };
  });
  const errors: Received[] = [];
  let done = await control(vconn, "OPEN_REQUEST", errors);
  if (done) {
    for (const { xid, message } of requests) {
      const add: MessageBody = { type: "bundle_add", bundle: BUNDLE_ID, flags: FLAGS, message };
      vconn.sendBytes(encodeMessage({ version, xid, body: add }));
    }
    errors.push(...(await vconn.barrierErrors()));
    done = errors.length === 0;
    if (done) done = await control(vconn, "COMMIT_REQUEST", errors);
    else await control(vconn, "DISCARD_REQUEST", errors);
  }
  const messages = new Map(requests.map(({ xid, message }) => [xid, message] as const));
  printErrors(ofctl, errors, messages);
  if (!done) throw new Fatal(`talking to ${vconn.name}`, ERRNO.EPROTO);
}

/** bundle_print_errors(): with the whole message where it is one of the bundle's. */
function printErrors(
  ofctl: Ofctl,
  errors: readonly Received[],
  messages: ReadonlyMap<number, Uint8Array>,
): void {
  ofctl.process.flush();
  for (const { xid, decoded } of errors) {
    const body = decoded?.message.body;
    if (body?.type !== "error" || body.name === undefined) {
      ofctl.process.warn("***decode error***");
      continue;
    }
    // what the log tells of the message comes in between
    ofctl.process.warn(`Error ${body.name} for: `);
    const verbosity = ofctl.options.verbosity + 1;
    const about = messages.get(xid) ?? body.payload;
    ofctl.process.warn(formatMessage(about, { verbosity, log: ofctl.decodeLog }));
  }
}
