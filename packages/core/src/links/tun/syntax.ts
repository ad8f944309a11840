// tun in `ip -d link`. Devices are made by `ip tuntap`, not by `ip link`.

import type { LinkSyntax } from "../../tools/ip/link-syntax.ts";
import { accountName } from "../../tools/ip/tuntap/accounts.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { decodeTunData, TUN_TYPE } from "./netlink.ts";

export const tunSyntax: LinkSyntax = {
  kind: "tun",
  print({ out, process }, bytes) {
    const data = decodeTunData(bytes);
    if (isMalformed(data) || bytes.length === 0) return;
    const onOff = (key: string, name: string, value: number | undefined): void => {
      if (value !== undefined) out.fact(key, value !== 0, `${name} ${value === 0 ? "off" : "on"} `);
    };
    const type = data.type === TUN_TYPE.TUN ? "tun" : data.type === TUN_TYPE.TAP ? "tap" : undefined;
    out.fact("type", type ?? data.type ?? 0, `type ${type ?? `UNKNOWN:${data.type ?? 0}`} `);
    onOff("pi", "pi", data.packetInformation);
    onOff("vnet_hdr", "vnet_hdr", data.vnetHeader);
    if (data.multiQueue) {
      out.flag("multi_queue", "multi_queue ");
      out.fact("numqueues", data.queues ?? 0, `numqueues ${data.queues ?? 0} `);
      out.fact("numdisabled", data.disabledQueues ?? 0, `numdisabled ${data.disabledQueues ?? 0} `);
    }
    onOff("persist", "persist", data.persist);
    if (data.owner !== undefined) {
      const name = accountName(process, "user", data.owner) ?? data.owner;
      out.fact("user", name, `user ${name} `);
    }
    if (data.group !== undefined) {
      const name = accountName(process, "group", data.group) ?? data.group;
      out.fact("group", name, `group ${name} `);
    }
  },
};
