/** Bundles: changes that the switch makes together or not at all (OpenFlow 1.4, 6.8). */
import type { MessageBody } from "../../ovsproto/openflow/message-body.ts";
import { encodeMessage } from "../../ovsproto/openflow/message-encode.ts";
import { BUNDLE_CONTROLS, BundleFlag } from "../../ovsproto/openflow/session-messages.ts";
import { failWith } from "./vconn.ts";
import type { Received, Vconn } from "./vconn.ts";
import type { Ofctl } from "./ofctl-context.ts";

const BUNDLE_ID = 0;
const FLAGS = BundleFlag.ATOMIC | BundleFlag.ORDERED;

async function control(ofctl: Ofctl, vconn: Vconn, name: (typeof BUNDLE_CONTROLS)[number]): Promise<void> {
  const reply = await vconn.transact({
    type: "bundle_control",
    bundle: BUNDLE_ID,
    control: BUNDLE_CONTROLS.indexOf(name),
    flags: FLAGS,
  });
  if (reply.decoded?.message.body.type === "error") failWith(ofctl, reply);
}

/** Opens a bundle, adds the messages, and commits it; an error ends the command and nothing is changed. */
export async function runBundle(ofctl: Ofctl, vconn: Vconn, bodies: readonly MessageBody[]): Promise<void> {
  await control(ofctl, vconn, "OPEN_REQUEST");
  let failed: Received | undefined;
  for (const body of bodies) {
    // The message inside has the same xid as the one around it.
    const xid = ofctl.nextXid();
    const message = encodeMessage({ version: vconn.version, xid, body });
    const add: MessageBody = { type: "bundle_add", bundle: BUNDLE_ID, flags: FLAGS, message };
    vconn.sendBytes(encodeMessage({ version: vconn.version, xid, body: add }));
  }
  if (bodies.length > 0) failed = await vconn.barrier();
  if (failed) {
    await control(ofctl, vconn, "DISCARD_REQUEST");
    failWith(ofctl, failed);
  }
  await control(ofctl, vconn, "COMMIT_REQUEST");
}
