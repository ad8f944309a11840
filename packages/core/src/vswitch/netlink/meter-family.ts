// The family ovs_meter: token buckets of datapaths (net/openvswitch/meter.c).

import type { GenericCommand } from "../../kernel/netlink/generic.ts";
import type { Request } from "../../kernel/netlink/handlers.ts";
import { ERRNO } from "../../netlink/errno.ts";
import {
  OVS_METER_BAND_DROP,
  OVS_METER_CMD,
  OVS_VERSION,
  ovsMeter,
} from "../../netlink/generic/openvswitch.ts";
import type { OvsMeterMessage } from "../../netlink/generic/openvswitch.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Datapath } from "../datapath/datapath.ts";
import type { KernelDatapaths } from "../datapath/kernel-datapaths.ts";
import type { MeterState } from "../datapath/meters.ts";
import { datapathAt, decoded } from "./request.ts";
import type { FamilyNumbers } from "./request.ts";

export function meterCommands(
  datapaths: KernelDatapaths,
  { id: family }: FamilyNumbers,
): ReadonlyMap<number, GenericCommand> {
  const command = (
    cmd: number,
    admin: boolean,
    answer: (datapath: Datapath, asked: OvsMeterMessage) => Partial<OvsMeterMessage>,
  ): [number, GenericCommand] => [
    cmd,
    {
      admin,
      doit: (request: Request) => {
        const asked = decoded(ovsMeter.decode(request.message.body));
        const datapath = datapathAt(datapaths, request, asked.dpIfindex);
        const record = answer(datapath, asked);
        const header = { cmd, version: OVS_VERSION, dpIfindex: datapath.local.ifindex };
        request.reply(family, ovsMeter.encode({ ...header, ...record }));
      },
    },
  ];
  return new Map([
    command(OVS_METER_CMD.FEATURES, false, ({ meters }) => {
      const { maxMeters, maxBands } = meters.abilities;
      return { maxMeters, maxBands, bands: [{ type: OVS_METER_BAND_DROP }] };
    }),
    command(OVS_METER_CMD.SET, true, setMeter),
    command(OVS_METER_CMD.DEL, true, ({ meters }, asked) => {
      const id = idOf(asked);
      const old = meters.get(id);
      meters.delete(id);
      return old ? { id, ...describe(old) } : {};
    }),
    command(OVS_METER_CMD.GET, false, ({ meters }, asked) => {
      const id = idOf(asked);
      const meter = meters.get(id);
      if (!meter) throw new Refusal(ERRNO.ENOENT);
      return { id, ...describe(meter) };
    }),
  ]);
}

function idOf({ id }: OvsMeterMessage): number {
  if (id === undefined) throw new Refusal(ERRNO.EINVAL);
  return id;
}

/** ovs_meter_cmd_set(): answers with the meter that was there before. */
function setMeter({ meters }: Datapath, asked: OvsMeterMessage): Partial<OvsMeterMessage> {
  const id = idOf(asked);
  const { maxBands } = meters.abilities;
  const bands = asked.bands ?? [];
  if (bands.length > maxBands || bands.some(({ type }) => type !== OVS_METER_BAND_DROP)) {
    throw new Refusal(ERRNO.EINVAL);
  }
  const old = meters.get(id);
  meters.set(id, {
    kilobits: asked.kbps === true,
    bands: bands.map(({ rate = 0, burst = 0 }) => ({ rate, burst })),
  });
  return old ? { id, ...describe(old) } : { id };
}

function describe({ packets, bytes, used, bands }: MeterState): Partial<OvsMeterMessage> {
  return {
    stats: { packets, bytes },
    bands: bands.map((bucket) => ({ stats: { packets: bucket.packets, bytes: bucket.bytes } })),
    used: Math.floor(used / 1e6),
  };
}
