// "nlctrl", the generic netlink family that tells the others' numbers, commands and groups (ctrl_fill_info,
// ctrl_getfamily, ctrl_dumpfamily in net/netlink/genetlink.c).

import { ERRNO } from "../../netlink/errno.ts";
import { CTRL_CMD, decodeControl, encodeControl, GENL_FLAG, GENL_ID } from "../../netlink/generic/control.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { Kernel } from "../kernel.ts";
import type { GenericCommand, GenericFamily } from "./generic.ts";
import type { Request } from "./handlers.ts";

const CONTROL_VERSION = 2;

function flagsOf(command: GenericCommand): number {
  return (
    GENL_FLAG.CMD_CAP_HASPOL |
    (command.doit ? GENL_FLAG.CMD_CAP_DO : 0) |
    (command.dump ? GENL_FLAG.CMD_CAP_DUMP : 0) |
    (command.admin === true ? GENL_FLAG.UNS_ADMIN_PERM : 0)
  );
}

function describe(id: number, family: GenericFamily): Uint8Array {
  const ops = [...family.commands].map(([number, command]) => ({ id: number, flags: flagsOf(command) }));
  return encodeControl({
    cmd: CTRL_CMD.NEWFAMILY,
    headerVersion: CONTROL_VERSION,
    familyName: family.name,
    familyId: id,
    version: family.version,
    hdrsize: family.headerSize,
    maxattr: family.maxAttribute,
    ...(ops.length > 0 ? { ops } : {}),
    ...(family.multicastGroups.length > 0 ? { mcastGroups: family.multicastGroups } : {}),
  });
}

/** CTRL_CMD_GETFAMILY for one family, by number or name. Errors: EINVAL if it names none, ENOENT. */
function getFamily(kernel: Kernel, request: Request): void {
  const asked = decodeControl(request.message.body);
  if (isMalformed(asked)) throw new Refusal(ERRNO.EINVAL);
  if (asked.familyId === undefined && asked.familyName === undefined) throw new Refusal(ERRNO.EINVAL);
  if (asked.familyName !== undefined) {
    kernel.modules?.request(`net-pf-16-proto-16-family-${asked.familyName}`);
  }
  for (const [id, family] of kernel.generic.entries()) {
    if (asked.familyName === undefined ? id === asked.familyId : family.name === asked.familyName) {
      request.reply(GENL_ID.CTRL, describe(id, family));
      return;
    }
  }
  throw new Refusal(ERRNO.ENOENT);
}

/** Registers the family. */
export function installGenericControl(kernel: Kernel): void {
  const getfamily: GenericCommand = {
    doit: (request) => getFamily(kernel, request),
    dump: () => ({
      type: GENL_ID.CTRL,
      bodies: [...kernel.generic.entries()]
        .sort(([a], [b]) => a - b)
        .map(([id, family]) => describe(id, family)),
    }),
  };
  kernel.generic.register(
    {
      name: "nlctrl",
      version: CONTROL_VERSION,
      headerSize: 0,
      maxAttribute: 0,
      commands: new Map([[CTRL_CMD.GETFAMILY, getfamily]]),
      multicastGroups: [{ name: "notify", id: GENL_ID.CTRL }],
    },
    GENL_ID.CTRL,
  );
}
