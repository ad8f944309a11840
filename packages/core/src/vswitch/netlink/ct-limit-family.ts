// The family ovs_ct_limit: how many connections zones may have (ovs_ct_limit_cmd_* of net/openvswitch/conntrack.c).

import type { GenericCommand } from "../../kernel/netlink/generic.ts";
import type { Request } from "../../kernel/netlink/handlers.ts";
import { ERRNO } from "../../netlink/errno.ts";
import {
  OVS_CT_LIMIT_CMD,
  OVS_DEFAULT_ZONE,
  OVS_VERSION,
  ovsCtLimit,
} from "../../netlink/generic/openvswitch.ts";
import type { OvsCtLimitMessage } from "../../netlink/generic/openvswitch.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { ConnectionTable } from "../conntrack/connection-table.ts";
import type { KernelDatapaths } from "../datapath/kernel-datapaths.ts";
import { datapathAt, decoded } from "./request.ts";
import type { FamilyNumbers } from "./request.ts";

type ZoneLimits = NonNullable<OvsCtLimitMessage["zoneLimit"]>;

export function ctLimitCommands(
  datapaths: KernelDatapaths,
  { id }: FamilyNumbers,
): ReadonlyMap<number, GenericCommand> {
  /** `change` returns what is told; nothing for those that are only acknowledged. */
  const command = (
    cmd: number,
    admin: boolean,
    change: (table: ConnectionTable, limits: ZoneLimits | undefined) => ZoneLimits | undefined,
  ): [number, GenericCommand] => [
    cmd,
    {
      admin,
      doit: (request: Request) => {
        const { dpIfindex, zoneLimit: asked } = decoded(ovsCtLimit.decode(request.message.body));
        const datapath = datapathAt(datapaths, request, dpIfindex);
        const zoneLimit = change(datapath.conntrack, asked);
        const header = { cmd, version: OVS_VERSION, dpIfindex: datapath.local.ifindex };
        request.reply(id, ovsCtLimit.encode({ ...header, ...(zoneLimit ? { zoneLimit } : {}) }));
      },
    },
  ];
  return new Map([
    command(OVS_CT_LIMIT_CMD.SET, true, (table, limits) => {
      if (!limits) throw new Refusal(ERRNO.EINVAL);
      for (const { zone, limit } of limits) {
        if (zone === OVS_DEFAULT_ZONE) table.limits.setDefault(limit);
        else if (isZone(zone)) table.limits.set(zone, limit);
      }
      return undefined;
    }),
    command(OVS_CT_LIMIT_CMD.DEL, true, (table, limits) => {
      if (!limits) throw new Refusal(ERRNO.EINVAL);
      for (const { zone } of limits) {
        if (zone === OVS_DEFAULT_ZONE) table.limits.setDefault(0);
        else table.limits.delete(zone);
      }
      return undefined;
    }),
    command(OVS_CT_LIMIT_CMD.GET, false, (table, limits) => {
      const common = { zone: OVS_DEFAULT_ZONE, limit: table.limits.defaultLimit, count: 0 };
      const ofZone = (zone: number) => ({ zone, ...table.limits.of(zone) });
      if (!limits) return [common, ...table.limits.limited().map(ofZone)];
      return limits.flatMap(({ zone }) =>
        zone === OVS_DEFAULT_ZONE ? [common] : isZone(zone) ? [ofZone(zone)] : [],
      );
    }),
  ]);
}

function isZone(zone: number): boolean {
  return zone >= 0 && zone <= 0xffff;
}
