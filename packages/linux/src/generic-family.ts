// Numbers of the families of generic netlink, which are the kernel's choice (Documentation/userspace-api/netlink/intro.rst).

import type { NetlinkClient } from "@patchcord/core/netlink/client.ts";
import { CTRL_CMD, decodeControl, encodeControl, GENL_ID } from "@patchcord/core/netlink/generic/control.ts";
import { isMalformed } from "@patchcord/core/wire/malformed.ts";

/** Undefined if the kernel has no such family. */
export function familyNumber(generic: NetlinkClient, name: string): number | undefined {
  const body = encodeControl({ cmd: CTRL_CMD.GETFAMILY, headerVersion: 1, familyName: name });
  const result = generic.request(GENL_ID.CTRL, 0, body);
  const [message] = result.ok ? result.messages : [];
  const family = message && decodeControl(message.body);
  return family === undefined || isMalformed(family) ? undefined : family.familyId;
}
