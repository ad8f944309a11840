/** What `monitor` and `snoop` do once they are connected: print what comes, to stderr, and do what their control socket says. */
import { formatMessage } from "../../ovsproto/openflow/message-text.ts";
import { encodeMessage } from "../../ovsproto/openflow/message-encode.ts";
import type { Names } from "../../ovsproto/openflow/names.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { MonitorControl } from "./monitor-control.ts";
import { END_OF_FILE, Fatal } from "./ofctl-context.ts";
import type { Ofctl } from "./ofctl-context.ts";
import type { Received, Vconn } from "./vconn.ts";

export interface Following {
  readonly names: Names;
  /** Packets whose processing was paused go on. */
  readonly resume: boolean;
  readonly ready: () => void;
}

/** Until the peer closes, a signal ends the program or the control socket says so. */
export async function follow(ofctl: Ofctl, vconn: Vconn, following: Following): Promise<void> {
  const { process } = ofctl;
  const control = new MonitorControl(ofctl, vconn);
  following.ready();
  try {
    while (!control.exiting) {
      control.serve();
      const received = control.blocked ? undefined : receive(ofctl, vconn);
      if (received) take(ofctl, vconn, received, control, following);
      else if (!control.exiting)
        await process.wait([...control.waits(), ...(control.blocked ? [] : [vconn.readable])]);
    }
  } finally {
    control.close();
  }
}

/** A message that is here. Errors: Fatal. */
function receive(ofctl: Ofctl, vconn: Vconn): Received | undefined {
  const lost = (errno: number): Fatal => new Fatal(`vconn_recv (${ofctl.reason(errno)})`);
  try {
    const received = vconn.receiveNow();
    if (received === null) throw lost(END_OF_FILE);
    return received;
  } catch (refusal) {
    if (refusal instanceof Refusal) throw lost(refusal.errno);
    throw refusal;
  }
}

function take(
  ofctl: Ofctl,
  vconn: Vconn,
  received: Received,
  control: MonitorControl,
  { names, resume }: Following,
): void {
  const { version } = vconn;
  const body = received.decoded?.message.body;
  if (body?.type === "echo_request") {
    const reply = { type: "echo_reply", payload: body.payload } as const;
    vconn.sendBytes(encodeMessage({ version, xid: received.xid, body: reply }));
    return;
  }
  const verbosity = ofctl.options.verbosity + 2;
  const text = formatMessage(received.bytes, { verbosity, log: ofctl.decodeLog, names });
  control.print(timestamp(ofctl) + text);
  if (body?.type === "barrier_reply") control.barrierDone(received.xid);
  if (resume && body?.type === "packet_in" && body.continuation) {
    const bytes = encodeMessage({ version, xid: 0, body: { ...body, type: "resume", userdata: undefined } });
    control.printSent(bytes, verbosity);
    vconn.sendBytes(bytes);
  }
}

function timestamp(ofctl: Ofctl): string {
  if (!ofctl.options.timestamp) return "";
  const time = new Date(Math.floor(ofctl.process.realtime() / 1000)).toISOString();
  return `${time.slice(0, 10)} ${time.slice(11, 23)}: `;
}
