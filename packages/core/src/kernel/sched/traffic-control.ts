// Traffic control of devices: gives a device a discipline and a policer, and takes them away (what rtnetlink would be asked for).

import type { Policing, Queueing } from "../device-queueing.ts";
import type { NetDevice } from "../device.ts";
import { activateQdisc, takeDiscipline } from "../qdisc.ts";
import { transmitNow } from "../transmit.ts";
import { ClasslessDiscipline } from "./classless.ts";
import type { Discipline } from "./discipline.ts";
import { NetemDiscipline } from "./netem.ts";
import { Policer } from "./policer.ts";
import { SharedRateDiscipline } from "./shared-rate.ts";
import { TokenBucketDiscipline } from "./token-bucket.ts";

/** The handle of what the switch gives a device, 1:. */
const OF_THE_SWITCH = 0x1_0000;

function disciplineOf(device: NetDevice, queueing: Queueing): Discipline {
  switch (queueing.kind) {
    case "htb":
    case "hfsc":
      return new SharedRateDiscipline(device, queueing, transmitNow);
    case "netem":
      return new NetemDiscipline(device, queueing, transmitNow);
    case "tbf":
      return new TokenBucketDiscipline(device, queueing, transmitNow);
    default:
      return new ClasslessDiscipline(queueing, transmitNow);
  }
}

/** One of the kind that there is gets other settings; undefined: what a device has by itself. */
export function setQueueing(device: NetDevice, queueing: Queueing | undefined): void {
  const { discipline } = device;
  const own = device.disciplineHandle === OF_THE_SWITCH;
  if (own && queueing !== undefined && discipline?.kind === queueing.kind) discipline.configure(queueing);
  else replaceQueueing(device, queueing, OF_THE_SWITCH);
}

/** Another discipline in the place of the one that there is. @param handle the new one's, as in `struct tcmsg` */
export function replaceQueueing(device: NetDevice, queueing: Queueing | undefined, handle: number): void {
  const { discipline } = device;
  if (discipline !== undefined) {
    takeDiscipline(device);
    if (device.up) activateQdisc(device);
  }
  if (queueing === undefined) return;
  device.discipline = disciplineOf(device, queueing);
  device.disciplineHandle = handle;
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
