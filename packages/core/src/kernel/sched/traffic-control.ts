// Traffic control of devices: gives a device a discipline and a policer, and takes them away (what rtnetlink would be asked for).

import type { Policing, Queueing } from "../device-queueing.ts";
import type { NetDevice } from "../device.ts";
import { activateQdisc, takeDiscipline } from "../qdisc.ts";
import { transmitNow } from "../transmit.ts";
import { ClasslessDiscipline } from "./emulation.ts";
import { Policer } from "./policer.ts";
import { SharedRateDiscipline } from "./shared-rate.ts";

/** One of the kind that there is gets other settings; undefined: what a device has by itself. */
export function setQueueing(device: NetDevice, queueing: Queueing | undefined): void {
  const { discipline } = device;
  if (queueing !== undefined && discipline?.kind === queueing.kind) {
    discipline.configure(queueing);
    return;
  }
  if (discipline !== undefined) {
    takeDiscipline(device);
    if (device.up) activateQdisc(device);
  }
  if (queueing === undefined) return;
  device.discipline =
    queueing.kind === "htb" || queueing.kind === "hfsc"
      ? new SharedRateDiscipline(device, queueing, transmitNow)
      : new ClasslessDiscipline(device, queueing, transmitNow);
  device.qdisc = queueing.kind;
}

/** Other settings begin with a full bucket. */
export function setPolicing(device: NetDevice, policing: Policing | undefined): void {
  if (JSON.stringify(device.policer?.settings) === JSON.stringify(policing)) return;
  device.policer = undefined;
  if (policing === undefined) return;
  const used = new Set([...device.netns.devices.values()].map(({ policer }) => policer?.index));
  let index = 1;
  while (used.has(index)) index++;
  device.policer = new Policer(policing, index, device.kernel.clock.now);
}
